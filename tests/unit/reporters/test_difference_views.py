"""What became of failures, on the console and in HTML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from policyscan.findings.difference import BASELINE, Difference
from policyscan.findings.model import Change, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.console import ConsoleReporter
from policyscan.reporters.difference_words import WORDS, since
from policyscan.reporters.html import HtmlReporter
from policyscan.reporters.interface import Reporter
from policyscan.reporters.markdown import MarkdownReporter
from tests.sample_report import compared_report
from tests.unit.gate.changes import RDP, SSH, WORLD, compared, group, ingress, report_of


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    old = {"a.tf": group("kept", SSH) + group("more", SSH), "b.tf": group("gone", SSH) + "x {\n"}
    new = {"a.tf": group("kept", SSH) + group("more", SSH, RDP), "b.tf": group("new", RDP) + "y {"}
    return compared(tmp_path_factory.mktemp("trees"), old, new)


def console(report: Report, *, verbose: bool = False) -> str:
    return ConsoleReporter(verbose=verbose).render(report).decode()


def test_the_console_lists_what_arose_and_counts_what_was_there(report: Report) -> None:
    text = console(report)

    assert "change   new\n" in text
    assert "change   worse: ingress: port 3389 from 0.0.0.0/0 was not there before\n" in text
    assert "aws_security_group.kept" not in text.partition("since main")[0]
    assert "since main\n  failures: 1 new, 1 worse, 1 there before, 1 gone\n" in text
    assert "not listed: 1 failure from before (-v lists all)" in text
    gone = "gone: 1 failure and 3 verdicts that were not known"
    assert f"  {gone}\n    PS-NET-004 aws_security_group.gone in .\n\n" in text
    gap = re.search(r"BLOCKS unparseable b\.tf.*\n(    .*\n)*", text)
    assert gap
    assert re.search(
        r"; no longer judged: it hides \d verdicts from before$", " ".join(gap[0].split())
    )


def test_the_console_lists_what_became_unknown_and_counts_what_was(tmp_path: Path) -> None:
    unset = 'variable "cidr" {}\n'
    either = SSH.replace('"0.0.0.0/0"', "var.cidr")
    assert either != SSH
    old = {"a.tf": unset + group("before", either) + group("fresh", SSH)}
    new = {"a.tf": unset + group("before", either) + group("fresh", either)}
    found = compared(tmp_path / "trees", old, new)
    told = console(found).partition("\n2 verdicts not known, 1 of them newly\n")[2]

    assert told.startswith("  not listed: 1 from before (-v lists all)\n  1 decided by: ")
    assert "PS-NET-004 on aws_security_group.fresh\n" in told
    assert "aws_security_group.before" not in told

    everything = console(found, verbose=True)
    assert "aws_security_group.before" in everything
    assert "not listed" not in everything


def test_the_console_lists_all_if_it_is_asked_to(report: Report) -> None:
    text = console(report, verbose=True)

    assert "change   unchanged\n" in text
    assert "not listed" not in text


def test_what_arose_comes_first(report: Report) -> None:
    text = console(report, verbose=True)

    assert text.index("change   worse") < text.index("change   unchanged")


def test_without_a_base_nothing_is_said_of_changes(tmp_path: Path) -> None:
    alone = report_of(tmp_path / "tree", {"a.tf": group("kept", SSH)})

    assert "    change " not in console(alone, verbose=True)
    assert "since" not in console(alone)
    page = HtmlReporter().render(alone).decode()
    assert 'data-change="' not in page
    assert 'name="change"' not in page
    assert 'id="difference"' not in page


def test_the_page_tells_each_change_and_filters_by_it(report: Report) -> None:
    page = HtmlReporter().render(report).decode()

    for finding in report.findings:
        assert re.search(
            rf'data-fingerprint="{finding.fingerprint}"[^>]*data-change="{finding.change}"', page
        )
    assert 'name="change" value="worse"' in page
    assert '<h2 id="difference-title">Since main</h2>' in page
    assert "Failures: 1 new, 1 worse, 1 there before, 1 gone." in page
    assert "worse: ingress: port 3389 from 0.0.0.0/0 was not there before" in page
    assert page.count("data-gone=") == len(report.difference.gone if report.difference else ()) > 0


def test_on_paper_what_was_there_before_is_told_in_short_with_its_fingerprint(
    report: Report,
) -> None:
    """What is new, blocks or is accepted is printed whole; without a base everything is."""
    page = HtmlReporter().render(report).decode()
    open_ = (*report.of(Verdict.FAIL), *report.of(Verdict.UNKNOWN))
    short = [one for one in open_ if one.change is Change.UNCHANGED]
    assert {*re.findall(r'class="finding v-\w+ old" id="f-(\w+)"', page)} == {
        one.fingerprint for one in short
    }
    for one in short:
        assert f'<span class="on-paper">unchanged, <code>{one.fingerprint}</code></span>' in page
    assert "On paper, what was there before" in page
    blocking = replace(short[0], blocking=True)
    waived = replace(short[0], verdict=Verdict.WAIVED)
    for one in (blocking, waived, replace(short[0], change=None)):
        told = HtmlReporter().render(replace(report, findings=(one,))).decode()
        assert 'class="on-paper"' not in told and ' old"' not in told


@pytest.mark.parametrize("reporter", [ConsoleReporter(), HtmlReporter(), MarkdownReporter()])
def test_what_has_no_verdict_any_more_is_named(reporter: Reporter) -> None:
    report = compared_report()
    [narrowed] = [one for one in report.findings if one.change is Change.NARROWED]
    text = re.sub(r"<[^>]*>|`", "", reporter.render(report).decode())
    lines = [line for line in text.splitlines() if narrowed.before in line]
    assert any(narrowed.policy_id in line and narrowed.resource.shown in line for line in lines), (
        lines
    )


def test_the_cover_says_what_a_run_is_compared_with() -> None:
    report = compared_report()
    assert report.difference is not None
    stored = replace(report, difference=Difference(BASELINE, "b.json", "", {}))
    for each, words in (
        (report, f"main (cae662172fd4)</a>, commit <code>{report.difference.commit}"),
        (stored, "the baseline b.json</a></dd>"),
        (replace(report, difference=None), "nothing: whatever fails counts, old or new"),
    ):
        cover = HtmlReporter().render(each).decode().partition('id="verify"')[0]
        assert words in cover


def test_ids_of_commits_are_cut() -> None:
    report = compared_report()
    base = "9" * 40
    run = replace(report.run, base=base, trust=base, trust_commit=base)
    difference = Difference("base", base, base, {}, why="999999999999 itself, on which HEAD builds")
    text = console(replace(report, run=run, difference=difference))
    assert base not in text
    assert "rules of 999999999999, not of the work tree" in text
    assert "since 999999999999\n" in text


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Difference("base", "main", "9" * 40, {}), "main (999999999999)"),
        (Difference("base", "9999999", "9" * 40, {}), "9999999"),
        (Difference("base", "main", "", {}), "main"),
        (Difference(BASELINE, "b.json", "", {}), "the baseline b.json"),
        (Difference(BASELINE, "b.json", "9" * 40, {}), "the baseline b.json (written at 9999"),
    ],
)
def test_what_it_is_compared_with(difference: Difference, words: str) -> None:
    assert since(difference).startswith(words)


def test_every_change_has_a_word() -> None:

    assert {*WORDS} == {*Change}


def test_what_failed_and_is_not_known_now_is_named(tmp_path: Path) -> None:
    opened, closed = ingress(22, "${var.c}"), ingress(443, "10.0.0.0/8")
    default = 'variable "c" {{\n  default = "{}"\n}}\n'
    old = {"a.tf": group("lost", opened) + group("kept", closed), "v.tf": default.format(WORLD)}
    new = {**old, "v.tf": 'variable "c" {}\n'}
    text = console(compared(tmp_path, old, new))

    assert (
        "  failed before, and not known now: 1 failure\n"
        "    PS-NET-004 aws_security_group.lost in .: needs a value for var.c (v.tf:1)\n"
    ) in text
    assert text.index("failed before") < text.index("not known, ")


def test_what_cannot_be_seen_and_blocks_goes_before_all_else(report: Report) -> None:
    text = console(report)
    lax = replace(report, gaps=tuple(replace(gap, blocking=False) for gap in report.gaps))

    assert text.index("asked for and not seen") < text.index("PS-NET-004")
    assert console(lax).index("asked for and not seen") > console(lax).index("since main")


def test_what_is_newly_unknown_goes_before_what_was_unknown(tmp_path: Path) -> None:
    old = {"a.tf": "".join(group(f"g{n}", ingress(22, f"${{var.old{n}}}")) for n in range(9))}
    new = {"a.tf": old["a.tf"] + group("bot", ingress(22, "${var.zzz}"))}
    old["a.tf"] += group("bot", ingress(22, "10.0.0.0/8"))
    text = console(compared(tmp_path, old, new), verbose=True)

    first = text.partition(" of them newly\n")[2].partition("\n")[0]
    assert re.fullmatch(r"  \d decided by: .*zzz.*", first)
