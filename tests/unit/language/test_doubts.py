"""Conditions whose outcome hangs on nothing: every one that is called so is so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from houses import ENVIRONMENT, NOW, VALUES, Door, house
from hypothesis import HealthCheck, given, settings

from policyscan.language import Origin, compile_expression
from policyscan.language.doubts.conditions import doubtful_parts, doubts

ORIGIN = Origin("p.yaml", 3, 1)
SO = "so the whole condition is always"
IDLE_AND = "this adds nothing: it is true wherever it is asked, by what stands before it"
IDLE_OR = "this adds nothing: it is false wherever it is asked, by what stands before it"
ALWAYS = "this is always true, whatever is judged"
SAME = "this is always true: both sides are the same"
CONTRADICT = "this is always false: its parts contradict each other"
COVER = "this is always true: its parts cover every case"

DOUBTFUL = [
    ("true", [(1, "this is always true")]),
    ("1 + 1 == 2", [(1, ALWAYS)]),
    ('duration("24h") > days(1)', [(1, "this is always false, whatever is judged")]),
    ("resource.a || !resource.a", [(1, COVER)]),
    ("resource.a && !resource.a", [(1, CONTRADICT)]),
    ("resource.s == resource.s", [(1, SAME)]),
    ("resource.i < resource.i", [(1, "this is always false: both sides are the same")]),
    ("size(resource.xs) >= 0", [(1, "this is always true: a size is a whole number from 0 on")]),
    ("0 > size(resource.xs)", [(1, "this is always false: a size is a whole number from 0 on")]),
    ("resource.a && resource.b && resource.a", [(29, IDLE_AND)]),
    ("resource.a || resource.a && resource.b", [(15, IDLE_OR)]),
    ('resource.s == "x" || resource.s == "x"', [(22, IDLE_OR)]),
    ("resource.i > 5 && resource.i > 3", [(19, IDLE_AND)]),
    ("resource.i > 3 || resource.i > 5", [(19, IDLE_OR)]),
    ('resource.tier == "high" && resource.tier != "low"', [(28, IDLE_AND)]),
    (
        "has(resource.s)",
        [(1, "this is always true: 'resource.s' is never null")],
    ),
    (
        "has(resource.front) && has(resource.front.port) && resource.a",
        [(24, "this is always true: 'resource.front.port' is never null")],
    ),
    ('resource.s == "a" && resource.s == "b"', [(1, CONTRADICT)]),
    ('resource.s != "a" || resource.s != "b"', [(1, COVER)]),
    ("resource.i > 5 && resource.i < 3", [(1, CONTRADICT)]),
    ("resource.i > 5 && resource.i < 6", [(1, CONTRADICT)]),
    ("resource.i >= 5 || resource.i <= 4", [(1, COVER)]),
    ("resource.warranty < days(1) && resource.warranty > days(2)", [(1, CONTRADICT)]),
    ("now - resource.built > days(2) && days(1) > now - resource.built", [(1, CONTRADICT)]),
    ("resource.s in []", [(1, "this is always false, whatever is judged")]),
    ('resource.tier in ["high", "medium", "low"]', [(1, ALWAYS)]),
    (
        'resource.tier == "high" || resource.tier == "medium" || resource.tier == "low"',
        [(1, COVER)],
    ),
    (
        'resource.a && (resource.s == "a" && resource.s == "b")',
        [(1, f"{SO} false"), (16, CONTRADICT)],
    ),
    ("resource.a && true", [(15, "this is always true")]),
    ("resource.a || true", [(1, f"{SO} true"), (15, "this is always true")]),
    ("true ? resource.a : resource.b", [(1, "this is always true")]),
    ("resource.xs.all(x, x > 1 || x < 2)", [(1, f"{SO} true"), (20, COVER)]),
    ("resource.xs.exists(x, x > 1 && x < 1)", [(1, f"{SO} false"), (23, CONTRADICT)]),
    ("[].exists(x, x == 1)", [(1, "this is always false")]),
    ("size(resource.xs.filter(x, x == x)) > 1", [(28, SAME)]),
    ("!(resource.a && !resource.a)", [(1, f"{SO} true"), (3, CONTRADICT)]),
    (
        "has(resource.opt) && resource.opt == 'x' || !has(resource.opt) || resource.opt != 'x'",
        [(1, COVER)],
    ),
    ("(resource.i < resource.j) && (resource.i > resource.j)", [(1, CONTRADICT)]),
    ("resource.i < resource.j || resource.j <= resource.i", [(1, COVER)]),
    ("(resource.a == resource.b) || (resource.a != resource.b)", [(1, COVER)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOUBTFUL)
def test_it_is_doubtful(text: str, expected: list[tuple[int, str]]) -> None:
    assert [(each.column, each.message) for each in doubts(text, ENVIRONMENT, ORIGIN)] == expected


SOUND = [
    "resource.a",
    "resource.a && resource.b",
    "resource.d == resource.d",  # not of NaN
    "resource.d < 1.0 || resource.d >= 1.0",
    "resource.doors.map(d, 1.0) == resource.doors.map(d, 1.0)",
    "resource.d > 5.0 && resource.d < 6.0",
    "resource.i > 5 && resource.i < 7",
    'resource.tier == "high" || resource.tier == "low"',
    'resource.tier != "high" && resource.tier != "low"',
    "has(resource.opt) && resource.opt == 'x'",
    "!has(resource.opt) || resource.opt == 'x'",
    "resource.opt == null || resource.opt != 'x'",
    "has(resource.count) && resource.count > 5 && resource.count < 9",
    "resource.a ? true : resource.b",
    "size(resource.xs) > 0 && resource.xs.all(x, x > 0)",
    "resource.doors.all(d, d.open) || resource.doors.exists(d, d.open)",
    "resource.xs.all(x, x > 1) && resource.words.all(x, x == 'a')",
    "resource.xs.exists(x, x > 5) && resource.xs.exists(x, x < 3)",
    "resource.s in [resource.t] || resource.s == 'x'",
    "params.n > 5",
    "now > timestamp('2026-01-01T00:00:00Z')",
    "resource.s.startsWith('a') && resource.s.startsWith('b')",
    "context.regions == []",
    "has(context.regions) && resource.a",
]


@pytest.mark.parametrize("text", SOUND)
def test_it_is_not_doubtful(text: str) -> None:
    assert not doubts(text, ENVIRONMENT, ORIGIN)


def test_the_place_and_the_next_step() -> None:
    (doubt,) = doubts("resource.a\n  && has(resource.s)", ENVIRONMENT, Origin("p.yaml", 3, 5))
    assert (doubt.path, doubt.line, doubt.column) == ("p.yaml", 4, 6)
    assert doubt.snippet == "&& has(resource.s)\n   ^^^^^^^^^^^^^^^"
    assert doubt.hint == "Take it out."


def test_defaults_that_a_field_never_has() -> None:
    tiers = {"names": ("high", "lo", "none"), "by_tier": {"high": 1}}
    found = doubts("resource.tier in params.names", ENVIRONMENT, ORIGIN, tiers)
    words = '"high", "medium", "low"'
    assert [each.message for each in found] == [
        f"'lo', which params.names has by default, is never one of {words}; did you mean 'low'?",
        f"'none', which params.names has by default, is never one of {words}",
    ]
    (lacking,) = doubts("params.by_tier[resource.tier] > 1", ENVIRONMENT, ORIGIN, tiers)
    assert lacking.message == (
        "params.by_tier has no entry for 'medium', 'low' by default: such a resource is unknown"
    )
    guarded = "resource.tier in params.by_tier && params.by_tier[resource.tier] > 1"
    assert not doubts(guarded, ENVIRONMENT, ORIGIN, tiers)
    assert not doubts("resource.s in params.names", ENVIRONMENT, ORIGIN, tiers)


ATOMS = [
    "resource.a", "resource.b", "true", "1 < 2", "resource.i == resource.i",
    "resource.i > 1", "resource.i < 1", "resource.i <= 2", "resource.i != 1", "1 == resource.i",
    "resource.i < resource.j", "resource.j > resource.i", "resource.j == resource.i",
    "resource.i >= resource.j", "size(resource.xs) > 0", "size(resource.xs) >= 1",
    "size(resource.xs) == 0", 'resource.s == "x"', 'resource.s != "y"', 'resource.s < "y"',
    'resource.s in ["x", "y"]', 'resource.tier == "high"', 'resource.tier in ["low", "medium"]',
    "resource.tier != 'high'", "has(resource.opt)", "resource.opt == null", "has(resource.s)",
    '(has(resource.opt) && resource.opt == "x")', '(!has(resource.opt) || resource.opt != "x")',
    "resource.d > 1.0", "resource.d <= 1.0", "resource.d == resource.d", "resource.d < 2.0",
    "resource.a == resource.b", "resource.a == true", "now - resource.built > days(3)",
    "now - resource.built <= days(3)", "resource.xs.all(x, x > 1)", "resource.xs.exists(x, x < 2)",
    "resource.xs.all(x, x > 1 || x < 2)", "resource.xs.exists(x, x > 1 && x < 1)",
]  # fmt: skip


def conditions(depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return st.sampled_from(ATOMS)
    part = conditions(depth - 1)
    return st.one_of(
        st.sampled_from(ATOMS),
        st.builds("({} && {})".format, part, part),
        st.builds("({} || {})".format, part, part),
        st.builds("({} ? {} : {})".format, part, part, part),
        st.builds("!({})".format, part),
    )


FIELDS = st.fixed_dictionaries(
    {
        "a": st.booleans(),
        "b": st.booleans(),
        "i": st.integers(-1, 3),
        "j": st.integers(-1, 3),
        "d": st.sampled_from([0.0, 1.0, 1.5, 2.0, float("nan"), float("inf")]),
        "s": st.sampled_from(["", "x", "xx", "y", "z"]),
        "opt": st.sampled_from([None, "", "x", "y"]),
        "tier": st.sampled_from(["high", "medium", "low"]),
        "built": st.integers(0, 5).map(lambda days: NOW - timedelta(days=days)),
        "xs": st.lists(st.integers(0, 3), max_size=2).map(tuple),
    }
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=conditions(2), houses=st.lists(FIELDS, min_size=5, max_size=12))
def test_what_is_called_always_true_is_true(text: str, houses: list[dict[str, Any]]) -> None:
    for doubt in doubtful_parts(text, ENVIRONMENT, {}):
        if "always" not in doubt.message:
            continue
        part = text[doubt.start : doubt.end]
        if "resource" not in part and "x" in part:
            continue  # the body of a macro
        outcome = "always true" in doubt.message
        program = compile_expression(part, ENVIRONMENT)
        for fields in houses:
            subject = house(**fields)
            truth = program.run(resource=subject, now=NOW, params=VALUES).truth
            assert truth is not (not outcome), (part, fields)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    one=conditions(1),
    two=conditions(1),
    operator=st.sampled_from(["&&", "||"]),
    houses=st.lists(FIELDS, min_size=5, max_size=12),
)
def test_what_adds_nothing_changes_nothing(
    one: str, two: str, operator: str, houses: list[dict[str, Any]]
) -> None:
    text = f"({one}) {operator} !!({two})"
    found = doubts(text, ENVIRONMENT, ORIGIN)
    if not any(each.column == len(one) + 7 and "adds nothing" in each.message for each in found):
        return
    whole, part = compile_expression(text, ENVIRONMENT), compile_expression(one, ENVIRONMENT)
    for fields in houses:
        subject = house(doors=(Door(),), **fields)
        given = {"resource": subject, "now": NOW, "params": VALUES}
        assert whole.run(**given).truth is part.run(**given).truth, (text, fields)


def test_a_condition_with_too_many_cases_is_left_alone() -> None:
    clauses = [f"(resource.i != {n} || resource.j != {n})" for n in range(50)]
    assert not doubts(" && ".join(clauses), ENVIRONMENT, ORIGIN)
    macros = [f"resource.words.exists(w, w == '{n}')" for n in range(100)]
    assert not doubts(" && ".join(macros), ENVIRONMENT, ORIGIN)
