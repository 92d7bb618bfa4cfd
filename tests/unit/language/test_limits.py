"""Hostile expressions: refused or cut short, never a crash, a hang, or a clean answer."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from houses import ENVIRONMENT, house, judge, unknown
from hypothesis import given, settings

from policyscan.errors import PolicyError
from policyscan.language import compile_expression
from policyscan.values import Why

TOO_DEEP = [
    "(" * 100 + "true" + ")" * 100,
    "[" * 100 + "]" * 100 + " == []",
    "[" * 8000,
    "{'a': " * 100 + "1" + "}" * 100,
    "true ? " * 100,
    "false ? true : " * 100 + "true",
    "!" * 5000 + "true",
    "-" * 5000 + "1 == 1",
    "+".join(["1"] * 3000) + " == 1",
    "resource" + ".front" * 1000,
    "resource" + "[0]" * 1000,
    "size(" * 1000,
    "'a'" + ".lowerAscii()" * 500 + " == 'a'",
    "resource.xs.all(x" * 400,
    "[1]" + ".map(x, x)" * 300 + " == [1]",
    "1 < " * 500 + "1",
    "'" + "x" * 9000 + "' == 'x'",
    "é" * 5000,
]


@pytest.mark.parametrize("text", TOO_DEEP, ids=range(len(TOO_DEEP)))
def test_deep_and_long_expressions_are_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        compile_expression(text, ENVIRONMENT)


def test_a_long_chain_of_conditions_is_no_height() -> None:
    assert judge(" && ".join(["resource.a"] * 580)).truth is True


def test_what_is_just_within_the_limits_runs() -> None:
    assert judge("(" * 63 + "resource.a" + ")" * 63).truth is True
    assert judge("+".join(["1"] * 78) + " == 78").truth is True
    nested = "resource.a"
    for depth in range(30):
        nested = f"[1].all(x{depth}, {nested})"
    assert judge(nested).truth is True
    assert judge(nested, house(a=unknown())).truth is None


ENDLESS = {
    "nested loops": "[{n}].all(a, [{n}].all(b, [{n}].all(c, [{n}].all(d, a + b + c + d > 0))))",
    "lists that double": "[[1]]" + ".map(x, x + x)" * 40 + ".all(x, size(x) > 0)",
    "trees that double": "[1]" + ".map(x, [x, x])" * 0 + ".map(x, [x, x]) == []",
    "strings that double": "['xxxxxxxxxxxxxxxx']" + ".map(s, s + s)" * 40 + ".all(s, s == '')",
    "a long list of a parameter": "params.names.all(x, params.names.all(y, x + y != ''))",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_work_is_bounded(name: str) -> None:
    numbers = ", ".join(str(number) for number in range(1, 60))
    text = ENDLESS[name].replace("{n}", numbers)
    values = {"names": tuple(f"{number}" for number in range(3000))}
    outcome = judge(text, params=values)
    if name == "trees that double":
        assert outcome.truth is False
        return
    assert outcome.truth is None
    assert outcome.error
    assert outcome.reasons[0].why in (Why.BUDGET, Why.EVALUATION_ERROR)
    assert outcome.residual


SHARED = [
    "[resource.a]" + ".map(x, x && x)" * 60 + ".all(x, x)",
    "[resource.a]" + ".map(x, (x && resource.b) || (x && !resource.b))" * 60 + ".all(x, x)",
    "[resource.i]" + ".map(x, ((((((x + 1) - 1) + 1) - 1) + 1) - 1))" * 60 + ".all(x, x == 1)",
    "[[resource.i]]" + ".map(x, [x[0], x[0]])" * 60 + ".all(x, x == [1, 1])",
    "[{'a': resource.i}]" + ".map(x, {'a': x.a, 'b': x.a})" * 60 + ".all(x, x.a == 1)",
]


@pytest.mark.parametrize("text", SHARED, ids=range(len(SHARED)))
@pytest.mark.parametrize("known", [True, False])
def test_explaining_shared_parts_is_bounded(text: str, known: bool) -> None:
    subject = house(a=True, i=1) if known else house(a=unknown(), i=unknown())
    outcome = judge(text, subject)
    assert outcome.truth is (True if known else None)
    assert outcome.witnesses or not known
    assert len(outcome.residual) < 2000


PIECES = [
    *("resource", "params", "now", ".", "a", "xs", "s", "opt", "all", "exists", "(", ")", "[", "]"),
    *("{", "}", ",", "&&", "||", "!", "?", ":", "==", "<", "in", "+", "-", "/", "1", "2.5", '"x"'),
    *("'", "\\", "has", "null", "true", "size", "__class__", "r'", "//", "\n", "𝒳", "x", "\ud800"),
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))
def test_any_text_is_a_program_or_a_policy_error(text: str) -> None:
    try:
        program = compile_expression(text, ENVIRONMENT)
    except PolicyError as error:
        assert error.message
        assert error.line >= 1
        assert error.column >= 1
        return
    assert judge(program.text).truth in (True, False, None)
