"""What one evaluation carries with it: its budget, its limits, its worlds, and the words of its
reasons."""

from __future__ import annotations

from typing import Any

import pytest
from houses import Door, House, house, one_of, unknown
from proofs import SUBJECT, prove, value_text

from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.proving.walk import (
    MAX_MEMBERS,
    Exhausted,
    Failure,
    Frame,
    Proof,
    Walk,
    foremost,
    key_text,
    limited,
)
from policyscan.language.proving.worlds import MAX_WORLDS, Split, World
from policyscan.language.syntax.tree import Literal
from policyscan.values import Alternative, OneOf, Undetermined, Unknown, Why


def value(text: str, subject: House = SUBJECT, **names: Any) -> object:
    return prove(text, subject, **names).proof.value


def unknown_at(text: str, subject: House = SUBJECT, **names: Any) -> tuple[Why, str]:
    found = value(text, subject, **names)
    assert isinstance(found, Unknown)
    return found.why, found.needs


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1 + 1", 3),
        ("resource.xs + [1]", 8),
        ("resource.xs.all(x, x > 0)", 9),
        ("resource.xs == [1, 2]", 8),
        (f"'{'x' * 40}' + '{'x' * 40}'", 3 + 80 // 16),
        (f"'{'x' * 4_000}'.startsWith('x')", 3 + 4_001 // 2_000),
    ],
)
def test_a_budget_is_spent_to_the_last_step(text: str, steps: int) -> None:
    assert prove(text, steps=steps).walk.steps == 0
    with pytest.raises(Exhausted):
        prove(text, steps=steps - 1)


def test_a_pattern_costs_what_its_function_says() -> None:
    cost = FUNCTIONS["matches"].cost
    assert cost is not None
    extra = cost("a" * 5_000, "a+")
    assert extra > 0
    assert prove(f"'{'a' * 5_000}'.matches('a+')", steps=100_000).cost == 3 + extra + 2


def test_members_that_are_made_are_bounded() -> None:
    most = tuple(range(MAX_MEMBERS))
    assert limited(most) is most
    with pytest.raises(Undetermined) as caught:
        limited((*most, 1))
    assert (caught.value.unknown.why, caught.value.unknown.needs) == (
        Why.BUDGET,
        "a list of at most 10000 members",
    )
    many = house(xs=most[1:])
    for text in ("resource.xs + [1, 2]", "(resource.xs + [1]).map(x, x) + [1]"):
        with pytest.raises(Undetermined):
            prove(text, many, steps=100_000)


def test_a_text_that_is_too_long_ends_the_evaluation() -> None:
    half = house(s="a" * 40_000)
    with pytest.raises(Undetermined) as caught:
        prove("resource.s + resource.s", half, steps=100_000)
    assert (caught.value.unknown.why, caught.value.unknown.needs) == (
        Why.BUDGET,
        "a string of at most 65536 characters",
    )


def test_what_nobody_stated_is_unknown() -> None:
    assert unknown_at("params.m") == (Why.UNDECLARED, "a value for params.m")
    assert unknown_at("context.regions") == (Why.UNDECLARED, "a value for context.regions")
    assert unknown_at("resources('House')", resources=None) == (
        Why.NOT_SEEN,
        "the resources of kind House",
    )


def test_a_field_without_a_value_is_missing() -> None:
    subject = house(front=Door.model_construct(port=None), xs=())
    assert unknown_at("resource.front.port", subject) == (
        Why.MISSING,
        "missing resource.front.port",
    )
    other = house("house.b", front=Door.model_construct(port=None))
    for text in ("resources('House')[0].front.port", "resources('House').map(h, h.front.port)[0]"):
        assert unknown_at(text, resources=lambda _: (other,)) == (
            Why.MISSING,
            "missing house.b.front.port",
        )
    made = "[resource.front].map(d, d)[0].port"
    assert unknown_at(made, subject) == (Why.MISSING, "missing resource.front.port")
    bare = "{'d': x}.d.port"
    assert unknown_at(bare, x=subject.front) == (Why.MISSING, 'missing {"d": x}.d.port')
    assert value("resource.front.label", house(front=Door.model_construct(label=None))) is None


