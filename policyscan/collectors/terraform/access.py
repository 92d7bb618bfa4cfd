"""Attributes, indexes and members of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from policyscan.collectors.terraform import operators, scalars
from policyscan.collectors.terraform.value import (
    BlockItems,
    EvaluationError,
    SetItems,
    Value,
    derive,
    literal,
    member,
    unknown,
)
from policyscan.collectors.terraform.zones import is_list_of_zones, zone
from policyscan.text.source import Span
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why

if TYPE_CHECKING:
    from policyscan.collectors.terraform.instance import Root


def attribute(value: Value, name: str, span: Span, root: Root) -> Value:
    """`value.name`."""
    plain = value.plain
    if isinstance(plain, OneOf):
        return operators.lift([value], span, lambda chosen: attribute(chosen[0], name, span, root))
    if isinstance(plain, Ref):
        if not plain.attribute:
            return root.attribute_of(plain, name, span)
        return unknown(Why.COMPUTED, f"{plain}.{name}", span, (value,))
    if isinstance(plain, Unknown):
        return derive(plain.derived, span, (value,))
    if isinstance(plain, dict):
        if name in plain:
            return member(value, plain[name], span)
        if isinstance(plain, BlockItems):
            needs = f"{name} of a block, which the provider may set"
            return unknown(Why.COMPUTED, needs, span, (value,))
        raise EvaluationError(f"there is no attribute {name}", span)
    if isinstance(plain, PartialList):
        return derive(plain.unknown, span, (value,))
    if isinstance(plain, tuple) and name.isdigit():
        return index(value, literal(int(name), span), span)
    raise EvaluationError(f"this value has no attribute {name}", span)


def index(value: Value, key: Value, span: Span) -> Value:
    """`value[key]` on values without alternatives."""
    plain = value.plain
    if isinstance(plain, Ref):
        if not plain.attribute and plain.address.endswith("[?]"):
            return value.derived(plain, span)
        return unknown(Why.COMPUTED, f"{plain}[...]", span, (value,))
    if isinstance(plain, Unknown) and is_list_of_zones(plain) and isinstance(key.plain, int):
        return value.derived(zone(plain, key.plain), span)
    for part in (value, key):
        if part.unknown is not None:
            return derive(part.unknown.derived, span, (value, key))
    if isinstance(plain, PartialList):
        return derive(plain.unknown, span, (value,))
    if isinstance(key.plain, Ref):
        return unknown(Why.COMPUTED, f"the text of {key.plain}", span, (key,))
    if isinstance(plain, dict):
        text = scalars.to_text(key.plain)
        if text in plain:
            assert text is not None
            return member(value, plain[text], span)
        raise EvaluationError("there is no such key", span)
    if isinstance(plain, tuple) and not isinstance(plain, SetItems):
        position = operators.to_number(key, span)
        if isinstance(position, int) and 0 <= position < len(plain):
            return member(value, plain[position], span)
        raise EvaluationError("there is no such element", span)
    raise EvaluationError("this value has no elements", span)


def items_of(value: Value, span: Span) -> tuple[list[tuple[Value, Value]], Unknown | None]:
    """The keys and members of a collection in Terraform's order; a reason if there may be more."""
    plain = value.plain
    if isinstance(plain, SetItems):
        return [(item, member(value, item, span)) for item in plain], None
    if isinstance(plain, tuple):
        items = [member(value, item, span) for item in plain]
        return [(literal(number, span), item) for number, item in enumerate(items)], None
    if isinstance(plain, dict):
        return [
            (literal(key, span), member(value, plain[key], span)) for key in sorted(plain)
        ], None
    if isinstance(plain, PartialList):
        reason = Unknown(Why.FOR_EACH, "the position of an element", span)
        return [(derive(reason, span, ()), item) for item in plain.known], plain.unknown
    if isinstance(plain, Ref):
        reason = Unknown(Why.COMPUTED, f"the members of {_named(plain)}", span)
        if not plain.attribute and plain.address.endswith("[?]"):
            return [(derive(reason, span, ()), value)], reason
        return [], reason
    if isinstance(plain, Unknown):
        return [], plain
    raise EvaluationError("a list, set or map is required", span)


def _named(ref: Ref) -> str:
    return f"{ref.address}.{ref.attribute}" if ref.attribute else ref.address


def splat(value: Value, step: Callable[[Value], Value], span: Span) -> Value:
    """`value[*]` followed by `step` for each member."""
    plain = value.plain
    if plain is None:
        return derive((), span, (value,))
    if isinstance(plain, Unknown):
        return derive(plain, span, (value,))
    if isinstance(plain, PartialList):
        known = tuple(step(item) for item in plain.known)
        return derive(PartialList(known, plain.unknown), span, (value,))
    if isinstance(plain, tuple):
        return derive(tuple(step(item) for item in plain), span, (value,))
    if isinstance(plain, Ref) and not plain.attribute and plain.address.endswith("[?]"):
        reason = Unknown(Why.COUNT, f"the number of {plain.address}", span)
        return derive(PartialList((step(value),), reason), span, (value,))
    return derive((step(value),), span, (value,))
