from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from io import StringIO

import pytest
from lxml import etree
from msgspec.structs import replace

from policyscan.findings import Change, Report, Severity, Verdict, Witness
from policyscan.plugins import load_reporter
from policyscan.reporters import junit
from policyscan.reporters.annotations import MOST, AnnotationsReporter
from policyscan.reporters.csv_report import CsvReporter, cell
from policyscan.reporters.gitlab import codequality, sast
from policyscan.reporters.junit import AzureJunitReporter, GitlabJunitReporter
from tests.gitlab_rules import (
    assert_gitlab_takes_junit,
    assert_gitlab_takes_quality,
    assert_gitlab_takes_sast,
)
from tests.log_processors import Command, github
from tests.sample_report import compared_report, hostile_report, large_report, sample_report


def commands(report: Report) -> list[Command]:
    return github(AnnotationsReporter().render(report).decode())


def test_annotations_stay_within_what_github_shows() -> None:
    found = commands(large_report(500))
    assert Counter(one.name for one in found) == {"error": MOST, "warning": MOST, "notice": MOST}
    assert found[-1].name == "notice"
    left = 500 + len(large_report(1).gaps) - (len(found) - 1)
    assert found[-1].data.startswith(f"{left} more in the report. 500 fail, ")


def test_an_annotation_is_at_its_place() -> None:
    report = replace(sample_report(), run=replace(sample_report().run, prefix="platform/"))
    [ssh] = [one for one in commands(report) if "reach port 22" in one.data]
    assert ssh.name == "error"
    assert ssh.properties == {
        "file": "platform/infra/prod/main.tf",
        "line": "14",
        "endLine": "14",
        "col": "20",
        "endColumn": "30",  # inclusive there
        "title": "critical PS-NET-001: Administration ports are closed to the internet",
    }
    assert "\nFrom: platform/infra/prod/prod.auto.tfvars:2:15\nFix: Name the ranges" in ssh.data


def test_columns_are_left_out_over_several_lines() -> None:
    [first, *others] = sample_report().findings
    assert first.location
    long = replace(first, location=replace(first.location, end_line=20))
    found = commands(replace(sample_report(), findings=(long, *others)))
    [one] = [one for one in found if "reach port 22" in one.data]
    assert "col" not in one.properties and one.properties["endLine"] == "20"


def test_old_failures_are_only_counted() -> None:
    [failure, *_] = sample_report().findings
    kinds = {
        change: commands(
            replace(sample_report(), findings=(replace(failure, blocking=False, change=change),))
        )[-2].name
        for change in (None, Change.NEW)
    }
    assert kinds[None] == kinds[Change.NEW] == "warning"
    failure = replace(failure, blocking=False, change=Change.UNCHANGED)
    told = commands(replace(sample_report(), findings=(failure,)))
    assert not any(failure.fingerprint in one.data for one in told)
    assert "1 failure that was there before" in told[-1].data


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        (" =1+1", " '=1+1"),
        ("＝1", "'＝1"),
        ("-1", "'-1"),
        ("a;=1", "a;'=1"),
        ("a; @b", "a; '@b"),
        ("\t=1", "\\t=1"),
        ("a=1", "a=1"),
    ],
)
def test_a_cell_is_never_a_formula(text: str, shown: str) -> None:
    assert cell(text) == shown


def test_csv_has_a_row_for_everything() -> None:
    report = compared_report()
    text = CsvReporter().render(report).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline=""), strict=True))
    findings = [row for row in rows if row["record"] == "finding"]
    assert Counter((row["fingerprint"], row["verdict"]) for row in findings) == Counter(
        (one.fingerprint, one.verdict.value) for one in report.findings
    )
    gaps = Counter(row["fingerprint"] for row in rows if row["record"] == "gap")
    assert gaps == Counter(gap.fingerprint for gap in report.gaps)
    blocks = [row["blocks"] for row in findings]
    assert blocks == sorted(blocks, reverse=True)


