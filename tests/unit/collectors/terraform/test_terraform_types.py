from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.collectors.terraform import types
from policyscan.collectors.terraform.types import (
    ANY,
    AttributeType,
    Collection,
    ObjectType,
    Primitive,
    TupleType,
    convert,
    parse_type,
)
from policyscan.collectors.terraform.value import EvaluationError, SetItems, Value, literal
from policyscan.text.hcl.syntax import (
    Call,
    Expression,
    Literal,
    Name,
    ObjectItem,
    ObjectItems,
    TupleItems,
)
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why
from tests.unit.collectors.terraform.plain import SPAN, python, some, unknown, value

STRING, NUMBER, BOOL = Primitive("string"), Primitive("number"), Primitive("bool")


def word(name: str) -> Expression:
    return Name(name, SPAN)


def text(content: str | int) -> Expression:
    return Literal(content, SPAN)


def of(name: str, *arguments: Expression) -> Expression:
    return Call(name, arguments, False, SPAN)


def items(**attributes: Expression) -> Expression:
    return ObjectItems(
        tuple(ObjectItem(text(name), item, SPAN) for name, item in attributes.items()), SPAN
    )


def as_type(type_: types.Type, given_: Any) -> Any:
    def default(expression: Expression) -> Value:
        assert isinstance(expression, Literal)
        return literal(expression.value, SPAN)

    return python(convert(value(given_), type_, default))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (word("string"), STRING),
        (word("any"), ANY),
        (text("number"), NUMBER),
        (text("list"), Collection("list", ANY)),
        (word("map"), Collection("map", ANY)),
        (of("list", word("bool")), Collection("list", BOOL)),
        (of("set", of("map", word("string"))), Collection("set", Collection("map", STRING))),
        (of("tuple", TupleItems((word("string"), word("any")), SPAN)), TupleType((STRING, ANY))),
        (
            of(
                "object",
                items(
                    a=word("string"),
                    b=of("optional", word("bool")),
                    c=of("optional", word("number"), text(5)),
                ),
            ),
            ObjectType(
                {
                    "a": AttributeType(STRING),
                    "b": AttributeType(BOOL, optional=True),
                    "c": AttributeType(NUMBER, optional=True, default=Literal(5, SPAN)),
                }
            ),
        ),
    ],
)
def test_types(expression: Expression, expected: types.Type) -> None:
    assert parse_type(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        word("strings"),
        text(5),
        of("list"),
        of("list", word("string"), word("string")),
        of("object", word("string")),
        of("tuple", word("string")),
        of("optional", word("string")),
        of("list", of("optional", word("string"))),
        of("object", ObjectItems((ObjectItem(word("a"), word("string"), SPAN),), SPAN)),
    ],
)
def test_what_is_not_a_type(expression: Expression) -> None:
    with pytest.raises(EvaluationError) as caught:
        parse_type(expression)
    assert caught.value.span == SPAN


def test_types_nested_too_deeply() -> None:
    expression = word("string")
    for _ in range(5000):
        expression = of("list", expression)
    with pytest.raises(EvaluationError, match="too deeply"):
        parse_type(expression)


LISTS, SETS, MAPS = (Collection(name, STRING) for name in ("list", "set", "map"))  # type: ignore[arg-type]
SERVER = ObjectType(
    {
        "name": AttributeType(STRING),
        "port": AttributeType(NUMBER, optional=True, default=Literal("443", SPAN)),
        "zone": AttributeType(STRING, optional=True),
    }
)


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        (STRING, 5, "5"),
        (STRING, 5.0, "5"),
        (STRING, False, "false"),
        (STRING, None, None),
        (NUMBER, "5", 5),
        (NUMBER, "5.25", 5.25),
        (BOOL, "true", True),
        (ANY, [1, "a"], [1, "a"]),
        (LISTS, [1, "a", None], ["1", "a", None]),
        (LISTS, ("a", "b"), ["a", "b"]),
        (SETS, ["b", 1, "b"], ("1", "b")),
        (Collection("set", NUMBER), ["10", 9, "9"], (9, 10)),
        (MAPS, {"a": 1, "b": True}, {"a": "1", "b": "true"}),
        (Collection("list", ANY), [1, "a"], ["1", "a"]),
        (Collection("map", ANY), {"a": 1, "b": "x"}, {"a": "1", "b": "x"}),
        (TupleType((STRING, NUMBER)), [1, "2"], ["1", 2]),
        (SERVER, {"name": 1, "extra": 2}, {"name": "1", "port": 443, "zone": None}),
        (
            SERVER,
            {"name": "a", "port": None, "zone": "z"},
            {"name": "a", "port": 443, "zone": "z"},
        ),
        (Collection("list", SERVER), [{"name": "a", "port": "1"}],
         [{"name": "a", "port": 1, "zone": None}]),
    ],
)  # fmt: skip
def test_conversions(type_: types.Type, before: Any, after: Any) -> None:
    result = as_type(type_, before)
    assert result == after
    assert type(result) is type(after)


