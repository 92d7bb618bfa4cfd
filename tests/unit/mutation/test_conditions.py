"""The mutants of a condition: one test for each small mistake."""

from __future__ import annotations

import pytest

from policyscan.language import Environment
from policyscan.mutation.conditions import Condition
from policyscan.mutation.words import words_of
from tests.unit.language.houses import PARAMS, House

KINDS = {"House": House}
ENVIRONMENT = Environment(resource=House, params=PARAMS, kinds=KINDS)


def names(text: str, key: str = "require") -> list[str]:
    """What the mutants of a condition are called, its key left out."""
    condition = Condition(key, text, (ENVIRONMENT,), words_of(("House",), KINDS))
    return [change.name.removeprefix(f"{key}: ") for change, _, _ in condition.mutants()]


@pytest.mark.parametrize(
    ("text", "mutant"),
    [
        ("resource.i < 5", "resource.i < 5 -> resource.i <= 5"),
        ("resource.i < 5", "resource.i < 5 -> resource.i > 5"),
        ("resource.i <= 5", "resource.i <= 5 -> resource.i < 5"),
        ("resource.i <= 5", "resource.i <= 5 -> resource.i >= 5"),
        ("resource.i > 5", "resource.i > 5 -> resource.i >= 5"),
        ("resource.i >= 5", "resource.i >= 5 -> resource.i > 5"),
        ("resource.i == 5", "resource.i == 5 -> resource.i != 5"),
        ("resource.i != 5", "resource.i != 5 -> resource.i == 5"),
        ("resource.i < 5", "resource.i < 5 -> resource.i < 4"),
        ("resource.i < 5", "resource.i < 5 -> resource.i < 6"),
        ("resource.d < 1.5", "resource.d < 1.5 -> resource.d < 0.5"),
        ("resource.s == 'a'", 'resource.s == "a" -> resource.s == "ax"'),
        ("resource.s == ''", 'resource.s == "" -> resource.s == "X"'),
        ("resource.s == '1.2'", 'resource.s == "1.2" -> resource.s == "1.3"'),
        ("resource.tier == 'medium'", 'resource.tier == "medium" -> resource.tier == "low"'),
        ("resource.tier == 'low'", 'resource.tier == "low" -> resource.tier == "high"'),
        (
            "resource.s in ['a', 'b', 'c']",
            'resource.s in ["a", "b", "c"] -> resource.s in ["a", "c"]',
        ),
        (
            "resource.s in params.names",
            "resource.s in params.names -> !(resource.s in params.names)",
        ),
        ("resource.a && resource.b", "resource.a && resource.b -> resource.a || resource.b"),
        ("resource.a && resource.b", "resource.a -> true"),
        ("resource.a && resource.b", "resource.b -> true"),
        ("resource.a || resource.b", "resource.a || resource.b -> resource.a && resource.b"),
        ("resource.a || resource.b", "resource.b -> false"),
        ("!resource.a", "!resource.a -> resource.a"),
        ("resource.a", "resource.a -> !resource.a"),
        ("has(resource.opt)", "has(resource.opt) -> !has(resource.opt)"),
        (
            "resource.xs.all(x, x > 0)",
            "resource.xs.all(x, x > 0) -> resource.xs.exists(x, x > 0)",
        ),
        (
            "resource.xs.exists(x, x > 0)",
            "resource.xs.exists(x, x > 0) -> resource.xs.exists_one(x, x > 0)",
        ),
        (
            "size(resource.xs.filter(x, x > 0)) == 1",
            "x > 0 -> true",
        ),
        (
            "resource.a ? resource.b : resource.i > 1",
            "resource.a ? resource.b : resource.i > 1 -> resource.a ? resource.i > 1 : resource.b",
        ),
        ("resource.a ? resource.b : resource.i > 1", "resource.a -> true"),
        ("resource.i + 1 < 5", "resource.i + 1 -> resource.i - 1"),
        ("resource.i + 1 < 5", "resource.i + 1 -> resource.i"),
        ("resource.i * 2 < 5", "resource.i * 2 -> resource.i / 2"),
        ("resource.s.lowerAscii() == resource.t", "resource.s.lowerAscii() -> resource.s"),
        (
            "resource.s.startsWith(resource.t)",
            "resource.s.startsWith(resource.t) -> resource.s.endsWith(resource.t)",
        ),
        ("resource.a && resource.i > 5", "the condition -> true"),
        ("resource.a && resource.i > 5", "the condition -> false"),
    ],
)
def test_each_small_mistake(text: str, mutant: str) -> None:
    assert mutant in names(text)


def test_a_when_that_never_holds_is_no_mutant() -> None:
    assert "the condition -> true" in names("resource.i > 5", key="when")
    assert "the condition -> false" not in names("resource.i > 5", key="when")


def test_what_the_checker_refuses_is_no_mutant() -> None:
    """Without the guard `count` may be absent, and no tier is called `mediumx`."""
    found = names("resource.count != null && resource.count > 5")
    assert "resource.count != null -> true" not in found
    assert "resource.count > 5 -> true" in found
    assert not [name for name in names("resource.tier == 'medium'") if "mediumx" in name]


def test_no_two_mutants_say_the_same() -> None:
    found = names("!resource.a || !(resource.s in ['a', 'b'])")
    assert len(found) == len(set(found))
    assert "resource.a -> !resource.a" not in found  # `!!a` is what `!a -> a` says
    condition = Condition("require", "resource.a", (ENVIRONMENT,), {})
    assert [program.text for _, _, program in condition.mutants()] == [
        "true",
        "false",
        "!resource.a",
        "resource.b",
    ]


def test_parentheses_stay_where_they_are() -> None:
    text = "(resource.a || resource.b) && resource.i > 5"
    condition = Condition("require", text, (ENVIRONMENT,), {})
    programs = {change.name: program.text for change, _, program in condition.mutants()}
    assert programs["require: resource.a || resource.b -> resource.a && resource.b"] == (
        "(resource.a && resource.b) && resource.i > 5"
    )
    assert programs["require: resource.i > 5 -> true"] == ("(resource.a || resource.b) && true")


def test_the_place_is_that_of_the_part_that_changes() -> None:
    text = "resource.a &&\n  resource.i > 5"
    condition = Condition("require", text, (ENVIRONMENT,), {})
    places = {change.name: offset for change, offset, _ in condition.mutants()}
    assert places["require: resource.i > 5 -> resource.i >= 5"] == text.index("resource.i")
    assert places["require: resource.i > 5 -> resource.i > 6"] == text.index("5")


def test_what_is_long_is_called_by_its_ends() -> None:
    long = " && ".join(f"resource.doors.exists(d, d.port == {n})" for n in range(3))
    name = next(name for name in names(f"resource.a && ({long} || resource.b)") if "||" in name)
    assert name.startswith("resource.a && (...) -> resource.a || (...)")
