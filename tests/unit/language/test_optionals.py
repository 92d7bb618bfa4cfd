"""Values that may be absent: what is selected of them, and what is not known of them."""

from __future__ import annotations

import pytest
from houses import Door, house, judge, one_of, truth, unknown

from policyscan.language import Environment, compile_expression
from policyscan.language.reading.ways import Way, reading_of
from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import written
from policyscan.language.types import INT, STRING, ListOf, MapOf
from policyscan.values import PartialList

U = unknown()
PRESENT = house(opt="x", front=Door(label="front", names=("a", "b")), limits={"a": 1}, xs=(5,))

TRUE_OF_WHAT_IS_THERE = [
    "resource.?opt.hasValue()",
    "resource.?opt.hasValue() && resource.?opt.value() == 'x'",
    "resource.?opt.hasValue() && resource.opt == 'x'",
    "!resource.?opt.hasValue() || resource.?opt.value() == 'x'",
    "resource.?front.label.hasValue() ? resource.?front.label.value() == 'front' : false",
    "resource.?opt.orValue('y') == 'x'",
    "resource.?opt.or(optional.of('y')).value() == 'x'",
    "resource.?front.label.orValue('') == 'front'",
    "resource.?front.names[1].orValue('') == 'b'",
    "resource.?front.?names.orValue([]).exists(n, n == 'b')",
    "!resource.?front.names[2].hasValue()",
    "resource.limits.?a.orValue(0) == 1",
    "resource.limits[?'a'].orValue(0) == 1",
    "!resource.limits[?'b'].hasValue()",
    "resource.xs[?0].orValue(0) == 5",
    "!resource.xs[?1].hasValue()",
    "!resource.xs[?-1].hasValue()",
    "resource.?s.hasValue()",
    "has(resource.?front.label)",
    "resource.?opt == optional.of('x')",
    "resource.?opt != optional.none()",
]


@pytest.mark.parametrize("text", TRUE_OF_WHAT_IS_THERE)
def test_what_is_there_is_selected(text: str) -> None:
    assert judge(text, PRESENT).truth is True


TRUE_OF_WHAT_IS_ABSENT = [
    "!resource.?opt.hasValue()",
    "resource.?opt.orValue('y') == 'y'",
    "resource.?opt.or(resource.?opt).or(optional.of('z')).value() == 'z'",
    "!resource.?front.label.hasValue()",
    "!resource.?front.names[0].hasValue()",
    "resource.?front.names.orValue([]) == []",
    "!has(resource.?front.label)",
    "resource.?opt == optional.none()",
    "resource.?opt == resource.?front.label",
]


@pytest.mark.parametrize("text", TRUE_OF_WHAT_IS_ABSENT)
def test_what_is_absent_is_selected_too(text: str) -> None:
    assert judge(text).truth is True


def test_the_value_of_what_is_absent_is_an_error() -> None:
    outcome = judge("[resource.?opt][0].value() == 'x'")
    assert outcome.truth is None
    assert outcome.error == "an optional without a value in [resource.?opt][0].value()"
    assert truth("resource.?opt.hasValue() && resource.?opt.value() == 'x'") is False


def test_what_stands_in_is_looked_at_only_if_needed() -> None:
    assert truth("resource.xs[?0].orValue(1 / 0) == 5", xs=(5,)) is True
    assert truth("resource.xs[?0].orValue(1 / 0) == 5") is None


@pytest.mark.parametrize(
    "text",
    [
        "resource.?opt.hasValue()",
        "resource.?opt.hasValue() && resource.?opt.value() == 'x'",
        "resource.?opt.orValue('x') == 'x'",
        "resource.?opt.or(optional.of('x')).hasValue()",
        "resource.?opt == optional.none()",
        "optional.ofNonZeroValue(resource.?opt.orValue('')).hasValue()",
    ],
)
def test_an_unknown_value_may_be_absent(text: str) -> None:
    outcome = judge(text, house(opt=U))
    assert outcome.truth is None
    assert outcome.reasons == (U,)
    assert "resource.?opt" in outcome.residual


