"""What was asked of live targets, and declared against real, on the console."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.findings.drift import Drift
from policyscan.findings.report import LedgerEntry, Report
from policyscan.reporters.console_text import Page, some
from policyscan.reporters.drift_words import (
    attribute,
    differing,
    drift_sentence,
    has_drift,
    one_side,
    told_verdicts,
    verdict_pair,
)
from policyscan.reporters.words import asked, place_seen
from policyscan.text.display import path_text
from policyscan.text.words import count

SHOWN = 8
"""Pairs, and attributes of each, that are listed unless everything is asked for."""


def drift_lines(report: Report, page: Page) -> Iterator[str]:
    """How many things are both declared and there, and in what they differ."""
    if not has_drift(report):
        return
    yield page.heading("declared against real")
    yield from page.wrap(drift_sentence(report), 4, first=2)
    found = differing(report)
    for drift in found if page.verbose else found[:SHOWN]:
        yield from _pair(drift, page)
    if len(found) > SHOWN and not page.verbose:
        yield f"  and {count(len(found) - SHOWN, 'more pair')} (-v lists all)"
    if page.verbose:
        for drift in report.drift:
            if drift not in found:
                text = f"same: {drift.declared.address} is {drift.observed.shown}"
                yield from page.wrap(f"{text} (by {drift.joined_by})", 4, first=2)
    for doubt in report.drift_doubts:
        named = some(doubt.candidates, len(doubt.candidates) if page.verbose else 3)
        text = f"in doubt: {doubt.declared.address}: {doubt.reason}: {named}"
        yield from page.wrap(text, 4, first=2)
    for one in report.unpaired:
        yield from page.wrap(one_side(one), 4, first=2)
        for word, refs in (("not there", one.missing), ("undeclared", one.unmanaged)):
            if refs:
                limit = len(refs) if page.verbose else 3
                named = some((ref.shown for ref in refs), limit)
                yield from page.wrap(f"{word}: {named}", 6, first=4)
    yield ""


def _pair(drift: Drift, page: Page) -> Iterator[str]:
    where = f" ({path_text(drift.location.place)})" if drift.location else ""
    text = f"{drift.declared.address}{where} is {drift.observed.shown} (by {drift.joined_by})"
    yield from page.wrap(text, 4, first=2)
    shown = drift.attributes if page.verbose else drift.attributes[:SHOWN]
    for one in shown:
        yield from page.wrap(attribute(one), 8, first=6)
    if len(shown) < len(drift.attributes):
        yield f"      and {count(len(drift.attributes) - len(shown), 'more difference')}"
    for pair in told_verdicts(drift):
        if page.verbose or pair.declared is not pair.observed:
            yield from page.wrap(verdict_pair(pair), 8, first=6)


def asked_lines(report: Report, page: Page) -> Iterator[str]:
    """The live targets by account and region; by kind as well where something went wrong, or if
    everything is asked for."""
    units: dict[tuple[str, str], list[LedgerEntry]] = {}
    for entry in report.ledger:
        if entry.live:
            units.setdefault((entry.target, entry.unit), []).append(entry)
    for (target, unit), entries in units.items():
        where = f"{target}, {place_seen(unit)}" if unit not in ("", target) else target
        found = sum(entry.found for entry in entries)
        text = f"{where}: {count(found, 'thing')} of {count(len(entries), 'kind')} found"
        yield from page.wrap(text, 4, first=2)
        for entry in entries:
            is_wrong = entry.denied or entry.returned < entry.asked or not entry.balanced
            if page.verbose or is_wrong:
                yield from page.wrap(f"{entry.kind}: {asked(entry)}", 6, first=4)
