"""What was not seen and what is not in the file, as SARIF notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyscan.findings.drift import Drift
from policyscan.findings.model import GapRecord
from policyscan.findings.report import Report
from policyscan.reporters.drift_words import attribute, differing
from policyscan.reporters.sarif.places import Artifacts, plain
from policyscan.text.display import one_line

MAX_GAPS = 1_000
"""Told one by one; the rest are told as a number."""
MAX_DRIFT = 500
"""The same of pairs that differ."""

_LEFT_OUT = {
    "failuresWithoutPlace": "{} failures have no place in a file and are no results here",
    "failuresOverLimit": "{} less severe failures were dropped to stay within the limit of results",
}


def notifications(
    report: Report, left_out: Mapping[str, int], artifacts: Artifacts
) -> list[dict[str, Any]]:
    """Gaps, blocking ones first, and a notification for each kind of failure left out."""
    gaps = sorted(report.gaps, key=lambda gap: not gap.blocking)
    told = [_of_gap(gap, artifacts) for gap in gaps[:MAX_GAPS]]
    if len(gaps) > MAX_GAPS:
        told.append(_note("gaps", "error", f"{len(gaps) - MAX_GAPS} more gaps are not listed here"))
    told += [
        _note(name, "warning", text.format(left_out[name]))
        for name, text in _LEFT_OUT.items()
        if left_out[name]
    ]
    differ = differing(report)
    told += [_of_drift(drift, artifacts) for drift in differ[:MAX_DRIFT]]
    if len(differ) > MAX_DRIFT:
        text = f"{len(differ) - MAX_DRIFT} more things differ from their code"
        told.append(_note("drift", "note", text))
    if report.run.interrupted:
        told.append(_note("interrupted", "error", "The run was interrupted; this is a part of it"))
    return told


def _of_gap(gap: GapRecord, artifacts: Artifacts) -> dict[str, Any]:
    note = _note(
        f"gap/{gap.reason.value}",
        "error" if gap.blocking else "warning",
        f"Not seen: {gap.subject} ({gap.reason.value}): {gap.message}",
    )
    if gap.location and gap.location.path.strip("/"):
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
    }
    return note


def _of_drift(drift: Drift, artifacts: Artifacts) -> dict[str, Any]:
    told = "; ".join(map(attribute, drift.attributes))
    note = _note(
        "drift", "note", f"{drift.declared.address} differs from {drift.observed.shown}: {told}"
    )
    if drift.location and drift.location.path.strip("/"):
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
