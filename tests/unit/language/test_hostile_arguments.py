"""No function does anything else with values of its types than give a result or a Fault, soon."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from policyscan.language import types as t
from policyscan.language.functions.answers import Answer
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.networks import cidr, ip
from policyscan.language.functions.signatures import Function, Signature
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.types import Object, Type
from policyscan.resources.base import Origin, ProofLevel, Resource
from policyscan.resources.network import Rule
from policyscan.resources.vpc import Vpc
from policyscan.values import PartialList, Ref, Unknown, Why

ROUNDS = 300
SLOWEST = 0.25
"""Seconds; a machine may be busy. Alone, no call takes 10 ms."""
UNKNOWN = Unknown(Why.VARIABLE_UNSET, "a value for var.x")
TEXTS = (
    *("", "a", "0", "-", "+", ".", "/", "%", "\x00", "\x1c", "é", "日本", "\U0001f431", "\ud800"),
    *("\ufeff", "\u202e", "a" * 200_000, "\U0001f431" * 50_000, "a," * 60_000, "9" * 5_000),
    *("10.0.0.0/8", "::/0", "0.0.0.0/0", "::ffff:10.0.0.1", "1.2.3.4", "fe80::1%eth0", "1.2.3.04"),
    *("2001:db8::/129", "10.0.0.0/-1", "10.0.0.0/8/8", "１.2.3.4", ":" * 50_000),
    *("22", "0-65535", "99999", "1-0", "443 - 444"),
    *("1h", "-1h", "1e9h", "1.0000000000000000000000001s", "1h" * 50_000, "9" * 19 + "h", "1ns"),
    *("2026-01-31T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999-23:59"),
    *("UTC", "Europe/Paris", "+02:00", "-99:99", "../etc/passwd", "/etc/passwd", "Europe", "right"),
    *("(a+)+$", "(?:a?){1000}", "[", "\\p{Nope}", "(a|b)*a(a|b){20}c", "a" * 1_001, "(?=a)"),
    *("arn:", "arn:aws:iam::111122223333:role/bot", "arn:::::", "sg-0123456789abcdef0"),
    *("aws_vpc.main", "module.a.aws_vpc.main[0]", "data.aws_vpc.x"),
)
NUMBERS = (0, 1, -1, 2, 7, 8, 24, 64, 128, 129, 10**6, 2**31, 2**63 - 1, -(2**63))
DOUBLES = (0.0, -0.0, 1.5, -1.5, 1e308, 5e-324, math.inf, -math.inf, math.nan, 2.0**63)
MOMENTS = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 2, 28, 23, 59, tzinfo=UTC),
    datetime(2026, 2, 28),
)
LENGTHS = (timedelta(0), timedelta.max, timedelta.min, timedelta(microseconds=-1), timedelta(7))
ORIGIN = Origin("test", ".", ".", None, ProofLevel.CONFIGURED)
RESOURCES = (
    Vpc(address="aws_vpc.main", origin=ORIGIN, names=("arn:", "", "vpc-01234567")),
    Vpc(address="", origin=ORIGIN),
)


def value_of(kind: Type, random: Random, deep: int = 0) -> Any:
    """A value of a type."""
    if isinstance(kind, t.ListOf):
        size = random.choice((0, 1, 2, 5, 200)) if not deep else 2
        return tuple(value_of(kind.item, random, deep + 1) for _ in range(size))
    if isinstance(kind, t.MapOf):
        keys = ("v4", "v6") if random.random() < 0.7 else ("",)
        return {key: value_of(kind.value, random, deep + 1) for key in keys}
    if isinstance(kind, Object):
        if issubclass(kind.model, Resource):
            return random.choice(RESOURCES)
        return Rule(
            protocol=random.choice(("tcp", "-1", "", "6")),
            from_port=random.choice((None, 0, 443, -1, 2**63 - 1)),
            to_port=random.choice((None, 0, 443, -1, 65_535)),
            cidrs=value_of(t.ListOf(t.STRING), random, 1),
        )
    choices: dict[Type, tuple[Any, ...]] = {
        t.STRING: TEXTS,
        t.PATTERN: TEXTS,
        t.INT: NUMBERS,
        t.DOUBLE: DOUBLES,
        t.BOOL: (True, False),
        t.TIMESTAMP: MOMENTS,
        t.DURATION: LENGTHS,
        t.IP: (ip("0.0.0.0"), ip("255.255.255.255"), ip("::"), ip("ffff::1")),
        t.CIDR: (cidr("0.0.0.0/0"), cidr("::/0"), cidr("10.1.2.3/32"), cidr("ff::1/128")),
        t.ANYTHING: (1, "a", True),
    }
    return random.choice(choices[kind])


def opened(value: Any, random: Random) -> Any:
    """The value, or one that is known in part or not at all."""
    if random.random() < 0.8:
        return value
    if isinstance(value, tuple):
        return random.choice((PartialList(value, UNKNOWN), UNKNOWN, (*value, UNKNOWN)))
    return random.choice((UNKNOWN, Ref("aws_vpc.main"), Ref("module.a.aws_vpc.b[?]", "arn")))


def called(function: Function, form: Signature, random: Random) -> tuple[list[Any], object]:
    arguments = [value_of(kind, random) for kind in form.parameters]
    if function.lifted:
        arguments = [opened(argument, random) for argument in arguments]
    try:
        return arguments, function.call(*arguments)
    except (Fault, ValueError) as error:
        assert len(str(error)) < 300
        return arguments, None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_values_have_a_result_or_a_fault(name: str) -> None:
    function, random = FUNCTIONS[name], Random(name)
    for form in function.signatures:
        for _ in range(ROUNDS):
            start = time.process_time()
            arguments, result = called(function, form, random)
            taken = time.process_time() - start
            assert taken < SLOWEST, [str(each)[:60] for each in arguments]
            if function.lifted:
                assert result is None or isinstance(result, Answer)
                assert not isinstance(result, Answer) or result.value in (True, False, None)
            if function.cost is not None:
                assert 0 <= function.cost(*arguments) <= 100_000
