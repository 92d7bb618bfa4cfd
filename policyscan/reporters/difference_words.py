"""What became of findings since a base or a baseline, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from policyscan.findings.difference import BASELINE, Difference, Gone
from policyscan.findings.model import Change, Finding, GapRecord, Verdict, Witness
from policyscan.findings.report import Report
from policyscan.text.words import commit_words, count

FAILS = (Verdict.FAIL, Verdict.WAIVED)
OLD = (Change.UNCHANGED, Change.BETTER)

WORDS: Mapping[Change, str] = {
    Change.NEW: "new",
    Change.WORSE: "worse",
    Change.NEWLY_UNKNOWN: "newly unknown",
    Change.NARROWED: "no longer judged",
    Change.UNCHANGED: "unchanged",
    Change.BETTER: "better",
    Change.GONE: "gone",
}


_EDIT = "commit"
"""The step of a value that says what a change did."""


def edit_of(witness: Witness) -> str:
    """What the change did to a file of the gate: `exclude, 3 lines added`; else empty."""
    return "; ".join(step.label for step in witness.provenance if step.kind == _EDIT)


def since(difference: Difference) -> str:
    """What it is compared with: `main (9c1d0f2a3b4c)`, `the baseline policyscan-baseline.json`."""
    commit, named = difference.commit[:12], commit_words(difference.name)
    if difference.kind == BASELINE:
        name = f"the baseline {difference.name}"
        return f"{name} (written at {commit})" if commit else name
    return f"{named} ({commit})" if commit and named != commit else named


def no_longer_judged(report: Report) -> list[Finding]:
    """What was judged before and a policy is not about any more; what failed comes first."""
    found = [one for one in report.findings if one.change is Change.NARROWED]
    return sorted(found, key=lambda one: not _failed_before(one))


def failed_and_unknown(report: Report) -> list[Finding]:
    """What failed before and is not known now: nothing says that it was mended."""
    found = [one for one in report.findings if one.change is Change.NEWLY_UNKNOWN]
    return sorted(filter(_failed_before, found), key=lambda one: one.severity.rank)


def _failed_before(finding: Finding) -> bool:
    return any(part.startswith("it failed") for part in finding.before.split("; "))


def became(item: Finding | GapRecord) -> str:
    """What became of one: `worse: it passed`; empty if it is compared with nothing."""
    if item.change is None:
        return ""
    return f"{WORDS[item.change]}: {item.before}" if item.before else WORDS[item.change]


def is_old(finding: Finding) -> bool:
    """Whether a failure was there before and is no worse."""
    return finding.change in OLD


def changes_of_all(report: Report) -> str:
    """What became of every verdict since then: `1 new, 2 unchanged, 1 gone`."""
    if report.difference is None:
        return ""
    told = report.difference.counts.items()
    words = (f"{number:,} {WORDS[change]}" for change, number in told if number)
    return ", ".join(words) or "nothing"


def counts_of_failures(report: Report) -> str:
    """`2 new, 1 worse, 14 there before (1 better), 2 mended, 3 gone`; what is none is left out. Of
    a baseline, what is mended is among the entries that nothing here matches."""
    assert report.difference is not None
    failing = Counter(one.change for one in report.findings if one.verdict is Verdict.FAIL)
    mended = sum(
        one.change is Change.BETTER and one.verdict is Verdict.PASS for one in report.findings
    )
    old = sum(failing[change] for change in OLD)
    better = f" ({failing[Change.BETTER]:,} better)" if failing[Change.BETTER] else ""
    unknown = sum(one.change is Change.NEWLY_UNKNOWN for one in report.findings)
    narrowed = sum(one.change is Change.NARROWED for one in report.findings)
    gone = len(gone_failures(report.difference))
    stored = report.difference.kind == BASELINE
    parts = [
        (failing[Change.NEW], "new"),
        (failing[Change.WORSE], "worse"),
        (old, f"there before{better}"),
        (0 if stored else mended, "mended"),
        (unknown, "newly unknown"),
        (narrowed, "no longer judged"),
        (gone, "of the baseline not found" if stored else "gone"),
    ]
    return ", ".join(f"{number:,} {word}" for number, word in parts if number) or "none"


def gone_failures(difference: Difference) -> tuple[Gone, ...]:
    """What failed and is gone; of the rest, the verdict was not known."""
    return tuple(one for one in difference.gone if one.verdict in FAILS)


def gone_heading(difference: Difference) -> str:
    """`gone: 1 failure, and 3 verdicts that were not known`; of a baseline, what to do about its
    entries."""
    failed = len(gone_failures(difference))
    if difference.kind == BASELINE:
        words = count(failed, "entry", "entries")
        return f"{words} of the baseline that nothing here matches: write it again if mended"
    open_ = len(difference.gone) - failed
    doubts = count(open_, "verdict") + f" that {'was' if open_ == 1 else 'were'} not known"
    parts = ([count(failed, "failure")] if failed else []) + ([doubts] if open_ else [])
    return f"gone: {' and '.join(parts)}"
