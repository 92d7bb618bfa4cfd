"""Test results that are too large for GitLab, without the least important of their cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from policyscan.findings.model import Finding, Severity, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.order import ordered
from policyscan.text.words import count

MOST_BYTES = 30_000_000
"""Of a file; GitLab refuses a larger one whole, and takes 100 MB of one job.
https://docs.gitlab.com/ci/testing/unit_test_reports/"""
_SPARE = 0.95
"""What is left out is less than what it takes, since not all cases are of one size."""


class Missing(Struct, frozen=True):
    """What has no case, by what it is."""

    passes: int = 0
    others: tuple[Finding, ...] = ()

    @property
    def told(self) -> str:
        """`12,000 cases are not in this file: 10,000 passes, 2,000 failures (1,500 medium, 500
        low)`."""
        by_verdict = Counter(one.verdict for one in self.others)
        failures = Counter(o.severity for o in self.others if o.verdict is Verdict.FAIL)
        severities = ", ".join(f"{failures[s]:,} {s.value}" for s in Severity if failures[s])
        parts = [
            count(self.passes, "pass", "passes") if self.passes else "",
            f"{count(failures.total(), 'failure')} ({severities})" if failures else "",
            *(
                f"{by_verdict[verdict]:,} {verdict.value}"
                for verdict in (Verdict.UNKNOWN, Verdict.WAIVED)
                if by_verdict[verdict]
            ),
        ]
        total = self.passes + len(self.others)
        cases = count(total, "case is", "cases are")
        return f"{cases} not in this file: {', '.join(part for part in parts if part)}"


def within(limit: int, report: Report, write: Callable[[Report, Missing | None], bytes]) -> bytes:
    """What `write` makes of a report, in at most `limit` bytes: without passes if it is larger, and
    then without the findings that matter least. What does not apply has no case."""
    data = write(report, None)
    if len(data) <= limit:
        return data
    passes = len(report.of(Verdict.PASS))
    others = [
        one
        for one in ordered(report.findings)
        if one.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    ]
    kept = others
    if passes:
        data = write(_with(report, kept), Missing(passes))
    while len(data) > limit and kept:
        kept = kept[: int(len(kept) * _SPARE * limit / len(data))]
        data = write(_with(report, kept), Missing(passes, tuple(others[len(kept) :])))
    return data


def _with(report: Report, kept: Sequence[Finding]) -> Report:
    """The report with these findings and those that do not apply, in its order."""
    chosen = {id(one) for one in kept}
    return replace(
        report,
        findings=tuple(
            one
            for one in report.findings
            if id(one) in chosen or one.verdict is Verdict.NOT_APPLICABLE
        ),
    )
