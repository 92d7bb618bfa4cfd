"""What became of things since the base or the baseline, on the console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyscan.findings.model import Finding, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.console_text import Page
from policyscan.reporters.difference_words import (
    counts_of_failures,
    failed_and_unknown,
    gone_failures,
    gone_heading,
    is_old,
    no_longer_judged,
    since,
)
from policyscan.text.words import count

SHOWN = 8
"""How many of what is gone are listed unless everything is asked for."""


def difference_lines(report: Report, page: Page) -> Iterator[str]:
    """The counts, what is not listed above, and what is gone."""
    difference = report.difference
    if difference is None:
        return
    yield page.heading(f"since {since(difference)}")
    if difference.why:
        yield from page.wrap(difference.why, 4, first=2)
    yield from page.wrap(f"failures: {counts_of_failures(report)}", 4, first=2)
    hidden = sum(is_old(one) and not one.blocking for one in report.of(Verdict.FAIL))
    if hidden and not (page.verbose or page.changed):
        words = f"not listed: {count(hidden, 'failure')} from before (-v lists all)"
        yield from page.wrap(words, 4, first=2)
    unknown = failed_and_unknown(report)
    if unknown:
        words = f"failed before, and not known now: {count(len(unknown), 'failure')}"
        yield from page.wrap(words, 4, first=2)
        yield from _some([f"{_pair(one)}: needs {'; '.join(one.needs)}" for one in unknown], page)
    narrowed = no_longer_judged(report)
    if narrowed:
        words = f"no longer judged: {count(len(narrowed), 'verdict')}"
        yield from page.wrap(f"{words}; the policy is not about it now", 4, first=2)
        yield from _some(
            [f"{_pair(one)}: {one.before}, now: {one.reason}" for one in narrowed], page
        )
    if difference.gone:
        yield from page.wrap(gone_heading(difference), 4, first=2)
        failed = gone_failures(difference)
        yield from _some([f"{one.policy_id} {one.address} in {one.unit}" for one in failed], page)
    yield ""


def _pair(one: Finding) -> str:
    return f"{one.policy_id} {one.resource.shown} in {one.resource.unit}"


def _some(lines: Sequence[str], page: Page) -> Iterator[str]:
    limit = len(lines) if page.verbose else SHOWN
    for line in lines[:limit]:
        yield from page.wrap(line, 6, first=4)
    if len(lines) > limit:
        yield f"    and {len(lines) - limit:,} more (-v lists all)"
