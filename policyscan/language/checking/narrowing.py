"""What a condition proves about optional values: which are there if it is true, and if false."""

from __future__ import annotations

from msgspec import Struct

from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Has,
    Literal,
    Logic,
    Node,
    OptionalSelect,
    Select,
    Ternary,
    Unary,
    written,
)

_NOTHING: frozenset[str] = frozenset()


class Proven(Struct, frozen=True):
    """Canonical spellings of the values that are present, in either case."""

    if_true: frozenset[str] = _NOTHING
    if_false: frozenset[str] = _NOTHING


def proves(node: Node) -> Proven:
    """What the outcome of a condition proves."""
    match node:
        case Has():
            return Proven(if_true=frozenset({written(node.selection)}))
        case Call(function="hasValue", arguments=(optional,)):
            return Proven(if_true=_held(optional))
        case Binary(operator="==" | "!="):
            return _null_test(node)
        case Unary(operator="!"):
            inner = proves(node.operand)
            return Proven(inner.if_false, inner.if_true)
        case Logic():
            return _logic(node)
        case Ternary():
            return _ternary(node)
    return Proven()


def _held(optional: Node) -> frozenset[str]:
    """What is there if an optional has a value: that value, and the field it is made of."""
    held = {written(optional)}
    if isinstance(optional, OptionalSelect):
        field = Select(optional.start, optional.end, optional.operand, optional.field)
        held.add(written(field))
    return frozenset(held)


def compared_with_null(node: Binary) -> Node | None:
    """The other operand of `== null` or `!= null`."""
    for null, other in ((node.right, node.left), (node.left, node.right)):
        if isinstance(null, Literal) and null.value is None:
            return other
    return None


def _null_test(node: Binary) -> Proven:
    operand = compared_with_null(node)
    if operand is None:
        return Proven()
    present = frozenset({written(operand)})
    return Proven(if_false=present) if node.operator == "==" else Proven(if_true=present)


def _logic(node: Logic) -> Proven:
    parts = [proves(operand) for operand in node.operands]
    yes = [part.if_true for part in parts]
    no = [part.if_false for part in parts]
    if node.operator == "&&":
        return Proven(frozenset.union(*yes), frozenset.intersection(*no))
    return Proven(frozenset.intersection(*yes), frozenset.union(*no))


def _ternary(node: Ternary) -> Proven:
    condition, yes, no = proves(node.condition), proves(node.yes), proves(node.no)
    return Proven(
        (condition.if_true | yes.if_true) & (condition.if_false | no.if_true),
        (condition.if_true | yes.if_false) & (condition.if_false | no.if_false),
    )
