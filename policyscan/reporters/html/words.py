"""Numbers, places and verdicts in words. Nothing here is HTML."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence, Sized
from typing import Any
from urllib.parse import quote

from policyscan.findings import Finding, Report, Verdict
from policyscan.text import words

_WORDS = {
    Verdict.FAIL: "Fail",
    Verdict.UNKNOWN: "Unknown",
    Verdict.PASS: "Pass",
    Verdict.WAIVED: "Waived",
    Verdict.NOT_APPLICABLE: "Not applicable",
}

MEANINGS = {
    Verdict.FAIL: "the condition does not hold, and the evidence shows where",
    Verdict.UNKNOWN: "could not be determined from what was read; never counted as a pass",
    Verdict.PASS: "the condition holds for everything that was read about the resource",
    Verdict.WAIVED: "fails, and an approved exception that is in force accepts it",
    Verdict.NOT_APPLICABLE: "the policy does not concern this resource",
}


def verdict_word(verdict: Verdict) -> str:
    """The verdict as a person writes it."""
    return _WORDS[verdict]


def number(value: int) -> str:
    """`12,345`."""
    return f"{value:,}"


def count(value: int, noun: str, plural: str = "") -> str:
    """`1 gap`, `3 gaps`, `no gaps`."""
    return f"no {plural or noun + 's'}" if value == 0 else words.count(value, noun, plural)


def enumeration(parts: Sequence[str]) -> str:
    """`a, b and c`; of one part, that part."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def count_of(things: Sized, noun: str, plural: str = "") -> str:
    """The length of `things` as `count` says it."""
    return count(len(things), noun, plural)


def shared_reason(findings: Sequence[Finding]) -> str:
    """What the reasons of all have in common before a semicolon; empty if that is nothing."""
    reasons = [finding.reason for finding in findings]
    shortest = min(reasons, key=len, default="")
    for common in (shortest, shortest.rpartition("; ")[0]):
        if common and all(f"{reason}; ".startswith(f"{common}; ") for reason in reasons):
            return common
    return ""


def after(reason: str, shared: str) -> str:
    """What a reason says beyond the one that is shared."""
    return reason.removeprefix(shared).removeprefix("; ") if shared else reason


def literal(value: Any) -> str:
    """The value of a parameter as JSON, in its own order."""
    return json.dumps(value, ensure_ascii=False, default=str)


def anchor(text: str, prefix: str) -> str:
    """An element id without spaces, which works unchanged behind a `#`."""
    return f"{prefix}-{quote(text, safe='', errors='surrogatepass')}"


def short_digest(digest: str) -> str:
    """The first twelve characters, for tables that link to the whole."""
    return digest[:12]


def result(report: Report) -> str:
    """The result in one sentence, every number beside what it is a number of."""
    verdicts = report.summary.verdicts
    total = sum(verdicts.values())
    if not total:
        return "No policy judged any resource, so this report is no evidence that anything holds."
    blocking = Counter(finding.verdict for finding in report.findings if finding.blocking)
    notes = {verdict: f"{number(amount)} blocking" for verdict, amount in blocking.items()}
    if report.summary.assumed_passes:
        notes[Verdict.PASS] = f"{number(report.summary.assumed_passes)} on a variable's default"
    parts = [
        f"{number(verdicts[verdict])} {verdict_word(verdict).lower()}"
        + (f" ({notes[verdict]})" if verdict in notes else "")
        for verdict in _WORDS
    ]
    return f"Of {count(total, 'verdict')}: {enumeration(parts)}."


def unseen(report: Report) -> str:
    """What the result sentence cannot speak about."""
    gaps = len(report.gaps)
    if not gaps:
        return "Nothing that was asked for was left unseen."
    blocking = report.summary.blocking_gaps
    return (
        f"{count(gaps, 'thing')} that {'was' if gaps == 1 else 'were'} asked for could not be "
        f"looked at ({number(blocking)} blocking); the verdicts say nothing about "
        f"{'it' if gaps == 1 else 'them'}."
    )


def commit(report: Report) -> str:
    """The commit of what was read, and whether what was read is what was committed."""
    run = report.run
    if not run.commit:
        return "not a git work tree"
    state = {
        True: "with uncommitted changes in what was read",
        False: "what was read is what was committed",
        None: "not known whether what was read is what was committed",
    }
    return f"{run.commit} ({state[run.dirty]})"
