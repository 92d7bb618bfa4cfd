from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from itertools import pairwise

import pytest
from msgspec.structs import replace

from policyscan.findings import Report, Verdict
from policyscan.reporters.html import HtmlReporter
from policyscan.reporters.interface import Reporter
from policyscan.text.display import visible
from tests.html_reader import Page, read_html
from tests.sample_report import hostile_report, large_report, sample_report, summary_of

REPORTER: Reporter = HtmlReporter()


def empty_report() -> Report:
    report = sample_report()
    coverage = replace(
        report.coverage,
        targets_declared=(),
        targets_reached=(),
        excluded=(),
        units={},
        files_unclaimed={},
        types_without_kind={},
    )
    return replace(
        report,
        summary=summary_of((), ()),
        findings=(),
        gaps=(),
        ledger=(),
        coverage=coverage,
        documents=(),
        policies=(),
        controls=(),
        criteria=(),
        waivers=(),
        scope_questions=(),
    )


def unregistered_report() -> Report:
    """Findings whose policies, criteria, controls and waivers the report does not list."""
    return replace(sample_report(), policies=(), controls=(), criteria=(), waivers=())


REPORTS = {
    "sample": sample_report(),
    "hostile": hostile_report(),
    "empty": empty_report(),
    "unregistered": unregistered_report(),
}


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    return {name: read_html(REPORTER.render(report)) for name, report in REPORTS.items()}


@pytest.fixture(scope="module")
def sample(pages: dict[str, Page]) -> Page:
    return pages["sample"]


each = pytest.mark.parametrize("name", REPORTS)


@each
def test_every_finding_of_every_verdict_is_there_exactly_once(
    pages: dict[str, Page], name: str
) -> None:
    expected = Counter((visible(f.fingerprint), f.verdict.value) for f in REPORTS[name].findings)
    assert pages[name].findings == expected


@each
def test_every_gap_is_there_exactly_once(pages: dict[str, Page], name: str) -> None:
    expected = Counter((gap.reason.value, visible(gap.subject)) for gap in REPORTS[name].gaps)
    assert pages[name].gaps == expected


@each
def test_elements_nest_and_ids_are_unique(pages: dict[str, Page], name: str) -> None:
    page = pages[name]
    ids = Counter(element.attributes["id"] for element in page.having("id"))
    assert page.faults == []
    assert [id_ for id_, times in ids.items() if times > 1] == []
    assert not any(re.search(r"\s", id_) for id_ in ids)


@each
def test_every_link_leads_to_a_place_in_the_page(pages: dict[str, Page], name: str) -> None:
    page = pages[name]
    ids = {element.attributes["id"] for element in page.having("id")}
    targets = {element.attributes["href"] for element in page.having("href")}
    assert {target[:1] for target in targets} == {"#"}
    assert {target[1:] for target in targets} <= ids


@each
def test_nothing_is_requested_and_nothing_from_data_can_run(
    pages: dict[str, Page], name: str
) -> None:
    page = pages[name]
    attributes = {attribute for element in page.elements for attribute in element.attributes}
    assert not attributes & {"style", "src", "srcset", "action", "formaction", "data", "poster"}
    assert not [attribute for attribute in attributes if attribute.startswith("on")]
    assert not {element.tag for element in page.elements} & {
        "base", "embed", "form", "iframe", "img", "link", "object",
    }  # fmt: skip
    assert (len(page.all("script")), len(page.all("style"))) == (1, 1)
    assert "url(" not in page.all("style")[0].text.replace("url(#", "")


@each
def test_the_content_security_policy_comes_first_and_names_the_inline_blocks(
    pages: dict[str, Page], name: str
) -> None:
    page = pages[name]
    meta = page.all("meta")[0]
    script, style = (
        base64.b64encode(hashlib.sha256(page.all(tag)[0].text.encode()).digest()).decode()
        for tag in ("script", "style")
    )
    assert meta.attributes == {
        "http-equiv": "Content-Security-Policy",
        "content": f"default-src 'none'; script-src 'sha256-{script}'; "
        f"style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'",
    }
    assert [e.tag for e in page.elements[:3]] == ["html", "head", "meta"]


def test_hostile_text_adds_no_element_and_no_attribute(pages: dict[str, Page]) -> None:
    assert pages["hostile"].shape == pages["sample"].shape


def test_hostile_text_stays_visible() -> None:
    text = REPORTER.render(hostile_report()).decode()
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", text
    )
    assert "\\u202egnp.exe" in text


def test_the_same_report_gives_the_same_bytes() -> None:
    assert REPORTER.render(sample_report()) == HtmlReporter().render(sample_report())


