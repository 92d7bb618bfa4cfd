"""The conversions of CEL between its types, on known values.

A text that is no number, and a number that the other type does not have, is a Fault. Bytes, uint
and types as values are left out of the language.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Union

from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.networks import Cidr, Ip
from policyscan.language.functions.signatures import Function, converted
from policyscan.language.types import (
    BOOL,
    CIDR,
    DOUBLE,
    DURATION,
    INT,
    IP,
    STRING,
    TIMESTAMP,
)

_LOW, _HIGH = -(2**63), 2**63 - 1
_INT = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_DOUBLE = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity)|nan",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_NUMBER = 400
_BOOLS = dict.fromkeys(("1", "t", "true", "TRUE", "True"), True)
_BOOLS |= dict.fromkeys(("0", "f", "false", "FALSE", "False"), False)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def to_int(value: Union[int, float, str, datetime]) -> int:
    """A double rounded towards zero, a text in decimal digits, the seconds of a timestamp since
    1970. Raises Fault."""
    if isinstance(value, float):
        # Both ends are refused: as doubles they stand for numbers outside as well.
        if not _LOW < value < _HIGH:
            raise Fault("a double outside of the range of int")
        return int(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Fault("a timestamp without a time zone")
        return (value - _EPOCH) // _SECOND
    if isinstance(value, str):
        number = int(value) if _INT.fullmatch(value) else None
        if number is None or not _LOW <= number <= _HIGH:
            raise Fault("a text that is not an int")
        return number
    return value


def to_double(value: Union[int, float, str]) -> float:
    """An int as the nearest double, a text that writes a number. Raises Fault."""
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER or not _DOUBLE.fullmatch(value):
            raise Fault("a text that is not a double")
        number = float(value)
        if math.isinf(number) and "inf" not in value.lower():
            raise Fault("a number that does not fit into a double")
        return number
    return float(value)


def to_bool(value: Union[bool, str]) -> bool:
    """A text that writes a truth value: `true`, `True`, `TRUE`, `t`, `1` and their opposites.
    Raises Fault."""
    truth = _BOOLS.get(value) if isinstance(value, str) else value
    if truth is None:
        raise Fault('a text that is not a bool; write "true" or "false"')
    return truth


def to_string(value: Union[str, bool, int, float, datetime, timedelta, Ip, Cidr]) -> str:
    """The shortest text that stands for a value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _of_double(value)
    if isinstance(value, datetime):
        return _of_timestamp(value)
    return _of_duration(value) if isinstance(value, timedelta) else str(value)


def _of_double(value: float) -> str:
    """With as few digits as tell it from every other double; with an exponent from 1e+06 on and
    below 1e-04."""
    if not math.isfinite(value):
        return str(value)
    return _spelt(*_digits(abs(value)), "-" if math.copysign(1.0, value) < 0 else "")


def _digits(value: float) -> tuple[str, int]:
    """The digits of a number, and the power of ten of the first."""
    mantissa, _, exponent = f"{value!r}".partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    lead = len(whole + part) - len(digits)
    return digits.rstrip("0") or "0", (len(whole) - 1 - lead + int(exponent or 0)) if digits else 0


def _spelt(digits: str, power: int, sign: str) -> str:
    if not -5 < power < 6:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{power:+03d}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    whole = digits[: power + 1].ljust(power + 1, "0")
    rest = f".{digits[power + 1 :]}" if len(digits) > power + 1 else ""
    return f"{sign}{whole}{rest}"


def _of_timestamp(value: datetime) -> str:
    moment = value.astimezone(UTC)
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + f"{fraction}Z"


def _of_duration(value: timedelta) -> str:
    microseconds = abs(value) // timedelta(microseconds=1)
    seconds, rest = divmod(microseconds, 1_000_000)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{'-' if value < timedelta() else ''}{seconds}{fraction}s"


ROWS = (
    Function(
        "int",
        converted(INT, DOUBLE, STRING, TIMESTAMP),
        to_int,
        "A double rounded towards zero, the int that a text writes, the seconds of a timestamp.",
        'int(2.9) == 2 && int("-7") == -7',
    ),
    Function(
        "double",
        converted(DOUBLE, INT, STRING),
        to_double,
        "The double nearest to an int, or that a text writes.",
        'double("2.5") == 2.5',
    ),
    Function(
        "bool",
        converted(BOOL, STRING),
        to_bool,
        "The truth value that a text writes.",
        'bool("true")',
    ),
    Function(
        "string",
        converted(STRING, INT, DOUBLE, BOOL, TIMESTAMP, DURATION, IP, CIDR),
        to_string,
        "The text that stands for a value.",
        'string(days(1)) == "86400s"',
    ),
)
"""The functions that convert."""
