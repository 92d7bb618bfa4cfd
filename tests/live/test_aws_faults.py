"""What asking an account makes of answers that are wrong, late, endless or refused."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from policyscan.collectors.aws import AwsCollector
from policyscan.collectors.aws.doctor import clock
from policyscan.collectors.interface import Answer, Asked, Reading, Target
from policyscan.errors import GapReason
from policyscan.resources.base import Gap, Tally
from policyscan.resources.monitoring import LogGroup
from tests.live.auditing import audit
from tests.live.scripted import IDENTITY, Reply, as_json, refused, scripted
from tests.moto_account import ENVIRONMENT

UNIT = "111122223333/eu-west-1"
GROUPS = "logs:DescribeLogGroups"
READING = Reading("aws", kinds=frozenset({"LogGroup"}))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)


def collect(
    monkeypatch: pytest.MonkeyPatch,
    groups: Callable[[dict[str, Any]], Reply],
    *,
    budget: float = 3,
    **others: Callable[[dict[str, Any]], Reply],
) -> list[Answer | Asked | Gap]:
    with scripted({"DescribeLogGroups": groups, **others}) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        settings = {"regions": ("eu-west-1",), "budget": budget}
        return list(AwsCollector().collect(Target("aws", "aws", settings), READING))


def gaps(items: list[Any]) -> list[Gap]:
    return [item for item in items if isinstance(item, Gap)]


def asked(items: list[Any], subject: str = GROUPS) -> Asked:
    (found,) = (item for item in items if isinstance(item, Asked) and item.subject == subject)
    return found


def pages(items: list[Any], subject: str = GROUPS) -> list[Answer]:
    return [item for item in items if isinstance(item, Answer) and item.subject == subject]


def group(name: str) -> dict[str, Any]:
    return {"logGroupName": name, "arn": f"arn:aws:logs:eu-west-1:111122223333:log-group:{name}:*"}


# -- refused ----------------------------------------------------------------------------------


def test_a_denied_question_is_a_gap_that_names_what_to_allow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = collect(monkeypatch, lambda _: refused("AccessDeniedException", message="s3cret"))
    (gap,) = gaps(items)
    assert (gap.reason, gap.subject, gap.unit) == (GapReason.DENIED, GROUPS, UNIT)
    assert gap.hides == ("LogGroup",)
    assert "allow logs:DescribeLogGroups" in gap.message
    assert "s3cret" not in gap.message
    assert asked(items) == Asked(UNIT, GROUPS, ("LogGroup",), 1, 0, GapReason.DENIED)
    assert pages(items, "resourcegroupstaggingapi:GetResources")


def test_a_second_page_that_is_denied_keeps_the_first_and_leaves_the_set_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(parameters: dict[str, Any]) -> Reply:
        if "nextToken" in parameters:
            return refused("AccessDeniedException")
        return as_json({"logGroups": [group("a")], "nextToken": "more"})

    items = collect(monkeypatch, answer)
    assert [page.data["logGroups"][0]["logGroupName"] for page in pages(items)] == ["a"]
    assert asked(items) == Asked(UNIT, GROUPS, ("LogGroup",), 2, 1, GapReason.DENIED)
    assert [gap.reason for gap in gaps(items)] == [GapReason.DENIED]
    answers = [item for item in items if isinstance(item, Answer)]
    read = list(AwsCollector().read(answers, READING))
    assert [item.address for item in read if isinstance(item, LogGroup)] == [
        "arn:aws:logs:eu-west-1:111122223333:log-group:a"
    ]
    assert [item.found for item in read if isinstance(item, Tally)] == [1]


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("UnrecognizedClientException", 400, GapReason.DENIED),
        ("ExpiredTokenException", 400, GapReason.DENIED),
        ("InvalidSignatureException", 400, GapReason.DENIED),
        ("SomethingNew", 403, GapReason.DENIED),
        ("ResourceNotFoundException", 400, GapReason.UNREADABLE),
        ("InvalidParameterException", 400, GapReason.UNREADABLE),
    ],
)
def test_every_refusal_is_a_gap(
    monkeypatch: pytest.MonkeyPatch, code: str, status: int, reason: GapReason
) -> None:
    items = collect(monkeypatch, lambda _: refused(code, status))
    assert [(gap.reason, code in gap.message) for gap in gaps(items)] == [(reason, True)]
    assert asked(items).failed is reason


def test_no_credentials_and_no_region_are_gaps_with_a_next_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    items = list(AwsCollector().collect(Target("aws", "aws:desk"), READING))
    (gap,) = gaps(items)
    assert (gap.reason, gap.hides) == (GapReason.DENIED, ("LogGroup",))
    assert "AWS_PROFILE" in gap.message
    (question,) = (item for item in items if isinstance(item, Asked))
    assert (question.unit, question.pages, question.failed) == ("aws:desk", 0, GapReason.DENIED)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    (gap,) = gaps(list(AwsCollector().collect(Target("aws", "aws"), READING)))
    assert "--region" in gap.message


def test_a_region_that_is_not_enabled_is_a_gap_and_the_others_are_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusals = iter([True])
    refusal = (
        "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error>"
        "</ErrorResponse>"
    )

    def identity(_: dict[str, Any]) -> Reply:
        refused_now = next(refusals, False)
        return Reply(refusal.encode(), 403) if refused_now else Reply(IDENTITY.encode())

    answers = {
        "GetCallerIdentity": identity,
        "DescribeLogGroups": lambda _: as_json({"logGroups": []}),
    }
    with scripted(answers) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        settings = {"regions": ("ap-east-1", "eu-west-1"), "budget": 3}
        items = list(AwsCollector().collect(Target("aws", "aws", settings), READING))
    (gap,) = gaps(items)
    assert (gap.reason, gap.unit) == (GapReason.DENIED, "111122223333/ap-east-1")
    assert gap.subject == "sts:GetCallerIdentity"
    assert "not enabled" in gap.message
    assert gap.hides == ("LogGroup",)
    assert UNIT in {item.unit for item in items if isinstance(item, Answer)}


def test_who_may_not_ask_who_he_is_asks_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
    with scripted({"GetCallerIdentity": lambda _: Reply(refusal, 403)}) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        settings = {"regions": ("ap-east-1", "eu-west-1"), "budget": 3}
        items = list(AwsCollector().collect(Target("aws", "aws", settings), READING))
    (gap,) = gaps(items)
    assert (gap.unit, gap.hides) == ("", ("LogGroup",))
    assert script.asked == ["GetCallerIdentity"]


def test_a_profile_that_is_not_there_is_a_gap() -> None:
    target = Target("aws", "aws", {"profile": "nowhere"})
    (gap,) = gaps(list(AwsCollector().collect(target, READING)))
    assert gap.reason is GapReason.DENIED
    assert "profile" in gap.message


def test_without_boto3_the_gap_holds_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    items = list(AwsCollector().collect(Target("aws", "aws"), READING))
    (gap,) = gaps(items)
    assert gap.reason is GapReason.NOT_FETCHED
    assert 'pip install "policyscan[aws]"' in gap.message
    (question,) = (item for item in items if isinstance(item, Asked))
    assert (question.calls, question.pages, question.failed) == (0, 0, GapReason.NOT_FETCHED)


def test_what_no_policy_asks_for_is_not_asked() -> None:
    assert list(AwsCollector().collect(Target("aws", "aws"), Reading("aws"))) == []


# -- wrong ------------------------------------------------------------------------------------

BROKEN: dict[str, Callable[[dict[str, Any]], Reply]] = {
    "a body cut short": lambda _: Reply(b'{"logGroups": [{"logGroupName": "a"', cut=20),
    "half a document": lambda _: Reply(b'{"logGroups": [{"logGroupName": "a"'),
    "an empty body": lambda _: Reply(b""),
    "an empty document": lambda _: as_json({}),
    "null for a list": lambda _: as_json({"logGroups": None}),
    "a text for a list": lambda _: as_json({"logGroups": "none"}),
    "numbers for members": lambda _: as_json({"logGroups": [1, 2]}),
    "a number for a text": lambda _: as_json({"logGroups": [{"logGroupName": 7}]}),
    "a text for a number": lambda _: as_json({"logGroups": [{"retentionInDays": "7"}]}),
    "a list for a document": lambda _: as_json([1]),
    "a page of HTML": lambda _: Reply(b"<html>please log in</html>"),
    "no text at all": lambda _: Reply(b"\xff\xfe\x00"),
    "a reset": lambda _: Reply(None),
    "a failure": lambda _: refused("InternalFailure", 500),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_a_gap_and_never_an_empty_set(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    items = collect(monkeypatch, BROKEN[name])
    (gap,) = gaps(items)
    assert gap.reason in (GapReason.UNPARSEABLE, GapReason.UNREACHABLE), gap
    assert (gap.subject, gap.hides, gap.unit) == (GROUPS, ("LogGroup",), UNIT)
    assert asked(items).failed is gap.reason
    assert not pages(items)


XML = (
    '<DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
    "<securityGroupInfo><item><groupId>sg-1</groupId><groupName>a</groupName><ipPermissions/>"
    "<ipPermissionsEgress/></item></securityGroupInfo></DescribeSecurityGroupsResponse>"
)
BROKEN_XML = {
    "cut short": XML[: len(XML) // 2],
    "empty": "",
    "another document": "<html><body>please log in</body></html>",
    "no list": XML.replace("securityGroupInfo", "other"),
    "no rules": XML.replace("<ipPermissions/>", ""),
    "no id": XML.replace("<groupId>sg-1</groupId>", ""),
    "JSON": '{"SecurityGroups": []}',
    "entities": '<!DOCTYPE x [<!ENTITY a "b">]>' + XML.replace("sg-1", "&a;" * 9 + "&unknown;"),
}


def _groups(monkeypatch: pytest.MonkeyPatch, body: str) -> list[Any]:
    def other(member: str) -> Callable[[dict[str, Any]], Reply]:
        return lambda _: Reply(f"<Response><{member}/></Response>".encode())

    answers = {
        "DescribeSecurityGroups": lambda _: Reply(body.encode()),
        "DescribeManagedPrefixLists": other("prefixListSet"),
        "DescribeNetworkInterfaces": other("networkInterfaceSet"),
        "DescribeLoadBalancers": other("DescribeLoadBalancersResult"),
    }
    with scripted(answers) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        target = Target("aws", "aws", {"regions": ("eu-west-1",), "budget": 2})
        reading = Reading("aws", kinds=frozenset({"SecurityGroup"}))
        found = list(AwsCollector().collect(target, reading))
    subject = "ec2:DescribeSecurityGroups"
    return [item for item in found if getattr(item, "subject", "") == subject]


def test_the_whole_document_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    (answer, question) = _groups(monkeypatch, XML)
    assert answer.data["SecurityGroups"][0]["GroupId"] == "sg-1"
    assert question.failed is None


@pytest.mark.parametrize("name", BROKEN_XML)
def test_broken_xml_is_a_gap(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    items = _groups(monkeypatch, BROKEN_XML[name])
    (gap,) = gaps(items)
    assert gap.reason is GapReason.UNPARSEABLE, gap
    assert not pages(items, "ec2:DescribeSecurityGroups")


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_: dict[str, Any]) -> Reply:
        time.sleep(6)
        return as_json({"logGroups": []})

    before = time.monotonic()
    items = collect(monkeypatch, silent, budget=2)
    assert time.monotonic() - before < 15
    assert [gap.reason for gap in gaps(items)] == [GapReason.UNREACHABLE]


def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    before = time.monotonic()
    items = collect(monkeypatch, lambda _: Reply(b'{"logGroups": [', drip=0.2), budget=2)
    assert time.monotonic() - before < 8
    (gap,) = gaps(items)
    assert gap.reason is GapReason.UNREACHABLE
    assert not pages(items)


def test_a_body_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyscan.collectors.aws.bounded.MOST_BYTES", 10_000_000)
    items = collect(monkeypatch, lambda _: Reply(b" " * 100_000, endless=True), budget=60)
    (gap,) = gaps(items)
    assert gap.reason is GapReason.TOO_LARGE
    assert gap.subject == GROUPS


def test_a_body_that_ends_early_is_not_taken_for_a_whole_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = collect(monkeypatch, lambda _: Reply(b'{"logGroups": []}', cut=10), budget=2)
    (gap,) = gaps(items)
    assert gap.reason is GapReason.UNREACHABLE


# -- endless ----------------------------------------------------------------------------------


def _counting(page: Callable[[int], dict[str, Any]]) -> Callable[[dict[str, Any]], Reply]:
    number = iter(range(10**9))
    return lambda _: as_json(page(next(number)))


ENDLESS: dict[str, Callable[[int], dict[str, Any]]] = {
    "the same token": lambda n: {"logGroups": [group(str(n))], "nextToken": "again"},
    "two tokens in turn": lambda n: {"logGroups": [group(str(n))], "nextToken": str(n % 2)},
    "empty pages": lambda n: {"logGroups": [], "nextToken": str(n)},
    "the same page": lambda n: {"logGroups": [group("a")], "nextToken": str(n)},
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_list_that_never_ends_is_truncated_in_seconds(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = time.monotonic()
    items = collect(monkeypatch, _counting(ENDLESS[name]), budget=120)
    assert time.monotonic() - before < 5
    assert [gap.reason for gap in gaps(items)] == [GapReason.TRUNCATED]
    assert asked(items).failed is GapReason.TRUNCATED


def test_a_list_that_goes_on_and_on_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _counting(lambda n: {"logGroups": [group(str(n))], "nextToken": str(n)})
    before = time.monotonic()
    items = collect(monkeypatch, page, budget=1)
    assert time.monotonic() - before < 5
    assert {gap.reason for gap in gaps(items)} == {GapReason.TRUNCATED}


# -- throttled --------------------------------------------------------------------------------


def test_throttled_past_the_time_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    before = time.monotonic()
    items = collect(monkeypatch, lambda _: refused("ThrottlingException"), budget=4)
    assert time.monotonic() - before < 8
    (gap,) = gaps(items)
    assert gap.reason is GapReason.THROTTLED
    assert "ThrottlingException" in gap.message
    assert asked(items).calls > 1


def test_throttled_for_a_while_is_answered_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([True, True, False])

    def answer(_: dict[str, Any]) -> Reply:
        return refused("ThrottlingException") if next(times) else as_json({"logGroups": []})

    items = collect(monkeypatch, answer, budget=60)
    assert gaps(items) == []
    assert asked(items) == Asked(UNIT, GROUPS, ("LogGroup",), 3, 1)


def test_a_region_that_is_named_twice_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted({"DescribeLogGroups": lambda _: as_json({"logGroups": [group("a")]})}) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        target = Target("aws", "aws", {"regions": ("eu-west-1", "eu-west-1"), "budget": 3})
        items = list(AwsCollector().collect(target, READING))
    assert asked(items).calls == 1
    assert len(pages(items)) == 1


def test_who_interrupts_does_not_wait_for_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service takes the request and keeps silent; a read may wait for 20 seconds."""
    asked_for, held = threading.Event(), threading.Event()

    def silent(_: dict[str, Any]) -> Reply:
        asked_for.set()
        held.wait(30)
        return as_json({"logGroups": []})

    def interrupt() -> None:
        asked_for.wait(30)
        os.kill(os.getpid(), signal.SIGINT)

    began = time.monotonic()
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            collect(monkeypatch, silent, budget=60)
        assert time.monotonic() - began < 10
    finally:
        held.set()


