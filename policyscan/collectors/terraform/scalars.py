"""Terraform's conversions between strings, numbers and booleans."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from policyscan.collectors.terraform.value import Plain
from policyscan.values import Undetermined, Unknown, Why

MAX_NUMBER = 10**300
"""Numbers from here on are not computed with."""

N = TypeVar("N", int | float, Decimal, Fraction)

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?(?P<exponent>[0-9]+))?")


def to_text(plain: Plain) -> str | None:
    """A known primitive as string; None for anything else, null included."""
    if isinstance(plain, str):
        return plain
    if isinstance(plain, bool):
        return "true" if plain else "false"
    number = to_number(plain)
    return None if number is None else format(Decimal(repr(whole(number))), "f")


def to_number(plain: Plain) -> int | float | None:
    """A number, or a string in decimal notation, as number; None for anything else. Raises
    `Undetermined` beyond `MAX_NUMBER`."""
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        return whole(bounded(plain))
    match = _NUMBER.fullmatch(plain) if isinstance(plain, str) else None
    if match is None:
        return None
    if len(match[0]) > 400 or len(match["exponent"] or "") > 4:
        raise _too_large()
    exact = Decimal(match[0])
    return whole(bounded(exact))


def to_bool(plain: Plain) -> bool | None:
    """A boolean, or a string that spells one, as boolean; None for anything else."""
    if isinstance(plain, bool):
        return plain
    if isinstance(plain, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(plain)
    return None


def whole(number: int | float | Decimal | Fraction) -> int | float:
    """The number as `int` if it has no fraction, else as `float`. It must be finite."""
    as_integer = int(number)
    return as_integer if as_integer == number else float(number)


def bounded(number: N) -> N:
    """The number; raises `Undetermined` beyond `MAX_NUMBER`."""
    if -MAX_NUMBER < number < MAX_NUMBER:
        return number
    raise _too_large()


def _too_large() -> Undetermined:
    return Undetermined(Unknown(Why.BUDGET, "a smaller number"))
