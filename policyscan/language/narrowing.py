"""What a condition proves about optional values: which are there if it is true, and if false."""

from __future__ import annotations

from msgspec import Struct

from policyscan.language.syntax import Binary, Has, Literal, Logic, Node, Ternary, Unary, written

_NOTHING: frozenset[str] = frozenset()


class Proof(Struct, frozen=True):
    """Canonical spellings of the values that are present, in either case."""

    if_true: frozenset[str] = _NOTHING
    if_false: frozenset[str] = _NOTHING


def proves(node: Node) -> Proof:
    """What the outcome of a condition proves."""
    match node:
        case Has():
            return Proof(if_true=frozenset({written(node.selection)}))
        case Binary(operator="==" | "!="):
            return _null_test(node)
        case Unary(operator="!"):
            inner = proves(node.operand)
            return Proof(inner.if_false, inner.if_true)
        case Logic():
            return _logic(node)
        case Ternary():
            return _ternary(node)
    return Proof()


def compared_with_null(node: Binary) -> Node | None:
    """The other operand of `== null` or `!= null`."""
    for null, other in ((node.right, node.left), (node.left, node.right)):
        if isinstance(null, Literal) and null.value is None:
            return other
    return None


def _null_test(node: Binary) -> Proof:
    operand = compared_with_null(node)
    if operand is None:
        return Proof()
    present = frozenset({written(operand)})
    return Proof(if_false=present) if node.operator == "==" else Proof(if_true=present)


def _logic(node: Logic) -> Proof:
    parts = [proves(operand) for operand in node.operands]
    yes = [part.if_true for part in parts]
    no = [part.if_false for part in parts]
    if node.operator == "&&":
        return Proof(frozenset.union(*yes), frozenset.intersection(*no))
    return Proof(frozenset.intersection(*yes), frozenset.union(*no))


def _ternary(node: Ternary) -> Proof:
    condition, yes, no = proves(node.condition), proves(node.yes), proves(node.no)
    return Proof(
        (condition.if_true | yes.if_true) & (condition.if_false | no.if_true),
        (condition.if_true | yes.if_false) & (condition.if_false | no.if_false),
    )
