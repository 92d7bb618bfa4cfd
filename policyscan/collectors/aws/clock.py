"""Whether the clock of this machine and that of AWS agree.

Ages of what is seen are counted to the clock of AWS; what files state, and when a run was, goes by
ours. AWS refuses requests that are further off than it tolerates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from policyscan.errors import GapReason
from policyscan.resources.base import Gap

SKEW = timedelta(minutes=5)
"""Between the clocks, from which on it is told."""


def difference(theirs: datetime | None, ours: datetime) -> str:
    """What is wrong between the two clocks; empty if nothing is, or AWS did not say its time."""
    off = ours - theirs if theirs is not None else timedelta()
    if abs(off) <= SKEW:
        return ""
    way = "ahead of" if off > timedelta() else "behind"
    return f"this clock is {abs(off)} {way} that of AWS"


def gap_of(
    theirs: datetime | None, ours: datetime, kinds: tuple[str, ...], target: str
) -> Iterator[Gap]:
    """The gap that clocks leave which do not agree. It belongs to the target as a whole, and to
    no region of it: all was seen, but when it was is in doubt."""
    told = difference(theirs, ours)
    if told:
        message = (
            f"{told}: ages of what was seen are counted to the clock of AWS, "
            "dates that files state and those of this report to this one"
        )
        yield Gap(GapReason.UNSUPPORTED, "clock", message, hides=kinds, unit=target)
