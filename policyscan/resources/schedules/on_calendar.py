"""How often a timer of systemd runs, from systemd.time(7)."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from policyscan.resources.schedules.recurrence import (
    CYCLE_YEARS,
    YEARS,
    DayRule,
    NotASchedule,
    Recurrence,
    days_in_month,
    longest_gap_days,
)

_WORDS = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    "semiannually": "*-01,07-01 00:00:00",
    "yearly": "*-01-01 00:00:00",
    "annually": "*-01-01 00:00:00",
}
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_WEEKDAYS = {name: n for n, day in enumerate(_DAYS, 1) for name in (day, day[:3])}
_ZONE = re.compile(r"UTC|[A-Z][A-Za-z_]+/[A-Za-z_+/-]+")
_DATE = re.compile(r"(?:(\*|[0-9,./]+)-)?(\*|[0-9,./]+)(?:-(\*|[0-9,./]+)|~([0-9]{1,2}))")
_TIME = re.compile(r"(\*|[0-9,./]+):(\*|[0-9,./]+)(?::(\*|[0-9,./]+))?")
_PART = re.compile(r"([0-9]{1,2})(?:\.\.([0-9]{1,2}))?(?:/([0-9]{1,2}))?")

_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)\s*")
_UNITS = {
    unit: days
    for units, days in {
        "s sec second seconds": 1 / 86_400,
        "m min minute minutes": 1 / 1_440,
        "h hr hour hours": 1 / 24,
        "d day days": 1.0,
        "w week weeks": 7.0,
        "M month months": 30.44,
        "y year years": 365.25,
    }.items()
    for unit in units.split()
}


@lru_cache(maxsize=1024)
def calendar_interval_days(events: tuple[str, ...]) -> float | None:
    """The longest time in days between two runs of a timer with all of these `OnCalendar=`.

    None for text that is no calendar event, that never comes, or that names years.
    """
    try:
        parsed = [_parse(event) for event in events]
    except NotASchedule:
        return None
    years = CYCLE_YEARS if any(needs_both for _, needs_both in parsed) else YEARS
    return longest_gap_days([recurrence for recurrence, _ in parsed], years) if parsed else None


def time_span_days(text: str) -> float | None:
    """The days that `1w 2d` or `90` (seconds) means; None if it is no time span."""
    total, at = 0.0, 0
    while found := _SPAN.match(text, at):
        unit = found[2] or "s"
        if unit not in _UNITS:
            return None
        total, at = total + float(found[1]) * _UNITS[unit], found.end()
    return total if at == len(text) and total > 0 else None


def _parse(event: str) -> tuple[Recurrence, bool]:
    """The recurrence, and whether it needs a date and a day of the week at once."""
    words = event.split()
    if len(words) > 1 and _ZONE.fullmatch(words[-1]):
        words.pop()
    if not words:
        raise NotASchedule(event)
    words = _WORDS.get(words[0].lower(), words[0]).split() + words[1:]
    weekdays = _weekdays(words.pop(0)) if words[0][0].isalpha() else None
    dates = _dates(words.pop(0)) if words and _DATE.fullmatch(words[0]) else None
    times = _times(words.pop(0)) if words and _TIME.fullmatch(words[0]) else (0,)
    if words:
        raise NotASchedule(event)
    runs_on = dates or (lambda _: True)
    if weekdays is None:
        return Recurrence(runs_on, times), False
    both = Recurrence(lambda day: day.isoweekday() in weekdays and runs_on(day), times)
    return both, dates is not None


def _weekdays(word: str) -> set[int]:
    found: set[int] = set()
    for part in word.rstrip(",").lower().split(","):
        first, _, last = part.replace("-", "..").partition("..")
        if first not in _WEEKDAYS or (last or first) not in _WEEKDAYS:
            raise NotASchedule(word)
        start, end = _WEEKDAYS[first], _WEEKDAYS[last or first]
        if start > end:
            raise NotASchedule(word)
        found.update(range(start, end + 1))
    return found


def _dates(word: str) -> DayRule | None:
    """The rule of a date; None if it is every day."""
    parts = _DATE.fullmatch(word)
    assert parts is not None
    if parts[1] not in (None, "*"):
        raise NotASchedule(word)
    months, days = _numbers(parts[2], 1, 12), _numbers(parts[3] or parts[4], 1, 31)
    if parts[4]:
        return lambda day: day.month in months and _from_the_end(day) in days
    if len(months) == 12 and len(days) == 31:
        return None
    return lambda day: day.month in months and day.day in days


def _from_the_end(day: date) -> int:
    """1 for the last day of its month."""
    return days_in_month(day) - day.day + 1


def _times(word: str) -> tuple[int, ...]:
    parts = _TIME.fullmatch(word)
    assert parts is not None
    hours, minutes = _numbers(parts[1], 0, 23), _numbers(parts[2], 0, 59)
    seconds = _numbers(parts[3] or "0", 0, 59)
    return tuple(
        3600 * hour + 60 * minute + second
        for hour in sorted(hours)
        for minute in sorted(minutes)
        for second in sorted(seconds)
    )


def _numbers(field: str, lowest: int, highest: int) -> set[int]:
    """The numbers that `*`, `5`, `8..17`, `1/7` or a list of these means."""
    if field == "*":
        return set(range(lowest, highest + 1))
    found: set[int] = set()
    for text in field.split(","):
        part = _PART.fullmatch(text)
        if part is None:
            raise NotASchedule(text)
        first = int(part[1])
        last = int(part[2]) if part[2] else highest if part[3] else first
        step = int(part[3] or 1)
        fits = lowest <= first <= last <= highest and (not part[3] or first + step <= highest)
        if step == 0 or not fits:
            raise NotASchedule(text)
        found.update(range(first, last + 1, step))
    return found
