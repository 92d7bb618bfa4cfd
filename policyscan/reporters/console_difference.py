"""What became of things since the base or the baseline, on the console."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from policyscan.findings.model import Verdict
from policyscan.findings.report import Report
from policyscan.reporters.console_text import Page
from policyscan.reporters.difference_words import (
    counts_of_failures,
    gone_failures,
    gone_heading,
    is_old,
    since,
)
from policyscan.reporters.words import count

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
        words = f"not listed: {count(hidden, 'failure')} of before (-v lists all)"
        yield from page.wrap(words, 4, first=2)
    if difference.gone:
        yield from page.wrap(gone_heading(difference), 4, first=2)
        limit = None if page.verbose else SHOWN
        failed = gone_failures(difference)
        for one in islice(failed, limit):
            yield from page.wrap(f"{one.policy_id} {one.address} in {one.unit}", 6, first=4)
        if limit is not None and len(failed) > limit:
            yield f"    and {len(failed) - limit:,} more (-v lists all)"
    yield ""
