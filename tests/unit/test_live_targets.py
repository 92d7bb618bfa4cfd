"""What a run makes of live targets: the ledger by unit, closed sets, and targets that stay silent.

The source answers what a test wants; real ones are asked in tests/live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from policyscan.collectors.interface import Answer, Asked, Item, Reading, Target
from policyscan.config import Configuration, parse_configuration
from policyscan.errors import GapReason
from policyscan.findings import LedgerEntry, Report, Verdict
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import scan
from policyscan.reporters.drift_words import has_drift
from policyscan.request import ScanRequest
from policyscan.resources.base import Gap, Tally
from policyscan.resources.monitoring import LogGroup, Trail
from policyscan.resources.units import set_unit
from tests.scanning import NOW, write
from tests.unit.inventory.made import EU, SEEN_AT, seen

US = "111122223333/us-east-1"
GLOBAL = "111122223333/global"
ACCOUNT = "111122223333"
LIST, DESCRIBE = "logs:DescribeLogGroups", "cloudtrail:DescribeTrails"


class Source:
    """Answers what it is given; `read` makes a resource of each name in an answer."""

    name = "aws"
    kinds: tuple[str, ...] = ("LogGroup", "Trail")
    subjects: Mapping[str, tuple[str, ...]] = {LIST: ("LogGroup",), DESCRIBE: ("Trail",)}
    permissions: Mapping[str, tuple[str, ...]] = {"LogGroup": (LIST,), "Trail": (DESCRIBE,)}
    subjects: Mapping[str, tuple[str, ...]] = {LIST: ("LogGroup",), DESCRIBE: ("Trail",)}

    def __init__(self, *told: Answer | Asked | Gap, miscount: int = 0, crash: str = "") -> None:
        self.told = told
        self.miscount = miscount
        self.crash = crash
        self.reading: Reading | None = None

    def collect(self, target: Target, reading: Reading) -> Iterator[Answer | Asked | Gap]:
        self.reading = reading
        if self.crash == "collect":
            raise ValueError("a defect")
        yield from self.told

    def read(self, answers: Sequence[Answer], reading: Reading) -> Iterator[Item]:
        if self.crash == "read":
            raise ValueError("a defect")
        for unit in dict.fromkeys(answer.unit for answer in answers):
            for kind, subject in (("LogGroup", LIST), ("Trail", DESCRIBE)):
                here = [a for a in answers if (a.unit, a.subject) == (unit, subject)]
                names = [name for answer in here for name in answer.data]
                for name in names:
                    yield _resource(kind, name, unit, reading.target)
                if here:
                    found = len(names) + self.miscount
                    yield Tally(reading.target, kind, found, len(names), unit=unit)


def _resource(kind: str, name: str, unit: str, target: str) -> Any:
    address = f"arn:aws:x:{unit}:{name}"
    if kind == "LogGroup":
        return seen(LogGroup, address, unit=unit, target=target, name=name)
    flags = {"multi_region": True, "is_logging": True, "log_file_validation": True}
    more = {"kms_encrypted": True, "management_events": "All"}
    return seen(Trail, address, unit=unit, target=target, name=name, **flags, **more)


def answered(unit: str, subject: str, *names: str, page: int = 1) -> Answer:
    return Answer(unit, subject, list(names), page=page, at=SEEN_AT)


def asked(unit: str, subject: str, **more: Any) -> Asked:
    kind = "LogGroup" if subject == LIST else "Trail"
    return Asked(unit, subject, (kind,), **{"calls": 1, "pages": 1} | more)


def report_on(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    sources: Mapping[str, Source],
    *,
    files: dict[str, str | bytes] | None = None,
    configuration: Configuration | None = None,
    profile: str = "audit",
    select: tuple[str, ...] = ("PS-LOG-008", "PS-MON-001"),
) -> Report:
    """The report on these sources by the name of their target, and on files."""
    current = iter(sources.values())
    monkeypatch.setattr("policyscan.collecting.load_live_collector", lambda _: next(current))
    request = ScanRequest(
        path=write(tmp_path, files) if files else None,
        configuration=configuration or Configuration(),
        profile=load_profile(profile, tmp_path),
        targets=tuple(Target("aws", name) for name in sources),
        select=select,
    )
    return scan(request, now=NOW)


def books(report: Report) -> dict[tuple[str, str, str], LedgerEntry]:
    return {(one.target, one.unit, one.kind): one for one in report.ledger}


def verdicts(report: Report, policy: str) -> dict[str, str]:
    return {
        finding.resource.address: finding.verdict.value
        for finding in report.findings
        if finding.policy_id == policy
    }


# -- the ledger --------------------------------------------------------------------------------


def test_the_ledger_has_a_line_for_every_unit_and_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = Source(
        answered(EU, LIST, "a", "b"),
        answered(EU, LIST, "c", page=2),
        asked(EU, LIST, calls=3, pages=2),
        answered(US, LIST, "d"),
        asked(US, LIST),
        asked(US, DESCRIBE, pages=0, failed=GapReason.DENIED),
        Gap(GapReason.DENIED, DESCRIBE, "not allowed", hides=("Trail",), unit=US),
    )
    report = report_on(monkeypatch, tmp_path, {"aws": source})
    found = books(report)
    assert set(found) == {("aws", EU, "LogGroup"), ("aws", US, "LogGroup"), ("aws", US, "Trail")}
    one = found["aws", EU, "LogGroup"]
    assert (one.asked, one.returned, one.calls, one.pages, one.denied) == (1, 1, 3, 2, 0)
    assert (one.found, one.normalised, one.resources, one.gaps) == (3, 3, 3, 0)
    assert (one.policies, one.judged) == (1, 3)
    denied = found["aws", US, "Trail"]
    assert (denied.asked, denied.returned, denied.denied, denied.gaps) == (1, 0, 1, 1)
    assert (denied.calls, denied.pages, denied.found, denied.judged) == (1, 0, 0, 0)
    assert all(one.balanced and one.live for one in report.ledger)
    [gap] = report.gaps
    assert (gap.target, gap.unit, gap.reason, gap.blocking) == ("aws", US, GapReason.DENIED, True)
    assert source.reading is not None
    assert source.reading.kinds == {"LogGroup", "Trail"}


def test_two_targets_keep_books_of_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = Source(answered(EU, LIST, "a"), asked(EU, LIST))
    two = Source(answered(EU, LIST, "a", "b"), asked(EU, LIST))
    found = books(report_on(monkeypatch, tmp_path, {"aws:one": one, "aws:two": two}))
    numbers = {target: (e.found, e.resources, e.judged) for (target, _, _), e in found.items()}
    assert numbers == {"aws:one": (1, 1, 1), "aws:two": (2, 2, 2)}


def test_books_that_do_not_balance_are_a_gap_of_their_unit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = (answered(unit, LIST, "a") for unit in (EU, US))
    source = Source(*told, asked(EU, LIST), asked(US, LIST), miscount=1)
    report = report_on(monkeypatch, tmp_path, {"aws": source})
    assert not any(entry.balanced for entry in report.ledger)
    assert sorted(gap.unit for gap in report.gaps) == [EU, US]
    assert {gap.hides for gap in report.gaps} == {("LogGroup",)}
    assert not report.summary.complete


@pytest.mark.parametrize("where", ["collect", "read"])
def test_a_crash_costs_one_target(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    broken = Source(answered(EU, LIST, "a"), asked(EU, LIST), crash=where)
    whole = Source(answered(US, LIST, "b"), asked(US, LIST))
    report = report_on(monkeypatch, tmp_path, {"aws:one": broken, "aws:two": whole})
    crashed = [gap for gap in report.gaps if gap.reason is GapReason.CRASHED]
    assert [(gap.target, gap.subject) for gap in crashed] == [("aws:one", "aws:one")]
    assert crashed[0].message == "the aws collector crashed: ValueError"
    assert [
        finding.resource.target for finding in report.findings if finding.policy_id == "PS-LOG-008"
    ] == ["aws:two"]


# -- closed sets -------------------------------------------------------------------------------

NOBODY = "PS-MON-001"
REGIONS = parse_configuration(
    "policyscan.yaml", b"version: 1\ncontext: {regions: [eu-west-1, us-east-1]}\n"
)


def empty(unit: str, subject: str = DESCRIBE) -> tuple[Answer, Asked]:
    return answered(unit, subject), asked(unit, subject)


def needs(report: Report) -> tuple[str, ...]:
    [finding] = report.of(Verdict.UNKNOWN)
    return finding.needs


def test_an_open_set_says_what_was_not_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = Source(*empty(EU))
    report = report_on(
        monkeypatch, tmp_path, {"aws": source}, configuration=REGIONS, select=(NOBODY,)
    )
    assert needs(report) == (
        f"every Trail of {ACCOUNT}: us-east-1 of context.regions was not asked",
    )


def test_an_open_set_says_that_a_question_was_not_answered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = Source(asked(EU, DESCRIBE, pages=0, failed=GapReason.DENIED))
    report = report_on(monkeypatch, tmp_path, {"aws": source}, select=(NOBODY,))
    assert needs(report) == (f"every Trail of {ACCOUNT}: not every question was answered whole",)


DENIED = Gap(GapReason.DENIED, DESCRIBE, "no", hides=("Trail",), unit=US)


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        # all regions that are in use were asked, and there is none
        ((*empty(EU), *empty(US)), Verdict.FAIL),
        # one was not
        (empty(EU), Verdict.UNKNOWN),
        # what an account has once is asked once
        (empty(GLOBAL), Verdict.FAIL),
        # a question that was refused, or answered in part
        ((*empty(EU), asked(US, DESCRIBE, pages=0, failed=GapReason.DENIED), DENIED),
         Verdict.UNKNOWN),
        ((*empty(EU), answered(US, DESCRIBE),
          asked(US, DESCRIBE, failed=GapReason.TRUNCATED)), Verdict.UNKNOWN),
        # a gap that may hide some, in this account or anywhere, but not in another
        ((*empty(EU), *empty(US), DENIED), Verdict.UNKNOWN),
        ((*empty(EU), *empty(US), Gap(GapReason.DENIED, "x", "no", unit=ACCOUNT)),
         Verdict.UNKNOWN),
        ((*empty(EU), *empty(US), Gap(GapReason.DENIED, "x", "no")), Verdict.UNKNOWN),
        ((*empty(EU), *empty(US), Gap(GapReason.DENIED, "x", "no", unit="999999999999/eu-west-1")),
         Verdict.FAIL),
        ((*empty(EU), *empty(US), Gap(GapReason.DENIED, "x", "no", hides=("LogGroup",), unit=US)),
         Verdict.FAIL),
    ],
)  # fmt: skip
def test_a_set_is_closed_where_all_was_asked_and_answered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Any, verdict: Verdict
) -> None:
    report = report_on(
        monkeypatch, tmp_path, {"aws": Source(*told)}, configuration=REGIONS, select=(NOBODY,)
    )
    assert verdicts(report, NOBODY) == {ACCOUNT: verdict.value}


def test_a_set_is_of_its_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = "999999999999/eu-west-1"
    source = Source(answered(EU, DESCRIBE, "t"), asked(EU, DESCRIBE), *empty(other))
    report = report_on(monkeypatch, tmp_path, {"aws": source}, select=(NOBODY,))
    found = verdicts(report, NOBODY)
    assert found["999999999999"] == "fail"
    assert found[f"arn:aws:x:{EU}:t"] == "pass"


def test_books_that_do_not_balance_close_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = Source(*empty(EU), miscount=1)
    report = report_on(monkeypatch, tmp_path, {"aws": source}, select=(NOBODY,))
    assert verdicts(report, NOBODY) == {ACCOUNT: "unknown"}


@pytest.mark.parametrize(
    ("unit", "whole"),
    [(EU, ACCOUNT), (GLOBAL, ACCOUNT), ("infra/prod", "infra/prod"), (ACCOUNT, ACCOUNT), ("", "")],
)
def test_the_unit_of_a_set(unit: str, whole: str) -> None:
    assert set_unit(unit) == whole


# -- targets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["ci", "audit", "advise"])
def test_a_target_that_stays_silent_leaves_the_run_incomplete(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, profile: str
) -> None:
    silent = Source(
        asked(EU, LIST, calls=0, pages=0, failed=GapReason.NOT_FETCHED),
        Gap(GapReason.NOT_FETCHED, "aws", "pip install", hides=("LogGroup",)),
    )
    files: dict[str, str | bytes] = {
        "main.tf": """
            resource "aws_cloudwatch_log_group" "l" {
              name              = "l"
              kms_key_id        = "k"
              retention_in_days = 400
              tags              = { "policyscan:role" = "trading" }
            }
            """
    }
    report = report_on(
        monkeypatch, tmp_path, {"aws": silent}, files=files, profile=profile, select=("PS-LOG-008",)
    )
    assert verdicts(report, "PS-LOG-008") == {"aws_cloudwatch_log_group.l": "pass"}
    assert report.coverage.targets_declared == (str(tmp_path), "aws")
    assert report.coverage.targets_reached == (str(tmp_path),)
    assert not report.summary.complete
    assert report.summary.exit_code == 3
    if profile != "audit":
        assert report.summary.outcome == (
            "incomplete: of a target that was to be looked at, nothing was seen"
        )


def test_a_run_of_live_targets_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = Source(answered(EU, LIST, "a"), asked(EU, LIST))
    report = report_on(monkeypatch, tmp_path, {"aws": source}, select=("PS-LOG-008",))
    assert (report.coverage.targets_declared, report.coverage.targets_reached) == (
        ("aws",),
        ("aws",),
    )
    assert (report.coverage.files_seen, report.run.commit) == (0, "")
    [finding] = report.findings
    assert finding.location is None
    assert finding.resource.observed_at == "2026-01-05T09:00:00Z"
    documents = [document.path for document in report.documents]
    assert documents == [f"aws {EU} {LIST} page 1"]


def test_what_was_not_asked_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = Source(*empty(EU), answered(EU, LIST, "a"), asked(EU, LIST), *empty(US))
    report = report_on(monkeypatch, tmp_path, {"aws": source})
    assert report.coverage.not_asked == (
        f"aws: regions of {ACCOUNT} besides eu-west-1, us-east-1; kinds besides LogGroup, Trail",
    )


def test_what_was_not_named_was_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = Source(answered("docker", LIST, "a"), asked("docker", LIST, whole=False))
    report = report_on(monkeypatch, tmp_path, {"docker": source})
    assert report.coverage.not_asked == ("docker: LogGroup besides those that were named",)


# -- nothing there -----------------------------------------------------------------------------


def test_an_account_without_a_trail_is_told_so_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = Source(*empty(EU), *empty(US))
    report = report_on(
        monkeypatch, tmp_path, {"aws": source}, configuration=REGIONS, select=(NOBODY,)
    )
    [finding] = report.findings
    [witness] = finding.witnesses
    assert (witness.path, witness.value) == ("members", "[]")
    assert witness.note.startswith(f"there is no Trail in {ACCOUNT}: members.exists(")
    assert [step.label for step in witness.provenance] == [
        f"{DESCRIBE} in {unit} at 2026-01-05T09:00:00Z" for unit in (EU, US)
    ]
    ref = finding.resource
    assert (ref.observed_at, ref.observed_by) == ("2026-01-05T09:00:00Z", DESCRIBE)
    # all was asked, all was answered, and nothing is open
    assert report.summary.complete


def test_a_set_is_named_by_its_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = Source(answered(EU, LIST, "a"), asked(EU, LIST), *empty(EU), *empty(US))
    report = report_on(monkeypatch, tmp_path, {"aws": source}, select=(NOBODY,))
    [finding] = report.of(Verdict.FAIL)
    assert finding.message.startswith(f"no trail of {ACCOUNT} records")


def test_a_run_without_code_says_nothing_of_drift(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = Source(answered(EU, LIST, "a"), asked(EU, LIST))
    report = report_on(monkeypatch, tmp_path, {"aws": source}, select=("PS-LOG-008",))
    assert not has_drift(report)


def test_recorded_answers_are_read_instead_of_asking(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = Source(crash="collect")
    monkeypatch.setattr("policyscan.collecting.load_live_collector", lambda _: source)
    request = ScanRequest(
        path=None,
        configuration=Configuration(),
        profile=load_profile("audit", tmp_path),
        targets=(Target("aws", "aws"),),
        answers={"aws": (answered(EU, LIST, "a"), answered(EU, LIST, "b", page=2))},
        select=("PS-LOG-008",),
    )
    report = scan(request, now=NOW)
    assert not report.gaps
    [entry] = report.ledger
    assert (entry.asked, entry.calls, entry.pages, entry.found) == (1, 2, 2, 2)


def test_beside_files_a_target_that_no_selected_policy_is_about_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = {"main.tf": 'resource "aws_iam_user" "desk" { name = "desk" }\n'}
    source = Source(crash="collect")
    report = report_on(
        monkeypatch, tmp_path, {"aws": source}, files=files, select=("IAM",), profile="ci"
    )
    assert source.reading is None
    assert not report.gaps
    assert "aws" in report.coverage.targets_declared
    assert "aws" not in report.coverage.targets_reached
    assert report.coverage.not_asked == ("aws: no policy that was selected judges what it shows",)
    assert "nothing was seen" not in report.summary.outcome
