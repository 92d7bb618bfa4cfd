"""Arithmetic on known values, by the rules of CEL: 64-bit integers, division that truncates.

A fault of the values (overflow, division by zero) is a `Fault`; the evaluator makes it a reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from operator import add, ge, gt, le, lt, mul, sub
from typing import Any

from policyscan.language.types import DOUBLE, DURATION, INT, STRING, TIMESTAMP, Type

_LOW, _HIGH = -(2**63), 2**63 - 1
MAX_STRING = 65_536
"""Code points of a string that an operation makes."""
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_TIME = _HIGH // 1_000
"""Microseconds of a duration: CEL counts nanoseconds in 64 bits, about 292 years."""


class Fault(Exception):  # noqa: N818 - an error of CEL, which is a value there
    """Values on which an operation has no result; the text says what is wrong with them."""


class TooLarge(Fault):
    """A result that is refused for its size alone; the text says what the limit is."""


_SUMS: Mapping[tuple[Type, Type], Type] = {
    (INT, INT): INT,
    (DOUBLE, DOUBLE): DOUBLE,
    (STRING, STRING): STRING,
    (DURATION, DURATION): DURATION,
    (TIMESTAMP, DURATION): TIMESTAMP,
    (DURATION, TIMESTAMP): TIMESTAMP,
}
_DIFFERENCES: Mapping[tuple[Type, Type], Type] = {
    (INT, INT): INT,
    (DOUBLE, DOUBLE): DOUBLE,
    (DURATION, DURATION): DURATION,
    (TIMESTAMP, DURATION): TIMESTAMP,
    (TIMESTAMP, TIMESTAMP): DURATION,
}
_PRODUCTS: Mapping[tuple[Type, Type], Type] = {(INT, INT): INT, (DOUBLE, DOUBLE): DOUBLE}
RESULTS: Mapping[str, Mapping[tuple[Type, Type], Type]] = {
    "+": _SUMS,
    "-": _DIFFERENCES,
    "*": _PRODUCTS,
    "/": _PRODUCTS,
    "%": {(INT, INT): INT},
}
"""Result types by operator and operand types; `+` also joins lists of one type."""


def calculate(operator: str, left: Any, right: Any) -> object:
    """The result on two plain values. Raises Fault."""
    try:
        return _checked(_OPERATIONS[operator](left, right))
    except OverflowError:
        raise Fault(f"overflow in {operator}") from None
    except TypeError:
        raise Fault(f"the values do not fit the operator {operator}") from None


def negate(value: Any) -> object:
    """`-value` of a number. Raises Fault."""
    return calculate("-", 0, value) if isinstance(value, int) else -value


def equal(left: Any, right: Any) -> bool:
    """Whether two plain values without parts are equal: numbers are across their types, and a bool
    is no number."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    left, right = _alike(left, right)
    return bool(left == right)


def compare(operator: str, left: Any, right: Any) -> bool:
    """The order of two plain values. Raises Fault."""
    left, right = _alike(left, right)
    try:
        return bool(_ORDERS[operator](left, right))
    except TypeError:
        raise Fault(f"the values do not fit the operator {operator}") from None


def within_range(microseconds: int) -> timedelta:
    """The duration of so many microseconds. Raises Fault if CEL has none that is as long."""
    if abs(microseconds) > _LONGEST_TIME:
        raise Fault("more than a duration can be, which is 292 years")
    return timedelta(microseconds=microseconds)


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """An int that meets a double becomes one. So it is in CEL, beyond 2^53 too: its cases have
    9223372036854775807 not less than 9223372036854775808.0 (comparisons/lt_literal)."""
    if isinstance(left, float) and isinstance(right, int):
        return left, float(right)
    if isinstance(left, int) and isinstance(right, float):
        return float(left), right
    return left, right


def _checked(value: object) -> object:
    if isinstance(value, int) and not _LOW <= value <= _HIGH:
        raise Fault("integer overflow")
    if isinstance(value, timedelta):
        return within_range(value // _MICROSECOND)
    if isinstance(value, str) and len(value) > MAX_STRING:
        raise TooLarge(f"a string of at most {MAX_STRING} characters")
    return value


def _quotient(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        if right == 0:
            raise Fault("division by zero")
        floor = left // right
        return floor + 1 if floor < 0 and floor * right != left else floor
    if right == 0:
        return left * math.copysign(math.inf, right)  # NaN if `left` is 0 or NaN
    return left / right


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise Fault("modulus by zero")
    if left == _LOW and right == -1:
        raise Fault("integer overflow")  # as in CEL, although 0 would fit
    return int(left - right * _quotient(left, right))


_OPERATIONS: Mapping[str, Callable[[Any, Any], object]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": _quotient,
    "%": _remainder,
}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
