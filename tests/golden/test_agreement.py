"""All formats of one report say the same: every verdict and every gap can be read back from each,
or is counted where the format has no place for it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from policyscan.findings import Report, Verdict
from policyscan.plugins import load_reporter
from policyscan.reporters.json_report import load_report
from policyscan.text.display import one_line
from scripts.samples import scan_example
from tests.golden.hostile_estate import write_hostile_estate
from tests.html_reader import read_html
from tests.junit_verdicts import gaps_in, verdicts_in
from tests.sample_report import hostile_report, sample_report
from tests.scanning import scan_files

REPORTS: dict[str, Callable[[Path], Report]] = {
    "demo": lambda _: scan_example(),
    "sample": lambda _: sample_report(),
    "hostile report": lambda _: hostile_report(),
    "hostile estate": lambda folder: scan_files(write_hostile_estate(folder)),
}


@pytest.fixture(params=REPORTS, scope="module")
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return REPORTS[request.param](tmp_path_factory.mktemp("estate"))


def rendered(report: Report, format_: str, **settings: object) -> bytes:
    return load_reporter(format_, settings).render(report)


def pairs(report: Report) -> Counter[tuple[str, str]]:
    return Counter((one_line(f.fingerprint), f.verdict.value) for f in report.findings)


def on_one_line(found: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    return Counter((one_line(first), one_line(second)) for first, second in found.elements())


def test_the_hostile_estate_holds_every_kind_of_trouble(tmp_path: Path) -> None:
    report = scan_files(write_hostile_estate(tmp_path))
    found = Counter(finding.verdict.value for finding in report.findings)
    assert {"pass", "fail", "unknown", "not_applicable"} <= set(found)
    reasons = {gap.reason.value for gap in report.gaps}
    assert {"unparseable", "not_fetched", "unsupported", "unreadable"} <= reasons


def test_json_holds_the_report(report: Report) -> None:
    again = load_report(rendered(report, "json"))
    assert again == report
    assert pairs(again) == pairs(report)


def test_html_holds_every_verdict_and_gap(report: Report) -> None:
    page = read_html(rendered(report, "html"))
    assert on_one_line(page.findings) == pairs(report)
    gaps = Counter((gap.reason.value, one_line(gap.subject)) for gap in report.gaps)
    assert on_one_line(page.gaps) == gaps


def test_junit_holds_every_verdict_and_gap(report: Report) -> None:
    data = rendered(report, "junit")
    expected = pairs(report)
    for finding in report.of(Verdict.NOT_APPLICABLE):  # counted in its suite, without a case
        expected[one_line(finding.fingerprint), "not_applicable"] -= 1
        expected[one_line(finding.policy_id), "not_applicable"] += 1
    assert verdicts_in(data) == +expected
    gaps = Counter((one_line(gap.fingerprint), gap.blocking) for gap in report.gaps)
    assert gaps_in(data) == gaps


def test_sarif_holds_the_failures_that_have_a_file_and_counts_the_rest(report: Report) -> None:
    [run] = json.loads(rendered(report, "sarif"))["runs"]
    failures = report.of(Verdict.FAIL)
    placed = [finding for finding in failures if finding.location]
    results = Counter(one["partialFingerprints"]["policyscan/v1"] for one in run["results"])
    assert results == Counter(one_line(finding.fingerprint) for finding in placed)
    properties = run["properties"]
    counts = Counter(finding.verdict.value for finding in report.findings)
    assert Counter(properties["verdicts"]) == counts
    assert properties["failuresWithoutPlace"] == len(failures) - len(placed)
    assert properties["failuresOverLimit"] == 0
    assert properties["gaps"] == len(report.gaps)
    notes = run["invocations"][0]["toolExecutionNotifications"]
    told = Counter(
        note["properties"]["fingerprint"]
        for note in notes
        if note["descriptor"]["id"].startswith("gap/")
    )
    assert told == Counter(one_line(gap.fingerprint) for gap in report.gaps)


def test_the_console_counts_the_same(report: Report) -> None:
    text = re.sub(r"\s+", " ", rendered(report, "console", width=120).decode())
    counts = Counter(finding.verdict.value for finding in report.findings)
    blocking = Counter(f.verdict.value for f in report.findings if f.blocking)
    for verdict in ("fail", "unknown"):
        blocks = f" ({blocking[verdict]} blocking)" if blocking[verdict] else ""
        assert f"{counts[verdict]} {verdict}{blocks}, " in text
    for verdict in ("pass", "waived"):
        assert re.search(rf"(?<!\d){counts[verdict]} {verdict}\b", text)
    assert f"{counts['not_applicable']} not applicable" in text
    gaps = len(report.gaps)
    assert f"{gaps} gap{'s' * (gaps != 1)}: asked for and not seen" in text


def test_the_console_lists_every_gap_when_asked_for_everything(report: Report) -> None:
    text = rendered(report, "console", width=120, verbose=True).decode()
    section = text.partition("asked for and not seen\n")[2].split("\n\n")[0]
    listed = re.findall(r"^  (?:BLOCKS )?(\w+) ", section, re.MULTILINE)
    assert Counter(listed) == Counter(gap.reason.value for gap in report.gaps)
