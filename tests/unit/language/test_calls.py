"""What a call does with its function, whatever that function does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from houses import Door, house, unknown
from msgspec.structs import replace
from proofs import Proved, prove, shown

from policyscan.language.functions.answers import Answer, Clue
from policyscan.language.functions.signatures import Function
from policyscan.language.proving.walk import Failure
from policyscan.resources.base import Resource
from policyscan.resources.network import Rule
from policyscan.values import Alternative, OneOf, PartialList, Ref, Undetermined, Unknown

Call = Callable[..., Proved]


@pytest.fixture
def calling(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Call]:
    """Proves expressions in which `f` is the function that is given."""

    def made(function: Callable[..., object], **more: Any) -> Call:
        row = Function("f", (), function, "", "", **more)
        monkeypatch.setattr("policyscan.language.proving.calls.FUNCTIONS", {"f": row})
        return prove

    return made


def raises(error: Exception) -> Callable[..., object]:
    def function(*_: object) -> object:
        raise error

    return function


@pytest.mark.parametrize("lifted", [False, True])
def test_an_error_of_a_function_is_the_reason_and_is_cut(calling: Any, lifted: bool) -> None:
    short = calling(raises(ValueError("no such thing")), lifted=lifted)("f(1)").proof.value
    assert isinstance(short, Failure)
    assert short.needs == "no such thing in f(1)"
    long = calling(raises(ValueError("x" * 300)), lifted=lifted)("f(1)").proof.value
    assert isinstance(long, Failure)
    assert long.needs == "x" * 200 + " in f(1)"


def test_what_a_lifted_function_touches_and_does_not_know(calling: Any) -> None:
    why = unknown("a look")
    proof = calling(raises(Undetermined(why)), lifted=True)("f(resource.i)").proof
    assert proof.value is why
    assert shown(proof) == "f(resource.i) = ?<a look> <- (f(resource.i) = ?<a look>)"


def test_the_first_reason_is_the_value_and_all_are_parts(calling: Any) -> None:
    one, two = unknown("one"), unknown("two")
    answer = Answer(None, (Clue(0, 1, ".rest", "seen", "a note"),), (one, two))
    proof = calling(lambda _: answer, lifted=True)("1 + f(resource.xs)").proof
    assert shown(proof.parts[1]) == (
        "f(resource.xs) = ?<one> <- (\"a note\" = 'seen' @xs[1].rest; "
        "f(resource.xs) = ?<one>; f(resource.xs) = ?<two>)"
    )
    note, call = proof.parts[1].parts[0].node, proof.parts[1].node
    assert (note.start, note.end) == (call.start, call.end) == (4, 18)


def test_nothing_to_say_is_an_error(calling: Any) -> None:
    value = calling(lambda _: Answer(None), lifted=True)("f(1)").proof.value
    assert isinstance(value, Failure)
    assert value.needs == "no answer in f(1)"


def given_to(calling: Any, value: object, **names: Any) -> object:
    """What a lifted function is given for a value."""
    seen: list[object] = []

    def function(given: object) -> Answer:
        seen.append(given)
        return Answer(True)

    found = calling(function, lifted=True)("f(it)", steps=100, it=value, **names)
    assert found.proof.value is True
    return seen[0]


RULE = Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("10.0.0.0/8",))


@pytest.mark.parametrize(
    "value", [1, (1, 2), PartialList((1,), unknown()), Door(port=1), (RULE, RULE), Ref("a.b")]
)
def test_what_is_settled_is_given_as_it_is(calling: Any, value: object) -> None:
    assert given_to(calling, value) is value


def test_every_part_is_settled(calling: Any) -> None:
    sure = OneOf((Alternative(22, ()),), unknown())
    assert given_to(calling, sure) == 22
    assert given_to(calling, (1, sure, (sure,))) == (1, 22, (22,))
    partly = PartialList((1, sure), unknown("more"))
    settled = given_to(calling, partly)
    assert isinstance(settled, PartialList)
    assert (settled.known, settled.unknown) == ((1, 22), partly.unknown)
    rule = given_to(calling, RULE.model_copy(update={"from_port": sure}))
    assert rule == RULE


def test_settling_costs_a_step_for_each_member(calling: Any) -> None:
    call = calling(lambda _: Answer(True), lifted=True)
    assert call("f(it)", it=((1, 2), 3)).cost == 2 + 2 + 2
    assert call("f(it)", it=RULE).cost == 2 + sum(
        len(field) for field in vars(RULE).values() if isinstance(field, tuple)
    )


def test_everything_below_an_argument_counts_as_read(calling: Any) -> None:
    call = calling(lambda *_: Answer(True), lifted=True)
    found = call("f(resource.doors, resource.words)", house(doors=(Door(names=("a", "b")),)))
    assert found.touched == [
        ":doors",
        ":doors[0]",
        ":doors[0].label",
        ":doors[0].names",
        ":doors[0].names[0]",
        ":doors[0].names[1]",
        ":doors[0].open",
        ":doors[0].port",
        ":words",
    ]
    partly = house(doors=PartialList((Door(names=PartialList(("a",), unknown())),), unknown()))
    assert ":doors[0].names[0]" in call("f(resource.doors)", partly).touched
    assert call("f(resource.front)", house(front=Door())).touched == [":front"]


def units(calling: Any, text: str, **names: Any) -> list[str | None]:
    """The units that a function is told of, call by call."""
    seen: list[str | None] = []

    def function(_: object, unit: str | None = "none is given") -> Answer:
        seen.append(unit)
        return Answer(True)

    calling(function, lifted=True, asks_unit=True)(text, **names)
    return seen


def in_unit(address: str, unit: str, **fields: Any) -> Resource:
    resource = house(address, **fields)
    return resource.model_copy(update={"origin": replace(resource.origin, unit=unit)})


def test_a_function_is_told_in_which_unit_its_value_was_read(calling: Any) -> None:
    mine, other = in_unit("house.a", "one", xs=(1,)), in_unit("house.b", "two", xs=(2,))
    names = {"subject": mine, "resources": lambda _: (other,)}
    assert units(calling, "f(resource.i)", **names) == ["one"]
    assert units(calling, "f('text')", **names) == ["one"]
    houses = "resources('House')"
    assert units(calling, f"{houses}.all(h, f(h.i))", **names) == ["two"]
    assert units(calling, f"{houses}.all(h, f(resource.i))", **names) == ["one"]
    assert units(calling, f"{houses}.all(h, f('text'))", **names) == [None]
    assert units(calling, f"{houses}.all(h, h.xs.all(x, f(x)))", **names) == ["two"]
    assert units(calling, "resource.xs.all(x, f(x))", **names) == ["one"]
    names["resources"] = lambda _: (in_unit("house.b", "one"),)
    assert units(calling, f"{houses}.all(h, f('text'))", **names) == ["one"]
    twins = (in_unit("house.b", "one"), in_unit("house.b", "two"))
    names["resources"] = lambda _: twins
    assert units(calling, f"{houses}.map(h, f(h))", **names) == ["one", "two"]
    assert units(calling, f"{houses}.map(h, [1].map(x, f(h)))", **names) == ["one", "two"]
    names["resources"] = lambda _: (in_unit("house.b", "one"),)
    names["subject"] = None
    assert units(calling, f"{houses}.all(h, f(h.i))", **names) == ["one"]
    assert units(calling, "f('text')", **names) == [None]


def test_a_strict_function_sees_no_value_that_is_open(calling: Any) -> None:
    call = calling(lambda *values: len(values))
    open_values: list[object] = [unknown("u"), Ref("a.b"), PartialList((1,), unknown("more"))]
    for value in open_values:
        found = call("f(1, it)", it=value).proof.value
        assert isinstance(found, Unknown)
        assert call("f(1, [[it]])", it=value).proof.value is not None
        assert isinstance(call("f(1, [[it]])", it=value).proof.value, Unknown)
    assert call("f(1, [it])", it=2).proof.value == 2
    assert call("f(1, [it])", it=None).proof.value == 2
    assert call("f([1, [2, 3]])").cost == 1 + 5 + 2 + 2


def test_a_shallow_function_sees_members_that_are_open(calling: Any) -> None:
    assert calling(len, shallow=True)("f([1, it])", it=unknown()).proof.value == 2
    assert isinstance(calling(len)("f([1, it])", it=unknown()).proof.value, Unknown)
