"""How often a schedule runs: the `rate` and `cron` expressions of AWS.

From the user guides of Secrets Manager ("Rotation schedules") and EventBridge ("cron expressions").
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

_RATE = re.compile(r"rate\(\s*([1-9][0-9]{0,5})\s+(hour|day)s?\s*\)", re.ASCII)
_CRON = re.compile(r"cron\(\s*([^()]{1,200}?)\s*\)", re.ASCII)
_DAYS_OF = {"hour": 1 / 24, "day": 1.0}

_MONTHS = dict(
    zip("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), range(1, 13), strict=True)
)
_WEEKDAYS = dict(zip("SUN MON TUE WED THU FRI SAT".split(), range(1, 8), strict=True))

_PART = re.compile(r"(?:(\*)|([0-9]{1,2}|[A-Z]{3})(?:-([0-9]{1,2}|[A-Z]{3}))?)(?:/([0-9]{1,2}))?")
_CALENDAR = (date(2023, 1, 1), date(2031, 12, 31))
"""Nine years hold two leap days, and so every gap of a schedule without years."""

_Runs = Callable[[date], bool]


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """The expression is none."""


@lru_cache(maxsize=1024)
def rotation_interval_days(expression: str) -> float | None:
    """The longest time in days between two runs of `rate(10 days)` or `cron(0 8 1 * ? *)`.

    None for an expression that AWS would refuse, that never runs, or that names years.
    """
    text = expression.strip()
    if rate := _RATE.fullmatch(text):
        return int(rate[1]) * _DAYS_OF[rate[2]]
    cron = _CRON.fullmatch(text)
    try:
        return _longest_gap(cron[1].upper().split()) if cron else None
    except _Malformed:
        return None


def _longest_gap(fields: list[str]) -> float | None:
    if len(fields) != 6 or fields[5] != "*":
        return None
    minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
    months = _numbers(fields[3], 1, 12, _MONTHS)
    times = [60 * hour + minute for hour in sorted(hours) for minute in sorted(minutes)]
    runs_on = _day_rule(fields[2], fields[4])
    days = [day for day in _calendar() if day.month in months and runs_on(day)]
    if len(days) < 2:
        return None
    between_days = max((later - earlier).days for earlier, later in pairwise(days))
    within_a_day = max((later - earlier for earlier, later in pairwise(times)), default=0)
    return max(within_a_day, between_days * 1440 - (times[-1] - times[0])) / 1440


def _calendar() -> Iterator[date]:
    first, last = _CALENDAR
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _numbers(
    field: str, lowest: int, highest: int, names: dict[str, int] | None = None
) -> set[int]:
    """The numbers that `*`, `5`, `MON-FRI`, `0/4` or a list of these means."""
    found: set[int] = set()
    for text in field.split(","):
        part = _PART.fullmatch(text)
        if part is None:
            raise _Malformed(text)
        first = lowest if part[1] else _number(part[2], names)
        last = _number(part[3], names) if part[3] else first
        if part[1] or (part[4] and not part[3]):
            last = highest
        step = int(part[4] or 1)
        if step == 0 or not lowest <= first <= last <= highest:
            raise _Malformed(text)
        found.update(range(first, last + 1, step))
    return found


def _one(text: str, highest: int, names: dict[str, int] | None = None) -> int:
    numbers = _numbers(text, 1, highest, names)
    if len(numbers) != 1:
        raise _Malformed(text)
    return numbers.pop()


def _number(text: str, names: dict[str, int] | None) -> int:
    if text.isdecimal():
        return int(text)
    try:
        return (names or {})[text]
    except KeyError:
        raise _Malformed(text) from None


def _day_rule(of_month: str, of_week: str) -> _Runs:
    """On which days it runs; exactly one of the two fields must be `?`."""
    if (of_month == "?") == (of_week == "?"):
        raise _Malformed(of_week)
    if of_week == "?":
        rules = [_month_rule(part) for part in of_month.split(",")]
    else:
        rules = [_week_rule(part) for part in of_week.split(",")]
    return lambda day: any(rule(day) for rule in rules)


def _month_rule(part: str) -> _Runs:
    """`L` is the last day of the month, `15W` the weekday nearest to the 15th."""
    if part == "L":
        return lambda day: day.day == _length(day)
    if part == "LW":
        return lambda day: day == _nearest_weekday(day, _length(day))
    if part.endswith("W"):
        wanted = _one(part[:-1], 31)
        return lambda day: wanted <= _length(day) and day == _nearest_weekday(day, wanted)
    days = _numbers(part, 1, 31)
    return lambda day: day.day in days


def _week_rule(part: str) -> _Runs:
    """`6L` is the last Friday of the month, `6#3` the third one, `L` Saturday."""
    if part == "L":
        part = "SAT"
    if part.endswith("L"):
        last = _one(part[:-1], 7, _WEEKDAYS)
        return lambda day: _weekday(day) == last and day.day + 7 > _length(day)
    if "#" in part:
        name, _, nth = part.partition("#")
        weekday, week = _one(name, 7, _WEEKDAYS), _one(nth, 5)
        return lambda day: _weekday(day) == weekday and (day.day + 6) // 7 == week
    weekdays = _numbers(part, 1, 7, _WEEKDAYS)
    return lambda day: _weekday(day) in weekdays


def _weekday(day: date) -> int:
    """1 for Sunday to 7 for Saturday."""
    return day.isoweekday() % 7 + 1


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, wanted: int) -> date:
    """The weekday nearest to a day of the same month, without leaving the month."""
    target = day.replace(day=wanted)
    if target.isoweekday() == 6:
        return target + timedelta(days=-1 if wanted > 1 else 2)
    if target.isoweekday() == 7:
        return target + timedelta(days=1 if wanted < _length(day) else -2)
    return target
