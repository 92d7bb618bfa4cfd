"""Declared against real, in words that several formats use. Nothing here is safe to show yet."""

from __future__ import annotations

from policyscan.findings.drift import Drift, DriftAttribute, DriftState, Unpaired, VerdictPair
from policyscan.findings.model import Verdict
from policyscan.findings.report import Report
from policyscan.text.words import count


def has_drift(report: Report) -> bool:
    """Whether there is anything to say: something live was looked at beside code that declares
    something, or all of which was read."""
    told = any(one.declared or one.unmanaged for one in report.unpaired)
    return bool(report.drift or report.drift_doubts or told)


def differing(report: Report) -> tuple[Drift, ...]:
    """The pairs whose two sides differ."""
    return tuple(one for one in report.drift if one.state is DriftState.DIFFERS)


def drift_sentence(report: Report) -> str:
    """`3 things are both declared and there: 1 differs; 1 declared thing may be several.`"""
    number, differs = len(report.drift), len(differing(report))
    sentence = (
        f"{count(number, 'thing is', 'things are')} both declared and there: "
        f"{count(differs, 'differs', 'differ')} from the code"
    )
    if report.drift_doubts:
        sentence += f"; {len(report.drift_doubts):,} may be one of several"
    return sentence


def attribute(one: DriftAttribute) -> str:
    """`retention_days: 30 declared, 7 observed`; a member of a list is on one side alone."""
    if one.declared and one.observed:
        return f"{one.path}: {one.declared} declared, {one.observed} observed"
    side, value = ("declared", one.declared) if one.declared else ("observed", one.observed)
    return f"{one.path}: only {side}: {value}"


def told_verdicts(drift: Drift) -> tuple[VerdictPair, ...]:
    """The pairs of verdicts of which one says something, those that are not the same first."""
    silent = (None, Verdict.NOT_APPLICABLE)
    told = [
        one for one in drift.verdicts if one.declared not in silent or one.observed not in silent
    ]
    return tuple(sorted(told, key=lambda one: (one.declared is one.observed, one.policy_id)))


def verdict_pair(one: VerdictPair) -> str:
    """`PS-NET-004: pass declared, fail observed`."""
    declared = one.declared.value if one.declared else "not judged"
    observed = one.observed.value if one.observed else "not judged"
    return f"{one.policy_id}: {declared} declared, {observed} observed"


def one_side(one: Unpaired) -> str:
    """`Secret, in no pair: 2 declared (1 not there), 3 observed (3 declared by no code)`, and why
    that is not said of the others."""
    missing = f" ({len(one.missing):,} not there)" if one.missing else ""
    unmanaged = f" ({len(one.unmanaged):,} declared by no code)" if one.unmanaged else ""
    why = f"; not told of all: {'; '.join(one.not_told)}" if one.not_told else ""
    return (
        f"{one.kind}, in no pair: {one.declared:,} declared{missing}, "
        f"{one.observed:,} observed{unmanaged}{why}"
    )


def counts(report: Report) -> dict[str, int]:
    """The numbers of all of it, for formats that have no place for more."""
    return {
        "pairs": len(report.drift),
        "differ": len(differing(report)),
        "attributes": sum(len(one.attributes) for one in report.drift),
        "doubts": len(report.drift_doubts),
        "missing": sum(len(one.missing) for one in report.unpaired),
        "unmanaged": sum(len(one.unmanaged) for one in report.unpaired),
    }
