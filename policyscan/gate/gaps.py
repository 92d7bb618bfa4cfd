"""What became of what could not be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from policyscan.findings.model import Change, GapRecord

_EDITED = "it could not be seen before either, and what it hides was edited since"
_UNTOLD = "it could not be seen before either, and nothing tells whether what it hides is the same"


def compared_gaps(before: Sequence[GapRecord], gaps: Sequence[GapRecord]) -> tuple[GapRecord, ...]:
    """The gaps with their changes, in order. One is unchanged only if what it hides certainly is:
    a file that did not parse and was edited may hide what was not there."""
    known: defaultdict[str, list[GapRecord]] = defaultdict(list)
    for gap in before:
        known[gap.fingerprint].append(gap)
    earlier = [known[gap.fingerprint].pop() if known[gap.fingerprint] else None for gap in gaps]
    hidden: defaultdict[tuple[str, str, str], list[GapRecord]] = defaultdict(list)
    for rest in known.values():
        for gap in rest:
            if gap.digest:
                hidden[_what(gap)].append(gap)
    return tuple(
        _moved(hidden[_what(gap)], gap) if same is None else _same(same, gap)
        for same, gap in zip(earlier, gaps, strict=True)
    )


def _what(gap: GapRecord) -> tuple[str, str, str]:
    return gap.reason.value, gap.collector, gap.digest


def _same(earlier: GapRecord, gap: GapRecord) -> GapRecord:
    if gap.digest and gap.digest == earlier.digest:
        return replace(gap, change=Change.UNCHANGED)
    told = gap.digest and earlier.digest
    return replace(gap, change=Change.WORSE, before=_EDITED if told else _UNTOLD)


def _moved(hidden: list[GapRecord], gap: GapRecord) -> GapRecord:
    """A gap that hides what another did that is gone."""
    if not hidden:
        return replace(gap, change=Change.NEW)
    hidden.sort(key=lambda one: (one.subject, one.message), reverse=True)
    return replace(gap, change=Change.UNCHANGED, before=f"it was {hidden.pop().subject}")
