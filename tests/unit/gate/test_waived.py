"""Waivers of the file: what each state is, and that nothing else comes of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from policyscan.findings.model import Verdict
from policyscan.gate.waivers import registered
from policyscan.gate.waivers.registered import exceeding
from tests.unit.gate.waiving import POLICY, accepted, entry, group, of, only, scan_waived

OPEN = {"main.tf": group("open")}


def test_a_failure_is_accepted_and_blocks_nothing(tmp_path: Path) -> None:
    plain = scan_waived(tmp_path, OPEN)
    assert (of(plain).verdict, plain.summary.exit_code) == (Verdict.FAIL, 1)
    report = scan_waived(tmp_path, OPEN, entry(ticket="SEC-12"))
    finding, waiver = of(report), only(report)
    assert finding.verdict is Verdict.WAIVED
    assert (finding.waiver, finding.blocking) == ("WVR-1", False)
    assert finding.blocking_reason == "waived by WVR-1 until 2027-01-31"
    assert report.summary.exit_code == 0
    assert (waiver.status, waiver.covers, waiver.because) == ("in force", 1, "")
    assert (waiver.ticket, waiver.since, waiver.place) == (
        "SEC-12",
        "2026-11-01",
        "waivers.yaml:3:5",
    )
    assert report.summary.waivers["in force"] == 1
    assert report.run.waivers == "waivers.yaml"
    assert len(report.run.waivers_digest) == 64
    [policy] = [one for one in report.policies if one.id == finding.policy_id]
    assert (policy.counts[Verdict.WAIVED], policy.counts[Verdict.FAIL]) == (1, 0)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (datetime(2027, 1, 16, 23, 59, 59, tzinfo=UTC), "in force"),
        (datetime(2027, 1, 17, tzinfo=UTC), "expiring"),
        (datetime(2027, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC), "expiring"),
        (datetime(2027, 2, 1, tzinfo=UTC), "expired"),
        # Noon of February 1st in Auckland is still January 31st in UTC; the evening of January 31st
        # in Los Angeles is not.
        (datetime(2027, 2, 1, 12, tzinfo=timezone(timedelta(hours=13))), "expiring"),
        (datetime(2027, 1, 31, 16, tzinfo=timezone(timedelta(hours=-8))), "expired"),
        (datetime(2026, 11, 1, tzinfo=UTC), "in force"),
        (datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC), "refused"),
    ],
)
def test_it_holds_from_its_first_day_to_the_end_of_its_last(
    now: datetime, status: str, tmp_path: Path
) -> None:
    report = scan_waived(tmp_path, OPEN, entry(), now=now)
    assert only(report).status == status
    holds = status in ("in force", "expiring")
    assert of(report).verdict is (Verdict.WAIVED if holds else Verdict.FAIL)
    assert only(report).covers == int(holds)
    if status == "expired":
        assert of(report).unwaived == "WVR-1 expired at the end of 2027-01-31 (UTC)"
        assert only(report).because.endswith("; 1 failure that it is for")
    assert report.summary.exit_code == int(not holds)


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        ((("10.0.0.0/8"), 22), ("0.0.0.0/0", 22), "0.0.0.0/0"),
        ((("0.0.0.0/0"), 22), ("0.0.0.0/0", 3389), "3389"),
        ((("198.0.0.0/7"), 22), ("198.0.0.0/6", 22), "198.0.0.0/6"),
    ],
)
def test_it_lapses_when_the_values_get_worse(
    then: tuple[str, int], now: tuple[str, int], words: str, tmp_path: Path
) -> None:
    files = {"main.tf": group("open", *now)}
    report = scan_waived(tmp_path, files, entry(accepts=accepted(*then)))
    finding, waiver = of(report), only(report)
    assert (finding.verdict, finding.blocking) == (Verdict.FAIL, True)
    assert finding.unwaived.startswith("WVR-1 accepts less: ingress")
    assert words in finding.unwaived
    assert then[0] in finding.unwaived.partition("(accepted: ")[2]
    assert (waiver.status, waiver.covers) == ("lapsed", 0)
    assert waiver.because.startswith("1 of 1 failure got worse than it accepts: ingress")


@pytest.mark.parametrize("cidr", ["196.0.0.0/6", "196.0.0.0/7", "198.0.0.0/7"])
def test_what_is_no_more_than_the_accepted_values_is_accepted(cidr: str, tmp_path: Path) -> None:
    report = scan_waived(
        tmp_path, {"main.tf": group("open", cidr)}, entry(accepts=accepted("196.0.0.0/6"))
    )
    assert of(report).verdict is Verdict.WAIVED


@pytest.mark.parametrize(
    ("changes", "settings", "because"),
    [
        ({"accepts": ""}, "", "it does not say which values it accepts"),
        ({"approver": "ana"}, "", "its owner approved it: ana"),
        ({"approver": '" \\u200bAna "'}, "", "its owner approved it"),
        ({"approver": '"@ANA"'}, "", "its owner approved it"),
        ({"approver": '"\\uFF21na"'}, "", "its owner approved it"),
        ({"approver": '"@@ana\\uFE0F"'}, "", "its owner approved it"),
        ({"approver": '"a\\u034Fna\\u3164"'}, "", "its owner approved it"),
        ({"approver": '"an\\U000E0100a\\u2800"'}, "", "its owner approved it"),
        ({"approver": '"\\u200b"'}, "", "its approver is no name"),
        ({"approver": '"-"'}, "", "its approver is no name"),
        ({"owner": '"?"'}, "", "its owner is no name"),
        ({}, "{approvers: [cy]}", "bo is none of the approvers"),
        ({"policy": "PS-NET-O04"}, "", "there is no policy PS-NET-O04; did you mean"),
        ({}, "{policies_never: [PS-NET-004]}", "the configuration lets nobody accept"),
        ({}, "{policies_never: [NET]}", "the configuration lets nobody accept"),
        ({"since": "2026-11-29"}, "", "granted on a day that has not come"),
        ({"expires": "2027-11-02"}, "", "it may last 365 days, until 2027-11-01"),
        ({"expires": "2026-12-02"}, "{longest: 30}", "it may last 30 days, until 2026-12-01"),
        ({"since": "0001-01-01"}, "", "it may last 365 days, until 0002-01-01"),
    ],
)
def test_what_does_not_hold_is_refused_and_says_why(
    changes: dict[str, str], settings: str, because: str, tmp_path: Path
) -> None:
    report = scan_waived(tmp_path, OPEN, entry(**changes), settings=settings)
    waiver = only(report)
    assert (waiver.status, waiver.covers) == ("refused", 0)
    assert because in waiver.because
    assert of(report).verdict is Verdict.FAIL
    if "policy" not in changes:
        assert of(report).unwaived.startswith("WVR-1 does not hold: ")


def test_a_fingerprint_does_not_get_around_what_is_never_accepted(tmp_path: Path) -> None:
    print_ = of(scan_waived(tmp_path, OPEN)).fingerprint
    by_print = {"policy": "", "address": "", "fingerprint": print_}
    assert of(scan_waived(tmp_path, OPEN, entry(**by_print))).verdict is Verdict.WAIVED
    report = scan_waived(tmp_path, OPEN, entry(**by_print), settings="{policies_never: [NET]}")
    assert of(report).verdict is Verdict.FAIL
    assert only(report).status == "refused"


@pytest.mark.parametrize(
    ("changes", "settings"),
    [({"expires": "2027-11-01"}, ""), ({"expires": "2026-12-01"}, "{longest: 30}"),
     ({}, "{approvers: [BO, cy]}"), ({"since": "2026-11-28"}, "")],
)  # fmt: skip
def test_what_is_just_allowed_holds(changes: dict[str, str], settings: str, tmp_path: Path) -> None:
    report = scan_waived(tmp_path, OPEN, entry(**changes), settings=settings)
    assert only(report).status in ("in force", "expiring")


FIVE = {
    "main.tf": "".join(group(f"bot{n}", "198.0.0.0/7" if n < 3 else "0.0.0.0/0") for n in range(5))
}


def test_it_matches_many_and_accepts_three_of_five(tmp_path: Path) -> None:
    many = entry(address='"aws_security_group.bot*"', accepts=accepted("198.0.0.0/7"))
    report = scan_waived(tmp_path, FIVE, many)
    verdicts = [of(report, f"bot{n}").verdict.value for n in range(5)]
    assert verdicts == ["waived"] * 3 + ["fail"] * 2
    assert (only(report).status, only(report).covers) == ("lapsed", 3)
    assert only(report).because.startswith("2 of 5 failures got worse than it accepts: ingress")


def test_a_failure_is_compared_with_what_is_meant_for_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 40 failures and 10 waivers with 40 sets of values each: 400 comparisons, not 16,000."""
    files = {"main.tf": "".join(group(f"bot{number}") for number in range(40))}
    lists = "\n".join(
        f"      - {{address: aws_security_group.bot{number}, values: {accepted()}}}"
        for number in range(1, 40)
    )
    several = f"\n{lists}\n      - values: {accepted('10.0.0.0/8')}"
    waivers = [
        entry(id=f"WVR-{number}", address='"*bot*"', accepts=several) for number in range(10)
    ]
    asked = 0

    def counted(*arguments: Any) -> str:
        nonlocal asked
        asked += 1
        return exceeding(*arguments)

    monkeypatch.setattr(registered, "exceeding", counted)
    report = scan_waived(tmp_path, files, *waivers)
    verdicts = Counter(one.verdict for one in report.findings if one.policy_id == POLICY)
    assert verdicts == {Verdict.WAIVED: 39, Verdict.FAIL: 1}
    assert asked <= 10 * 40


