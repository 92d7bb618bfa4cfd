"""What both formats say in words of GitLab's."""

from __future__ import annotations

from policyscan.findings.model import Finding, GapRecord, Location, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.difference_words import no_longer_judged
from policyscan.reporters.order import ordered
from policyscan.reporters.places import path_from_top, placed
from policyscan.text.display import path_text
from policyscan.text.words import count

MOST = 5_000
"""Results of one file, the most important ones; the rest are counted."""


def shown(report: Report) -> list[tuple[Finding, Location]]:
    """The failures that have a place in a file, with that place; the most important ones."""
    found = [*placed(report.of(Verdict.FAIL), report)]
    places = {id(finding): place for finding, place in found}
    most = ordered(finding for finding, _ in found)[:MOST]
    return [(finding, places[id(finding)]) for finding in most]


def path_of(path: str, report: Report) -> str:
    """From the top of the repository."""
    return path_text(path_from_top(path, report))


def gap_text(gap: GapRecord) -> str:
    """`not seen: infra/broken.tf (unparseable): expected a closing brace`, not yet safe to show."""
    return f"not seen: {gap.subject} ({gap.reason.value}): {gap.message}"


def not_told(report: Report, shown: int) -> str:
    """What has no result of its own, in numbers; empty if there is nothing."""
    left = len(report.of(Verdict.FAIL)) - shown
    unknown = len(report.of(Verdict.UNKNOWN))
    waived = len(report.of(Verdict.WAIVED))
    narrowed = len(no_longer_judged(report))
    parts = [
        f"{count(left, 'more failure')}" if left else "",
        count(unknown, "unknown verdict") if unknown else "",
        count(waived, "waived failure") if waived else "",
        f"{count(narrowed, 'pair')} no longer judged" if narrowed else "",
    ]
    return ", ".join(part for part in parts if part)
