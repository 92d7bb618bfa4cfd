"""Durations and timestamps, as CEL writes and reads them; their arithmetic is in `arithmetic`.

Both are kept in microseconds. What is written more finely is a fault, never rounded.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Union

from policyscan.language.functions.arithmetic import Fault, within_range
from policyscan.language.functions.signatures import (
    MEMO,
    Function,
    Signature,
    Trial,
    converted,
    function,
    method,
)
from policyscan.language.types import DURATION, INT, STRING, TIMESTAMP

_LONGEST = 100
"""Characters of a duration or timestamp; those that mean something have far fewer."""
_DURATION = re.compile(r"([0-9]{1,20})?(?:\.([0-9]{0,20}))?(h|ms|us|µs|μs|ns|m|s)")
_NANOSECONDS = {
    "h": 3_600 * 10**9,
    "m": 60 * 10**9,
    "s": 10**9,
    "ms": 10**6,
    "us": 10**3,
    "µs": 10**3,  # the micro sign, and below the Greek letter: Go takes both
    "μs": 10**3,
    "ns": 1,
}
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:\.([0-9]{1,20}))?([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-]?)([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_NOT_A_DURATION = 'not a duration; write hours, minutes and seconds like "168h"'
_NOT_A_TIMESTAMP = 'not a timestamp; write one like "2026-01-31T00:00:00Z"'
_TOO_FINE = "not a whole number of microseconds, the finest that policies count"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR, _MINUTE, _SECOND = (timedelta(**{unit: 1}) for unit in ("hours", "minutes", "seconds"))


@lru_cache(MEMO)
def duration(text: Union[str, timedelta]) -> timedelta:
    """A duration by the grammar of Go: `168h`, `1h30m`, `-1.5s`, `0`. Raises Fault."""
    if isinstance(text, timedelta):
        return text
    body = text[1:] if text[:1] in ("+", "-") else text
    if len(text) > _LONGEST:
        raise Fault(_NOT_A_DURATION)
    total, scale, position = 0, 10**20, 0
    while match := _DURATION.match(body, position):
        whole, part, unit = match.groups()
        if not whole and not part:
            break
        amount = int(whole or 0) * scale + int((part or "0").ljust(20, "0"))
        total += amount * _NANOSECONDS[unit]
        position = match.end()
    if body != "0" and (position != len(body) or not body):
        raise Fault(_NOT_A_DURATION)
    microseconds, rest = divmod(total, 1_000 * scale)
    if rest:
        raise Fault(_TOO_FINE)
    return within_range(-microseconds if text[0] == "-" else microseconds)


def days(number: int) -> timedelta:
    """That many times 24 hours. Raises Fault."""
    try:
        return within_range(number * 86_400_000_000)
    except Fault:
        raise Fault(f"{number} days are more than a duration can be") from None


@lru_cache(MEMO)
def timestamp(text: Union[str, int, datetime]) -> datetime:
    """A timestamp of RFC 3339, `2026-01-31T00:00:00Z`, in UTC, or the seconds since 1970. Raises
    Fault."""
    if isinstance(text, datetime):
        return text
    if isinstance(text, int):
        return _of_seconds(text)
    match = _TIMESTAMP.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise Fault(_NOT_A_TIMESTAMP)
    date, time, fraction, offset = match.groups(default="")
    if fraction[6:].strip("0"):
        raise Fault(_TOO_FINE)
    try:
        moment = f"{date}T{time}.{fraction[:6].ljust(6, '0')}{offset.upper()}"
        return datetime.fromisoformat(moment).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Fault(_NOT_A_TIMESTAMP) from None


def _of_seconds(number: int) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=number)
    except OverflowError:
        raise Fault("seconds since 1970 that are beyond the years 1 to 9999") from None


@lru_cache(256)
def zone(name: str) -> tzinfo:
    """The time zone of a name like `UTC` and `Europe/Paris`, or of an offset like `+02:00`. Raises
    Fault."""
    if name == "UTC":
        return UTC
    if match := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-offset if match[1] == "-" else offset)
    known = _zone_names()
    if name in known:
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            pass
    if not known:
        raise Fault("not a time zone that is known here: there is no table; pip install tzdata")
    raise Fault('not a time zone; write "UTC", one like "Europe/Paris", or an offset like "+02:00"')


@lru_cache(1)
def _zone_names() -> frozenset[str]:
    """The names that mean the same on every machine; empty if there is no table of them."""
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


def _field(read: Callable[[datetime], int]) -> Callable[..., int]:
    """What reads one field of a timestamp, in UTC or in a time zone."""

    def accessor(moment: datetime, name: str = "UTC") -> int:
        return read(_in_zone(moment, name))

    return accessor


def _either(
    read: Callable[[datetime], int], convert: Callable[[timedelta], int]
) -> Callable[..., int]:
    """The same, which converts a duration as well."""

    def accessor(value: Union[datetime, timedelta], name: str = "UTC") -> int:
        return convert(value) if isinstance(value, timedelta) else read(_in_zone(value, name))

    return accessor


def _in_zone(moment: datetime, name: str) -> datetime:
    if moment.tzinfo is None:
        raise Fault("a timestamp without a time zone")
    try:
        return moment.astimezone(zone(name))
    except OverflowError:
        raise Fault("a timestamp beyond the years 1 to 9999 in that time zone") from None


def _whole(unit: timedelta) -> Callable[[timedelta], int]:
    """How many whole units a duration is, truncated towards zero."""
    return lambda value: value // unit if value >= timedelta() else -(-value // unit)


def _milliseconds(value: timedelta) -> int:
    """The milliseconds of a duration beyond its whole seconds."""
    rest = abs(value) % _SECOND // timedelta(milliseconds=1)
    return rest if value >= timedelta() else -rest


_OF_TIME = (method((TIMESTAMP,), INT), method((TIMESTAMP, STRING), INT))
_OF_BOTH = (*_OF_TIME, method((DURATION,), INT))
_EXAMPLE = 'timestamp("2026-01-31T23:30:15.250Z")'
_ZONES = (Trial(1, zone),)


def _accessor(
    name: str,
    call: Callable[..., int],
    about: str,
    example: str,
    forms: tuple[Signature, ...] = _OF_TIME,
) -> Function:
    return Function(name, forms, call, about, example, trials=_ZONES)


ROWS = (
    Function(
        "duration",
        converted(DURATION, STRING),
        duration,
        "The duration that a text writes in h, m, s, ms, us and ns.",
        'duration("1h30m") == duration("90m")',
        reads_literals=True,
    ),
    Function(
        "days",
        (function((INT,), DURATION),),
        days,
        "That many times 24 hours.",
        'days(7) == duration("168h")',
        reads_literals=True,
    ),
    Function(
        "timestamp",
        converted(TIMESTAMP, STRING, INT),
        timestamp,
        "The timestamp that a text writes by RFC 3339, or that is so many seconds after 1970.",
        'timestamp("2026-01-31T01:00:00+01:00") == timestamp("2026-01-31T00:00:00Z")',
        reads_literals=True,
    ),
    _accessor(
        "getFullYear",
        _field(lambda moment: moment.year),
        "The year of a timestamp, in UTC or in a time zone.",
        f"{_EXAMPLE}.getFullYear() == 2026",
    ),
    _accessor(
        "getMonth",
        _field(lambda moment: moment.month - 1),
        "The month of a timestamp; January is 0.",
        f'{_EXAMPLE}.getMonth() == 0 && {_EXAMPLE}.getMonth("Europe/Paris") == 1',
    ),
    _accessor(
        "getDate",
        _field(lambda moment: moment.day),
        "The day of the month of a timestamp; the first is 1.",
        f"{_EXAMPLE}.getDate() == 31",
    ),
    _accessor(
        "getDayOfMonth",
        _field(lambda moment: moment.day - 1),
        "The day of the month of a timestamp; the first is 0.",
        f"{_EXAMPLE}.getDayOfMonth() == 30",
    ),
    _accessor(
        "getDayOfWeek",
        _field(lambda moment: moment.isoweekday() % 7),
        "The day of the week of a timestamp; Sunday is 0.",
        f"{_EXAMPLE}.getDayOfWeek() == 6",
    ),
    _accessor(
        "getDayOfYear",
        _field(lambda moment: moment.timetuple().tm_yday - 1),
        "The day of the year of a timestamp; the first is 0.",
        f"{_EXAMPLE}.getDayOfYear() == 30",
    ),
    _accessor(
        "getHours",
        _either(lambda moment: moment.hour, _whole(_HOUR)),
        "The hour of a timestamp, or the whole hours of a duration.",
        f'{_EXAMPLE}.getHours("+01:00") == 0 && duration("90m").getHours() == 1',
        _OF_BOTH,
    ),
    _accessor(
        "getMinutes",
        _either(lambda moment: moment.minute, _whole(_MINUTE)),
        "The minute of a timestamp, or the whole minutes of a duration.",
        f'{_EXAMPLE}.getMinutes() == 30 && duration("90m").getMinutes() == 90',
        _OF_BOTH,
    ),
    _accessor(
        "getSeconds",
        _either(lambda moment: moment.second, _whole(_SECOND)),
        "The second of a timestamp, or the whole seconds of a duration.",
        f'{_EXAMPLE}.getSeconds() == 15 && duration("90m").getSeconds() == 5400',
        _OF_BOTH,
    ),
    _accessor(
        "getMilliseconds",
        _either(lambda moment: moment.microsecond // 1_000, _milliseconds),
        "The milliseconds of a timestamp or a duration beyond its whole seconds.",
        f'{_EXAMPLE}.getMilliseconds() == 250 && duration("1.5s").getMilliseconds() == 500',
        _OF_BOTH,
    ),
)
"""The functions of time."""
