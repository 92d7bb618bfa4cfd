"""A report that is larger than what code scanning takes."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from policyscan.findings import Finding, Report, Severity, Verdict
from policyscan.findings.model import Change
from policyscan.reporters.sarif import SarifReporter, limits
from tests.sample_report import compared_report, large_report, sample_report

OVERFLOW = "PS-REPORT-001"


def runs_of(report: Report, reporter: SarifReporter | None = None) -> list[dict[str, Any]]:
    return list(json.loads((reporter or SarifReporter()).render(report))["runs"])


def prints(run: dict[str, Any]) -> list[str]:
    return [
        one["partialFingerprints"]["policyscan/v1"]
        for one in run["results"]
        if one["ruleId"] != OVERFLOW
    ]


def category(run: dict[str, Any]) -> str:
    return str(run["automationDetails"]["id"]).rpartition("/")[0]


def test_what_is_shown_whole_is_one_run() -> None:
    [run] = runs_of(large_report(5_000))
    assert len(run["results"]) == 5_000 and category(run) == "policyscan/scan"
    assert "part" not in run["properties"]


def test_more_are_divided_over_categories_and_every_one_is_there_once() -> None:
    report = large_report(12_000)
    runs = runs_of(report)
    found = Counter(one for run in runs for one in prints(run))
    assert found == Counter(one.fingerprint for one in report.findings)
    assert [category(run) for run in runs] == [
        "policyscan/scan", *(f"policyscan/scan/{n:02}" for n in range(2, 21))
    ]  # fmt: skip
    assert all(400 < len(run["results"]) < 800 for run in runs)
    assert [run["properties"]["part"] for run in runs] == list(range(1, 21))
    assert runs[0]["properties"]["failuresOverLimit"] == 0
    assert not any(one["ruleId"] == OVERFLOW for run in runs for one in run["results"])
    told = [run["invocations"][0]["toolExecutionNotifications"] for run in runs]
    assert told[0] and not any(told[1:])
    successful = {run["invocations"][0]["executionSuccessful"] for run in runs}
    assert successful == {False}  # the sample has gaps that block


def test_a_finding_stays_in_its_category_whatever_else_there_is() -> None:
    many, fewer = (runs_of(large_report(number)) for number in (9_000, 6_000))
    before = {one: category(run) for run in many for one in prints(run)}
    after = {one: category(run) for run in fewer for one in prints(run)}
    assert len(after) == 6_000 and all(before[one] == name for one, name in after.items())


def test_a_number_of_runs_that_is_asked_for_is_always_written() -> None:
    reporter = SarifReporter(runs=3)
    runs = runs_of(large_report(10), reporter)
    assert [category(run) for run in runs] == [
        "policyscan/scan", "policyscan/scan/02", "policyscan/scan/03"
    ]  # fmt: skip
    assert sum(len(run["results"]) for run in runs) == 10
    empty = runs_of(replace(sample_report(), findings=()), reporter)
    assert [run["results"] for run in empty] == [[], [], []]
    assert len(runs_of(sample_report(), SarifReporter(runs=50))) == limits.MAX_RUNS


def test_over_the_limit_the_weightiest_are_kept_and_a_result_says_so(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MAX_RESULTS", 1_000)
    report = large_report(3_000)
    [run] = runs_of(report, SarifReporter(runs=1))
    assert len(run["results"]) == 1_000
    kept = set(prints(run))
    assert len(kept) == 999
    dropped = [one for one in report.findings if one.fingerprint not in kept]
    assert {one.severity for one in dropped} == {Severity.LOW, Severity.MEDIUM}
    assert not any(one.blocking for one in dropped)
    assert run["properties"]["failuresOverLimit"] == 2_001
    [said] = [one for one in run["results"] if one["ruleId"] == OVERFLOW]
    assert said["kind"] == "fail" and said["level"] == "error"
    assert said["message"]["text"] == (
        "2,001 failures are not shown here (0 critical, 0 high, 501 medium, 1,500 low; "
        "0 blocking). One of them is here"
    )
    uri = said["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == dropped[0].location.path
    rule = run["tool"]["driver"]["rules"][said["ruleIndex"]]
    assert rule["id"] == OVERFLOW and "JSON or HTML report" in rule["help"]["markdown"]
    told = run["invocations"][0]["toolExecutionNotifications"]
    [note] = [one for one in told if one["descriptor"]["id"] == "failuresOverLimit"]
    assert note["level"] == "error" and note["message"]["text"].startswith("2,001 failures are")


def test_each_run_is_trimmed_by_itself(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MAX_RESULTS", 100)
    report = large_report(2_500)
    runs = runs_of(report)
    assert len(runs) == 20 and all(len(run["results"]) <= 100 for run in runs)
    over = runs[0]["properties"]["failuresOverLimit"]
    assert over == 2_500 - sum(len(prints(run)) for run in runs) > 0
    assert Counter(one["ruleId"] for run in runs for one in run["results"])[OVERFLOW] == 1


def test_what_blocks_is_kept_first_then_what_is_new(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MAX_RESULTS", 4)
    low, *rest = (one for one in large_report(12).findings if one.severity is Severity.LOW)
    old = [one for one in large_report(16).findings if one.severity is Severity.MEDIUM]
    findings = (
        *(replace(one, change=Change.UNCHANGED) for one in old),
        *(replace(one, change=Change.NEW) for one in rest[:2]),
        replace(low, blocking=True, change=Change.UNCHANGED),
    )
    report = replace(sample_report(), findings=findings)
    [run] = runs_of(report, SarifReporter(runs=1))
    expected = [one.fingerprint for one in (*rest[:2], low)]
    assert sorted(prints(run)) == sorted(expected)


def test_a_large_file_loses_details_before_it_loses_failures(monkeypatch) -> None:
    report = large_report(2_000)
    whole = len(gzip.compress(SarifReporter().render(report), 6))
    monkeypatch.setattr(limits, "MAX_BYTES", whole - 2_000)
    data = SarifReporter().render(report)
    assert len(gzip.compress(data, 6)) <= whole - 2_000
    [run] = json.loads(data)["runs"]
    assert len(run["results"]) == 2_000
    assert not any("relatedLocations" in one or "codeFlows" in one for one in run["results"])
    told = [one["descriptor"]["id"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert told[-1] == "details" and "failuresOverLimit" not in told


def test_a_file_too_large_even_so_loses_its_least_severe(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 30_000)
    data = SarifReporter().render(large_report(2_000))
    assert len(gzip.compress(data, 6)) <= 30_000
    [run] = json.loads(data)["runs"]
    assert len(prints(run)) > 100
    assert len(prints(run)) + run["properties"]["failuresOverLimit"] == 2_000
    assert [one["ruleId"] for one in run["results"]].count(OVERFLOW) == 1


@pytest.mark.parametrize("number", [1, 5_000, 5_001, 60_000, 200_000])
def test_the_number_of_runs_hangs_on_nothing_else(number: int) -> None:
    assert limits.number_of_runs(number, 0) == (1 if number <= 5_000 else 20)


# -- what GitHub takes for one alert --------------------------------------------------------------


def test_failures_of_one_policy_on_one_line_are_alerts_of_their_own() -> None:
    """As of the things that one block with `for_each` makes."""
    report = sample_report()
    first = report.findings[0]
    several = tuple(
        replace(
            first,
            fingerprint=f"{number:032x}",
            resource=replace(first.resource, address=f'aws_security_group.bot["{number}"]'),
        )
        for number in range(3)
    )
    assert len(line_hashes(replace(report, findings=several))) == 3
    kept = line_hashes(replace(report, findings=several[:1]))
    assert kept == ["3d1a7cf60b2e94aa:1"]
    assert line_hashes(replace(report, findings=several))[0] == kept[0]
    mixed = (several[0], without_hash(several[1]), without_hash(several[2]))
    assert len(set(line_hashes(replace(report, findings=mixed)))) == 3
    alike = tuple(replace(one, fingerprint="f" * 32) for one in several[1:])
    assert len(set(line_hashes_of(report, several[:1] + alike[:1]))) == 2


def line_hashes(report: Report) -> list[str]:
    [run] = runs_of(report)
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in run["results"]]


def line_hashes_of(report: Report, findings: tuple[Finding, ...]) -> list[str]:
    return line_hashes(replace(report, findings=findings))


def without_hash(finding: Finding) -> Finding:
    place = replace(finding.location, line_hash="")
    witness = replace(finding.witnesses[0], location=place)
    return replace(finding, location=place, witnesses=(witness,))


def test_a_line_hash_of_another_form_is_not_told() -> None:
    report = sample_report()
    first = report.findings[0]
    place = replace(first.location, line_hash="no hash")
    odd = replace(first, location=place, witnesses=(replace(first.witnesses[0], location=place),))
    [run] = runs_of(replace(report, findings=(odd,)))
    assert "primaryLocationLineHash" not in run["results"][0]["partialFingerprints"]


# -- what was there before ------------------------------------------------------------------------


def shown(report: Report, **settings: Any) -> list[str]:
    return [one for run in runs_of(report, SarifReporter(**settings)) for one in prints(run)]


def test_in_a_pull_request_what_it_did_not_make_worse_is_counted_alone() -> None:
    report = compared_report()
    [run] = runs_of(report)
    worse = [
        one.fingerprint
        for one in report.of(Verdict.FAIL)
        if one.change in (Change.NEW, Change.WORSE)
    ]
    told = set(prints(run))
    assert told < set(worse) and len(worse) - len(told) == 1  # the one without a place
    properties = run["properties"]
    assert properties["failuresUnchanged"] == 2
    assert properties["failuresWithoutPlace"] == 1
    assert properties["failuresWaived"] == 1
    assert properties["changes"]["gone"] == 2 and properties["changes"]["unchanged"] == 4
    notes = {
        one["descriptor"]["id"]: one["message"]["text"]
        for one in run["invocations"][0]["toolExecutionNotifications"]
    }
    assert notes["failuresUnchanged"] == (
        "2 failures are no results here: they are not new, and not worse than in main"
    )
    everything = set(shown(report, unchanged=True))
    assert len(everything) == len(told) + 2
    assert {one["properties"]["change"] for one in run["results"]} == {"new", "worse"}


def test_of_a_branch_everything_is_told_since_what_is_missing_is_closed() -> None:
    report = compared_report()
    for trigger, number in {"push": 2, "schedule": 2, "manual": 0, "merge_group": 0}.items():
        run = replace(report.run, trigger=trigger)
        assert len(shown(replace(report, run=run))) == len(shown(report)) + number, trigger
    listed = replace(
        report,
        run=replace(report.run, trigger="push"),
        difference=replace(report.difference, kind="baseline", name="baseline.json"),
    )
    assert shown(listed) == shown(report)


def successful(report: Report) -> bool:
    values = {
        invocation["executionSuccessful"]
        for run in runs_of(report, SarifReporter(runs=2))
        for invocation in run["invocations"]
    }
    [value] = values
    return bool(value)


def test_alerts_of_a_branch_are_not_closed_by_a_gap_that_its_last_commit_had_as_well() -> None:
    report = compared_report()
    old = report.gaps[1:]  # not fetched, and denied: the base has both
    on_branch = replace(report, gaps=old, run=replace(report.run, trigger="push"))
    assert not successful(on_branch)
    assert successful(replace(on_branch, gaps=old[:1]))  # no profile for changes minds it
    assert successful(replace(report, gaps=old))  # nothing of the branch is closed
    baseline = replace(report.difference, kind="baseline")
    assert successful(replace(on_branch, difference=baseline))  # it is accepted in writing
    assert not successful(report)


@pytest.mark.parametrize("code", [2, 3, 4])
def test_a_run_that_did_not_end_well_closes_nothing(code: int) -> None:
    report = replace(compared_report(), gaps=(), findings=())
    assert successful(report)
    assert not successful(replace(report, summary=replace(report.summary, exit_code=code)))
    assert not successful(replace(report, run=replace(report.run, interrupted=True)))
