"""Recurring events: on which days and at which times, and the longest time between two of them.

What the spellings of schedules (AWS, crontab, systemd) come down to. Clocks that are put forward
and back are left out: a day has 24 hours.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple

DAY = 86_400
MONTHS = dict(
    zip("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), range(1, 13), strict=True)
)
YEARS = 9
"""Nine years hold two leap days, and so every gap of a schedule by days of the month."""
CYCLE_YEARS = 57
"""After 28 years the weekdays of all dates come back: a schedule that asks for both may skip that
long, and twice as many years hold every gap."""

_FIRST_YEAR = 2023
_PART = re.compile(r"(?:(\*)|([0-9]{1,2}|[A-Z]{3})(?:-([0-9]{1,2}|[A-Z]{3}))?)(?:/([0-9]{1,2}))?")


class NotASchedule(ValueError):  # noqa: N818 - says what the text is not
    """The text is no schedule, or one whose meaning is not certain."""


DayRule = Callable[[date], bool]


class Recurrence(NamedTuple):
    """Some times on some days."""

    runs_on: DayRule
    times: tuple[int, ...]
    """Seconds of the day, sorted; at least one."""


def longest_gap_days(recurrences: Sequence[Recurrence], years: int = YEARS) -> float | None:
    """The longest time in days without any of them; None if they come fewer than two times."""
    within: dict[tuple[int, ...], tuple[int, int, int]] = {}
    longest = runs = last = 0
    for number, day in enumerate(_calendar(years)):
        which = tuple(i for i, each in enumerate(recurrences) if each.runs_on(day))
        if not which:
            continue
        if which not in within:
            within[which] = _within_a_day([recurrences[i] for i in which])
        first, final, between = within[which]
        since = number * DAY + first - last if runs else 0
        longest = max(longest, between, since)
        last, runs = number * DAY + final, runs + 1
    return longest / DAY if runs > 1 else None


def _within_a_day(recurrences: Sequence[Recurrence]) -> tuple[int, int, int]:
    """The first and the last time of a day on which all of these come, and the longest gap."""
    times = sorted({time for each in recurrences for time in each.times})
    gap = max((later - earlier for earlier, later in pairwise(times)), default=0)
    return times[0], times[-1], gap


@cache
def _calendar(years: int) -> tuple[date, ...]:
    first = date(_FIRST_YEAR, 1, 1)
    days = (date(_FIRST_YEAR + years, 1, 1) - first).days
    return tuple(first + timedelta(days=n) for n in range(days))


def numbers(
    field: str,
    lowest: int,
    highest: int,
    names: Mapping[str, int] | None = None,
    *,
    open_steps: bool = True,
) -> set[int]:
    """The numbers that `*`, `5`, `MON-FRI`, `*/4` or a list of these means; with `open_steps` also
    `0/4`, which goes on to the highest. Raises NotASchedule."""
    found: set[int] = set()
    for text in field.split(","):
        part = _PART.fullmatch(text)
        if part is None:
            raise NotASchedule(text)
        first = lowest if part[1] else _number(part[2], names)
        last = _number(part[3], names) if part[3] else first
        is_open = bool(part[4]) and not part[1] and not part[3]
        if part[1] or is_open:
            last = highest
        step = int(part[4] or 1)
        if step == 0 or not lowest <= first <= last <= highest or (is_open and not open_steps):
            raise NotASchedule(text)
        found.update(range(first, last + 1, step))
    return found


def _number(text: str, names: Mapping[str, int] | None) -> int:
    if text.isdecimal():
        return int(text)
    try:
        return (names or {})[text]
    except KeyError:
        raise NotASchedule(text) from None


def days_in_month(day: date) -> int:
    """How many days the month of this day has."""
    return monthrange(day.year, day.month)[1]
