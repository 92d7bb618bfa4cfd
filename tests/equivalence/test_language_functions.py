"""The functions of strings and of time answer as Google's implementation of CEL does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from policyscan.language import Environment, compile_expression
from policyscan.language import types as t
from policyscan.values import Unknown, Why

ROUNDS = 60
PIECES = ("a", "b", "aa", "ab", "-", "é", "日", "\U0001f431", " ", "\t", "\xa0", "\u200b", "A", "Z")
ODD = ("\x1c", "\x85", "\u3000", "\ufeff", "")
ZONES = (
    *("UTC", "Europe/Paris", "US/Central", "Asia/Kathmandu", "America/St_Johns"),
    *("Australia/Lord_Howe", "+02:00", "-09:30", "01:00", "-00:00", "+23:59"),
)
PARTS = (
    *("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"),
    *("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
)
EXPRESSIONS = {
    **dict.fromkeys(("a.startsWith(b)", "a.endsWith(b)", "a.contains(b)", "a.split(b)"), "ss"),
    **dict.fromkeys(("a.indexOf(b)", "a.lastIndexOf(b)"), "ss"),
    **dict.fromkeys(("a.lowerAscii()", "a.upperAscii()", "a.trim()", "a.reverse()"), "s"),
    **dict.fromkeys(("a.charAt(b)", "a.substring(b)"), "si"),
    **dict.fromkeys(("a.indexOf(b, c)", "a.lastIndexOf(b, c)", "a.split(b, c)"), "ssi"),
    "size(a)": "s",
    "a.substring(b, c)": "sii",
    "a.replace(b, c)": "sss",
    "a.replace(b, c, d)": "sssi",
    "a.join()": "l",
    "a.join(b)": "ls",
    **dict.fromkeys((f"a.{part}()" for part in PARTS), "m"),
    **dict.fromkeys((f'a.{part}("{zone}")' for part in PARTS for zone in ZONES), "m"),
    **dict.fromkeys((f"a.{part}( )" for part in PARTS[-4:]), "d"),
    **dict.fromkeys(("a + b", "a - b"), "md"),
    **dict.fromkeys(("a  - b", "a < b", "a == b"), "mm"),
    **dict.fromkeys(("a  + b", "a -  b", "a  < b"), "dd"),
    **dict.fromkeys(("timestamp(string(a)) == a", "int(a)"), "m"),
    "duration(string(a)) == a": "d",
}
"""By expression, which values its variables take; spaces tell apart what is written alike."""
TYPES = {
    "s": t.STRING,
    "i": t.INT,
    "l": t.ListOf(t.STRING),
    "m": t.TIMESTAMP,
    "d": t.DURATION,
}
LENGTHS = (0, 1, -1, 1_000, -1_500_000, 3_599_999_999, -3_600_000_000, 10**12, 7 - 10**15)


def text(random: Random) -> str:
    return "".join(random.choice((*PIECES, *ODD)) for _ in range(random.randint(0, 5)))


def moment(random: Random) -> datetime:
    year = random.choice((1, 2, 1600, 1969, 1970, 2000, 2024, 2026, 9998))
    day = datetime(year, random.randint(1, 12), random.randint(1, 28), tzinfo=UTC)
    return day + timedelta(microseconds=random.randrange(86_400_000_000))


MAKE: dict[str, Callable[[Random], Any]] = {
    "s": text,
    "i": lambda random: random.choice((-2, -1, 0, 1, 2, 3, 4, 5, 6, 8)),
    "l": lambda random: [text(random) for _ in range(random.randint(0, 3))],
    "m": moment,
    "d": lambda random: timedelta(microseconds=random.choice(LENGTHS)),
}


def google(expression: str, variables: dict[str, str]) -> Callable[[dict[str, Any]], object]:
    """What answers by cel-expr-python; None is an error."""
    cel = pytest.importorskip("cel_expr_python.cel")
    strings = pytest.importorskip("cel_expr_python.ext.ext_strings")
    kinds = {"s": cel.Type.STRING, "i": cel.Type.INT, "l": cel.Type.List(cel.Type.STRING)}
    kinds |= {"m": cel.Type.TIMESTAMP, "d": cel.Type.DURATION}
    types = {name: kinds[kind] for name, kind in variables.items()}
    program = cel.NewEnv(variables=types, extensions=[strings.ExtStrings()]).compile(expression)

    def answer(values: dict[str, Any]) -> object:
        found = program.eval(data=values)
        if found.type() == cel.Type.ERROR:
            return None
        value = found.value()
        return [each.value() for each in value] if isinstance(value, list) else value

    return answer


def ours(expression: str, variables: dict[str, str]) -> Callable[[dict[str, Any]], object]:
    """What answers here; None is an error."""
    types = {name: TYPES[kind] for name, kind in variables.items()}
    program = compile_expression(expression, Environment(variables=types), is_condition=False)

    def answer(values: dict[str, Any]) -> object:
        plain = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        found = program.value(**plain)
        if isinstance(found, Unknown):
            assert found.why is Why.EVALUATION_ERROR
            return None
        return list(found) if isinstance(found, tuple) else found

    return answer


def excused(expression: str, values: dict[str, Any]) -> bool:
    """cel-expr-python 0.1 has no substring that ends at the end, against its documentation."""
    return expression == "a.substring(b, c)" and values["c"] == len(values["a"])


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_both_answer_alike(expression: str) -> None:
    random = Random(expression)
    variables = dict(zip("abcd", EXPRESSIONS[expression], strict=False))
    theirs, own = google(expression, variables), ours(expression, variables)
    for _ in range(ROUNDS):
        values = {name: MAKE[kind](random) for name, kind in variables.items()}
        if not excused(expression, values):
            assert own(values) == theirs(values), values
