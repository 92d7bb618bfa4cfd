"""Laws of evaluation, on expressions that are made up."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policyscan.collectors.terraform.value import SetItems, Value
from policyscan.values import OneOf, PartialList, Ref, Unknown
from tests.unit.collectors.terraform.written import root

LEAVES = st.sampled_from(
    [
        *("0", "1", "-2", "true", "false", "null", '""', '"a"', "[]", "{}"),
        *("var.flag", "var.number", "var.text", "var.list", "var.object", "local.known"),
        *("aws_x.one.id", "aws_x.many[*].id", "aws_x.one.port"),
        *('"b-${var.text}"', '["a", "b"]', "{a = 1, b = 2}"),
    ]
)
UNARY = (
    "!({})",
    "-({})",
    "[{}]",
    "{{a = {}}}",
    "({})[0]",
    "({}).a",
    '({})["b"]',
    "({})[*]",
    '"p${{{}}}s"',
    "can({})",
    "length({})",
    "upper({})",
    "tolist({})",
    "toset({})",
    "keys({})",
    "one({})",
    "try({})",
    "[for x in {} : x]",
    "[for k, x in {} : k if x != 1]",
    "{{for k, x in {} : k => x}}",
    "[for x in {} : var.flag ? x : 0]",
    "[for x in {} : x == 1 ? 1 : 2]",
)
BINARY = (
    "({}) + ({})",
    "({}) == ({})",
    "({}) != ({})",
    "({}) < ({})",
    "({}) && ({})",
    "({}) || ({})",
    "(var.flag ? {} : {})",
    "(!var.flag ? {} : {})",
    "[{}, {}]",
    "{{a = {}, b = {}}}",
    "try({}, {})",
    "concat({}, {})",
    "merge({}, {})",
    "contains({}, {})",
    'lookup({}, "a", {})',
    "coalesce({}, {})",
    "({})[{}]",
    '"${{{}}}/${{{}}}"',
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(str.format, st.sampled_from(UNARY), inner),
        st.builds(str.format, st.sampled_from(BINARY), inner, inner),
        st.builds("(can({}) ? {} : {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)
CONTEXT = """
variable "flag" {}
variable "number" {}
variable "text" {}
variable "list" {}
variable "object" {}
resource "aws_x" "one" { port = var.number }
resource "aws_x" "many" { count = 2 }
"""
GIVEN: dict[str, st.SearchStrategy[Any]] = {
    "flag": st.booleans(),
    "number": st.sampled_from([0, 1, 2]),
    "text": st.sampled_from(["", "a", "b"]),
    "list": st.sampled_from([[], ["a"], [1, 2], [{"a": 1}]]),
    "object": st.sampled_from([{}, {"a": 1}, {"a": ["x"], "b": None}]),
}


def value_of(expression: str, variables: dict[str, Any]) -> Value:
    files = {"c.tf": CONTEXT, "main.tf": f"locals {{\nknown = [1, 2]\nx = {expression}\n}}\n"}
    top = root(files, variables=variables).top
    assume("x" in top.module.locals)  # a few texts are refused by the reader: `(0)[0]`
    return top.local("x", top.module.locals["x"].span)


def answer(flag: bool) -> str:
    return "true" if flag else "false"


def holds(less: Value, more: Value, flag: bool) -> bool:
    """Whether what `less` claims is true of `more`, in which more variables have values."""
    claimed, found = less.plain, more.plain
    if isinstance(claimed, Unknown) or isinstance(found, Unknown):
        return True
    if isinstance(claimed, OneOf):
        return any(
            holds(item.value, more, flag)
            for item in claimed.alternatives
            if dict(item.choices).get("var.flag", answer(flag)) == answer(flag)
        )
    if isinstance(found, OneOf):
        return any(holds(less, item.value, flag) for item in found.alternatives)
    if isinstance(claimed, PartialList):
        pool = found.known if isinstance(found, PartialList) else found
        return isinstance(pool, tuple) and all(
            any(holds(item, other, flag) for other in pool) for item in claimed.known
        )
    if isinstance(found, PartialList):
        return isinstance(claimed, tuple)
    if isinstance(claimed, tuple) and isinstance(found, tuple):
        in_order = len(claimed) == len(found) and all(
            holds(a, b, flag) for a, b in zip(claimed, found, strict=True)
        )
        return in_order or isinstance(found, SetItems)
    if isinstance(claimed, dict) and isinstance(found, dict):
        return claimed.keys() == found.keys() and all(
            holds(claimed[key], found[key], flag) for key in claimed
        )
    if isinstance(claimed, Ref) and isinstance(found, Ref):
        return str(claimed) == str(found)
    return type(claimed) is type(found) and claimed == found


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, st.fixed_dictionaries(GIVEN), st.sets(st.sampled_from(sorted(GIVEN))))
def test_a_value_for_a_variable_never_makes_a_claim_false(
    expression: str, variables: dict[str, Any], unset: set[str]
) -> None:
    some = {name: value for name, value in variables.items() if name not in unset}
    less, more = value_of(expression, some), value_of(expression, variables)
    assert holds(less, more, variables["flag"]), (less, more)


@settings(max_examples=50, deadline=None)
@given(EXPRESSIONS, st.fixed_dictionaries(GIVEN))
def test_a_variable_that_is_not_used_changes_nothing(
    expression: str, variables: dict[str, Any]
) -> None:
    used = {name: value for name, value in variables.items() if f"var.{name}" in expression}
    if "aws_x" in expression:
        used["number"] = variables["number"]
    less, more = value_of(expression, used), value_of(expression, variables)
    assert holds(less, more, variables["flag"])
    assert holds(more, less, variables["flag"])


@settings(max_examples=50, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, st.booleans())
def test_an_alternative_is_the_value_under_its_condition(
    then: str, otherwise: str, flag: bool
) -> None:
    chosen = value_of(f"var.flag ? {then} : {otherwise}", {"flag": flag})
    branch = value_of(then if flag else otherwise, {"flag": flag})
    open_choice = value_of(f"var.flag ? {then} : {otherwise}", {})
    assert holds(chosen, branch, flag)
    assert holds(branch, chosen, flag)
    assert holds(open_choice, branch, flag)
