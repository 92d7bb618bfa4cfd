"""One report in all formats, checked as their readers read them: valid, neutral, nothing lost."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import cache
from io import StringIO
from pathlib import Path

from lxml import etree

from policyscan.cli.output import FORMATS
from policyscan.findings import DriftState, Finding, Report, Verdict
from policyscan.plugins import load_reporter
from policyscan.reporters.json_report import load_report
from policyscan.reporters.places import CONFIGURATION
from tests.github_rules import assert_github_takes, assert_sarif
from tests.gitlab_rules import (
    assert_gitlab_takes_junit,
    assert_gitlab_takes_quality,
    assert_gitlab_takes_sast,
)
from tests.html_reader import Page, read_html
from tests.junit_verdicts import drift_in, gaps_in, verdicts_in
from tests.log_processors import azure, github
from tests.markdown_reader import read_markdown

MARKDOWN_TAGS = {
    "h2", "h3", "p", "ul", "ol", "li", "pre", "hr", "em", "details", "summary",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_SCHEMAS = Path(__file__).parent / "schemas"
_STEERING = re.compile(r"[^\n\x20-\x7e\u00a0-\U0010ffff]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_ORDER = re.compile(r"^\s*::|##[A-Za-z]*\[", re.MULTILINE)


def render_all(report: Report) -> dict[str, bytes]:
    """The report by format; the console shows everything."""
    settings: dict[str, object] = {"verbose": True, "width": 100, "colour": False}
    return {name: load_reporter(name, settings).render(report) for name in FORMATS}


def assert_told_everywhere(report: Report) -> dict[str, bytes]:
    """Fails unless every format is well-formed and neutral and holds every verdict and gap."""
    outputs = render_all(report)
    assert load_report(outputs["json"]) == report
    _assert_console(outputs["console"].decode(), report)
    _assert_html(read_html(outputs["html"]), report)
    _assert_junit(outputs["junit"], report)
    _assert_sarif(outputs["sarif"], report)
    _assert_full_sarif(outputs["sarif-full"], report)
    _assert_csv(outputs["csv"], report)
    _assert_reviewed(outputs, report)
    return outputs


def has_place(finding: Finding, report: Report) -> bool:
    """Whether it is in a file of what was scanned: of its own, or as code declares it. What a
    configuration states is in none."""
    by_code = {(one.observed.unit, one.observed.address) for one in report.drift if one.location}
    own = finding.location and finding.resource.collector != CONFIGURATION
    return bool(own) or (finding.resource.unit, finding.resource.address) in by_code


def pairs_of(report: Report) -> Counter[tuple[str, str]]:
    """(declared address, state) of every pair."""
    return Counter((one.declared.address, one.state.value) for one in report.drift)


def _assert_console(text: str, report: Report) -> None:
    assert not _STEERING.search(text)
    assert not _ORDER.search(text)
    assert report.run.interrupted or f"exit {report.summary.exit_code}: " in text
    if report.gaps:
        assert re.search(rf"^{len(report.gaps):,} gaps?: asked for and not seen$", text, re.M)
    if report.run.interrupted:
        assert "INTERRUPTED" in text


def _assert_csv(data: bytes, report: Report) -> None:
    _, *rows = csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    assert len(rows) == len(report.findings) + len(report.gaps)
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row)


def _assert_reviewed(outputs: dict[str, bytes], report: Report) -> None:
    """Where a change is reviewed: what is shown orders, links and mentions nothing."""
    for name in ("markdown", "comment"):
        page = read_markdown(outputs[name])
        tags = {element[0] for element in page.elements}
        assert tags <= MARKDOWN_TAGS and not page.later, (tags - MARKDOWN_TAGS, page.later[:3])
        assert f" gaps {len(report.gaps):,} " in page.text
    log = outputs["annotations"].decode()
    assert not _STEERING.search(log)
    assert len(github(log)) == log.count("\n") <= 30
    assert {command.name for command in github(log)} <= {"error", "warning", "notice"}
    assert azure(log) == []
    entries = assert_gitlab_takes_quality(outputs["gitlab-codequality"])
    made = assert_gitlab_takes_sast(outputs["gitlab-sast"])
    assert assert_gitlab_takes_junit(outputs["junit-gitlab"])["failure"] == len(
        report.of(Verdict.FAIL)
    )
    placed = sum(has_place(one, report) for one in report.of(Verdict.FAIL))
    assert len(made["vulnerabilities"]) == placed
    assert placed + len(report.gaps) <= len(entries) <= placed + len(report.gaps) + 1


def _assert_html(page: Page, report: Report) -> None:
    assert not page.faults
    assert page.gaps == Counter((gap.reason.value, gap.subject) for gap in report.gaps)
    assert page.controls == {one.id: one.state.value for one in report.controls}
    assert page.criteria == Counter(one.id for one in report.criteria)
    assert page.drift == pairs_of(report)
    assert page.findings == Counter((f.fingerprint, f.verdict.value) for f in report.findings)
    assert not page.all("script") or not any("src" in e.attributes for e in page.all("script"))
    assert not any(name.startswith("on") for e in page.elements for name in e.attributes)
    for element in page.having("href"):
        assert element.attributes["href"].startswith(("#", "https://", "http://")), element
    [policy] = [e for e in page.all("meta") if "http-equiv" in e.attributes]
    assert "default-src 'none'" in policy.attributes["content"]


def _assert_junit(data: bytes, report: Report) -> None:
    _junit_schema().assertValid(etree.fromstring(data))
    assert gaps_in(data) == Counter((gap.fingerprint, gap.blocking) for gap in report.gaps)
    assert drift_in(data) == pairs_of(report)
    counts = Counter(verdict for _, verdict in verdicts_in(data).elements())
    assert counts == +Counter(report.summary.verdicts)


def _assert_sarif(data: bytes, report: Report) -> None:
    log = json.loads(data)
    assert_github_takes(data)
    [run] = log["runs"]
    results = Counter(r["partialFingerprints"]["policyscan/v1"] for r in run["results"])
    placed = [one for one in report.of(Verdict.FAIL) if has_place(one, report)]
    assert results == Counter(finding.fingerprint for finding in placed)
    notes = run["invocations"][0].get("toolExecutionNotifications", [])
    told = Counter(
        (note["properties"]["fingerprint"], note["level"] == "error")
        for note in notes
        if note["descriptor"]["id"].startswith("gap/")
    )
    assert told == Counter((gap.fingerprint, gap.blocking) for gap in report.gaps)
    differ = Counter(
        note["properties"]["declared"] for note in notes if note["descriptor"]["id"] == "drift"
    )
    assert differ == Counter(
        one.declared.address for one in report.drift if one.state is DriftState.DIFFERS
    )


def _assert_full_sarif(data: bytes, report: Report) -> None:
    log = json.loads(data)
    assert_sarif(log)
    results = [one for one in log["runs"][0]["results"] if one.get("baselineState") != "absent"]
    found = Counter(
        (r["fingerprints"]["policyscan/v1"], r["properties"]["verdict"]) for r in results
    )
    assert found == Counter((f.fingerprint, f.verdict.value) for f in report.findings)


@cache
def _junit_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_SCHEMAS / "junit-10.xsd")))
