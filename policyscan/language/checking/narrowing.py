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
        return _truth_test(node)
    present = frozenset({written(operand)})
    return Proven(if_false=present) if node.operator == "==" else Proven(if_true=present)


def _truth_test(node: Binary) -> Proven:
    """`condition == true` and the like prove what the condition does, or what its opposite does."""
    for literal, other in ((node.right, node.left), (node.left, node.right)):
        if isinstance(literal, Literal) and isinstance(literal.value, bool):
            inner = proves(other)
            as_it_is = literal.value is (node.operator == "==")
            return inner if as_it_is else Proven(inner.if_false, inner.if_true)
    return Proven()


def _logic(node: Logic) -> Proven:
    parts = [(operand, proves(operand)) for operand in node.operands]
    if node.operator == "&&":
        return Proven(
            _NOTHING.union(*(part.if_true for _, part in parts)),
            _common([part.if_false for operand, part in parts if _may_be(operand, False)]),
        )
    return Proven(
        _common([part.if_true for operand, part in parts if _may_be(operand, True)]),
        _NOTHING.union(*(part.if_false for _, part in parts)),
    )


def _ternary(node: Ternary) -> Proven:
    condition, yes, no = proves(node.condition), proves(node.yes), proves(node.no)
    true, false = [], []
    for branch, known, before in (
        (node.yes, yes, condition.if_true),
        (node.no, no, condition.if_false),
    ):
        if _may_be(branch, True):
            true.append(before | known.if_true)
        if _may_be(branch, False):
            false.append(before | known.if_false)
    return Proven(_common(true), _common(false))


def _may_be(node: Node, outcome: bool) -> bool:
    """Whether a condition may have that outcome; a constant has one."""
    return not isinstance(node, Literal) or node.value is outcome


def _common(ways: list[frozenset[str]]) -> frozenset[str]:
    """What holds whichever way it came about."""
    return frozenset.intersection(*ways) if ways else _NOTHING
