from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from policyscan.findings import ControlState, Excerpt, Finding, Mark, Strength, Verdict
from policyscan.findings.model import family_of
from policyscan.reporters.html import HtmlReporter, charts, words
from policyscan.reporters.html.excerpts import excerpt_lines
from policyscan.reporters.html.matrix import control_rows, controls_sentence, frameworks
from policyscan.reporters.html.tally import Tally
from tests.html_reader import read_html
from tests.sample_report import sample_report


@given(
    st.lists(st.text(max_size=12), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 6), st.integers(-2, 14), st.integers(-2, 14)), max_size=5),
)
def test_an_excerpt_keeps_its_text_whatever_is_marked(
    lines: list[str], marks: list[tuple[int, int, int]]
) -> None:
    excerpt = Excerpt("a.tf", 1, tuple(lines), tuple(Mark(*mark) for mark in marks))
    shown = list(excerpt_lines(excerpt))
    assert ["".join(piece.text for piece in line.pieces) for line in shown] == lines
    assert [line.number for line in shown] == list(range(1, len(lines) + 1))


def test_overlapping_marks_are_joined_and_the_rest_is_plain() -> None:
    excerpt = Excerpt("a.tf", 7, ("abcdef",), (Mark(7, 3, 9), Mark(7, 1, 4)))
    (line,) = excerpt_lines(excerpt)
    assert [(piece.text, piece.marked) for piece in line.pieces] == [
        ("a", False), ("bcd", True), ("ef", True),
    ]  # fmt: skip


def test_numbers_in_words() -> None:
    assert words.count(0, "gap") == "no gaps"
    assert words.count(1, "policy", "policies") == "1 policy"
    assert words.count(12345, "policy", "policies") == "12,345 policies"
    assert words.enumeration(["a"]) == "a"
    assert words.enumeration(["a", "b", "c"]) == "a, b and c"
    assert family_of("PS-NET-004") == "NET"
    assert family_of("custom") == "custom"


def test_an_anchor_has_no_space_and_no_equals_sign() -> None:
    assert words.anchor("SOC2:CC6.1", "c") == "c-SOC2%3ACC6.1"
    assert words.anchor("a b=\ud800", "f") == "f-a%20b%3D%ED%A0%80"


def test_a_bar_divides_its_width_by_the_counts() -> None:
    tally = Tally({Verdict.FAIL: 1, Verdict.PASS: 3}, resources=4)
    svg = charts.verdict_bar(tally, "<Keys>")
    assert re.findall(r'class="b-(\w+)" x="([\d.]+)%" y="0" width="([\d.]+)%"', svg) == [
        ("fail", "0.00", "25.00"),
        ("pass", "25.00", "75.00"),
    ]
    assert "<title>&lt;Keys&gt;</title>" in svg
    assert (
        "<desc>fail 1, unknown 0, waived 0, pass 3, not applicable 0; the full width is 4</desc>"
        in svg
    )


def test_controls_are_counted_by_state() -> None:
    report = sample_report()
    key, net = replace(report.controls[1], state=ControlState.NO_EVIDENCE), report.controls[0]
    rows = control_rows(replace(report, controls=(key, net)), {})
    assert controls_sentence(rows) == (
        "Of 2 controls: 1 with failing evidence and 1 without evidence in this run."
    )
    assert controls_sentence(()) == "No controls are declared."


# WCAG 2.2, 1.4.3: relative luminance and contrast.
def luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_has_enough_contrast_in_both_themes(theme: int) -> None:
    style = files("policyscan.reporters.html").joinpath("assets/report.css").read_text()
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", style)
    colours = {name: pair[theme] for name, *pair in found}
    for text in ("ink", "soft", "accent", "fail", "unknown", "pass", "waived", "none"):
        for ground in ("paper", "wash"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["mark-ink"], colours["mark"]) >= 4.5
    assert contrast(colours["edge"], colours["paper"]) >= 3


def test_the_script_is_small() -> None:
    assert (
        len(files("policyscan.reporters.html").joinpath("assets/report.js").read_bytes()) < 25_000
    )


def test_a_criterion_names_the_controls_that_say_something_about_it() -> None:
    report = sample_report()
    by_policy: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_policy.setdefault(finding.policy_id, []).append(finding)
    rows = {
        row.criterion.id: row
        for framework in frameworks(report, by_policy)
        for row in (*framework.rows, *framework.rest)
    }
    assert set(rows) == {criterion.id for criterion in report.criteria}
    boundary = rows["SOC2:CC6.6"]
    assert boundary.controls == (("CTL-NET-01", Strength.DIRECT),)
    assert (boundary.strength, boundary.point) == ("direct", "CC6.6")
    capacity = rows["SOC2:A1.1"]
    assert capacity.controls == () and capacity.silent == ("CTL-KEY-02",)
    assert capacity.strength == "" and not capacity.tally.evidence


def test_a_criterion_that_nothing_is_about_is_listed_apart() -> None:
    (soc_2, iso) = frameworks(sample_report(), {})
    assert [row.criterion.id for row in soc_2.rest] == ["SOC2:CC9.1"]
    assert (soc_2.size, len(iso.rows), iso.rest) == (3, 1, ())


def test_criteria_of_categories_that_are_not_in_scope_are_grey_wherever_they_stand() -> None:
    report = sample_report()
    capacity = replace(report.policies[0], criteria=("SOC2:A1.1", "SOC2:CC6.6"))
    page = read_html(HtmlReporter().render(replace(report, policies=(capacity,))))
    row = page.by_id("c-SOC2%3AA1.1")
    assert row.attributes["class"] == "outside"
    assert "availability: not in scope" in row.text
    grey = [e.text for e in page.having("class") if e.attributes["class"] == "outside"]
    assert grey.count("SOC2:A1.1 (not in scope)") == 3  # control, finding, policy
    assert not any("CC6" in text for text in grey)


@pytest.mark.parametrize(
    ("reasons", "shared", "rests"),
    [
        (["only a"], "only a", [""]),
        (["only a", "only a; it is x"], "only a", ["", "it is x"]),
        (["only a; it is x", "only a; it is y"], "only a", ["it is x", "it is y"]),
        (["only a", "only ab"], "", ["only a", "only ab"]),
        (["judged by audit", "only a; it is b"], "", ["judged by audit", "only a; it is b"]),
        ([], "", []),
    ],
)
def test_what_all_reasons_share_is_told_once(
    reasons: list[str], shared: str, rests: list[str]
) -> None:
    one = sample_report().findings[0]
    assert words.shared_reason([replace(one, reason=reason) for reason in reasons]) == shared
    assert [words.after(reason, shared) for reason in reasons] == rests


def test_the_cover_names_the_accounts_and_regions_that_were_asked() -> None:
    page = HtmlReporter().render(sample_report()).decode()
    assert "<dt>Accounts asked</dt><dd><code>123456789012</code>: eu-west-1; no other" in page
    files = [entry for entry in sample_report().ledger if not entry.live]
    assert (
        "Accounts asked"
        not in HtmlReporter().render(replace(sample_report(), ledger=tuple(files))).decode()
    )