@pytest.mark.parametrize("report", [sample_report(), compared_report(), large_report(6_000)])
def test_gitlab_takes_both_formats(report: Report) -> None:
    entries = assert_gitlab_takes_quality(codequality.CodeQualityReporter().render(report))
    declared = {(pair.observed.unit, pair.observed.address) for pair in report.drift}
    placed = [
        one
        for one in report.of(Verdict.FAIL)
        if one.location or (one.resource.unit, one.resource.address) in declared
    ]
    shown = min(len(placed), codequality.MOST)
    assert len(entries) == len(report.gaps) + shown + 1
    left = len(report.of(Verdict.FAIL)) - shown
    assert not left or f" {left:,} more failure" in entries[-1]["description"]
    made = assert_gitlab_takes_sast(sast.SastReporter().render(report))
    assert len(made["vulnerabilities"]) == shown
    assert made["scan"]["status"] == "failure"  # gaps block


def test_a_scan_that_saw_everything_has_succeeded() -> None:
    report = replace(sample_report(), gaps=())
    assert json.loads(sast.SastReporter().render(report))["scan"]["status"] == "success"


def test_a_scan_of_a_branch_has_not_succeeded_while_an_old_gap_may_hide_something() -> None:
    report = compared_report()
    gap = replace(report.gaps[0], blocking=False, change=Change.UNCHANGED)
    for trigger, status in (("push", "failure"), ("pull_request", "success")):
        made = replace(report, gaps=(gap,), run=replace(report.run, trigger=trigger))
        assert json.loads(sast.SastReporter().render(made))["scan"]["status"] == status
        sarif = json.loads(load_reporter("sarif", {}).render(made))
        [invocation] = sarif["runs"][0]["invocations"]
        assert invocation["executionSuccessful"] is (status == "success")


def test_gitlab_knows_a_vulnerability_again_that_has_moved() -> None:
    [first, *_] = sample_report().findings
    assert first.location
    moved = replace(
        first, location=replace(first.location, path="b.tf", start_line=99, end_line=99)
    )
    tracking = []
    for finding in (first, moved):
        data = sast.SastReporter().render(replace(sample_report(), findings=(finding,)))
        [one] = assert_gitlab_takes_sast(data)["vulnerabilities"]
        tracking.append((one["id"], one["identifiers"][0], one["tracking"]))
    assert tracking[0] == tracking[1]


def test_two_findings_of_one_place_stay_two_for_gitlab() -> None:
    [first, *_] = sample_report().findings
    report = replace(sample_report(), findings=(first, first), gaps=())
    entries = assert_gitlab_takes_quality(codequality.CodeQualityReporter().render(report))
    assert [one["fingerprint"] for one in entries] == [first.fingerprint, f"{first.fingerprint}-2"]


def test_gitlab_reads_content_and_files() -> None:
    root = etree.fromstring(GitlabJunitReporter().render(sample_report()))
    [case] = root.xpath("//testcase[failure and contains(@name, 'bot') and contains(@file, '.tf')]")
    assert case.get("file") == "infra/prod/main.tf#L14"


@pytest.mark.parametrize("make", [sample_report, compared_report, hostile_report])
def test_gitlab_takes_every_case(make: Callable[[], Report]) -> None:
    report = make()
    found = assert_gitlab_takes_junit(GitlabJunitReporter().render(report))
    blocking = sum(one.blocking for one in report.of(Verdict.UNKNOWN))
    blocking += sum(gap.blocking for gap in report.gaps)
    assert found["failure"] == len(report.of(Verdict.FAIL))
    assert found["error"] == blocking
    assert found["success"] >= len(report.of(Verdict.PASS)) > 0
    assert found["skipped"] >= len(report.of(Verdict.WAIVED)) > 0


def test_azure_reads_names_and_messages() -> None:
    root = etree.fromstring(AzureJunitReporter().render(sample_report()))
    names = [case.get("name") for case in root.iter("testcase")]
    assert len(set(names)) == len(names)
    assert "PS-NET-001 aws_security_group.bot" in names
    [waived] = root.xpath("//testcase/skipped[starts-with(@message, 'waived')]")
    assert "WVR-7 until 2026-12-31" in waived.get("message")


