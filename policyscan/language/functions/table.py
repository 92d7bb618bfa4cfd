"""The functions that policies may call: a typed table, and the adapters to the maths of rules.

A *strict* function is called only with known values. A *lifted* one takes values as they are,
partly known ones included, and says itself what follows from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from msgspec import Struct

from policyscan.language.functions import conversions, networks
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.types import (
    ANYTHING,
    BOOL,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    ListOf,
    MapOf,
    Object,
    Type,
)
from policyscan.resources.network import Rule
from policyscan.text.display import shortened

_MEMO = 65_536


class Signature(Struct, frozen=True):
    """What one overload takes and gives."""

    parameters: tuple[Type, ...]
    result: Type


class Function(Struct, frozen=True):
    """A function of the language."""

    name: str
    signatures: tuple[Signature, ...]
    call: Callable[..., object]
    """Raises Fault or ValueError for values without a result; a lifted one gives an Answer."""
    as_function: bool = True
    """May be written `name(x)`."""
    as_method: bool = False
    """May be written `x.name()`."""
    lifted: bool = False
    shallow: bool = False
    """Does not look at the members of a list, so that they may be unknown."""
    reads_literals: bool = False
    """Literal arguments are tried when the policy is loaded."""


_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|ms|us|ns|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


@lru_cache(_MEMO)
def duration(text: str | timedelta) -> timedelta:
    """A duration as CEL writes it: `168h`, `1h30m`, `-1.5s`. Raises Fault."""
    if isinstance(text, timedelta):
        return text
    body = text[1:] if text[:1] in ("+", "-") else text
    total, position = timedelta(), 0
    try:
        while match := _DURATION.match(body, position):
            total += timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
            position = match.end()
    except OverflowError:
        position = -1
    if position != len(body) or not body:
        raise Fault(
            f'"{shortened(text, 40)}" is not a duration; '
            'write hours, minutes and seconds like "168h"'
        )
    return -total if text[0] == "-" else total


def days(number: int) -> timedelta:
    """That many times 24 hours. Raises Fault."""
    try:
        return timedelta(days=number)
    except OverflowError:
        raise Fault(f"{number} days are more than a duration can be") from None


@lru_cache(_MEMO)
def timestamp(text: str | int | datetime) -> datetime:
    """A timestamp of RFC 3339, `2026-01-31T00:00:00Z`, in UTC, or the seconds since 1970. Raises
    Fault."""
    if isinstance(text, datetime):
        return text
    if isinstance(text, int):
        return conversions.of_seconds(text)
    try:
        if _TIMESTAMP.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    shown = shortened(text, 40)
    raise Fault(f'"{shown}" is not a timestamp; write one like "2026-01-31T00:00:00Z"')


def lower_ascii(text: str) -> str:
    """`text` with A to Z in lower case and every other character as it is."""
    return text.translate(_LOWER)


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _strings(name: str, call: Callable[[str, str], bool]) -> Function:
    signature = Signature((STRING, STRING), BOOL)
    return Function(name, (signature,), call, as_function=False, as_method=True)


def _converted(result: Type, *others: Type) -> tuple[Signature, ...]:
    """The forms of a conversion; a value that has the type already stays as it is."""
    return tuple(Signature((each,), result) for each in (result, *others))


_SIZED = (STRING, ListOf(ANYTHING), MapOf(ANYTHING, ANYTHING))
_TEXTS = ListOf(STRING)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for function in (
            Function(
                "size",
                tuple(Signature((each,), INT) for each in _SIZED),
                len,
                as_method=True,
                shallow=True,
            ),
            _strings("startsWith", str.startswith),
            _strings("endsWith", str.endswith),
            _strings("contains", str.__contains__),
            Function(
                "lowerAscii",
                (Signature((STRING,), STRING),),
                lower_ascii,
                as_function=False,
                as_method=True,
            ),
            Function("duration", _converted(DURATION, STRING), duration, reads_literals=True),
            Function("days", (Signature((INT,), DURATION),), days, reads_literals=True),
            Function(
                "timestamp", _converted(TIMESTAMP, STRING, INT), timestamp, reads_literals=True
            ),
            Function("int", _converted(INT, DOUBLE, STRING, TIMESTAMP), conversions.to_int),
            Function("double", _converted(DOUBLE, INT, STRING), conversions.to_double),
            Function("bool", _converted(BOOL, STRING), conversions.to_bool),
            Function(
                "string",
                _converted(STRING, INT, DOUBLE, BOOL, TIMESTAMP, DURATION),
                conversions.to_string,
            ),
            Function("covers", (Signature((_TEXTS, STRING), BOOL),), networks.covers),
            Function("overlaps", (Signature((STRING, STRING), BOOL),), networks.overlaps),
            Function("is_public", (Signature((STRING,), BOOL),), networks.is_public),
            Function(
                "wider_than", (Signature((STRING, MapOf(STRING, INT)), BOOL),), networks.wider_than
            ),
            Function(
                "has_distinct",
                (Signature((ListOf(STRING), INT), BOOL),),
                networks.has_distinct,
                lifted=True,
            ),
            Function("other_ports", (Signature((_TEXTS,), _TEXTS),), networks.other_ports),
            Function(
                "reaches_internet",
                (Signature((ListOf(Object(Rule)), _TEXTS, MapOf(STRING, INT)), BOOL),),
                networks.reaches_internet,
                lifted=True,
            ),
            Function(
                "sends_only_to",
                (Signature((ListOf(Object(Rule)), _TEXTS, _TEXTS), BOOL),),
                networks.sends_only_to,
                lifted=True,
            ),
            Function(
                "sends_only_on",
                (Signature((ListOf(Object(Rule)), _TEXTS), BOOL),),
                networks.sends_only_on,
                lifted=True,
            ),
        )
    }
)
