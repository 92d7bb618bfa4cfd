"""Arithmetic at its edges: what CEL says (doc/langdef.md, Overflow), worked out by hand."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from policyscan.language.functions.arithmetic import (
    MAX_STRING,
    Fault,
    TooLarge,
    calculate,
    compare,
    equal,
    negate,
    within_range,
)

LOW, HIGH = -(2**63), 2**63 - 1
EXACT = 2**53
"""Doubles have each integer up to this one."""
MICROSECOND = timedelta(microseconds=1)
LONGEST = 9_223_372_036_854_775 * MICROSECOND
"""What nanoseconds in 64 bits can count."""


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        (HIGH, "+", 0, HIGH),
        (LOW, "-", 0, LOW),
        (HIGH, "-", HIGH, 0),
        # Division truncates, and the remainder has the sign of what is divided.
        (7, "/", 2, 3),
        (-7, "/", 2, -3),
        (7, "/", -2, -3),
        (-7, "/", -2, 3),
        (6, "/", -2, -3),
        (-6, "/", 2, -3),
        (1, "/", 2, 0),
        (-1, "/", 2, 0),
        (0, "/", -5, 0),
        (LOW, "/", 1, LOW),
        (HIGH, "/", -1, -HIGH),
        (7, "%", 2, 1),
        (-7, "%", 2, -1),
        (7, "%", -2, 1),
        (-7, "%", -2, -1),
        (0, "%", 5, 0),
        (0, "%", -5, 0),
        (5, "%", 5, 0),
        (7, "%", -1, 0),
        (-6, "%", 4, -2),
        (LOW, "%", 5, -3),
        # Doubles divide as IEEE 754 has it.
        (1.0, "/", 4.0, 0.25),
        (1, "/", 2.0, 0.5),
        (0.5, "/", 0.0, math.inf),
        (-0.5, "/", 0.0, -math.inf),
        (0.5, "/", -0.0, -math.inf),
        (-0.5, "/", -0.0, math.inf),
        # Durations are exact, whatever doubles are.
        ((EXACT + 1) * MICROSECOND, "+", 0 * MICROSECOND, (EXACT + 1) * MICROSECOND),
        (LONGEST, "-", 0 * MICROSECOND, LONGEST),
        ("a" * MAX_STRING, "+", "", "a" * MAX_STRING),
    ],
)
def test_results(left: object, operator: str, right: object, result: object) -> None:
    found = calculate(operator, left, right)
    assert (type(found), found) == (type(result), result)


@pytest.mark.parametrize("left", [0.0, -0.0, math.nan])
@pytest.mark.parametrize("right", [0.0, -0.0])
def test_zero_by_zero_is_no_number(left: float, right: float) -> None:
    found = calculate("/", left, right)
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize(
    ("left", "operator", "right", "says"),
    [
        (HIGH, "+", 1, "integer overflow"),
        (LOW, "-", 1, "integer overflow"),
        (LOW, "/", -1, "integer overflow"),
        (LOW, "%", -1, "integer overflow"),
        (1, "/", 0, "division by zero"),
        (1, "%", 0, "modulus by zero"),
        (LONGEST, "+", MICROSECOND, "more than a duration can be, which is 292 years"),
        (timedelta.max, "+", timedelta.max, "overflow in +"),
        ("a", "+", 1, "the values do not fit the operator +"),
        ("a", "-", "b", "the values do not fit the operator -"),
    ],
)
def test_faults(left: object, operator: str, right: object, says: str) -> None:
    with pytest.raises(Fault) as caught:
        calculate(operator, left, right)
    assert str(caught.value) == says


def test_a_string_that_is_too_long_is_refused_for_its_size() -> None:
    with pytest.raises(TooLarge) as caught:
        calculate("+", "a" * MAX_STRING, "b")
    assert str(caught.value) == "a string of at most 65536 characters"


def test_negation() -> None:
    assert negate(5) == -5
    assert negate(LOW + 1) == HIGH
    assert math.copysign(1, negate(0.0)) == -1
    with pytest.raises(Fault, match="integer overflow"):
        negate(LOW)


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        (1, 1.0, True),
        (1.0, 1, True),
        (True, 1, False),
        (1, True, False),
        (True, 1.0, False),
        (True, True, True),
        (True, False, False),
        (EXACT + 1, EXACT, False),
        (EXACT, EXACT + 1, False),
        (EXACT + 1, float(EXACT), True),
        (float(EXACT), EXACT + 1, True),
        ("a", 1.0, False),
        (1.0, "a", False),
        (math.nan, math.nan, False),
    ],
)
def test_equality(left: object, right: object, alike: bool) -> None:
    assert equal(left, right) is alike


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        (1, 2, "<"),
        (1, 1.5, "<"),
        (EXACT, EXACT + 1, "<"),
        (EXACT + 1, EXACT, ">"),
        (EXACT + 1, float(EXACT), "="),
        ("a", "b", "<"),
    ],
)
def test_order(left: object, right: object, order: str) -> None:
    found = "".join(
        operator for operator in ("<", "<=", ">", ">=") if compare(operator, left, right)
    )
    assert found == {"<": "<<=", ">": ">>=", "=": "<=>="}[order]


def test_what_has_no_order() -> None:
    with pytest.raises(Fault) as caught:
        compare(">=", "a", 1)
    assert str(caught.value) == "the values do not fit the operator >="


def test_the_longest_duration() -> None:
    assert within_range(9_223_372_036_854_775) == LONGEST
    assert within_range(-9_223_372_036_854_775) == -LONGEST
    for microseconds in (9_223_372_036_854_776, -9_223_372_036_854_776):
        with pytest.raises(Fault, match="more than a duration can be, which is 292 years"):
            within_range(microseconds)