def test_the_text_of_an_error_is_cut() -> None:
    found = value(f"resource.i + '{'y' * 400}'")
    assert isinstance(found, Failure)
    what, _, where = found.needs.partition(" in ")
    assert what == "the values do not fit the operator +"
    assert len(where) == 200
    assert found.why is Why.EVALUATION_ERROR


def test_keys_are_spelt_as_in_the_language() -> None:
    assert [key_text(key) for key in ('a"b', 1, True, 1.5)] == [
        '["a\\"b"]',
        "[1]",
        "[true]",
        '["1.5"]',
    ]


def test_an_unknown_goes_before_an_error() -> None:
    node = Literal(0, 0, None)
    error = Proof(Failure(Why.EVALUATION_ERROR, "e"), node, None)
    other = Proof(Failure(Why.EVALUATION_ERROR, "f"), node, None)
    opened = Proof(unknown(), node, None)
    assert foremost((error, opened)) is opened
    assert foremost(each for each in (error, other)) is error


def test_the_nearest_variable_of_a_name_is_meant() -> None:
    assert value_text(value("resource.xs.map(x, [8].map(x, x))")) == "[[8], [8]]"
    assert value_text(value("resource.xs.map(x, [8].map(y, x + y))")) == "[[9], [10]]"


TWO = OneOf((Alternative("a", (("q", "yes"),)), Alternative("b", (("q", "no"),))), unknown("q?"))


def test_a_world_splits_at_what_it_has_no_answer_to() -> None:
    with pytest.raises(Split) as caught:
        World().settle(TWO)
    assert caught.value.unknown is TWO.unknown
    assert str(caught.value) == "q?"
    yes, no = caught.value.worlds
    assert (yes.settle(TWO), no.settle(TWO)) == ("a", "b")
    assert (yes.answers, yes.words, yes.forks) == ({"q": "yes"}, ("q is yes",), True)
    assert (no.answers, no.words) == ({"q": "no"}, ("q is no",))
    same = one_of("q", yes=1, no=2)
    assert (yes.settle(same), no.settle(same)) == (1, 2)


def test_a_split_adds_to_what_is_assumed() -> None:
    first = World({"r": "x"}, {}, ("r is x",))
    with pytest.raises(Split) as caught:
        first.settle(TWO)
    assert caught.value.worlds[1].answers == {"r": "x", "q": "no"}
    assert caught.value.worlds[1].words == ("r is x", "q is no")
    both = OneOf(
        (
            Alternative(1, (("r", "x"), ("s", "l"))),
            Alternative(2, (("r", "x"), ("s", "m"))),
            Alternative(3, (("r", "y"), ("s", "m"))),
        ),
        unknown("r and s"),
    )
    with pytest.raises(Split) as caught:
        first.settle(both)
    assert [each.words for each in caught.value.worlds] == [
        ("r is x", "s is l"),
        ("r is x", "s is m"),
    ]
    assert caught.value.worlds[0].taken == {id(both): 0}


def test_alternatives_without_a_choice_are_counted() -> None:
    plain = OneOf((Alternative(1, ()), Alternative(2, ())), unknown("x"))
    with pytest.raises(Split) as caught:
        World({}, {7: 1}).settle(plain)
    assert [each.words for each in caught.value.worlds] == [
        ("alternative 1 holds of: x",),
        ("alternative 2 holds of: x",),
    ]
    assert caught.value.worlds[1].taken == {7: 1, id(plain): 1}
    assert caught.value.worlds[1].settle(plain) == 2


def test_what_no_world_allows_is_unknown() -> None:
    assert World({"q": "maybe"}).settle(TWO) is TWO.unknown
    assert World({"q": "no"}, forks=False).settle(TWO) == "b"
    assert World(forks=False).settle(TWO) is TWO.unknown
    assert MAX_WORLDS == 16


def test_a_value_in_a_value_is_settled() -> None:
    inner = OneOf((Alternative(TWO, ()),), unknown("outer"))
    walk = Walk({}, {}, None, World({"q": "no"}), 10)
    assert walk.settled(inner) == "b"
    assert walk.settled("plain") == "plain"


def test_a_frame_knows_the_one_around_it() -> None:
    proof = Proof(1, Literal(0, 0, 1), None)
    outer = Frame("x", proof, None)
    frame = Frame("y", proof, outer)
    assert (frame.name, frame.proof, frame.outer) == ("y", proof, outer)
