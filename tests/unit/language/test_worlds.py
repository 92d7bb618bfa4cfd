"""Values that are one of a few: an answer holds if it is the same in every world."""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
import pytest
from houses import Door, house, judge, one_of, truth, unknown
from hypothesis import given

from policyscan.resources.network import Rule
from policyscan.values import Alternative, OneOf, PartialList


def test_the_same_answer_in_every_world_is_the_answer() -> None:
    tier = one_of("tier", a="high", b="low")
    assert truth('resource.tier in ["high", "low"]', tier=tier) is True
    assert truth('resource.tier == "medium"', tier=tier) is False


def test_worlds_that_disagree_name_the_question() -> None:
    tier = one_of("account tier", high="high", medium="medium", low="low")
    outcome = judge('resource.tier != "high"', house(tier=tier))
    assert outcome.truth is None
    assert outcome.residual == "PASS iff account tier is medium or account tier is low"
    assert outcome.reasons == (tier.unknown,)
    assert [each.path for each in outcome.witnesses] == ["tier"]


def test_worlds_that_make_no_difference_are_not_named() -> None:
    tier = one_of("account tier", high="high", low="low")
    outcome = judge('resource.tier in ["high", "low"] && resource.a', house(tier=tier, a=unknown()))
    assert outcome.truth is None
    assert outcome.residual == "PASS iff resource.a"


def test_equal_questions_are_answered_alike() -> None:
    i, j = one_of("env", prod=1, dev=2), one_of("env", prod=10, dev=20)
    assert truth("resource.j == resource.i * 10", i=i, j=j) is True
    other = one_of("region", prod=10, dev=20)
    assert truth("resource.j == resource.i * 10", i=i, j=other) is None


def test_several_conditions_are_named_together() -> None:
    outcome = judge(
        "resource.a || resource.b",
        house(a=one_of("q", yes=True, no=False), b=one_of("r", yes=True, no=False)),
    )
    assert outcome.residual == "PASS iff q is yes or q is no and r is yes"


def test_inside_lists_parts_and_nested_alternatives() -> None:
    cidr = one_of("open", yes="0.0.0.0/0", no="192.0.2.0/24")
    assert truth('resource.words.exists(w, w == "a")', words=(cidr, "a")) is True
    assert truth("resource.doors.all(d, d.port > 0)", doors=(Door(port=one_of("q", a=1, b=2)),))
    inner = OneOf((Alternative(one_of("r", a=1, b=2), (("q", "a"),)),), unknown())
    assert truth("resource.i > 0", i=inner) is True
    lists = one_of("q", a=(1, 2), b=(3,))
    assert truth("resource.xs.all(x, x > 0)", xs=lists) is True
    assert truth("size(resource.xs) == 2", xs=lists) is None
    assert truth("has(resource.opt) || resource.opt == null", opt=one_of("q", a="x", b=None))


def test_lifted_functions_see_settled_values() -> None:
    text = "reaches_internet(resource.rules, params.ports, params.max_public)"
    port = one_of("q", ssh=22, web=443)
    cidr = one_of("q", ssh="10.0.0.0/8", web="0.0.0.0/0")
    rule = Rule(protocol="tcp", from_port=port, to_port=port, cidrs=(cidr,))
    assert truth(text, rules=(rule,)) is False
    assert truth(text, rules=PartialList((rule,), unknown())) is None
    wide = rule.model_copy(update={"cidrs": ("0.0.0.0/0",)})
    outcome = judge(f"!{text}", house(rules=(wide,)))
    assert (outcome.truth, outcome.residual) == (None, "PASS iff q is web")


def test_alternatives_without_choices_do_not_correlate() -> None:
    def plain(*values: int) -> OneOf[int]:
        return OneOf(tuple(Alternative(value, ()) for value in values), unknown())

    assert truth("resource.i + resource.j < 5", i=plain(1, 2), j=plain(1, 2)) is True
    assert truth("resource.i == resource.j", i=plain(1, 2), j=plain(1, 2)) is None
    assert truth("resource.i == resource.i", i=plain(1, 2)) is True


def test_contradicting_worlds_are_not_guessed() -> None:
    i = OneOf((Alternative(1, (("q", "a"),)), Alternative(2, (("q", "b"),))), unknown())
    j = OneOf((Alternative(1, (("q", "c"),)), Alternative(2, (("q", "d"),))), unknown())
    assert truth("resource.i > 0 && resource.j > 0", i=i, j=j) is None


def test_too_many_worlds_are_unknown_unless_something_known_decides() -> None:
    words = tuple(one_of(f"q{number}", a="a", b="b") for number in range(6))
    assert truth('resource.words.all(w, w in ["a", "b"])', words=words) is None
    assert truth('resource.words.all(w, w in ["a", "b"])', words=words[:4]) is True
    assert truth('resource.words.exists(w, w == "c")', words=(*words, "c")) is True
    assert truth("resource.words.all(w, w == w) || resource.a", words=words) is True


QUESTIONS = ("q", "r")
TEXTS = [
    "resource.i < resource.j",
    "resource.i == resource.j && resource.a",
    "resource.a || resource.i == 1",
    "resource.a ? resource.i > 0 : resource.j > 0",
    "resource.xs.all(x, x > resource.i)",
    "resource.xs.exists_one(x, x == resource.j)",
    "1 / resource.i == 1 || resource.a",
]


@st.composite
def alternatives(draw: st.DrawFn, values: st.SearchStrategy[object]) -> OneOf[object]:
    asked = draw(st.sampled_from([("q",), ("r",), ("q", "r")]))
    found = tuple(
        Alternative(draw(values), tuple(zip(asked, answers, strict=True)))
        for answers in product("yn", repeat=len(asked))
    )
    return OneOf(found, unknown())


NUMBERS = st.integers(0, 2)


@pytest.mark.parametrize("text", TEXTS)
@given(
    i=alternatives(NUMBERS),
    j=alternatives(NUMBERS),
    a=alternatives(st.booleans()),
    x=alternatives(NUMBERS),
)
def test_the_answer_is_that_of_all_consistent_worlds(
    text: str, i: OneOf[int], j: OneOf[int], a: OneOf[bool], x: OneOf[int]
) -> None:
    def pick(value: OneOf[object], world: dict[str, str]) -> object:
        return next(
            each.value
            for each in value.alternatives
            if all(world[question] == answer for question, answer in each.choices)
        )

    answers = set()
    for given_answers in product("yn", repeat=2):
        world = dict(zip(QUESTIONS, given_answers, strict=True))
        fields = {name: pick(value, world) for name, value in (("i", i), ("j", j), ("a", a))}
        answers.add(truth(text, xs=(1, pick(x, world)), **fields))
    expected = answers.pop() if len(answers) == 1 else None
    assert truth(text, i=i, j=j, a=a, xs=(1, x)) is expected