def test_each_resource_may_have_values_of_its_own(tmp_path: Path) -> None:
    own = (
        "[{address: aws_security_group.bot3, values: " + accepted() + "}, "
        "{address: 'aws_security_group.bot[0-2]', values: " + accepted() + "}, "
        "{address: aws_security_group.bot?, values: " + accepted("198.0.0.0/7") + "}]"
    )
    report = scan_waived(tmp_path, FIVE, entry(address='"aws_security_group.*"', accepts=own))
    verdicts = [of(report, f"bot{n}").verdict.value for n in range(5)]
    assert verdicts == ["waived"] * 4 + ["fail"]


def test_what_it_has_no_values_for_fails_and_is_named(tmp_path: Path) -> None:
    own = "[{address: aws_security_group.bot0, values: " + accepted() + "}]"
    report = scan_waived(tmp_path, FIVE, entry(address='"aws_security_group.*"', accepts=own))
    assert [of(report, f"bot{n}").verdict.value for n in range(5)] == ["waived"] + ["fail"] * 4
    assert only(report).status == "in force"
    assert "it has no values for aws_security_group.bot1; " in only(report).because


def test_brackets_of_addresses_mean_themselves(tmp_path: Path) -> None:
    text = group("open").replace("{\n", "{\n  count = 2\n", 1)
    for address, number in (("open[0]", 1), ("open[*]", 2), ("open", 0), ("open[01]", 0)):
        waiver = entry(address=f'"aws_security_group.{address}"')
        assert only(scan_waived(tmp_path, {"main.tf": text}, waiver)).covers == number


