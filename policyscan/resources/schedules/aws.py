"""How often a schedule runs: the `rate` and `cron` expressions of AWS.

From the user guides of Secrets Manager ("Rotation schedules") and EventBridge ("cron expressions").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from policyscan.resources.schedules.recurrence import (
    MONTHS,
    DayRule,
    NotASchedule,
    Recurrence,
    days_in_month,
    longest_gap_days,
    numbers,
)

_RATE = re.compile(r"rate\(\s*([1-9][0-9]{0,5})\s+(minute|hour|day)s?\s*\)", re.ASCII)
_CRON = re.compile(r"cron\(\s*([^()]{1,200}?)\s*\)", re.ASCII)
_DAYS_OF = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0}
_WEEKDAYS = dict(zip("SUN MON TUE WED THU FRI SAT".split(), range(1, 8), strict=True))


def rotation_interval_days(expression: str) -> float | None:
    """The longest time in days between two runs of `rate(10 days)` or `cron(0 8 1 * ? *)`.

    None for an expression that Secrets Manager would refuse, that never runs, or that names years.
    """
    return None if "minute" in expression else event_interval_days(expression)


@lru_cache(maxsize=1024)
def event_interval_days(expression: str) -> float | None:
    """As `rotation_interval_days`, for EventBridge, which also knows minutes."""
    text = expression.strip()
    if rate := _RATE.fullmatch(text):
        return int(rate[1]) * _DAYS_OF[rate[2]]
    cron = _CRON.fullmatch(text)
    try:
        return _longest_gap(cron[1].upper().split()) if cron else None
    except NotASchedule:
        return None


def _longest_gap(fields: list[str]) -> float | None:
    if len(fields) != 6 or fields[5] != "*":
        return None
    minutes, hours = numbers(fields[0], 0, 59), numbers(fields[1], 0, 23)
    months = numbers(fields[3], 1, 12, MONTHS)
    times = tuple(3600 * hour + 60 * minute for hour in sorted(hours) for minute in sorted(minutes))
    day_rule = _day_rule(fields[2], fields[4])
    recurrence = Recurrence(lambda day: day.month in months and day_rule(day), times)
    return longest_gap_days([recurrence])


def _one(text: str, highest: int, names: Mapping[str, int] | None = None) -> int:
    found = numbers(text, 1, highest, names)
    if len(found) != 1:
        raise NotASchedule(text)
    return found.pop()


def _day_rule(of_month: str, of_week: str) -> DayRule:
    """On which days it runs; exactly one of the two fields must be `?`."""
    if (of_month == "?") == (of_week == "?"):
        raise NotASchedule(of_week)
    if of_week == "?":
        rules = [_month_rule(part) for part in of_month.split(",")]
    else:
        rules = [_week_rule(part) for part in of_week.split(",")]
    return lambda day: any(rule(day) for rule in rules)


def _month_rule(part: str) -> DayRule:
    """`L` is the last day of the month, `15W` the weekday nearest to the 15th."""
    if part == "L":
        return lambda day: day.day == days_in_month(day)
    if part == "LW":
        return lambda day: day == _nearest_weekday(day, days_in_month(day))
    if part.endswith("W"):
        wanted = _one(part[:-1], 31)
        return lambda day: wanted <= days_in_month(day) and day == _nearest_weekday(day, wanted)
    days = numbers(part, 1, 31)
    return lambda day: day.day in days


def _week_rule(part: str) -> DayRule:
    """`6L` is the last Friday of the month, `6#3` the third one, `L` Saturday."""
    if part == "L":
        part = "SAT"
    if part.endswith("L"):
        last = _one(part[:-1], 7, _WEEKDAYS)
        return lambda day: _weekday(day) == last and day.day + 7 > days_in_month(day)
    if "#" in part:
        name, _, nth = part.partition("#")
        weekday, week = _one(name, 7, _WEEKDAYS), _one(nth, 5)
        return lambda day: _weekday(day) == weekday and (day.day + 6) // 7 == week
    weekdays = numbers(part, 1, 7, _WEEKDAYS)
    return lambda day: _weekday(day) in weekdays


def _weekday(day: date) -> int:
    """1 for Sunday to 7 for Saturday."""
    return day.isoweekday() % 7 + 1


def _nearest_weekday(day: date, wanted: int) -> date:
    """The weekday nearest to a day of the same month, without leaving the month."""
    target = day.replace(day=wanted)
    if target.isoweekday() == 6:
        return target + timedelta(days=-1 if wanted > 1 else 2)
    if target.isoweekday() == 7:
        return target + timedelta(days=1 if wanted < days_in_month(day) else -2)
    return target
