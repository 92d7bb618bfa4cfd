"""Accounts of all sizes around a page are seen whole: none, one, a page, one more, ten pages."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pytest

from policyscan.errors import GapReason
from policyscan.findings.report import LedgerEntry, Report
from tests.live.auditing import audit
from tests.live.fault_proxy import Call, FaultProxy
from tests.moto_account import Account

REGION = "eu-west-1"
Make = Callable[[Account, range], None]


def users(account: Account, numbers: range) -> None:
    iam = account.client("iam")
    for number in numbers:
        iam.create_user(UserName=f"desk-{number}")
        iam.create_access_key(UserName=f"desk-{number}")


def secrets(account: Account, numbers: range) -> None:
    manager = account.client("secretsmanager")
    for number in numbers:
        manager.create_secret(Name=f"binance/key-{number}", SecretString="{}")


def log_groups(account: Account, numbers: range) -> None:
    logs = account.client("logs")
    for number in numbers:
        logs.create_log_group(logGroupName=f"/app/{number}")


def groups(account: Account, numbers: range) -> None:
    ec2 = account.client("ec2")
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    for number in numbers:
        ec2.create_security_group(
            GroupName=f"bot-{number}", Description="a bot", VpcId=vpc["VpcId"]
        )


def entry(report: Report, kind: str) -> LedgerEntry:
    (found,) = [each for each in report.ledger if each.kind == kind]
    return found


def pages_of(proxy: FaultProxy, policy: str, kind: str, operation: str, number: int) -> int:
    """How many pages an audit asked for, in which it found and judged that many things."""
    proxy.calls.clear()
    report = audit([policy], regions=[REGION])
    assert not report.gaps
    books = entry(report, kind)
    assert (books.found, books.normalised, books.judged) == (number, number, number)
    return sum(call.operation == operation for call in proxy.calls)


@pytest.mark.parametrize(
    ("kind", "policy", "operation", "make", "page", "most"),
    [
        ("Secret", "PS-ROT-005", "ListSecrets", secrets, 100, 1_050),
        ("LogGroup", "PS-LOG-008", "DescribeLogGroups", log_groups, 50, 500),
    ],
    ids=["secrets", "log groups"],
)
def test_every_page_is_seen(
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    policy: str,
    operation: str,
    make: Make,
    page: int,
    most: int,
) -> None:
    here = 0
    with FaultProxy(account.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        for number in (0, 1, page, page + 1, most):
            make(account, range(here, number))
            here = number
            assert pages_of(proxy, policy, kind, operation, number) == max(1, -(-number // page))


# -- what moto gives in one page ---------------------------------------------------------------


PAGE = 10


@pytest.fixture
def paged(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """A proxy that gives groups and users in pages of ten."""
    with FaultProxy(account.url, rewrite=_page) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield proxy


def _page(call: Call, body: bytes) -> bytes:
    asked = dict(part.split("=", 1) for part in call.parameters.split("&") if "=" in part)
    root = (
        ET.fromstring(body) if call.operation in ("DescribeSecurityGroups", "ListUsers") else None
    )
    if root is None:
        return body
    if call.operation == "DescribeSecurityGroups":
        start, parent, listed = int(asked.get("NextToken", 0)), root, "securityGroupInfo"
    else:
        (parent,), listed = root.findall("{*}ListUsersResult"), "Users"
        start = int(asked.get("Marker", 0))
    (members,) = parent.findall(f"{{*}}{listed}")
    everything = list(members)
    for item in [*everything[:start], *everything[start + PAGE :]]:
        members.remove(item)
    if start + PAGE < len(everything):
        _continue(parent, str(start + PAGE))
    return ET.tostring(root)


def _continue(parent: ET.Element, token: str) -> None:
    """Says that there is more, as EC2 and as IAM do."""
    truncated = parent.find("{*}IsTruncated")
    ET.SubElement(parent, "nextToken" if truncated is None else "Marker").text = token
    if truncated is not None:
        truncated.text = "true"


@pytest.mark.parametrize(
    ("kind", "policy", "operation", "make"),
    [
        ("SecurityGroup", "PS-NET-004", "DescribeSecurityGroups", groups),
        ("IamAccessKey", "PS-IAM-006", "ListUsers", users),
    ],
    ids=["groups", "users"],
)
def test_every_page_is_seen_of_what_moto_does_not_page(
    account: Account, paged: FaultProxy, kind: str, policy: str, operation: str, make: Make
) -> None:
    there = 1 if kind == "SecurityGroup" else 0  # the default group
    for number in (0, 1, PAGE, PAGE + 1, 10 * PAGE):
        make(account, range(there, number))
        there = max(there, number)
        assert pages_of(paged, policy, kind, operation, there) == max(1, -(-there // PAGE))


@pytest.mark.parametrize("token", ["another each time", "the same each time"])
def test_a_list_without_an_end_is_given_up(account: Account, paged: FaultProxy, token: str) -> None:
    pages = iter(range(10**9))

    def endless(call: Call, body: bytes) -> bytes:
        if call.operation != "DescribeSecurityGroups":
            return body
        text = str(next(pages)) if token.startswith("another") else "again"
        root = ET.fromstring(body)
        _continue(root, text)
        return ET.tostring(root)

    paged.rewrite = endless
    report = audit(["PS-NET-004"], regions=[REGION], budget=5)
    (gap,) = report.gaps
    assert (gap.reason, gap.subject) == (GapReason.TRUNCATED, "ec2:DescribeSecurityGroups")
    assert report.summary.exit_code == 3
    assert next(pages) < 1_000
