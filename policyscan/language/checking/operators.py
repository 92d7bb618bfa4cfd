"""The type rules of the operators that have two operands."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.language import types as t
from policyscan.language.diagnostics import ExpressionError
from policyscan.language.functions.arithmetic import RESULTS
from policyscan.language.hints import operands
from policyscan.language.syntax.tree import Binary, ListLiteral, Literal, Node, Ternary
from policyscan.text.complaints import suggestion

NUMBERS = (t.INT, t.DOUBLE)
_ORDERED = (t.STRING, t.BOOL, t.TIMESTAMP, t.DURATION)


def binary(node: Binary, left: t.Type, right: t.Type) -> t.Type:
    """The type of a comparison, of `in`, or of arithmetic. Raises ExpressionError."""
    if node.operator == "in":
        return _membership(node, left, right)
    if node.operator in RESULTS:
        return _arithmetic(node, left, right)
    ordered = left == right and left in _ORDERED
    ordered = ordered or (left in NUMBERS and right in NUMBERS)
    if not ordered and t.NOTHING not in (left, right):
        hint = operands.no_order(node, left, right)
        raise _error(node, f"no order between {left} and {right}", hint)
    return t.BOOL


def equality(node: Binary, left: t.Type, right: t.Type) -> t.Type:
    """The type of `==` and `!=`. Raises ExpressionError where it has only one answer."""
    _impossible(node.left, left, node.right, right)
    if not t.comparable(left, right):
        hint = operands.never_equal(node, left, right)
        raise _error(node, f"{left} and {right} are never equal", hint)
    if isinstance(left, t.Object):
        raise _error(node, f"two {left} cannot be compared; compare their fields")
    return t.BOOL


def _membership(node: Binary, item: t.Type, container: t.Type) -> t.Type:
    if not isinstance(container, (t.ListOf, t.MapOf)):
        hint = operands.no_membership(node, item, container)
        raise _error(node.right, f"'in' needs a list or a map, this is {container}", hint)
    member = container.item if isinstance(container, t.ListOf) else container.key
    for literal in node.right.items if isinstance(node.right, ListLiteral) else ():
        _impossible(node.left, item, literal, t.STRING)
    _impossible(node.left, item, node.right, member)
    if isinstance(member, t.Optional) or not t.comparable(item, member):
        hint = operands.never_in(node, item, member)
        raise _error(node, f"no {item} can be in {container}", hint)
    if isinstance(member, t.Object):
        raise _error(node, f"two {member} cannot be compared; compare their fields")
    return t.BOOL


def _arithmetic(node: Binary, left: t.Type, right: t.Type) -> t.Type:
    plain = tuple(t.STRING if isinstance(kind, t.Choice) else kind for kind in (left, right))
    result = RESULTS[node.operator].get((plain[0], plain[1]))
    if result is None and node.operator == "+" and isinstance(left, t.ListOf):
        result = t.join(left, right)
    if result is None and t.NOTHING in (left, right):
        return right if left == t.NOTHING else left
    if result is None:
        hint = operands.no_arithmetic(node, left, right)
        raise _error(node, f"no operator {node.operator} for {left} and {right}", hint)
    return result


def _impossible(left: Node, left_type: t.Type, right: Node, right_type: t.Type) -> None:
    """Raises if one side can only be one of a few strings and the other is none of them."""
    for choice, node, kind in ((left_type, right, right_type), (right_type, left, left_type)):
        if not isinstance(choice, t.Choice):
            continue
        for literal in _literals(node):
            _check_word(literal, (str(literal.value),), choice)
        if isinstance(kind, t.Choice):
            _check_word(node, kind.values, choice)


def _check_word(node: Node, possible: tuple[str, ...], choice: t.Choice) -> None:
    if not set(possible) & set(choice.values):
        close = suggestion(possible[0], choice.values)
        raise _error(node, f"'{possible[0]}' is never {choice}{close}")


def _literals(node: Node) -> Iterator[Literal]:
    """The strings that a node may be, as far as it spells them out."""
    if isinstance(node, Literal) and isinstance(node.value, str):
        yield node
    elif isinstance(node, Ternary):
        yield from _literals(node.yes)
        yield from _literals(node.no)


def _error(node: Node, message: str, hint: str = "") -> ExpressionError:
    return ExpressionError(message, node.start, node.end, hint)
