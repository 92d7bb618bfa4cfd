"""Accounts with secrets, identities, trails and detectors, built in a moto server and judged.

What is expected was worked out by hand from what each account holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policyscan.findings.report import Report
from policyscan.reporters.json_report import JsonReporter
from tests.live.auditing import audit
from tests.live.fault_proxy import Fault, FaultProxy
from tests.moto_account import ACCOUNT, Account, running_account

HUSH = "do-not-show-this-value"
BUDGET = 60


def verdicts(report: Report, policy: str) -> dict[str, str]:
    found = [each for each in report.findings if each.policy_id == policy]
    return {each.resource.address: each.verdict.value for each in found}


def look(*select: str, **more: Any) -> Report:
    report = audit(select, budget=BUDGET, **more)
    assert all(entry.balanced for entry in report.ledger)
    return report


# -- secrets -----------------------------------------------------------------------------------


def secret(account: Account, name: str, **tags: str) -> str:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    manager = account.client("secretsmanager")
    return str(manager.create_secret(Name=name, SecretString=HUSH, Tags=listed)["ARN"])


def test_secrets_that_were_never_rotated_and_one_that_is_stuck(account: Account) -> None:
    never, other = secret(account, "binance-api-key"), secret(account, "postgres")
    stuck = secret(account, "kraken-api-key", tier="low")
    manager = account.client("secretsmanager")
    manager.put_secret_value(SecretId=stuck, SecretString=HUSH, VersionStages=["AWSPENDING"])
    now = look("ROT")
    assert not now.gaps
    assert verdicts(now, "PS-ROT-005") == {never: "fail", stuck: "fail", other: "not_applicable"}
    assert verdicts(now, "PS-ROT-006") == {never: "fail", stuck: "fail", other: "not_applicable"}
    # The pending version is young, by the clock of the server.
    assert verdicts(now, "PS-ROT-007") == {never: "pass", stuck: "pass", other: "pass"}


def test_no_value_of_a_secret_is_asked_for_or_shown(account: Account) -> None:
    secret(account, "binance-api-key")
    with FaultProxy(account.url) as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", proxy.url)
        report = look()
    assert {call.operation for call in proxy.calls}.isdisjoint({"GetSecretValue", "GetParameter"})
    assert HUSH not in JsonReporter().render(report).decode()


# -- access keys -------------------------------------------------------------------------------


def test_access_keys(account: Account) -> None:
    iam = account.client("iam")
    ids = []
    for name in ("ann", "bob"):
        iam.create_user(UserName=name)
    for name in ("ann", "bob", "bob"):
        ids.append(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])
    report = look("PS-IAM-006")
    found = verdicts(report, "PS-IAM-006")
    by_user = sorted((address.split("/")[1].split("#")[0], v) for address, v in found.items())
    assert by_user == [("ann", "pass"), ("bob", "fail"), ("bob", "fail")]
    assert not any(key in JsonReporter().render(report).decode() for key in ids)


# -- statements --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def _with_managed_policies() -> Iterator[Account]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        with running_account() as account:
            yield account


def test_a_workload_with_administrator_access(
    _with_managed_policies: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = _with_managed_policies
    account.enter(monkeypatch)
    iam = account.client("iam")
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    for name, service in (("bot", "ec2.amazonaws.com"), ("viewer", "lambda.amazonaws.com")):
        trust = {**statement, "Principal": {"Service": service}}
        document = {"Version": "2012-10-17", "Statement": [trust]}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    of_aws = "arn:aws:iam::aws:policy"
    iam.attach_role_policy(RoleName="bot", PolicyArn=f"{of_aws}/AdministratorAccess")
    iam.attach_role_policy(RoleName="viewer", PolicyArn=f"{of_aws}/AmazonSQSReadOnlyAccess")
    found = verdicts(look("PS-IAM-005"), "PS-IAM-005")
    role = f"arn:aws:iam::{ACCOUNT}:role"
    assert found[f"{role}/bot#AdministratorAccess"] == "fail"
    of_viewer = {v for address, v in found.items() if "viewer#AmazonSQSReadOnlyAccess" in address}
    assert of_viewer == {"pass"}


# -- trails and detectors ----------------------------------------------------------------------


def trail(account: Account, name: str, **more: Any) -> str:
    place = {"LocationConstraint": "eu-west-1"}
    account.client("s3").create_bucket(Bucket=f"of-{name}", CreateBucketConfiguration=place)
    trails = account.client("cloudtrail")
    arn = trails.create_trail(Name=name, S3BucketName=f"of-{name}", **more)["TrailARN"]
    trails.start_logging(Name=name)
    return str(arn)


COMPLETE = {"IsMultiRegionTrail": True, "EnableLogFileValidation": True, "KmsKeyId": "alias/own"}


def test_an_account_without_anything_that_records_or_watches(account: Account) -> None:
    report = look("MON")
    assert verdicts(report, "PS-MON-001") == {ACCOUNT: "fail"}
    assert verdicts(report, "PS-MON-002") == {ACCOUNT: "fail"}
    assert report.summary.exit_code == 1


def test_a_complete_trail_is_enough(account: Account) -> None:
    partial, complete = trail(account, "partial"), trail(account, "complete", **COMPLETE)
    assert verdicts(look("MON"), "PS-MON-001") == {partial: "pass", complete: "pass"}


def test_an_incomplete_trail_is_not(account: Account) -> None:
    partial = trail(account, "partial", IsMultiRegionTrail=True)
    assert verdicts(look("MON"), "PS-MON-001") == {partial: "fail"}


def test_detectors_in_one_of_two_regions(account: Account) -> None:
    detector = account.client("guardduty").create_detector(Enable=True)["DetectorId"]
    config = account.client("config")
    role = f"arn:aws:iam::{ACCOUNT}:role/config"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "all", "roleARN": role})
    config.put_delivery_channel(DeliveryChannel={"name": "all", "s3BucketName": "a-bucket"})
    config.start_configuration_recorder(ConfigurationRecorderName="all")
    both = set(verdicts(look("MON"), "PS-MON-002").values())
    west = verdicts(look("MON", regions=("eu-west-1",)), "PS-MON-002")
    assert both == {"fail"}
    assert set(west.values()) == {"pass"}
    assert any(detector in address for address in west)


@pytest.mark.parametrize(
    ("operation", "policy"),
    [
        ("DescribeTrails", "PS-MON-001"),
        ("ListDetectors", "PS-MON-002"),
        ("DescribeConfigurationRecorders", "PS-MON-002"),
    ],
)
def test_one_region_that_refuses_leaves_it_open(
    account: Account, operation: str, policy: str
) -> None:
    with FaultProxy(account.url) as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", proxy.url)
        look("MON")
        asked = [c for c in proxy.calls if (c.operation, c.region) == (operation, "us-east-1")]
        assert len(asked) == 1
        with proxy.failing(asked, Fault.DENIED):
            report = look(policy)
    assert verdicts(report, policy) == {ACCOUNT: "unknown"}
    assert report.summary.exit_code == 3
    denied = {entry.unit for entry in report.ledger if entry.denied}
    assert denied == {f"{ACCOUNT}/us-east-1"}


def test_ages_count_to_the_time_of_the_server(account: Account) -> None:
    """A machine whose clock is a year ahead judges as one whose clock is right."""
    iam = account.client("iam")
    iam.create_user(UserName="ann")
    iam.create_access_key(UserName="ann")
    ahead = datetime.now(UTC) + timedelta(days=365)
    assert set(verdicts(look("PS-IAM-006", now=ahead), "PS-IAM-006").values()) == {"pass"}
