"""What both formats say in words of GitLab's."""

from __future__ import annotations

from policyscan.findings.model import Finding, GapRecord, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.words import count
from policyscan.text.display import path_text

MOST = 5_000
"""Results of one file, the most important ones; the rest are counted."""


def placed(report: Report) -> list[Finding]:
    """The failures that have a place in a file."""
    return [one for one in report.of(Verdict.FAIL) if one.location and one.location.path.strip("/")]


def path_of(path: str, report: Report) -> str:
    """From the top of the repository, without `./`."""
    return path_text(report.run.prefix + path).removeprefix("./").lstrip("/")


def gap_text(gap: GapRecord) -> str:
    """`not seen: infra/broken.tf (unparseable): expected a closing brace`, not yet safe to show."""
    return f"not seen: {gap.subject} ({gap.reason.value}): {gap.message}"


def not_told(report: Report, shown: int) -> str:
    """What has no result of its own, in numbers; empty if there is nothing."""
    left = len(report.of(Verdict.FAIL)) - shown
    unknown = len(report.of(Verdict.UNKNOWN))
    waived = len(report.of(Verdict.WAIVED))
    parts = [
        f"{count(left, 'more failure')}" if left else "",
        count(unknown, "unknown verdict") if unknown else "",
        count(waived, "waived failure") if waived else "",
    ]
    return ", ".join(part for part in parts if part)
