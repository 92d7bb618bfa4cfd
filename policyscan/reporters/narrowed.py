"""What a report shows of a change: the findings that it touches. The report itself stays whole."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from policyscan.findings.model import Change, Finding, GapRecord, Location
from policyscan.findings.report import Report
from policyscan.text.words import count


def narrowed(report: Report) -> Report:
    """The report with those findings and gaps alone that the change touches, that are not as they
    were, or that block. The counts of its summary are those of all."""
    if report.difference is None:
        return report
    touched = frozenset(report.difference.touched)
    return replace(
        report,
        findings=tuple(one for one in report.findings if _is_shown(one, touched)),
        gaps=tuple(one for one in report.gaps if _gap_is_shown(one, touched)),
    )


def left_out(report: Report, shown: Report) -> str:
    """How much is not shown, in words; empty if all is."""
    findings = len(report.findings) - len(shown.findings)
    gaps = len(report.gaps) - len(shown.gaps)
    if not (findings or gaps):
        return ""
    parts = [count(findings, "finding")] + ([count(gaps, "gap")] if gaps else [])
    return f"not shown: {' and '.join(parts)} that the change does not touch; all were judged"


def _is_shown(finding: Finding, touched: frozenset[str]) -> bool:
    if finding.blocking or finding.change is not Change.UNCHANGED:
        return True
    return any(place.path in touched for place in _places(finding))


def _gap_is_shown(gap: GapRecord, touched: frozenset[str]) -> bool:
    here = gap.location is not None and gap.location.path in touched
    return gap.blocking or gap.change is not Change.UNCHANGED or here or gap.subject in touched


def _places(finding: Finding) -> Iterator[Location]:
    """Where the resource and the evidence are written."""
    places = [finding.location]
    for witness in finding.witnesses:
        places += [witness.location, *(step.location for step in witness.provenance)]
    yield from (place for place in places if place is not None)