def test_names_are_as_long_as_azure_takes_and_stay_apart() -> None:
    [first, *_] = sample_report().findings
    addresses = ["x" * 244, *(f"{'x' * 245}{end}" for end in "ab")]
    report = replace(
        sample_report(),
        findings=tuple(
            replace(first, resource=replace(first.resource, address=address))
            for address in addresses
        ),
    )
    root = etree.fromstring(AzureJunitReporter().render(report))
    names = [case.get("name") for case in root.xpath("//testcase[failure[@type='critical']]")]
    assert names[0] == f"PS-NET-001 {'x' * 244}"
    assert [len(name) for name in names] == [255, 256, 256]
    assert len(set(names)) == 3


def seen_by(format_: str, case: etree._Element) -> tuple[str, str]:
    """What a system shows of a case: what became of it, and the text. By `CaseResult.java` of
    Jenkins, `junit.rb` of GitLab and `JunitResultReader.cs` of Azure Pipelines."""
    outcome = next((one for one in case if one.tag != "system-out"), None)
    if outcome is None:
        return "passed", ""
    message, content = outcome.get("message", ""), outcome.text or ""
    if format_ == "junit-gitlab":
        return outcome.tag, content or message
    if outcome.tag == "skipped":
        return outcome.tag, message or content
    return outcome.tag, f"{message}\n{content}"


@pytest.mark.parametrize("format_", ["junit", "junit-azure", "junit-gitlab"])
def test_each_system_shows_the_verdict_and_its_reason(format_: str) -> None:
    root = etree.fromstring(load_reporter(format_, {}).render(sample_report()))
    shown = [seen_by(format_, case) for case in root.iter("testcase")]
    [waived] = [text for tag, text in shown if tag == "skipped" and text.startswith("waived: ")]
    assert waived.startswith("waived: The secret of kraken has no rotation\n")
    assert "\nWaiver: WVR-7 until 2026-12-31" in waived
    unknown = [(tag, text) for tag, text in shown if text.startswith("unknown: ")]
    assert Counter(tag for tag, _ in unknown) == {"error": 1, "skipped": 1}
    assert all("\nNeeds: " in text for _, text in unknown)
    failed = [text for tag, text in shown if tag == "failure"]
    assert failed and all("\nFix: " in text for text in failed)


@pytest.mark.parametrize("format_", ["junit", "junit-azure"])
def test_who_waived_is_told_even_if_the_message_is_cut(format_: str) -> None:
    [waived] = sample_report().of(Verdict.WAIVED)
    witness = Witness(path="rotation", value="x" * 3_000)
    report = replace(sample_report(), findings=(replace(waived, witnesses=(witness,)),))
    root = etree.fromstring(load_reporter(format_, {}).render(report))
    [skipped] = root.xpath("//skipped[starts-with(@message, 'waived')]")
    message = skipped.get("message")
    assert len(message) == 2_000 and message.endswith("x…")
    assert "\nWaiver: WVR-7 until 2026-12-31" in message


TOLD = "WVR-3 expired at the end of 2026-01-31 (UTC)"


