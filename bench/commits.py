"""Explains the gate's verdict on the last commits of a repository, each against its parent.

    .venv/bin/python -m bench.commits -n 50 ~/src/bot

One line for each commit: what the gate says, and what in which file made it say so. A merge is
compared with its first parent, as a request is that it merged. Nothing is checked out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from policyscan.config import Configuration
from policyscan.errors import UsageError
from policyscan.findings.model import Change, Finding, Verdict
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan
from policyscan.text import git
from policyscan.text.display import one_line, path_text

INCOMPLETE = 3
WORDS = {0: "green", 1: "RED", INCOMPLETE: "RED, unseen"}
_FAILURES = 3
"""Failures that do not block and are told in full."""


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 0 if every commit could be judged."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("-n", type=int, default=50, help="how many commits (default: 50)")
    parser.add_argument("--profile", default="ci")
    options = parser.parse_args(arguments)
    outcomes: Counter[str] = Counter()
    started = time.monotonic()
    for commit in git.history(options.repository, "HEAD", options.n):
        report = _judged(options.repository, commit, options.profile)
        word = WORDS[report.summary.exit_code] if report else "no parent"
        outcomes[word] += 1
        print(f"{commit[:10]} {word:<12} {_why(report) if report else ''}".rstrip(), flush=True)
    told = ", ".join(f"{number} {word}" for word, number in outcomes.most_common())
    print(f"{outcomes.total()} commits: {told}; {time.monotonic() - started:.0f} s")
    return 0


def _judged(repository: Path, commit: str, profile: str) -> Report | None:
    """The report on a commit since its first parent; None for one without."""
    request = ScanRequest(
        path=repository,
        configuration=Configuration(),
        profile=load_profile(profile, Path.cwd()),
        ref=commit,
        base=f"{commit}^1",
        exactly=True,
    )
    try:
        return scan(request, now=datetime.now(UTC))
    except UsageError:
        return None


def _why(report: Report) -> str:
    """What the verdict comes from, in one line."""
    parts = [*_blocking(report), *_others(report)]
    if report.summary.exit_code == INCOMPLETE and not report.summary.blocking_gaps:
        parts.insert(0, report.summary.outcome)
    return "; ".join(parts) or "no verdict changed"


def _blocking(report: Report) -> Iterator[str]:
    for finding in report.findings:
        if finding.blocking:
            yield f"{finding.change or '?'} {_short(finding)}"
    for gap in report.gaps:
        if gap.blocking:
            yield f"{gap.change or '?'} gap {gap.reason.value} {path_text(gap.subject)}"


def _others(report: Report) -> Iterator[str]:
    counted: Counter[tuple[str, str]] = Counter()
    failures = [one for one in report.findings if _is_shown(one)]
    yield from (f"{one.change} (does not block) {_short(one)}" for one in failures[:_FAILURES])
    for finding in report.findings:
        if not finding.blocking and finding.change not in (None, Change.UNCHANGED):
            counted[finding.change.value, finding.verdict.value] += 1
    for gap in report.gaps:
        if not gap.blocking and gap.change is not Change.UNCHANGED:
            counted[str(gap.change), "gap"] += 1
    if report.difference and report.difference.gone:
        counted["gone", "fail or unknown"] += len(report.difference.gone)
    yield from (f"{n} {change} {what}" for (change, what), n in sorted(counted.items()))


def _is_shown(finding: Finding) -> bool:
    worse = finding.change in (Change.NEW, Change.WORSE)
    return worse and finding.verdict is Verdict.FAIL and not finding.blocking


def _short(finding: Finding) -> str:
    where = path_text(finding.location.place) if finding.location else finding.resource.unit
    was = f" ({one_line(finding.before)})" if finding.before else ""
    return f"{finding.policy_id} {where} {one_line(finding.message)}{was}"


if __name__ == "__main__":
    sys.exit(main())
