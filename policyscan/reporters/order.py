"""What is told first where not everything can be told: what blocks, then what is new or worse."""

from __future__ import annotations

from collections.abc import Iterable

from policyscan.findings.model import Change, Finding, GapRecord

_FRESH = (None, Change.NEW, Change.WORSE)


def is_fresh(change: Change | None) -> bool:
    """Whether it is new or worse; without a comparison, everything is."""
    return change in _FRESH


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, the most important first."""
    return sorted(findings, key=_weight)


def ordered_gaps(gaps: Iterable[GapRecord]) -> list[GapRecord]:
    """The gaps, the most important first."""
    return sorted(gaps, key=lambda gap: (not gap.blocking, not is_fresh(gap.change)))


def _weight(finding: Finding) -> tuple[bool, int, int, bool, str, int, str]:
    place = finding.location
    return (
        not finding.blocking,
        0 if is_fresh(finding.change) else 1 + (finding.change is not Change.NEWLY_UNKNOWN),
        finding.severity.rank,
        place is None,
        place.path if place else "",
        place.start_line if place else 0,
        finding.policy_id,
    )
