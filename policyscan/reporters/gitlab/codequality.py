"""GitLab Code Quality: shown in the merge request, in every tier of GitLab.

https://docs.gitlab.com/ci/testing/code_quality/: GitLab stops at the first entry that it does not
understand, and drops all but one of those with the same fingerprint.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from policyscan.findings.model import Finding, GapRecord, Location, Severity
from policyscan.findings.report import Report
from policyscan.reporters.gitlab.told import MOST, gap_text, not_told, path_of, shown
from policyscan.reporters.layout import dump
from policyscan.reporters.order import ordered_gaps
from policyscan.reporters.outcome import counts, is_green, verdict
from policyscan.reporters.places import is_file
from policyscan.text.display import clipped, one_line

ANCHOR = ".gitlab-ci.yml"
"""The file at which everything is told that has no place of its own."""
MOST_TEXT = 1_000

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


class CodeQualityReporter:
    """A list of failures and gaps. GitLab compares it with the list of the target branch, so it
    holds old failures as well."""

    name = "gitlab-codequality"
    suffix = ".json"

    def render(self, report: Report) -> bytes:
        """ASCII, an entry a line; the last entry counts what has none, if there is something."""
        failures = shown(report)
        entries = [_gap(gap, report) for gap in ordered_gaps(report.gaps)[:MOST]]
        entries += [_finding(finding, place, report) for finding, place in failures]
        if rest := _rest(report, len(failures)):
            entries.append(rest)
        return dump(_distinct(entries), depth=1)


def _finding(finding: Finding, place: Location, report: Report) -> dict[str, Any]:
    unwaived = f"Not waived: {finding.unwaived}" if finding.unwaived else ""
    text = ". ".join(part for part in (finding.message, unwaived, finding.title) if part)
    return _entry(
        f"{'Blocks: ' if finding.blocking else ''}{text}",
        finding.policy_id,
        finding.fingerprint,
        _SEVERITIES[finding.severity],
        path_of(place.path, report),
        place.start_line,
    )


def _gap(gap: GapRecord, report: Report) -> dict[str, Any]:
    place = gap.location if is_file(gap.location) else None
    return _entry(
        gap_text(gap),
        f"gap/{gap.reason.value}",
        gap.fingerprint or sha256(one_line(gap_text(gap)).encode()).hexdigest(),
        "critical" if gap.blocking else "minor",
        path_of(place.path, report) if place else ANCHOR,
        place.start_line if place else 1,
    )


def _rest(report: Report, told: int) -> dict[str, Any] | None:
    """What is told nowhere else, and a verdict that no entry explains."""
    rest = not_told(report, told)
    gaps = len(report.gaps) - MOST
    more = ", ".join(part for part in (rest, f"{gaps:,} more gaps" if gaps > 0 else "") if part)
    if not more and (is_green(report) or told or report.gaps):
        return None
    text = f"policyscan: {verdict(report)}. In the full report: {more or counts(report)}"
    return _entry(text, "policyscan", sha256(text.encode("utf-8", "replace")).hexdigest(), "info",
                  ANCHOR, 1)  # fmt: skip


def _entry(
    text: str, check: str, fingerprint: str, severity: str, path: str, line: int
) -> dict[str, Any]:
    return {
        "description": clipped(one_line(text), MOST_TEXT),
        "check_name": one_line(check),
        "fingerprint": one_line(fingerprint),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }


def _distinct(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries; those of a fingerprint that was there before get a number behind it."""
    seen: dict[str, int] = {}
    for entry in entries:
        fingerprint = entry["fingerprint"]
        seen[fingerprint] = seen.get(fingerprint, 0) + 1
        if seen[fingerprint] > 1:
            entry["fingerprint"] = f"{fingerprint}-{seen[fingerprint]}"
    return entries