@pytest.mark.parametrize(
    "format_",
    [
        "annotations", "comment", "csv", "gitlab-codequality", "gitlab-sast", "html", "json",
        "junit", "junit-azure", "junit-gitlab", "markdown", "sarif", "sarif-full",
    ],
)  # fmt: skip
@pytest.mark.parametrize("in_full", [True, False])
def test_every_format_says_which_waiver_does_not_accept_a_failure(
    format_: str, in_full: bool
) -> None:
    first, *others = sample_report().findings
    told = replace(first, unwaived=TOLD, blocking=in_full, change=None)
    report = replace(sample_report(), findings=(told, *others))
    for made, is_told in ((report, True), (sample_report(), False)):
        text = load_reporter(format_, {}).render(made).decode()
        assert (TOLD in text.replace("`", "")) is is_told


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_no_longer_judged_is_told(number: int) -> None:
    report = compared_report()
    left = [
        replace(one, change=Change.NARROWED, before="it failed", blocking=False)
        if one.verdict is Verdict.NOT_APPLICABLE
        else one
        for one in report.findings
    ]
    [narrowed] = [one for one in left if one.change is Change.NARROWED]
    more = (replace(narrowed, fingerprint="more"),) * (number - 1)
    report = replace(report, findings=(*left, *more))
    pairs = (
        "1 pair that was judged before is no longer judged",
        "2 pairs that were judged before are no longer judged",
    )[number - 1]
    for format_ in ("markdown", "comment"):
        text = load_reporter(format_, {}).render(report).decode()
        head, _, rest = text.partition(f"### {pairs}\n\n")
        assert f"**{pairs}.**" in head  # beside the verdict
        assert rest.startswith("- critical `PS-NET-001` on `aws_security_group.lb[0]`: it failed; ")
        assert rest.count("now the policy does not apply") == number
        findings = [one for one in left if one.change is not Change.NARROWED]
        without = load_reporter(format_, {}).render(replace(report, findings=tuple(findings)))
        assert f"### {pairs}" not in without.decode()
    for format_ in ("gitlab-codequality", "gitlab-sast"):
        text = load_reporter(format_, {}).render(report).decode()
        assert f"{number} pair{'s' * (number > 1)} no longer judged" in text
    assert f"{number} judged before and no longer judged" in commands(report)[-1].data
    findings = [one for one in left if one.change is not Change.NARROWED]
    assert "no longer judged" not in commands(replace(report, findings=tuple(findings)))[-1].data


def cases_of(data: bytes) -> tuple[Counter[str], list[etree._Element]]:
    """The cases of policies by what became of them, and the case that says what is missing."""
    root = etree.fromstring(data)
    suites = root.xpath("testsuite[not(starts-with(@name, 'policyscan.'))]")
    found = [case for suite in suites for case in suite.iter("testcase")]
    kinds = Counter(
        next((one.tag for one in case if one.tag != "system-out"), "pass") for case in found
    )
    return kinds, root.xpath("//testcase[@name='cases']")


def test_test_results_that_gitlab_would_refuse_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    report = large_report(400)
    passes = [one for one in sample_report().findings if one.verdict is Verdict.PASS]
    passing = tuple(replace(passes[0], fingerprint=f"pass {n}") for n in range(400))
    report = replace(report, findings=(*passing, *report.findings))
    whole = GitlabJunitReporter().render(report)
    kinds, missing = cases_of(whole)
    assert kinds == {"pass": 400, "failure": 400} and not missing

    monkeypatch.setattr(junit, "MOST_BYTES", len(whole) - 1)  # all passes go, and no more
    data = GitlabJunitReporter().render(report)
    kinds, [case] = cases_of(data)
    assert kinds == {"failure": 400} and len(data) < len(whole)
    skipped = case.find("skipped")
    assert "400 cases are not in this file: 400 passes;" in skipped.get("message")

    monkeypatch.setattr(junit, "MOST_BYTES", len(data) // 2)
    data = GitlabJunitReporter().render(report)
    assert len(data) < junit.MOST_BYTES
    kinds, [case] = cases_of(data)
    failure = case.find("failure")
    left = 400 - kinds["failure"]
    assert kinds["failure"] > 100 and kinds["pass"] == 0
    told = failure.get("message")
    assert f"{400 + left} cases are not in this file: 400 passes, {left} failures (" in told
    assert "critical" not in told  # the least severe go first
    assert failure.text == told
    prints = re.findall(rb"fingerprint: ([0-9a-f]{32})", data)
    gone = [one for one in report.of(Verdict.FAIL) if one.fingerprint.encode() not in prints]
    assert Severity.CRITICAL not in {one.severity for one in gone}
    assert len(gone) == left
    assert etree.fromstring(data).get("failures") == str(kinds["failure"] + 1)