def test_a_member_that_may_stand_elsewhere_is_not_known() -> None:
    some = PartialList((5,), U)
    assert truth("resource.xs[?0].hasValue()", xs=some) is None
    assert truth("resource.xs[?7].hasValue()", xs=some) is None
    assert truth("resource.xs[?-1].hasValue()", xs=some) is False
    assert truth("optional.ofNonZeroValue(resource.xs).hasValue()", xs=some) is True
    assert truth("optional.ofNonZeroValue(resource.xs).hasValue()", xs=PartialList((), U)) is None


def test_a_member_that_is_not_known_is_there() -> None:
    assert truth("optional.of(resource.s).hasValue()", s=U) is True
    assert truth("optional.of(resource.s).value() == 'x'", s=U) is None
    assert truth("optional.of(resource.s) == optional.none()", s=U) is False
    assert truth("optional.ofNonZeroValue(resource.s).hasValue()", s=U) is None


def test_alternatives_are_tried_one_by_one() -> None:
    text = "resource.?opt.orValue('none') != 'z'"
    assert truth(text, opt=one_of("tier", high="x", low=None)) is True
    assert truth(text, opt=one_of("tier", high="x", low="z")) is None


def test_the_evidence_is_the_place_of_the_value() -> None:
    (found,) = judge("resource.?front.label.orValue('') == 'back'", PRESENT).witnesses
    assert (found.path, found.value_text) == ("front.label", '"front"')
    (found,) = judge("resource.?opt.hasValue()").witnesses
    assert (found.path, found.value_text) == ("opt", "null")


def test_an_optional_is_shown_as_the_language_writes_it() -> None:
    text = "resource.?opt == optional.of('x')"
    for subject, shown in ((PRESENT, 'optional.of("x")'), (house(), "optional.none()")):
        (found,) = judge(text, subject).witnesses
        assert (found.path, found.value_text) == ("opt", shown)


def test_what_is_selected_is_touched() -> None:
    assert judge("resource.?front.label.hasValue()", PRESENT).touched == {"front", "front.label"}


@pytest.mark.parametrize(
    "text",
    [
        "resource.?opt.orValue('x') == 'x'",
        "resource.xs[?0].hasValue()",
        "resource.limits.`a b`",
        "resource.limits.?`a.b`",
        "resource.limits.`in`",
        "optional.of(1).or(optional.none()).value()",
        "{1: 'a', true: 2}",
    ],
)
def test_the_spelling_is_read_again(text: str) -> None:
    assert written(parse(written(parse(text)))) == written(parse(text))
    assert written(parse(text)) == text.replace("'", '"')


def test_three_arguments_of_map_are_a_filter() -> None:
    assert written(parse("x.map(a, a > 1, a * 2)")) == "x.filter(a, a > 1).map(a, a * 2)"


def test_the_gate_takes_optional_fields_as_they_are() -> None:
    ways = reading_of(
        parse("resource.?opt.orValue('x') == 'x' && !has(resource.?front.label)"), None
    )
    assert ways.ways == {
        "opt": frozenset({Way.SAME}),
        "front.label": frozenset({Way.SAME}),
    }
    listed = reading_of(parse("resource.?words.orValue([]).all(w, w != 'x')"), None)
    assert listed.ways == {"words": frozenset({Way.SAME})}
    member = reading_of(parse("resource.words[?0].orValue('') == 'x'"), None)
    assert member.ways == {"words": frozenset({Way.SAME})}


def test_variables_of_any_type_are_selected() -> None:
    types = {"m": MapOf(INT, ListOf(STRING)), "k": INT}
    env = Environment(variables=types)
    program = compile_expression("m[?k][0].orValue('none')", env, is_condition=False)
    assert program.value(m={1: ("a",)}, k=1) == "a"
    assert program.value(m={1: ()}, k=1) == "none"
    assert program.value(m={}, k=1) == "none"
    assert program.value(m={1: ("a",)}, k=U) is U
    assert program.value(m={1: (U,)}, k=1) is U
