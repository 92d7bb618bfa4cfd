"""What is accepted, and which waivers do not hold any more, on the console."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from policyscan.findings.model import Finding, Verdict
from policyscan.findings.report import Report, Waiver
from policyscan.reporters.console_text import Page
from policyscan.reporters.words import waiver_state, waiver_words
from policyscan.text.words import count

SHOWN = 8
"""How many are listed unless everything is asked for."""
_ORDER = ("lapsed", "expired", "refused", "expiring", "unused")
"""What somebody has to look at, the most urgent first."""


def waived_lines(report: Report, page: Page) -> Iterator[str]:
    """Accepted failures by their waivers, and the waivers that do not hold, soon will not or are
    not needed."""
    by_waiver: dict[str, list[Finding]] = {}
    for finding in report.of(Verdict.WAIVED):
        by_waiver.setdefault(finding.waiver, []).append(finding)
    stale = sorted(
        (one for one in report.waivers if one.status != "in force"),
        key=lambda one: _ORDER.index(one.status) if one.status in _ORDER else 0,
    )
    if not (by_waiver or stale):
        return
    total = sum(map(len, by_waiver.values()))
    parts = [f"{count(total, 'failure')} waived"] if total else []
    parts += [f"{count(len(stale), 'waiver')} to look at"] if stale else []
    yield page.heading(", ".join(parts))
    named = {waiver.id: waiver for waiver in report.waivers}
    for name, findings in by_waiver.items():
        yield from _accepted(name, findings, named.get(name), page)
    shown = None if page.verbose else SHOWN
    for waiver in islice(stale, shown):
        yield from page.wrap(f"waiver {waiver.id} for {waiver_state(waiver)}", 4, first=2)
    if shown is not None and len(stale) > shown:
        yield f"  and {count(len(stale) - shown, 'more waiver')} (-v lists all)"
    yield ""


def _accepted(
    name: str, findings: list[Finding], waiver: Waiver | None, page: Page
) -> Iterator[str]:
    yield from page.wrap(waiver_words(waiver) if waiver is not None else name, 4, first=2)
    shown = None if page.verbose else SHOWN
    for finding in islice(findings, shown):
        yield from page.wrap(f"{finding.policy_id} {finding.resource.shown}", 6, first=4)
    if shown is not None and len(findings) > shown:
        yield f"    and {count(len(findings) - shown, 'more failure')} (-v lists all)"
