from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from policyscan.findings import Excerpt, Mark, Report, Verdict
from policyscan.plugins import load_reporter
from policyscan.reporters.console import ConsoleReporter
from policyscan.reporters.console_excerpt import excerpt_lines
from policyscan.reporters.console_text import Page, columns
from policyscan.text.display import one_line
from tests.sample_report import (
    HOSTILE_STRINGS,
    compared_report,
    hostile_report,
    large_report,
    sample_report,
)

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def view(report: Report, width: int = 80, verbose: bool = False) -> str:
    return ConsoleReporter(width=width, verbose=verbose).render(report).decode()


def unwrapped(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def shown(excerpt: Excerpt, width: int = 80) -> list[str]:
    return list(excerpt_lines(excerpt, Page(colour=False, width=width, verbose=False), 0))


def test_a_failure_says_what_where_why_and_how_to_mend_it() -> None:
    text = view(sample_report())
    for line in (
        "  critical PS-NET-001  BLOCKS",
        '    14 |     cidr_blocks = ["0.0.0.0/0"]',
        "       |                    ^^^^^^^^^^^",
        "    why      Everyone on the internet can try passwords and exploits against an",
        "    fix      Name the ranges of your office or VPN, or use Session Manager and",
        "    evidence SOC2:CC6.6, ISO27001:A.8.20",
        "    gate     blocks: critical, configured, plane change",
    ):
        assert line in text.splitlines()
    assert "infra/prod/main.tf:14:20: aws_security_group.bot lets" in text
    assert (
        "from cidr_blocks (infra/prod/main.tf:14) <- var.admin_cidrs (infra/prod/variables.tf:3) "
        "<- admin_cidrs (infra/prod/prod.auto.tfvars:2)" in unwrapped(text)
    )


def test_minor_failures_that_do_not_block_take_a_line_unless_all_is_asked_for() -> None:
    line = "  medium   PS-CON-001  line 9  Stage 2 of bot/Dockerfile runs as root, if"
    assert line in view(sample_report()).splitlines()
    verbose = view(sample_report(), verbose=True)
    assert "does not block: medium does not block in ci" in verbose
    assert line not in verbose


def test_a_policy_is_explained_once() -> None:
    failures = [finding for finding in large_report(8).findings if finding.blocking]
    assert len(failures) == 2
    assert unwrapped(view(large_report(8))).count("Everyone on the internet") == 1


@pytest.mark.parametrize("verbose", [False, True])
def test_every_failure_unknown_waiver_and_gap_is_there(verbose: bool) -> None:
    report = sample_report()
    text = unwrapped(view(report, verbose=verbose))
    for finding in report.findings:
        if finding.verdict is Verdict.FAIL:
            assert finding.message in text
        elif finding.verdict in (Verdict.UNKNOWN, Verdict.WAIVED):
            assert f"{finding.policy_id} on {finding.resource.address}" in text or (
                f"{finding.policy_id} {finding.resource.address}" in text
            )
            assert finding.residual in text
            assert all(needs in text for needs in finding.needs)
    for gap in report.gaps:
        assert gap.message in text
        assert gap.subject in text
    for part in (
        "Which role does infra/prod have? (scope.assign; decides 14)",
        "terraform: 1 (infra/prod)",
        "targets not reached: aws:staging",
        "6 of 41 files read",
        "35 files not read by any collector: .py 30, .md 4, no suffix 1",
        "aws_instance 3",
        "left out: node_modules (ignored by git; 1,204)",
        "scope.assign at policyscan.yaml:7:5 matches no resource",
        "1 policy judged nothing: no resource of kind Trail was found",
        "waiver WVR-3 for PS-NET-001 is expired (until 2026-01-31)",
        "5 fail (3 blocking), 2 unknown (1 blocking), 3 pass (1 on defaults), 1 waived",
        "1 not applicable; 3 gaps (2 blocking)",
        "incomplete: not everything that was asked for was seen and decided",
        "exit 1: at least one blocking failure",
    ):
        assert part in text


def test_what_is_not_listed_is_counted() -> None:
    report = sample_report()
    gaps = tuple(replace(report.gaps[0], subject=f"f{number}.tf") for number in range(20))
    text = view(replace(report, gaps=gaps))
    assert "20 gaps: asked for and not seen" in text
    assert "and 12 more gaps (-v lists all)" in text
    assert "more gaps" not in view(replace(report, gaps=gaps), verbose=True)


def test_policies_that_judged_nothing_are_told_by_reason() -> None:
    report = sample_report()
    first, second, *others = report.policies
    policies = (
        replace(first, kind="Secret", idle="found no Secret"),
        replace(second, kind="Trail", idle="found no Trail"),
        *(replace(policy, idle="not selected") for policy in others),
    )
    text = view(replace(report, policies=policies))
    assert "2 policies judged nothing: found no Secret (1), Trail (1)\n" in text
    assert f"{len(others)} policies judged nothing: not selected\n" in text


def test_many_kinds_of_policies_that_judged_nothing_are_counted() -> None:
    report = sample_report()
    one = report.policies[0]
    policies = tuple(replace(one, kind=f"K{n}", idle=f"found no K{n}") for n in range(9))
    idle = replace(report, policies=policies)
    told = "9 policies judged nothing: found no K0 (1), K1 (1), K2 (1), K3 (1), K4 (1), K5 (1)"
    assert f"{told} and 3 more " in unwrapped(view(idle))
    assert "K8 (1)" in view(idle, verbose=True)


def test_a_gap_whose_subject_is_its_place_names_it_once() -> None:
    report = sample_report()
    place = next(gap.location for gap in report.gaps if gap.location)
    subject = f"{place.path}:{place.start_line}:7"
    gaps = (replace(report.gaps[0], subject=subject, location=place),)
    text = unwrapped(view(replace(report, gaps=gaps)))
    assert f"{subject}: " in text
    assert f"({place.path}" not in text


def test_what_blocks_is_named_again_where_the_log_ends() -> None:
    end = unwrapped(view(sample_report()).partition("\nblocks\n")[2])
    assert end.startswith(
        " unparseable infra/prod/broken.tf:7: expected a closing brace"
        " denied secretsmanager:ListSecrets: the role may not list secrets"
        " PS-NET-001 infra/prod/main.tf:14: aws_security_group.bot lets 0.0.0.0/0 reach port 22"
        " PS-NET-001: port 3389 is reachable from 0.0.0.0/0, by "
    )
    assert end.endswith(" and 1 more, above exit 1: at least one blocking failure ")


def test_of_much_that_blocks_the_end_names_the_first_and_counts_the_rest() -> None:
    report = large_report(100)
    blocking = sum(one.blocking for one in (*report.findings, *report.gaps))
    lines = view(report, width=200).partition("\nblocks\n")[2].splitlines()
    assert lines[5:] == [
        f"  and {blocking - 5} more, above",
        "exit 1: at least one blocking failure",
    ]


def test_where_nothing_is_accepted_only_the_waivers_to_look_at_are_counted() -> None:
    report = compared_report()
    stale = sum(one.status != "in force" for one in report.waivers)
    assert f"\n1 failure waived, {stale} waivers to look at\n" in view(report)
    failing = tuple(one for one in report.findings if one.verdict is not Verdict.WAIVED)
    assert f"\n{stale} waivers to look at\n" in view(replace(report, findings=failing))


def test_where_nothing_blocks_the_end_names_nothing() -> None:
    findings = tuple(replace(one, blocking=False) for one in sample_report().findings)
    gaps = tuple(replace(one, blocking=False) for one in sample_report().gaps)
    assert "\nblocks\n" not in view(replace(sample_report(), findings=findings, gaps=gaps))


def test_a_collector_that_read_nothing_is_told_without_empty_brackets() -> None:
    report = sample_report()
    coverage = replace(report.coverage, units={**report.coverage.units, "register": ()})
    assert "\n  register: 0\n" in view(replace(report, coverage=coverage))


def test_an_interrupted_run_says_so_first() -> None:
    report = sample_report()
    partial = replace(report, run=replace(report.run, interrupted=True))
    assert "INTERRUPTED: this report is partial" in view(partial).splitlines()[:4]


def test_a_run_without_anything_says_that() -> None:
    report = sample_report()
    coverage = replace(report.coverage, units={}, files_read=0)
    empty = replace(report, findings=(), gaps=(), ledger=(), coverage=coverage)
    assert "nothing: no file here is of a kind that a collector reads" in view(empty)


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit(width: int) -> None:
    for line in view(sample_report(), width).splitlines():
        assert columns(line) <= width


def test_colours_only_paint() -> None:
    painted = ConsoleReporter(colour=True, width=80).render(sample_report()).decode()
    assert ESCAPE.sub("", painted) == view(sample_report())
    assert painted.count("\x1b[0m") == len(re.findall(r"\x1b\[[1-9]", painted))


@pytest.mark.parametrize("text", HOSTILE_STRINGS)
@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_text_steers_nothing(text: str, verbose: bool) -> None:
    out = view(hostile_report(text), verbose=verbose)
    assert not re.search(r"[^\n\x20-\x7e\u00a1-\U0010ffff]", out)
    assert not any(line.lstrip().startswith("::") for line in out.splitlines())
    assert not re.search(r"##(vso)?\[", out)
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", out)


def test_hostile_text_can_still_be_read() -> None:
    assert one_line("\x1b[2J") == "\\x1b[2J"
    assert "\\x1b[2J" in view(hostile_report("\x1b[2J"))


def test_carets_stand_under_what_is_shown() -> None:
    line = '\tname = "日本" + bad'
    start = line.index("bad")
    rows = shown(Excerpt("f", 1, (line,), (Mark(1, start, start + 3),)))
    assert rows[0] == '1 |     name = "日本" + bad'
    assert rows[1].index("^") == columns(rows[0][: rows[0].index("bad")])
    assert rows[1].count("^") == 3


def test_a_long_line_is_cut_around_its_mark() -> None:
    line = "x" * 500 + "bad" + "y" * 500
    rows = shown(Excerpt("f", 7, (line,), (Mark(7, 500, 503),)), width=60)
    assert all(len(row) <= 60 for row in rows)
    assert rows[0].startswith("7 | ...x")
    assert rows[0].endswith("y...")
    assert rows[0].index("bad") == rows[1].index("^^^")


def test_an_empty_mark_at_the_end_of_a_line_has_a_caret() -> None:
    assert shown(Excerpt("f", 1, ("abc",), (Mark(1, 3, 3),))) == ["1 | abc", "  |    ^"]


def test_two_marks_on_a_line_and_numbers_in_a_column() -> None:
    excerpt = Excerpt("f", 9, ("ab cd", "ef"), (Mark(9, 0, 2), Mark(9, 3, 5)))
    assert shown(excerpt) == [" 9 | ab cd", "   | ^^ ^^", "10 | ef"]


def test_it_comes_through_the_same_door_as_all_formats() -> None:
    reporter = load_reporter("console", {"width": 70, "category": "none of its business"})
    assert isinstance(reporter, ConsoleReporter)
    assert reporter.render(sample_report()).decode() == view(sample_report(), 70)


def test_a_large_report_is_quick() -> None:
    assert len(view(large_report(3000)).splitlines()) > 3000


def test_controls_take_a_line() -> None:
    report = sample_report()
    text = unwrapped(view(report))
    assert (
        "1 of 2 controls with failing evidence: CTL-NET-01; 1 incomplete, 0 without evidence; "
        "4 policies in no control (1 draft)"
    ) in text
    assert "controls controls.yaml, sha256 " in text
    draft = replace(report, run=replace(report.run, controls="draft"))
    assert "sha256" not in view(draft)
    assert "with failing evidence" not in view(replace(report, controls=()))


def test_criteria_that_are_not_in_scope_are_no_evidence() -> None:
    report = sample_report()
    policy = replace(report.policies[0], criteria=("SOC2:A1.1", "SOC2:CC6.6"))
    text = view(replace(report, policies=(policy,)))
    assert "    evidence SOC2:CC6.6\n" in text
