"""All formats of one report say the same: every verdict and every gap can be read back from each,
or is counted where the format has no place for it."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from io import StringIO
from pathlib import Path

import pytest

from policyscan.cli.output import FORMATS
from policyscan.findings import ControlState, Report, Verdict
from policyscan.findings.frameworks import state_of
from policyscan.findings.model import Change
from policyscan.plugins import load_reporter
from policyscan.reporters.csv_report import cell
from policyscan.reporters.json_report import load_report
from policyscan.reporters.places import CONFIGURATION
from policyscan.text.display import one_line
from policyscan.text.logsafe import without_orders
from scripts.samples import ROOT, scan_account, scan_example
from tests.every_format import has_place
from tests.github_rules import assert_github_takes, assert_sarif
from tests.gitlab_rules import assert_gitlab_takes_quality, assert_gitlab_takes_sast
from tests.golden.hostile_estate import write_hostile_estate
from tests.html_reader import read_html
from tests.junit_verdicts import controls_in, drift_in, gaps_in, verdicts_in
from tests.log_processors import github
from tests.markdown_reader import read_markdown
from tests.sample_report import compared_report, hostile_report, sample_report
from tests.scanning import scan_files

example = cache(scan_example)

REPORTS: dict[str, Callable[[Path], Report]] = {
    "demo": lambda _: example(),
    "account": lambda _: scan_account(),
    "sample": lambda _: sample_report(),
    "pull request": lambda _: compared_report(),
    "hostile report": lambda _: hostile_report(),
    "hostile estate": lambda folder: scan_files(write_hostile_estate(folder)),
}


@pytest.fixture(params=REPORTS, scope="module")
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    _RENDERED.clear()
    return REPORTS[request.param](tmp_path_factory.mktemp("estate"))


_RENDERED: dict[tuple[object, ...], tuple[Report, bytes]] = {}
"""What was rendered of the report at hand; it is held, so that no other has its id."""


def rendered(report: Report, format_: str, **settings: object) -> bytes:
    key = (id(report), format_, *sorted(settings.items()))
    if key not in _RENDERED:
        _RENDERED[key] = report, load_reporter(format_, settings).render(report)
    return _RENDERED[key][1]


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
    worse = [
        finding for finding in failures if finding.change not in (Change.UNCHANGED, Change.BETTER)
    ]
    placed = [finding for finding in worse if has_place(finding, report)]
    results = Counter(one["partialFingerprints"]["policyscan/v1"] for one in run["results"])
    assert results == Counter(one_line(finding.fingerprint) for finding in placed)
    properties = run["properties"]
    counts = Counter(finding.verdict.value for finding in report.findings)
    assert Counter(properties["verdicts"]) == counts
    assert properties["failuresWithoutPlace"] == len(worse) - len(placed)
    assert properties["failuresUnchanged"] == len(failures) - len(worse)
    assert properties["failuresWaived"] == len(report.of(Verdict.WAIVED))
    assert properties["failuresOverLimit"] == 0
    assert properties["gaps"] == len(report.gaps)
    notes = run["invocations"][0]["toolExecutionNotifications"]
    told = Counter(
        note["properties"]["fingerprint"]
        for note in notes
        if note["descriptor"]["id"].startswith("gap/")
    )
    assert told == Counter(one_line(gap.fingerprint) for gap in report.gaps)


def test_the_places_of_sarif_are_in_the_files_that_were_read() -> None:
    data = rendered(example(), "sarif")
    assert len(json.loads(data)["runs"][0]["results"]) > 20
    assert_github_takes(data, ROOT / "examples" / "trading-desk")


SARIF_VERDICTS = {
    ("pass", False): "pass",
    ("fail", False): "fail",
    ("open", False): "unknown",
    ("fail", True): "waived",
    ("notApplicable", False): "not_applicable",
}


def test_full_sarif_holds_every_verdict_and_what_became_of_it(report: Report) -> None:
    [run] = json.loads(rendered(report, "sarif-full"))["runs"]
    assert_sarif({"version": "2.1.0", "runs": [run]})
    results = [one for one in run["results"] if one.get("baselineState") != "absent"]
    found = Counter(
        (
            one["fingerprints"]["policyscan/v1"],
            SARIF_VERDICTS[one["kind"], bool(one["suppressions"])],
        )
        for one in results
    )
    assert found == pairs(report)
    assert all((one["level"] == "none") == (one["kind"] != "fail") for one in results)
    states = {"new": "new", "updated": "", "unchanged": "unchanged", None: None}
    for one, finding in zip(results, report.findings, strict=True):
        change = finding.change and finding.change.value
        state = states[one.get("baselineState")]
        updated = ("worse", "better", "newly_unknown", "narrowed")
        assert state == change or (state == "" and change in updated)
        assert one["properties"].get("change") == change
        assert bool(one["locations"][0].get("physicalLocation")) is bool(
            finding.resource.collector != CONFIGURATION
            and (finding.location or any(each.location for each in finding.witnesses))
        )
    gone = report.difference.gone if report.difference else ()
    absent = [one for one in run["results"] if one.get("baselineState") == "absent"]
    assert [one["fingerprints"]["policyscan/v1"] for one in absent] == [
        one_line(one.fingerprint) for one in gone
    ]
    told = Counter(
        note["properties"]["fingerprint"]
        for note in run["invocations"][0]["toolExecutionNotifications"]
        if note["descriptor"]["id"].startswith("gap/")
    )
    assert told == Counter(one_line(gap.fingerprint) for gap in report.gaps)
    artifacts = {one.get("hashes", {}).get("sha-256") for one in run["artifacts"]}
    assert {one_line(one.sha256) for one in report.documents} <= artifacts
    criteria = [taxon["id"] for each in run["taxonomies"] for taxon in each["taxa"]]
    assert Counter(criteria) == Counter(one_line(one.id) for one in report.criteria)


@pytest.mark.parametrize("format_", ["junit-azure", "junit-gitlab"])
def test_the_dialects_of_junit_hold_the_same(report: Report, format_: str) -> None:
    data, jenkins = rendered(report, format_), rendered(report, "junit")
    assert verdicts_in(data) == verdicts_in(jenkins)
    assert gaps_in(data) == gaps_in(jenkins)


def test_csv_has_a_row_for_every_verdict_and_gap(report: Report) -> None:
    text = rendered(report, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline=""), strict=True))
    found = Counter((r["fingerprint"], r["verdict"]) for r in rows if r["record"] == "finding")
    assert found == Counter((cell(name), verdict) for name, verdict in pairs(report).elements())
    gaps = Counter((r["reason"], r["resource"]) for r in rows if r["record"] == "gap")
    assert gaps == Counter((gap.reason.value, cell(gap.subject)) for gap in report.gaps)


@pytest.mark.parametrize("format_", ["markdown", "comment"])
def test_markdown_counts_every_verdict_and_gap(report: Report, format_: str) -> None:
    page = read_markdown(rendered(report, format_))
    for verdict in Verdict:
        number = len(report.of(verdict))
        assert f" {verdict.value.replace('_', ' ')} {number:,} " in page.text
    blocking = sum(gap.blocking for gap in report.gaps)
    assert f" gaps {len(report.gaps):,} {blocking:,} " in page.text
    if format_ == "markdown":
        for finding in report.of(Verdict.FAIL):
            assert without_orders(one_line(finding.fingerprint))[:300] in page.text
        for gap in report.gaps:
            assert re.sub(r"\s+", " ", without_orders(one_line(gap.subject))[:300]) in page.text


def test_annotations_count_every_verdict_and_gap(report: Report) -> None:
    commands = github(rendered(report, "annotations").decode())
    numbers = Counter(finding.verdict.value for finding in report.findings)
    for verdict in ("fail", "unknown", "pass", "waived"):
        assert f"{numbers[verdict]:,} {verdict}" in commands[-1].data
    assert f"{len(report.gaps):,} gap" in commands[-1].data
    errors = sum(one.blocking for one in (*report.findings, *report.gaps))
    assert sum(one.name == "error" for one in commands) == min(errors, 10)


def test_gitlab_holds_the_failures_that_have_a_file_and_counts_the_rest(report: Report) -> None:
    placed = [one for one in report.of(Verdict.FAIL) if has_place(one, report)]
    left, unknown = len(report.of(Verdict.FAIL)) - len(placed), len(report.of(Verdict.UNKNOWN))
    entries = assert_gitlab_takes_quality(rendered(report, "gitlab-codequality"))
    found = Counter(one["fingerprint"] for one in entries)
    assert {one_line(finding.fingerprint) for finding in placed} <= set(found)
    assert len(entries) == len(placed) + len(report.gaps) + 1
    made = assert_gitlab_takes_sast(rendered(report, "gitlab-sast"))
    told = Counter(one["identifiers"][0]["value"] for one in made["vulnerabilities"])
    assert told == Counter(one_line(finding.fingerprint) for finding in placed)
    messages = [one["value"] for one in made["scan"]["messages"]]
    assert sum(text.startswith("not seen: ") for text in messages) == len(report.gaps)
    for text in (entries[-1]["description"], messages[1]):
        assert not left or f" {left:,} more failure" in text
        assert f" {unknown:,} unknown verdict" in text


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


def test_the_matrix_counts_the_verdicts_of_the_findings(report: Report) -> None:
    counts: dict[str, Counter[Verdict]] = {}
    for finding in report.findings:
        counts.setdefault(finding.policy_id, Counter())[finding.verdict] += 1
    for row in (*report.controls, *report.criteria):
        expected = sum((counts.get(policy, Counter()) for policy in row.policies), Counter())
        assert +Counter(row.counts) == expected, row.id
    for control in report.controls:
        assert state_of(control.counts, control.gaps) is control.state
        assert tuple(control.strengths) == control.criteria
        for criterion in report.criteria:
            rated = criterion.controls.get(control.id)
            assert rated == control.strengths.get(criterion.id), (control.id, criterion.id)


def test_every_format_holds_the_matrix(report: Report) -> None:
    states = {one_line(control.id): control.state.value for control in report.controls}
    verdict_counts = {
        one_line(control.id): {v.value: n for v, n in control.counts.items()}
        for control in report.controls
    }
    page = read_html(rendered(report, "html"))
    assert {one_line(name): state for name, state in page.controls.items()} == states
    assert page.criteria.total() == len(report.criteria)
    for row in page.having("data-control"):
        cells = [e.text for e in page.elements if row in e.ancestors and e.tag == "td"][2:]
        order = ("fail", "unknown", "pass", "waived", "not_applicable")
        expected = verdict_counts[one_line(row.attributes["data-control"])]
        assert [int(cell.replace(",", "")) for cell in cells] == [expected[v] for v in order]

    [run] = json.loads(rendered(report, "sarif"))["runs"]
    told = run["properties"]["controls"]
    assert {name: one["state"] for name, one in told.items()} == states
    assert {name: one["verdicts"] for name, one in told.items()} == verdict_counts
    without = [one for one in report.criteria if one.in_scope and not one.policies]
    assert len(run["properties"]["withoutAutomatedEvidence"]) == len(without)

    facts = controls_in(rendered(report, "junit"))
    assert {name: (one["state"], one["counts"]) for name, one in facts.items()} == {
        name: (state, verdict_counts[name]) for name, state in states.items()
    }

    text = re.sub(r"\s+", " ", rendered(report, "console", width=120).decode())
    failing = [one_line(c.id) for c in report.controls if c.state is ControlState.FAILING]
    assert f"{len(failing)} of {len(states)} controls with failing evidence" in text
    for name in failing:  # a hostile one is broken over lines and by backslashes
        assert name in text or not re.fullmatch(r"[\w-]+", name)


def test_every_format_holds_what_is_declared_and_real(report: Report) -> None:
    pairs = Counter((one_line(one.declared.address), one.state.value) for one in report.drift)
    page = read_html(rendered(report, "html"))
    assert on_one_line(page.drift) == pairs
    rows = [(row.attributes["data-attribute"], row) for row in page.having("data-attribute")]
    told = [attribute for one in report.drift for attribute in one.attributes]
    assert [one_line(path) for path, _ in rows] == [one_line(each.path) for each in told]
    for (_, row), each in zip(rows, told, strict=True):
        cells = [e.text for e in page.elements if row in e.ancestors and e.tag == "td"]
        for shown, value in zip(cells, (each.declared, each.observed), strict=True):
            assert one_line(shown) == (one_line(value) or "not there")
    doubts = [one_line(e.attributes["data-doubt"]) for e in page.having("data-doubt")]
    assert doubts == [one_line(one.declared.address) for one in report.drift_doubts]
    assert drift_in(rendered(report, "junit")) == pairs

    [run] = json.loads(rendered(report, "sarif"))["runs"]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    differ = [one for one in notes if one["descriptor"]["id"] == "drift"]
    assert [len(one["properties"]["attributes"]) for one in differ] == [
        len(one.attributes) for one in report.drift if one.attributes
    ]
    assert run["properties"].get("drift", {}).get("pairs", 0) == len(report.drift)

    text = re.sub(r"\s+", " ", rendered(report, "console", width=120, verbose=True).decode())
    if report.drift:
        assert f"{len(report.drift)} things are both declared and there" in text
        assert re.search(rf"(?<!\d){len(differ)} differs? from the code", text)


def test_every_format_holds_the_books_of_what_runs(report: Report) -> None:
    live = [entry for entry in report.ledger if entry.live]
    page = read_html(rendered(report, "html"))
    books = Counter(one_line(e.attributes["data-ledger"]) for e in page.having("data-ledger"))
    assert books == Counter(one_line(entry.kind) for entry in report.ledger)
    units = [one_line(e.attributes["data-unit"]) for e in page.having("data-unit")]
    assert [unit for unit in units if unit] == [one_line(entry.unit) for entry in live]
    [run] = json.loads(rendered(report, "sarif"))["runs"]
    told = [
        (one["unit"], one["kind"], one["pages"], one["denied"])
        for one in run["properties"]["asked"]
    ]
    assert told == [(one_line(e.unit), one_line(e.kind), e.pages, e.denied) for e in live]
    suite = rendered(report, "junit").decode()
    assert suite.count('<property name="asked ') == len(live)
    text = re.sub(r"\s+", " ", rendered(report, "console", width=120, verbose=True).decode())
    assert len(re.findall(r"\d questions?, \d+ answered whole, \d+ calls?", text)) == len(live)


def test_no_format_says_that_something_is_compliant(report: Report) -> None:
    for format_ in FORMATS:
        text = rendered(report, format_).decode().lower()
        assert "compliant" not in text and "is met" not in text, format_


def test_what_the_controls_came_from_is_in_every_format(report: Report) -> None:
    digest = one_line(report.run.controls_digest)
    assert digest
    for format_ in ("html", "junit", "sarif"):
        assert report.run.controls_digest[-64:] in rendered(report, format_).decode(), format_
    if report.run.controls != "draft":
        assert "controls.yaml, sha256 " in rendered(report, "console", width=400).decode()


def test_the_console_lists_every_gap_when_asked_for_everything(report: Report) -> None:
    text = rendered(report, "console", width=120, verbose=True).decode()
    section = text.partition("asked for and not seen\n")[2].split("\n\n")[0]
    listed = re.findall(r"^  (?:BLOCKS )?(\w+) ", section, re.MULTILINE)
    assert Counter(listed) == Counter(gap.reason.value for gap in report.gaps)
