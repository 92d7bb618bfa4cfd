"""Errors are CEL's: what absorbs them, what passes them on, and what they count beside unknowns."""

from __future__ import annotations

import pytest
from houses import Door, house, judge, truth, unknown

from policyscan.language import Environment, compile_expression
from policyscan.language.types import BOOL, INT, STRING, ListOf, MapOf
from policyscan.values import PartialList, Unknown, Why

U = unknown()
TYPES = {
    "u": INT,
    "b": BOOL,
    "xs": ListOf(INT),
    "m": MapOf(STRING, INT),
    "big": ListOf(INT),
    "s": STRING,
}


def value(text: str, **variables: object) -> object:
    """The value where nothing is known."""
    given: dict[str, object] = {
        "u": U,
        "b": U,
        "xs": PartialList((1, 2), U),
        "m": {"a": U, "c": 1},
        "big": tuple(range(6000)),
        "s": "x" * 40_000,
    }
    env = Environment(variables=TYPES)
    return compile_expression(text, env, is_condition=False).value(**{**given, **variables})


def is_error(found: object) -> bool:
    return isinstance(found, Unknown) and found.why is Why.EVALUATION_ERROR


STRICT = [
    "u + 1 / 0",
    "1 / 0 + u",
    "u == 1 / 0",
    "1 / 0 in [u]",
    "u in [1, 1 / 0]",
    "[u, 1 / 0]",
    "{'a': u, 'b': 1 / 0}",
    "[u, 1 / 0].size()",
    "string(1 / 0)",
    "(1 / 0 == 1) ? u : u",
    "(1 / 0 == 1) ? 1 : 1",
    "xs[1 / 0]",
    "xs[-1]",
    "optional.of(1 / 0)",
    "xs.map(x, 1 / (x - 1))",
    "xs.map(x, 1 / (x - 1) > 0, x)",
    "xs.filter(x, 1 / (x - 1) > 0)",
    "xs.exists_one(x, 1 / (x - 1) > 0)",
    "[1, 1, 0].exists_one(x, 1 / x == 1)",
    "[2, 1, 0].exists_one(x, 1 / x == u)",
]


@pytest.mark.parametrize("text", STRICT)
def test_what_needs_every_part_fails_if_one_does(text: str) -> None:
    assert is_error(value(text))


UNKNOWN_BEFORE_ERRORS = [
    "b || 1 / 0 == 1",
    "1 / 0 == 1 || b",
    "b && 1 / 0 == 1",
    "1 / 0 == 1 && b",
    "xs.all(x, 1 / (x - 1) > 0)",
    "xs.exists(x, 1 / (x - 1) > 7)",
    "[0, 1].exists(x, 1 / x == u)",
    "[1, 0].all(x, 1 / x == u)",
]


@pytest.mark.parametrize("text", UNKNOWN_BEFORE_ERRORS)
def test_what_absorbs_errors_waits_for_what_is_not_known(text: str) -> None:
    assert value(text) is U


ABSORBED = {
    "1 / 0 == 1 || true": True,
    "1 / 0 == 1 && false": False,
    "b || 1 / 0 == 1 || true": True,
    "xs.exists(x, 1 / (x - 1) == 1)": True,
    "xs.all(x, 1 / (x - 1) != 1)": False,
    "[0, u].exists(x, true)": True,
    "true ? 1 : 1 / 0": 1,
    "false ? 1 / 0 : 1": 1,
    "b ? 'x' : 'x'": "x",
    "b ? 2 : 2": 2,
}


@pytest.mark.parametrize("text", ABSORBED)
def test_what_is_decided_is_decided(text: str) -> None:
    assert value(text) == ABSORBED[text]


@pytest.mark.parametrize("text", ["b ? 1 : 2", "b ? u : 2", "b ? 'x' : 'y'", "b ? 1 / 0 : 1"])
def test_branches_that_differ_are_open(text: str) -> None:
    assert value(text) is U


