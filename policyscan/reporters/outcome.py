"""The outcome of a run in one line: red or green, and because of what. Not yet safe to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from policyscan.errors import GapReason
from policyscan.findings.difference import BASE
from policyscan.findings.model import Change, Finding, GapRecord, Verdict
from policyscan.findings.report import Report, RunRecord
from policyscan.reporters.difference_words import OLD, WORDS
from policyscan.text.words import count

_CHANGES = (Change.NEW, Change.WORSE, Change.NEWLY_UNKNOWN, Change.UNCHANGED, Change.BETTER)
_NO_LONGER = "verdicts from before that are no longer given"
_REQUESTS = ("pull_request", "merge_group", "manual")
"""What starts a run whose alerts are not those of a branch."""
_TOLERATED = (GapReason.NOT_FETCHED, GapReason.UNSUPPORTED)
"""What the profile `ci` does not block on, whether it is new or not."""


def is_green(report: Report) -> bool:
    """Whether nothing holds the change up."""
    return report.summary.exit_code == 0 and not report.run.interrupted


def verdict(report: Report) -> str:
    """The outcome in a few words: `all clear`, `red because ...`. What fails and does not block
    or is waived, was not seen or not decided, or is no longer judged, blocks nothing and is not
    clear; what was there before is told apart."""
    if not is_green(report):
        return f"red because {because(report)}"
    items: dict[str, Sequence[Finding | GapRecord]] = {
        "failure": report.of(Verdict.FAIL),
        "waived failure": report.of(Verdict.WAIVED),
        "unknown verdict": report.of(Verdict.UNKNOWN),
        "gap": report.gaps,
    }
    fewer = sum(one.change in (Change.NEWLY_UNKNOWN, Change.NARROWED) for one in report.findings)
    fresh = _left(items, old=False)
    if fewer:
        fresh.append(count(fewer, "verdict from before that is no longer given", _NO_LONGER))
    told = "".join(
        f"; {word}: {', '.join(parts)}"
        for word, parts in (("left", fresh), ("left from before", _left(items, old=True)))
        if parts
    )
    return f"nothing blocks{told}" if told else "all clear"


def _left(items: Mapping[str, Sequence[Finding | GapRecord]], *, old: bool) -> list[str]:
    """`5 failures`, `2 gaps`: those that were there before, or the others."""
    numbers = {noun: sum((one.change in OLD) is old for one in items[noun]) for noun in items}
    return [count(number, noun) for noun, number in numbers.items() if number]


def because(report: Report) -> str:
    """`2 failures block (1 new, 1 worse) and 1 gap blocks`; without anything that blocks, the
    outcome."""
    if report.run.interrupted:
        return "the run was interrupted, and this is a part of it"
    parts = [
        _blocking(report, Verdict.FAIL, "failure", "failures"),
        _blocking(report, Verdict.UNKNOWN, "unknown verdict", "unknown verdicts"),
    ]
    gaps = Counter(gap.change for gap in report.gaps if gap.blocking)
    if gaps:
        parts.append(f"{count(gaps.total(), 'gap blocks', 'gaps block')}{_changes(gaps)}")
    *most, last = [part for part in parts if part] or [report.summary.outcome]
    return f"{', '.join(most)} and {last}" if most else last


def seen_whole(report: Report) -> bool:
    """Whether what this report does not hold may be taken for mended, as GitHub and GitLab do with
    what is missing: the run came to its end, nothing that blocks was left unseen, and nothing
    either that may hide what was open before."""
    return (
        report.summary.exit_code in (0, 1)
        and not report.run.interrupted
        and not any(gap.blocking or _old_and_hiding(report, gap) for gap in report.gaps)
    )


def is_request(run: RunRecord) -> bool:
    """Whether the run is about something that is to be merged, and not about a branch."""
    return run.trigger in _REQUESTS


def _old_and_hiding(report: Report, gap: GapRecord) -> bool:
    """Whether a gap does not block since the last commit of the branch has it as well: what it
    hides was open before that commit, and has not been mended."""
    if report.difference is None or report.difference.kind != BASE or is_request(report.run):
        return False
    return gap.change is not Change.NEW and gap.reason not in _TOLERATED


def counts(report: Report) -> str:
    """`4 fail, 2 unknown, 4 pass, 1 waived, 1 not applicable; 3 gaps`."""
    numbers = (
        f"{report.summary.verdicts.get(verdict, 0):,} {verdict.value.replace('_', ' ')}"
        for verdict in (
            Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.WAIVED, Verdict.NOT_APPLICABLE,
        )
    )  # fmt: skip
    return f"{', '.join(numbers)}; {count(len(report.gaps), 'gap')}"


def _blocking(report: Report, verdict: Verdict, one: str, several: str) -> str:
    found = Counter(
        finding.change
        for finding in report.findings
        if finding.blocking and finding.verdict is verdict
    )
    if not found:
        return ""
    verb = "blocks" if found.total() == 1 else "block"
    return f"{count(found.total(), one, several)} {verb}{_changes(found)}"


def _changes(found: Counter[Change | None]) -> str:
    told = (f"{found[change]:,} {WORDS[change]}" for change in _CHANGES if found[change])
    text = ", ".join(told)
    return f" ({text})" if text else ""
