"""How often the five fields of a crontab run, from crontab(5)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from policyscan.resources.schedules.recurrence import (
    CYCLE_YEARS,
    MONTHS,
    YEARS,
    DayRule,
    NotASchedule,
    Recurrence,
    longest_gap_days,
    numbers,
)

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_WEEKDAYS = dict(zip("SUN MON TUE WED THU FRI SAT".split(), range(7), strict=True))


@lru_cache(maxsize=1024)
def crontab_interval_days(schedules: tuple[str, ...], *, open_steps: bool = False) -> float | None:
    """The longest time in days between two runs of a job with all of these schedules.

    None for text that is no schedule, that cron programs read differently, that never runs, or
    that hangs on something else than time (`@reboot`). `open_steps` allows `20/15`, as GitHub does.
    """
    try:
        parsed = [_parse(schedule, open_steps) for schedule in schedules]
    except NotASchedule:
        return None
    years = CYCLE_YEARS if any(needs_both for _, needs_both in parsed) else YEARS
    return longest_gap_days([recurrence for recurrence, _ in parsed], years) if parsed else None


def _parse(schedule: str, open_steps: bool) -> tuple[Recurrence, bool]:
    """The recurrence, and whether it needs a day of the month and of the week at once."""
    fields = NICKNAMES.get(schedule.strip().lower(), schedule).upper().split()
    if len(fields) != 5:
        raise NotASchedule(schedule)
    minutes = numbers(fields[0], 0, 59, open_steps=open_steps)
    hours = numbers(fields[1], 0, 23, open_steps=open_steps)
    months = numbers(fields[3], 1, 12, MONTHS, open_steps=open_steps)
    rule, needs_both = _day_rule(fields[2], fields[4], open_steps)
    times = tuple(3600 * hour + 60 * minute for hour in sorted(hours) for minute in sorted(minutes))
    return Recurrence(lambda day: day.month in months and rule(day), times), needs_both


def _day_rule(of_month: str, of_week: str, open_steps: bool) -> tuple[DayRule, bool]:
    """On which days it runs. A day needs to match one of the two fields if neither begins with
    `*`, and both of them otherwise: `*/2` counts as `*` here."""
    days = numbers(of_month, 1, 31, open_steps=open_steps)
    weekdays = {n % 7 for n in numbers(of_week, 0, 7, _WEEKDAYS, open_steps=open_steps)}
    if not of_month.startswith("*") and not of_week.startswith("*"):
        return lambda day: day.day in days or _weekday(day) in weekdays, False
    every_day, every_weekday = len(days) == 31, len(weekdays) == 7
    if every_weekday:
        return lambda day: day.day in days, False
    if every_day:
        return lambda day: _weekday(day) in weekdays, False
    return lambda day: day.day in days and _weekday(day) in weekdays, True


def _weekday(day: date) -> int:
    """0 for Sunday to 6 for Saturday."""
    return day.isoweekday() % 7