DECIDED_IN_PART = {
    "[u, 1] == [u, 2]": False,
    "[u] == [1, 2]": False,
    "{'a': u} == {'b': u}": False,
    "{'a': u, 'b': 1} == {'a': 2, 'b': 2}": False,
    "xs == [1, 3, 4]": False,
    "xs == [2]": False,
    "xs == [3, 4, 5]": False,
    "[[u, 1]] == [[2, 2]]": False,
    "m == {'a': 1, 'c': 2}": False,
    "1 in [u, 1]": True,
    "'a' in m": True,
    "'z' in m": False,
    "m.all(k, k != 'z')": True,
    "m.exists(k, m[k] == 1)": True,
    "m['c'] == 1": True,
    "size(m) == 2": True,
    "size([u, u]) == 2": True,
    "[u, 1].map(x, 1) == [1, 1]": True,
    "[1.0, 2.0].all(x, x in [1, 2])": True,
}


@pytest.mark.parametrize("text", DECIDED_IN_PART)
def test_lists_and_maps_are_decided_by_what_is_known(text: str) -> None:
    assert value(text) is DECIDED_IN_PART[text]


OPEN = [
    "[u, 1] == [2, 1]",
    "{'a': u} == {'a': 1}",
    "xs == [1, 2]",
    "xs == [1, 2, 3]",
    "xs == [0, 1, 2]",
    "xs == xs",
    "u in [1]",
    "1 in [u]",
    "u in [u]",
    "3 in xs",
    "m['a'] == 1",
    "m[s] == 1 || b",
    "size(xs) == 2",
    "xs[0] == 1",
    "xs + [3] == [1, 2, 3]",
]


@pytest.mark.parametrize("text", OPEN)
def test_the_reason_is_kept(text: str) -> None:
    assert value(text) is U


BUDGETS = {
    "big + big": "a list of at most 10000 members",
    "s + s": "a string of at most 65536 characters",
    "big.all(x, big.all(y, x + y >= 0))": "an answer within 100000 steps",
}


@pytest.mark.parametrize("text", BUDGETS)
def test_what_is_too_large_is_unknown_for_the_budget(text: str) -> None:
    found = value(text)
    assert isinstance(found, Unknown)
    assert (found.why, found.needs) == (Why.BUDGET, BUDGETS[text])


def test_no_operator_absorbs_the_budget() -> None:
    outcome = judge("size(resource.s + resource.s) > 1 || true", house(s="x" * 40_000))
    assert outcome.truth is None
    assert outcome.error == "a string of at most 65536 characters"
    assert [each.why for each in outcome.reasons] == [Why.BUDGET]


def test_an_unknown_that_a_collector_calls_an_error_is_none() -> None:
    """`Why.EVALUATION_ERROR` of a field is a reason not to know it; the field has a value."""
    broken = Unknown(Why.EVALUATION_ERROR, "a module that loads")
    assert truth("'x' in [resource.s, resource.t]", s=broken, t="x") is True
    assert truth("[resource.s, resource.t] == ['a', 'b']", s=broken, t="x") is False


MISSING = {
    "resource.s == 'x'": "missing resource.s",
    "size(resource.s) > 0": "missing resource.s",
    "resource.doors.all(d, d.port == 0)": "missing resource.doors[0].port",
}


@pytest.mark.parametrize("text", MISSING)
@pytest.mark.parametrize("null", [False, True])
def test_a_required_field_that_is_missing_is_unknown(text: str, null: bool) -> None:
    door = Door()
    subject = house(doors=(door,))
    for part, name in ((door, "port"), (subject, "s")):
        if null:
            vars(part)[name] = None
        else:
            del vars(part)[name]
    outcome = judge(text, subject)
    assert outcome.truth is None
    assert [(each.why, each.needs) for each in outcome.reasons] == [(Why.MISSING, MISSING[text])]