def test_one_h1_and_no_level_of_heading_is_skipped(sample: Page) -> None:
    levels = [int(e.tag[1]) for e in sample.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_captions_and_scoped_headers(sample: Page) -> None:
    assert len(sample.all("caption")) == len(sample.all("table"))
    assert {header.attributes.get("scope") for header in sample.all("th")} == {"col", "row"}


def test_landmarks_and_labels(sample: Page) -> None:
    assert sample.all("html")[0].attributes["lang"] == "en"
    assert [len(sample.all(tag)) for tag in ("main", "nav", "footer")] == [1, 1, 1]
    assert sample.elements[[e.tag for e in sample.elements].index("body") + 1].tag == "a"
    ids = {element.attributes["id"] for element in sample.having("id")}
    assert {e.attributes["aria-labelledby"] for e in sample.having("aria-labelledby")} <= ids
    for control in sample.all("input") + sample.all("select"):
        labelled = {label.attributes.get("for") for label in sample.all("label")}
        inside_label = any(ancestor.tag == "label" for ancestor in control.ancestors)
        assert inside_label or control.attributes["id"] in labelled


def test_sections_stand_in_the_order_an_auditor_reads(sample: Page) -> None:
    tops = [e.attributes["id"] for e in sample.all("section") if "id" in e.attributes]
    assert tops == [
        "cover", "summary", "matrix", "findings", "population", "drift", "exceptions", "unseen",
        "ledger", "scope", "policies", "documents",
    ]  # fmt: skip


def test_the_cover_claims_nothing_of_books_that_do_not_balance() -> None:
    report = sample_report()
    first, *others = report.ledger
    ledger = (replace(first, found=first.found + 1), *others)
    page = read_html(HtmlReporter().render(replace(report, ledger=ledger)))
    told = "what the others do not account for was not judged"
    assert f"How that is known5 of 6 books balance: {told}" in page.by_id("cover").text


def test_the_cover_says_what_ran_on_what_with_what(sample: Page) -> None:
    cover, report = sample.by_id("cover").text, sample_report()
    assert "Point in time: not evidence of operation over a period." in cover
    assert (
        "Of 12 verdicts: 5 fail (3 blocking), 2 unknown (1 blocking), 3 pass (1 on a variable's "
        "default), 1 waived and 1 not applicable." in cover
    )
    assert "3 things that were asked for could not be looked at (2 blocking)" in cover
    told = "what was found was judged, or left out for a reason that is told"
    assert f"How that is known6 of 6 books balance: {told}" in cover
    assert f"{report.run.commit} (with uncommitted changes in what was read)" in cover
    assert "3 of 4 declared targets reached; 6 of 41 files seen were read" in cover
    for said in (
        report.run.started, report.run.ended, report.run.trigger, report.run.actor,
        report.run.command, report.tool.digest, report.run.policies_digest,
        report.run.configuration_digest, report.run.waivers_digest, report.profile.sha256,
        "Preparer", "Reviewer", "Date", "Not complete:", "(exit code 1)",
    ):  # fmt: skip
        assert said in cover


def test_a_finding_carries_its_evidence(sample: Page) -> None:
    finding = sample_report().findings[0]
    element = sample.by_id(f"f-{finding.fingerprint}")
    witness = finding.witnesses[0]
    assert element.tag == "details"
    for said in (
        finding.message, "blocks", finding.blocking_reason, finding.fingerprint,
        f"{witness.path} = {witness.value}", witness.note, "infra/prod/main.tf:14:20",
        "var.admin_cidrs", "infra/prod/variables.tf:3:1", "infra/prod/prod.auto.tfvars:2:15",
        "SecurityGroup", "version 1, severity critical, plane change", "configured",
    ):  # fmt: skip
        assert said in element.text
    marks = [m.text for m in sample.all("mark") if element in m.ancestors]
    assert marks == ['"0.0.0.0/0"']
    group = element.ancestors[-1].text
    for said in (
        "Everyone on the internet can try passwords", "Name the ranges of your office",
        "Evidence relevant to SOC2:CC6.6, ISO27001:A.8.20", "4.1 Network isolation",
    ):  # fmt: skip
        assert said in group


def test_an_unknown_says_what_would_decide_it(sample: Page) -> None:
    finding = sample_report().findings[3]
    text = sample.by_id(f"f-{finding.fingerprint}").text
    for said in (
        "Not determined because", finding.reason, finding.residual, finding.needs[0],
        finding.conditional, "role trading, named",
    ):  # fmt: skip
        assert said in text


def test_a_pass_shows_what_it_assumes(sample: Page) -> None:
    finding = sample_report().of(Verdict.PASS)[0]
    row = sample.by_id(f"f-{finding.fingerprint}")
    assert row.tag == "tr"
    assert all(assumption in row.text for assumption in finding.assumes)


def test_fails_come_before_unknowns_and_the_worst_first(sample: Page) -> None:
    found = [e for e in sample.having("data-fingerprint") if e.tag == "details"]
    assert [
        (e.attributes["data-verdict"], e.ancestors[-1].attributes["data-group"]) for e in found
    ] == [
        ("fail", "PS-NET-001"), ("fail", "PS-NET-001"), ("fail", "PS-TLS-001"),
        ("fail", "PS-CON-001"), ("fail", "PS-CON-003"), ("unknown", "PS-NET-004"),
        ("unknown", "PS-NET-004"), ("waived", "PS-SEC-002"),
    ]  # fmt: skip


def test_gaps_say_what_they_hide_and_whether_they_block(sample: Page) -> None:
    rows = [
        [cell.text for cell in sample.all("td") if row in cell.ancestors]
        for row in sample.having("data-gap")
    ]
    assert rows[0][0].startswith("unparseable")
    assert [row[1] for row in rows] == ["SecurityGroup, Secret", "SecurityGroup", "Secret"]
    assert [row[2] for row in rows] == [
        "yes" + "every gap but not_fetched and unsupported blocks",
        "no" + "not_fetched does not block in ci",
        "yes" + "every gap but not_fetched and unsupported blocks",
    ]


def test_coverage_names_the_target_that_was_not_reached(sample: Page) -> None:
    text = sample.by_id("unseen").text
    for said in (
        "aws:staging (not reached)", ".py", "no extension", "aws_lambda_function",
        "node_modules", "1,204",
    ):  # fmt: skip
        assert said in text


def test_books_that_do_not_balance_are_called_that() -> None:
    report = sample_report()
    entry = replace(report.ledger[0], found=6)
    page = read_html(REPORTER.render(replace(report, ledger=(entry, *report.ledger[1:]))))
    ledger = page.by_id("ledger").text
    assert ledger.count("not balanced") == 1
    assert "5 of 6 books balance" in ledger


def test_an_idle_policy_gives_its_reason(sample: Page) -> None:
    assert "idle: no resource of kind Trail was found" in sample.by_id("p-PS-LOG-001").text
    assert "7 policies, 1 of them idle" in sample.by_id("policies").text


def test_the_cover_says_of_which_repository_it_is() -> None:
    report = sample_report()
    run = replace(report.run, project="desk", repository="https://git.example/desk", prefix="bots/")
    text = read_html(REPORTER.render(replace(report, run=run))).by_id("cover").text
    assert " of desk" in text
    assert "https://git.example/desk, in it bots/" in text


def test_of_a_policy_that_was_not_read_no_condition_is_claimed() -> None:
    """Nothing of its kind is here, so that `when` and `require` are not known, and not `always`."""
    report = sample_report()
    [idle] = [one for one in report.policies if one.idle]
    stub = replace(idle, when="", require="", why="", fix="")
    others = [stub if one is idle else one for one in report.policies]
    page = read_html(REPORTER.render(replace(report, policies=tuple(others))))
    text = page.by_id(f"p-{idle.id}").text
    assert f"policyscan policy show {idle.id}" in text
    assert not any(label in text for label in ("always", "Require", "Why it matters", "How to fix"))


def test_an_empty_report_claims_nothing(pages: dict[str, Page]) -> None:
    text = pages["empty"].by_id("main").text
    for said in (
        "No policy judged any resource, so this report is no evidence that anything holds.",
        "Nothing that was asked for was left unseen.",
        "The register is empty",
        "No controls are declared.",
        "Nothing was asked of any source.",
    ):
        assert said in text


def test_an_interrupted_run_says_so() -> None:
    report = sample_report()
    page = read_html(REPORTER.render(replace(report, run=replace(report.run, interrupted=True))))
    assert "This run was interrupted." in page.by_id("cover").text


def test_the_word_compliant_is_never_used(sample: Page) -> None:
    assert "compliant" not in sample.by_id("main").text.lower()


def test_ten_thousand_findings_are_all_there() -> None:
    report = large_report(10_000)
    document = REPORTER.render(report).decode()
    found = re.findall(r'data-fingerprint="([0-9a-f]{32})"', document)
    assert Counter(found) == Counter(finding.fingerprint for finding in report.findings)