@pytest.mark.parametrize(
    ("type_", "given_"),
    [
        (STRING, ["a"]),
        (NUMBER, "a"),
        (NUMBER, True),
        (BOOL, 1),
        (LISTS, "a"),
        (LISTS, {"a": "b"}),
        (LISTS, [["a"]]),
        (MAPS, ["a"]),
        (Collection("list", ANY), [1, True]),
        (TupleType((STRING,)), ["a", "b"]),
        (TupleType((STRING,)), ("a",)),
        (SERVER, {"port": 1}),
        (SERVER, ["a"]),
    ],
)
def test_what_terraform_refuses(type_: types.Type, given_: Any) -> None:
    with pytest.raises(EvaluationError, match="is required"):
        as_type(type_, given_)


def test_unknown_stays_unknown() -> None:
    u, ref = unknown(), Ref("aws_vpc.a")
    for type_ in (STRING, LISTS, SETS, MAPS, SERVER, TupleType((STRING,))):
        assert as_type(type_, u) is u
        assert as_type(type_, ref) is ref
    assert as_type(LISTS, [1, u])[1] is u
    assert as_type(SERVER, {"name": u})["name"] is u
    opened = as_type(LISTS, some(1, 2))
    assert isinstance(opened, PartialList)
    assert [python(item) for item in opened.known] == ["1", "2"]
    assert isinstance(as_type(SETS, ["a", u]), PartialList)
    assert as_type(Collection("set", SERVER), [{"name": "a"}, {"name": "b"}])


def test_each_alternative_is_converted() -> None:
    choice = OneOf(
        (
            Alternative(value(5), (("q", "yes"),)),
            Alternative(value(["a"]), (("q", "no"),)),
        ),
        unknown(),
    )
    converted = as_type(STRING, choice)
    assert isinstance(converted, OneOf)
    first, second = (alternative.value.plain for alternative in converted.alternatives)
    assert first == "5"
    assert isinstance(second, Unknown)
    assert second.why is Why.EVALUATION_ERROR


def test_trail_and_sensitivity_stay() -> None:
    before = Value(5, value(None).trail, sensitive=True)
    after = convert(before, STRING, lambda _: value(None))
    assert after.trail is before.trail
    assert after.sensitive


def test_values_that_share_members_do_not_multiply() -> None:
    made, type_ = value("x"), parse_type(word("string"))
    for _ in range(40):
        made = literal((made, made), SPAN)
        type_ = Collection("list", type_)
    pending = [convert(made, type_, lambda _: value(None))]
    for _ in range(100):
        plain = pending.pop().plain
        if isinstance(plain, Unknown):
            assert plain.why is Why.BUDGET
            return
        assert isinstance(plain, tuple)
        pending.extend(plain)
    pytest.fail("nothing was cut")


TYPES = st.recursive(
    st.sampled_from([STRING, NUMBER, BOOL, ANY]),
    lambda inner: st.one_of(
        st.builds(Collection, st.sampled_from(["list", "set", "map"]), inner),
        st.builds(TupleType, st.lists(inner, max_size=2).map(tuple)),
        st.builds(
            ObjectType,
            st.dictionaries(
                st.sampled_from("ab"), st.builds(AttributeType, inner, st.booleans()), max_size=2
            ),
        ),
    ),
    max_leaves=4,
)
GIVEN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["1", "true", "a", Ref("a.b")]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
        | st.lists(inner, max_size=2).map(tuple)
        | st.builds(lambda known: some(*known), st.lists(inner, max_size=2))
    ),
    max_leaves=5,
)


@settings(max_examples=400, deadline=None)
@given(TYPES, GIVEN)
def test_converting_twice_changes_nothing(type_: types.Type, given_: Any) -> None:
    try:
        once = as_type(type_, given_)
    except EvaluationError:
        return
    twice = as_type(type_, once)
    assert repr(twice) == repr(once)


def test_sets_are_sets() -> None:
    assert isinstance(convert(value(["a"]), SETS, lambda _: value(None)).plain, SetItems)
