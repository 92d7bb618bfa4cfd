"""What became of what could not be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from posixpath import dirname

from msgspec.structs import replace

from policyscan.findings.difference import Known
from policyscan.findings.model import Change, GapRecord, ResourceRef
from policyscan.text.words import count

_EDITED = "it could not be seen before either, and what it hides was edited since"
_UNTOLD = "it could not be seen before either, and nothing tells whether what it hides is the same"


def compared_gaps(
    before: Sequence[GapRecord], gaps: Sequence[GapRecord], lost: Iterable[Known] = ()
) -> tuple[GapRecord, ...]:
    """The gaps with their changes, in order. One is unchanged only if what it hides certainly is:
    a file that did not parse and was edited may hide what was not there. `lost` are the pairs that
    were judged before and have no counterpart: a new gap in their place hides them."""
    known: defaultdict[str, list[GapRecord]] = defaultdict(list)
    for gap in before:
        known[gap.fingerprint].append(gap)
    earlier = [known[gap.fingerprint].pop() if known[gap.fingerprint] else None for gap in gaps]
    hidden: defaultdict[tuple[str, str, str], list[GapRecord]] = defaultdict(list)
    for rest in known.values():
        for gap in rest:
            if gap.digest:
                hidden[_what(gap)].append(gap)
    places = _Lost(lost)
    return tuple(
        _moved(hidden[_what(gap)], gap, places) if same is None else _same(same, gap)
        for same, gap in zip(earlier, gaps, strict=True)
    )


def _what(gap: GapRecord) -> tuple[str, str, str]:
    return gap.reason.value, gap.collector, gap.digest


def _same(earlier: GapRecord, gap: GapRecord) -> GapRecord:
    if gap.digest and gap.digest == earlier.digest:
        return replace(gap, change=Change.UNCHANGED)
    told = gap.digest and earlier.digest
    return replace(gap, change=Change.WORSE, before=_EDITED if told else _UNTOLD)


def _moved(hidden: list[GapRecord], gap: GapRecord, lost: _Lost) -> GapRecord:
    """A gap that hides what another did that is gone, or what was judged, or what is new."""
    if not hidden:
        number = lost.behind(gap)
        if not number:
            return replace(gap, change=Change.NEW)
        words = f"it hides {count(number, 'verdict')} from before"
        return replace(gap, change=Change.NARROWED, before=words)
    hidden.sort(key=lambda one: (one.subject, one.message), reverse=True)
    return replace(gap, change=Change.UNCHANGED, before=f"it was {hidden.pop().subject}")


class _Lost:
    """What was judged before and has no counterpart, by where it stood."""

    def __init__(self, lost: Iterable[Known]) -> None:
        self._by_unit: defaultdict[str, list[ResourceRef]] = defaultdict(list)
        self._by_folder: defaultdict[str, list[ResourceRef]] = defaultdict(list)
        for each in lost:
            self._by_unit[each.resource.unit].append(each.resource)
            if each.location is not None:
                self._by_folder[dirname(each.location.path)].append(each.resource)

    def behind(self, gap: GapRecord) -> int:
        """How many verdicts were about something in the place of a gap: in the module that was not
        fetched, or in a file beside the one that is not read, of a kind that it may hide."""
        if gap.subject.startswith("module."):
            inside = f"{gap.subject}."
            near = [ref for ref in self._by_unit[gap.unit] if ref.address.startswith(inside)]
        else:
            near = self._by_folder[dirname(gap.subject)]
        return sum(ref.kind in gap.hides for ref in near) if gap.hides else len(near)
