"""What was not seen and what is not in the file, as SARIF notifications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyscan.findings.drift import Drift
from policyscan.findings.model import GapRecord
from policyscan.findings.report import Report
from policyscan.reporters.drift_words import attribute, differing
from policyscan.reporters.places import is_file
from policyscan.reporters.sarif.places import Artifacts, plain
from policyscan.text.display import one_line
from policyscan.text.words import count

MAX_GAPS = 1_000
"""Told one by one; the rest are told as a number."""
MAX_DRIFT = 500
"""The same of pairs that differ."""

_LEFT_OUT = {
    "failuresWithoutPlace": ("warning", "they have no place in a file"),
    "failuresOverLimit": ("error", "they would be over the limits of code scanning"),
    "failuresUnchanged": ("note", "they are not new, and not worse than in {}"),
    "failuresWaived": ("note", "they are waived"),
}
"""By the name of its count: the level, and why so many failures are no results."""


def notifications(
    report: Report,
    artifacts: Artifacts,
    left_out: Mapping[str, int] | None = None,
    *,
    whole: bool = False,
) -> list[dict[str, Any]]:
    """Gaps, blocking ones first, and a notification for each kind of failure left out; everything
    one by one only if the `whole` is asked for."""
    gaps = sorted(report.gaps, key=lambda gap: not gap.blocking)
    most = len(gaps) if whole else MAX_GAPS
    told = [_of_gap(gap, artifacts) for gap in gaps[:most]]
    if len(gaps) > most:
        told.append(_note("gaps", "error", f"{len(gaps) - most} more gaps are not listed here"))
    told += _of_failures(report, left_out or {})
    differ = differing(report)
    most = len(differ) if whole else MAX_DRIFT
    told += [_of_drift(drift, artifacts) for drift in differ[:most]]
    if len(differ) > most:
        text = f"{len(differ) - most} more things differ from their code"
        told.append(_note("drift", "note", text))
    if report.run.interrupted:
        told.append(_note("interrupted", "error", "The run was interrupted; this is a part of it"))
    return told


def _of_failures(report: Report, left_out: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    base = report.difference.name if report.difference else ""
    for name, number in left_out.items():
        level, why = _LEFT_OUT[name]
        if number:
            failures = count(number, "failure is no result", "failures are no results")
            yield _note(name, level, f"{failures} here: {why.format(base)}")


def brief_note() -> dict[str, Any]:
    """For a file whose results are brief."""
    return _note("details", "note", "Steps and related places are left out: the file is very large")


def _of_gap(gap: GapRecord, artifacts: Artifacts) -> dict[str, Any]:
    note = _note(
        f"gap/{gap.reason.value}",
        "error" if gap.blocking else "warning",
        f"Not seen: {gap.subject} ({gap.reason.value}): {gap.message}",
    )
    if is_file(gap.location):
        note["locations"] = [artifacts.location(gap.location)]
    note["properties"] = {
        "reason": gap.reason.value,
        "subject": one_line(gap.subject),
        "collector": one_line(gap.collector),
        "target": one_line(gap.target),
        "unit": one_line(gap.unit),
        "hides": [one_line(kind) for kind in gap.hides],
        "blocking": gap.blocking,
        "blockingReason": one_line(gap.blocking_reason),
        "fingerprint": one_line(gap.fingerprint),
    } | ({"change": gap.change.value} if gap.change else {})
    return note


def _of_drift(drift: Drift, artifacts: Artifacts) -> dict[str, Any]:
    told = "; ".join(map(attribute, drift.attributes))
    note = _note(
        "drift", "note", f"{drift.declared.address} differs from {drift.observed.shown}: {told}"
    )
    if is_file(drift.location):
        note["locations"] = [artifacts.location(drift.location)]
    note["properties"] = {
        "kind": one_line(drift.kind),
        "declared": one_line(drift.declared.address),
        "unit": one_line(drift.declared.unit),
        "observed": one_line(drift.observed.address),
        "observedAt": one_line(drift.observed.observed_at),
        "joinedBy": one_line(drift.joined_by),
        "attributes": [
            {
                "path": one_line(one.path),
                "declared": one_line(one.declared),
                "observed": one_line(one.observed),
            }
            for one in drift.attributes
        ],
    }
    return note


def _note(identifier: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": identifier}, "level": level, "message": {"text": plain(text)}}
