"""The console view: what an engineer needs after a run, in the order in which it is needed.

Failures by file come first, then what could not be decided, then what was not looked at, and last
the counts, what blocks in short, and the outcome: a log is read from its end. What was not looked
at and holds the run up goes before all of it, since the rest may follow from that. Nothing is
dropped: what is not listed is counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from policyscan.findings.model import Verdict
from policyscan.findings.report import Report
from policyscan.reporters.console_coverage import (
    control_lines,
    coverage_lines,
    gap_lines,
    question_lines,
    unknown_lines,
)
from policyscan.reporters.console_difference import difference_lines
from policyscan.reporters.console_findings import blocking_lines, failure_lines, why_not_lines
from policyscan.reporters.console_live import drift_lines
from policyscan.reporters.console_text import Page
from policyscan.reporters.console_waivers import waived_lines
from policyscan.text.display import one_line
from policyscan.text.logsafe import without_orders
from policyscan.text.words import commit_words, count

_SECTIONS = (
    failure_lines,
    difference_lines,
    why_not_lines,
    unknown_lines,
    waived_lines,
    gap_lines,
    drift_lines,
    question_lines,
    coverage_lines,
)


class ConsoleReporter:
    """For people at a terminal or in the log of a CI job."""

    name = "console"
    suffix = ".txt"

    def __init__(
        self,
        *,
        colour: bool = False,
        width: int = 100,
        verbose: bool = False,
        changed: bool = False,
    ) -> None:
        """`changed` leaves out what the change since the base does not touch, and counts it."""
        self._page = Page(colour, width, verbose, changed)
        self._changed = changed

    def render(self, report: Report) -> bytes:
        """The view in UTF-8."""
        shown, left = report, ""
        if self._changed:
            from policyscan.reporters.narrowed import left_out, narrowed  # late: for few runs

            shown = narrowed(report)
            left = left_out(report, shown)
        text = "".join(f"{line}\n" for line in _lines(shown, self._page, left))
        return without_orders(text).encode()


def closing_words(report: Report) -> str:
    """The outcome and its exit code; an interrupted process ends with a code of its own."""
    summary = report.summary
    code = "" if report.run.interrupted else f"exit {summary.exit_code}: "
    return f"{code}{summary.outcome}"


def _lines(report: Report, page: Page, not_shown: str) -> Iterator[str]:
    yield from _head(report, page)
    gaps_first = any(gap.blocking for gap in report.gaps)
    sections = dict.fromkeys((gap_lines, *_SECTIONS) if gaps_first else _SECTIONS)
    for section in sections:
        yield from section(report, page)
    if not_shown:
        yield from page.wrap(not_shown, 2, first=0)
        yield ""
    yield from _foot(report, page)


def _head(report: Report, page: Page) -> Iterator[str]:
    run = report.run
    parts = [f"policyscan {report.tool.version}", f"profile {report.profile.name}"]
    if run.commit:
        parts.append(f"commit {run.commit[:12]}{' with changes' if run.dirty else ''}")
    if run.base:
        parts.append(f"base {commit_words(run.base)}")
    parts.append(f"configuration {run.configuration or 'none'}")
    yield from page.wrap(", ".join(parts), 2, first=0)
    for policy in report.policies:
        for name in policy.changed:
            changed = f"changed by {run.configuration}: {policy.id} {name} = "
            yield from page.wrap(changed + json.dumps(policy.parameters.get(name)), 2, first=0)
    if run.trust:
        name, commit = commit_words(run.trust), run.trust_commit[:12]
        named = name if name == commit or not commit else f"{name}, commit {commit}"
        named = f"rules of {named}, not of the work tree"
        yield from page.wrap(named, 2, first=0)
    for each in run.in_force:
        if run.trust or each.role not in ("configuration", "controls"):  # they have their own line
            yield from page.wrap(
                f"in force: {each.role} {each.path} ({commit_words(each.source)})", 2, first=0
            )
    if run.controls != "draft":
        named = f"controls {run.controls}, sha256 {run.controls_digest[:12]}"
        yield from page.wrap(named, 2, first=0)
    if run.interrupted:
        yield page.paint("INTERRUPTED: this report is partial", "red", "bold")
    yield ""


def _foot(report: Report, page: Page) -> Iterator[str]:
    summary = report.summary
    number = {verdict: summary.verdicts.get(verdict, 0) for verdict in Verdict}
    blocking = Counter(finding.verdict for finding in report.findings if finding.blocking)
    assumed = f" ({summary.assumed_passes:,} on defaults)" if summary.assumed_passes else ""
    verdicts = (
        f"{number[Verdict.FAIL]:,} fail{_of_them(blocking[Verdict.FAIL])}, "
        f"{number[Verdict.UNKNOWN]:,} unknown{_of_them(blocking[Verdict.UNKNOWN])}, "
        f"{number[Verdict.PASS]:,} pass{assumed}, {number[Verdict.WAIVED]:,} waived, "
        f"{number[Verdict.NOT_APPLICABLE]:,} not applicable; "
        f"{count(summary.gaps, 'gap')}{_of_them(summary.blocking_gaps)}"
    )
    yield from control_lines(report, page)
    yield from page.wrap(verdicts, 2, first=0)
    if not summary.complete:
        yield "incomplete: not everything that was asked for was seen and decided"
    yield from blocking_lines(report, page)
    outcome = one_line(closing_words(report))
    yield page.paint(outcome, "green" if summary.exit_code == 0 else "red", "bold")


def _of_them(blocking: int) -> str:
    return f" ({blocking:,} blocking)" if blocking else ""