# -- clocks -----------------------------------------------------------------------------------


def test_answers_carry_the_time_of_who_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    date = "Sun, 01 Mar 2020 10:00:00 GMT"
    items = collect(monkeypatch, lambda _: as_json({"logGroups": [group("a")]}, date=date))
    (page,) = pages(items)
    assert page.at == datetime(2020, 3, 1, 10, tzinfo=UTC)
    (found,) = (i for i in AwsCollector().read([page], READING) if isinstance(i, LogGroup))
    assert found.origin.observed_at == page.at
    assert [step.label for step in found.provenance("name")] == [
        "logGroups[0].logGroupName",
        f"{GROUPS} in {UNIT} at 2020-03-01T10:00:00Z",
    ]


@pytest.mark.parametrize("date", ["yesterday", "Sun, 99 Mar 2020 10:00:00 GMT"])
def test_a_date_that_is_none_falls_back_on_our_clock(
    monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    items = collect(monkeypatch, lambda _: as_json({"logGroups": []}, date=date))
    (page,) = pages(items)
    assert page.at is not None
    assert abs((page.at - datetime.now(UTC)).total_seconds()) < 60


def test_clocks_that_do_not_agree_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is seen and judged; the report says that its own dates are in doubt."""
    past = "Sun, 01 Mar 2020 10:00:00 GMT"
    answers = {
        "GetCallerIdentity": lambda _: Reply(IDENTITY.encode(), date=past),
        "DescribeLogGroups": lambda _: as_json({"logGroups": []}, date=past),
    }
    with scripted(answers) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        report = audit(("PS-LOG-008",), regions=("eu-west-1",), rules="ci")
    (gap,) = report.gaps
    assert (gap.reason, gap.subject) == (GapReason.UNSUPPORTED, "clock")
    assert "ahead of that of AWS: ages of what was seen are counted to the clock" in gap.message
    assert not report.summary.complete
    assert all(entry.balanced and entry.gaps == 0 for entry in report.ledger)


def test_the_doctor_compares_the_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert clock(datetime(2026, 1, 1, 11, 56, tzinfo=UTC), ours).startswith("ok")
    assert clock(datetime(2026, 1, 1, 11, 54, tzinfo=UTC), ours).startswith("missing")
    assert "6:00 ahead of" in clock(datetime(2026, 1, 1, 11, 54, tzinfo=UTC), ours)
    assert "behind" in clock(datetime(2026, 1, 1, 13, tzinfo=UTC), ours)
    with scripted({}) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        found = dict(AwsCollector().doctor(Target("aws", "aws")))
    assert found["credentials"] == "ok: account 111122223333"
    assert found["clock"].startswith("ok")
    assert script.asked == ["GetCallerIdentity"]