@pytest.mark.parametrize(
    ("changes", "covers"),
    [({"path": "main.tf"}, 1), ({"path": '"*.tf"'}, 1), ({"path": "infra/*"}, 0),
     ({"unit": '"."'}, 1), ({"unit": "infra"}, 0)],
)  # fmt: skip
def test_a_selector_narrows_by_unit_and_path(
    changes: dict[str, str], covers: int, tmp_path: Path
) -> None:
    report = scan_waived(tmp_path, OPEN, entry(**changes))
    assert only(report).covers == covers
    assert only(report).status == ("in force" if covers else "unused")


def test_what_is_for_nothing_is_unused(tmp_path: Path) -> None:
    files = {"main.tf": group("open", "10.0.0.0/8")}
    report = scan_waived(tmp_path, files, entry())
    assert of(report).verdict is Verdict.PASS
    assert (only(report).status, only(report).because) == ("unused", "nothing fails that it is for")
    report = scan_waived(tmp_path, files, entry(policy="PS-SEC-001"))
    assert only(report).because == "PS-SEC-001 judged nothing in this run"


def test_only_failures_are_waived(tmp_path: Path) -> None:
    files = {"main.tf": 'variable "x" {}\n' + group("open").replace('"0.0.0.0/0"', "var.x")}
    report = scan_waived(tmp_path, files, entry())
    assert of(report).verdict is Verdict.UNKNOWN
    assert only(report).status == "unused"


def test_of_two_for_one_finding_the_longer_is_named(tmp_path: Path) -> None:
    two = (entry(), entry(id="WVR-2", expires="2027-02-28"))
    for entries in (two, two[::-1]):
        report = scan_waived(tmp_path, OPEN, *entries)
        assert of(report).waiver == "WVR-2"
        assert [(one.status, one.covers) for one in report.waivers] == [("in force", 1)] * 2


def test_one_that_holds_is_enough(tmp_path: Path) -> None:
    others = [entry(id="A", accepts=accepted("10.0.0.0/8")), entry(id="B", expires="2026-11-27")]
    report = scan_waived(tmp_path, OPEN, *others, entry(id="C"), entry(id="D", approver="ana"))
    assert of(report).waiver == "C"
    assert [one.status for one in report.waivers] == ["lapsed", "expired", "in force", "refused"]
    report = scan_waived(tmp_path, OPEN, *others)
    assert of(report).unwaived.startswith("A accepts less: ")
    assert of(report).unwaived.endswith("; B expired at the end of 2026-11-27 (UTC)")


def test_a_field_of_which_nothing_is_accepted_is_more(tmp_path: Path) -> None:
    for values in ("{}", "{egress: []}"):
        report = scan_waived(tmp_path, OPEN, entry(accepts=values))
        assert only(report).status == "lapsed"
        assert "(accepted: nothing of it)" in of(report).unwaived
