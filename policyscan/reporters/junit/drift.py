"""Declared against real as test cases.

A pair that agrees is plain; one that differs is skipped with its differences, since no policy says
that it may not. Doubts are skipped as well.
"""

from __future__ import annotations

from junit_xml import TestCase  # type: ignore[import-untyped]

from policyscan.findings.drift import Drift, DriftState, Unpaired
from policyscan.findings.report import Report
from policyscan.reporters.drift_words import (
    attribute,
    counts,
    one_side,
    told_verdicts,
    verdict_pair,
)
from policyscan.reporters.words import seen, spot
from policyscan.text.display import one_line
from policyscan.text.words import count

SUITE = "policyscan.drift"


def drift_cases(report: Report) -> list[TestCase]:
    """A case for each pair, doubt, and kind of which something is on one side alone."""
    return [
        *(_pair(one) for one in report.drift),
        *(
            _skipped(
                f"{doubt.declared.unit}: {doubt.declared.address}",
                doubt.declared.kind,
                f"in doubt: {doubt.reason}",
                [f"candidate: {one}" for one in doubt.candidates],
                "doubt",
            )
            for doubt in report.drift_doubts
        ),
        *(_alone(one) for one in report.unpaired),
    ]


def drift_facts(report: Report) -> dict[str, int]:
    """The numbers, as properties of the suite."""
    return counts(report)


def _pair(drift: Drift) -> TestCase:
    lines = [
        f"drift: {drift.state.value}",
        f"declared: {drift.declared.address}",
        f"unit: {drift.declared.unit}",
        f"observed: {drift.observed.shown}",
        f"seen: {seen(drift.observed)}",
        f"joined by: {drift.joined_by}",
        f"compared: {drift.compared}",
        f"not known: {', '.join(drift.not_known) or 'nothing'}",
        *(f"verdicts of {verdict_pair(one)}" for one in told_verdicts(drift)),
    ]
    if drift.location:
        lines.append(f"place: {spot(drift.location)}")
    case = _case(f"{drift.declared.unit}: {drift.declared.address}", drift.kind, lines)
    if drift.state is DriftState.DIFFERS:
        told = "\n".join(f"Difference: {one_line(attribute(one))}" for one in drift.attributes)
        case.add_skipped_info(f"differs: {count(len(drift.attributes), 'attribute')}", told)
    return case


def _alone(one: Unpaired) -> TestCase:
    lines = [
        *(f"not there: {ref.shown}" for ref in one.missing),
        *(f"declared by no code: {ref.shown}" for ref in one.unmanaged),
    ]
    return _skipped("on one side alone", one.kind, one_side(one), lines, "alone")


def _skipped(name: str, kind: str, message: str, lines: list[str], mark: str) -> TestCase:
    case = _case(name, kind, [f"drift: {mark}", *lines])
    case.add_skipped_info(one_line(message))
    return case


def _case(name: str, kind: str, lines: list[str]) -> TestCase:
    stdout = "\n".join(map(one_line, lines))
    return TestCase(one_line(name), f"{SUITE}.{one_line(kind)}", stdout=stdout)
