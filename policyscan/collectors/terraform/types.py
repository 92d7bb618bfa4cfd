"""Type constraints of variables and the conversion of values to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal as OneWord

from msgspec import Struct

from policyscan.collectors.terraform import scalars
from policyscan.collectors.terraform.members import set_of, unify
from policyscan.collectors.terraform.value import (
    EvaluationError,
    ListItems,
    MapItems,
    Plain,
    SetItems,
    Value,
)
from policyscan.text.hcl.syntax import (
    Call,
    Expression,
    Literal,
    Name,
    ObjectItems,
    TupleItems,
)
from policyscan.text.source import Source, Span
from policyscan.values import OneOf, PartialList, Ref, Undetermined, Unknown, Why

MAX_WORK = 100_000
"""Members that one conversion may visit."""

MAX_DEPTH = 100
"""Types nested deeper are refused; Terraform configurations stay below ten."""


class Primitive(Struct, frozen=True):
    """`string`, `number`, `bool`, or `any`, which is every type."""

    name: OneWord["string", "number", "bool", "any"]


class Collection(Struct, frozen=True):
    """`list(element)`, `set(element)`, `map(element)`."""

    name: OneWord["list", "set", "map"]
    element: Type


class TupleType(Struct, frozen=True):
    """`tuple([a, b])`."""

    elements: tuple[Type, ...]


class AttributeType(Struct, frozen=True):
    """An attribute of an object type, with its default if it is `optional(type, default)`."""

    type: Type
    optional: bool = False
    default: Expression | None = None


class ObjectType(Struct, frozen=True):
    """`object({ name = type })`."""

    attributes: dict[str, AttributeType]


Type = Primitive | Collection | TupleType | ObjectType

ANY = Primitive("any")

EvaluateDefault = Callable[[Expression], Value]


def parse_type(expression: Expression, depth: int = 0) -> Type:
    """The type that a constraint names. Raises `EvaluationError` if it names none."""
    if depth > MAX_DEPTH:
        raise EvaluationError("the type is nested too deeply", expression.span)
    match expression:
        case Name(name=word) | Literal(value=str() as word):
            return _word(word, expression.span)
        case Call(name="list" | "set" | "map" as name, arguments=(element,), expand=False):
            return Collection(name, parse_type(element, depth + 1))
        case Call(name="tuple", arguments=(TupleItems(items=items),)):
            return TupleType(tuple(parse_type(item, depth + 1) for item in items))
        case Call(name="object", arguments=(ObjectItems() as items,)):
            return ObjectType(_attributes(items, depth + 1))
    raise EvaluationError("this is not a type", expression.span)


def _word(word: str, span: Span) -> Type:
    """A type by one word; `list`, `set` and `map` alone mean those of `any`."""
    match word:
        case "string" | "number" | "bool" | "any":
            return Primitive(word)
        case "list" | "set" | "map":
            return Collection(word, ANY)
    raise EvaluationError(f"there is no type {word}", span)


def _attributes(items: ObjectItems, depth: int) -> dict[str, AttributeType]:
    attributes = {}
    for item in items.items:
        if not isinstance(item.key, Literal) or not isinstance(item.key.value, str):
            raise EvaluationError("the name of an attribute is required", item.span)
        attributes[item.key.value] = _attribute(item.value, depth)
    return attributes


def _attribute(expression: Expression, depth: int) -> AttributeType:
    match expression:
        case Call(name="optional", arguments=(type_,)):
            return AttributeType(parse_type(type_, depth), optional=True)
        case Call(name="optional", arguments=(type_, default)):
            return AttributeType(parse_type(type_, depth), optional=True, default=default)
    return AttributeType(parse_type(expression, depth))


def convert(value: Value, type_: Type, evaluate_default: EvaluateDefault) -> Value:
    """The value as Terraform passes it on to a variable of this type; what is not known stays so.
    Raises `EvaluationError`, at the place of the value, if there is no conversion."""
    return _Conversion(evaluate_default).convert(value, type_)


class _Conversion:
    def __init__(self, evaluate_default: EvaluateDefault) -> None:
        self._evaluate_default = evaluate_default
        self._work = MAX_WORK

    def convert(self, value: Value, type_: Type) -> Value:
        plain = value.plain
        if isinstance(plain, OneOf):
            return _with(value, self._each_alternative(plain, type_))
        if plain is None or isinstance(plain, (Unknown, Ref)):
            return value
        try:
            self._spend(1)
            return _with(value, self._converted(value, type_))
        except Undetermined as undetermined:
            return _with(value, undetermined.unknown)

    def _spend(self, amount: int) -> None:
        self._work -= amount
        if self._work < 0:
            raise Undetermined(Unknown(Why.BUDGET, f"at most {MAX_WORK} members"))

    def _converted(self, value: Value, type_: Type) -> Plain:
        match type_:
            case Primitive(name="any"):
                return value.plain
            case Primitive(name=name):
                return _primitive(value, name)
            case Collection(name="map", element=element):
                return self._map(value, element)
            case Collection(name=name, element=element):
                return self._sequence(value, name, element)
            case TupleType(elements=elements):
                return self._tuple(value, elements)
            case ObjectType(attributes=attributes):
                return self._object(value, attributes)

    def _sequence(self, value: Value, name: str, element: Type) -> Plain:
        plain = value.plain
        found = plain.known if isinstance(plain, PartialList) else plain
        if not isinstance(found, tuple):
            raise _refusal(value, f"a {name}")
        items = self._of_one_type(value, [self.convert(item, element) for item in found], element)
        made = set_of(items, self._spend) if name == "set" else ListItems(items)
        if not isinstance(plain, PartialList):
            return made
        return PartialList(made.known if isinstance(made, PartialList) else made, plain.unknown)

    def _map(self, value: Value, element: Type) -> Plain:
        if not isinstance(value.plain, dict):
            raise _refusal(value, "a map")
        items = [self.convert(item, element) for item in value.plain.values()]
        return MapItems(zip(value.plain, self._of_one_type(value, items, element), strict=True))

    def _of_one_type(self, value: Value, items: list[Value], element: Type) -> list[Value]:
        unified = unify(items) if element == ANY else items
        if unified is None:
            raise _refusal(value, "members of one type")
        return unified

    def _tuple(self, value: Value, elements: tuple[Type, ...]) -> Plain:
        plain = value.plain
        if isinstance(plain, PartialList):
            return plain.unknown
        if (
            not isinstance(plain, tuple)
            or isinstance(plain, SetItems)
            or len(plain) != len(elements)
        ):
            raise _refusal(value, f"a tuple of {len(elements)}")
        return tuple(self.convert(*pair) for pair in zip(plain, elements, strict=True))

    def _object(self, value: Value, attributes: dict[str, AttributeType]) -> Plain:
        if not isinstance(value.plain, dict):
            raise _refusal(value, "an object")
        made = {}
        for name, attribute in attributes.items():
            given = value.plain.get(name)
            if given is None and not attribute.optional:
                raise _refusal(value, f"the attribute {name}")
            if attribute.default is not None and (given is None or given.plain is None):
                given = self._evaluate_default(attribute.default)
            made[name] = self.convert(given or _with(value, None), attribute.type)
        return made

    def _each_alternative(self, plain: OneOf[Value], type_: Type) -> OneOf[Value]:
        """Every alternative converted; one that cannot be is not known."""
        converted = []
        for alternative in plain.alternatives:
            try:
                made = self.convert(alternative.value, type_)
            except EvaluationError as error:
                reason = Unknown(Why.EVALUATION_ERROR, error.message, error.span)
                made = _with(alternative.value, reason)
            converted.append(replace(alternative, value=made))
        return replace(plain, alternatives=tuple(converted))


def _primitive(value: Value, name: str) -> Plain:
    converted: Plain
    if name == "string":
        converted = scalars.to_text(value.plain)
    elif name == "number":
        converted = scalars.to_number(value.plain)
    else:
        converted = scalars.to_bool(value.plain)
    if converted is None:
        raise _refusal(value, f"a {name}")
    return converted


def _with(value: Value, plain: Plain) -> Value:
    """The same value in another shape: a conversion is no step of its own."""
    return Value(plain, value.trail, value.sensitive)


def _refusal(value: Value, wanted: str) -> EvaluationError:
    spans = (step.span for step in value.trail.chain() if step.span is not None)
    return EvaluationError(f"{wanted} is required", next(spans, Source("", b"").whole()))
