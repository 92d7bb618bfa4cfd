"""Number functions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal

from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.functions.table import Function, Table
from policyscan.collectors.terraform.scalars import whole
from policyscan.collectors.terraform.value import Plain
from policyscan.values import Why

MAX_RANGE = 1024
"""Terraform's own limit."""


def exact(number: int | float) -> Decimal:
    """The number as it is written, so that 0.1 + 0.2 is 0.3 as in Terraform."""
    return Decimal(repr(number))


def _of_one(compute: Callable[[int | float], int | float]) -> Function:
    return lambda call: whole(compute(call.number(0)))


def _of_all(choose: Callable[[list[int | float]], int | float]) -> Function:
    return lambda call: choose([call.number(index) for index in range(len(call.arguments))])


def _pow(call: Invocation) -> Plain:
    try:
        result = math.pow(call.number(0), call.number(1))
    except (OverflowError, ValueError) as error:
        raise call.unsupported("a smaller number", Why.BUDGET) from error
    return whole(result)


def _sum(call: Invocation) -> Plain:
    numbers = [call.number_of(value) for value in call.items(0)]
    if not numbers:
        raise call.error("there is nothing to add")
    if all(isinstance(number, int) for number in numbers):
        return sum(numbers)
    return whole(sum((exact(number) for number in numbers), Decimal(0)))


def _range(call: Invocation) -> Plain:
    given = [exact(call.number(index)) for index in range(len(call.arguments))]
    start, limit = (Decimal(0), given[0]) if len(given) == 1 else (given[0], given[1])
    step = given[2] if len(given) == 3 else Decimal(1 if limit >= start else -1)
    if step == 0 or (limit - start) * step < 0:
        raise call.error("the step does not lead from the start to the limit")
    count = math.ceil((limit - start) / step)
    if count > MAX_RANGE:
        raise call.error(f"more than {MAX_RANGE} numbers")
    return tuple(call.make(whole(start + step * index)) for index in range(count))


def _parseint(call: Invocation) -> Plain:
    text, base = call.text(0), call.integer(1)
    if not 2 <= base <= 62:
        raise call.error("the base lies outside 2 to 62")
    if base > 36 or len(text) > 200:
        raise call.unsupported("a smaller base or number")
    if not re.fullmatch(r"[+-]?[0-9A-Za-z]+", text):
        raise call.error("the text is not a number in this base")
    try:
        return int(text, base)
    except ValueError as error:
        raise call.error("the text is not a number in this base") from error


TABLE: Table = {
    "abs": (_of_one(abs), 1, 1),
    "ceil": (_of_one(math.ceil), 1, 1),
    "floor": (_of_one(math.floor), 1, 1),
    "max": (_of_all(max), 1, None),
    "min": (_of_all(min), 1, None),
    "parseint": (_parseint, 2, 2),
    "pow": (_pow, 2, 2),
    "range": (_range, 1, 3),
    "signum": (_of_one(lambda number: (number > 0) - (number < 0)), 1, 1),
    "sum": (_sum, 1, 1),
}
