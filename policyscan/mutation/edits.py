"""The small mistakes that can be made in an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Has,
    Index,
    ListLiteral,
    Literal,
    Logic,
    Name,
    Node,
    Select,
    Ternary,
    Unary,
    walk,
    written,
)
from policyscan.mutation.constants import varied
from policyscan.mutation.model import Hint

_COMPARISONS: Mapping[str, tuple[tuple[str, Hint], ...]] = {
    "<": (("<=", Hint.LIMIT), (">", Hint.ORDER)),
    "<=": (("<", Hint.LIMIT), (">=", Hint.ORDER)),
    ">": ((">=", Hint.LIMIT), ("<", Hint.ORDER)),
    ">=": ((">", Hint.LIMIT), ("<=", Hint.ORDER)),
    "==": (("!=", Hint.EQUAL),),
    "!=": (("==", Hint.EQUAL),),
}
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*"}
_QUANTIFIERS = {"all": ("exists",), "exists": ("all", "exists_one"), "exists_one": ("exists",)}
_TEXT_TESTS = ("startsWith", "endsWith", "contains")


class Edit(Struct, frozen=True):
    """One node of a tree, and what stands in its place."""

    target: Node
    changed: Node
    hint: Hint

    def applied(self, root: Node) -> str:
        """The text of the whole expression with the change."""

        def substitute(node: Node) -> str | None:
            if node is not self.target:
                return None
            text = written(self.changed)
            is_open = isinstance(self.changed, (Logic, Binary, Unary, Ternary))
            return f"({text})" if is_open else text

        return written(self.changed) if root is self.target else written(root, substitute)


def edits(root: Node) -> Iterator[Edit]:
    """Every edit of a tree, in the order of the text; not all of them are sound expressions."""
    hidden = {id(node.selection) for node in walk(root) if isinstance(node, Has)}
    listed = {id(item) for node in walk(root) if _is_list(node) for item in node.children()}
    opposites = {id(node.operand) for node in walk(root) if isinstance(node, Unary)}
    nodes = [node for node in walk(root) if id(node) not in hidden | listed]
    for node in sorted(nodes, key=lambda node: (node.start, -node.end)):
        make = _EDITS.get(type(node))
        yield from make(node) if make is not None else ()
        if id(node) not in opposites:
            yield from _negated(node)


def _is_list(node: Node) -> bool:
    """Whether it is a list of several constants, which are left out one by one."""
    return (
        isinstance(node, ListLiteral)
        and len(node.items) > 1
        and all(isinstance(item, Literal) for item in node.items)
    )


def _truth(node: Node, value: bool) -> Literal:
    return Literal(node.start, node.end, value)


def _negated(node: Node) -> Iterator[Edit]:
    """The opposite; it is sound where the node is of type bool."""
    is_test = isinstance(node, Binary) and node.operator == "in"
    if is_test or isinstance(node, (Name, Select, Has, Index, Call, Comprehension)):
        hint = Hint.MEMBER if is_test else Hint.OPPOSITE
        yield Edit(node, Unary(node.start, node.end, "!", node), hint)


def _unary(node: Unary) -> Iterator[Edit]:
    hint = Hint.OPPOSITE if node.operator == "!" else Hint.OPERATOR
    yield Edit(node, node.operand, hint)


def _logic(node: Logic) -> Iterator[Edit]:
    """The other operator, and each operand left out: what it would have to be not to matter."""
    is_and = node.operator == "&&"
    yield Edit(node, replace(node, operator="||" if is_and else "&&"), Hint.SOME)
    for operand in node.operands:
        yield Edit(operand, _truth(operand, is_and), Hint.ALL_BUT_ONE if is_and else Hint.ONLY_ONE)


def _binary(node: Binary) -> Iterator[Edit]:
    for operator, hint in _COMPARISONS.get(node.operator, ()):
        yield Edit(node, replace(node, operator=operator), hint)
    if node.operator in _ARITHMETIC:
        yield Edit(node, replace(node, operator=_ARITHMETIC[node.operator]), Hint.OPERATOR)
        yield Edit(node, node.left, Hint.OPERAND)
        yield Edit(node, node.right, Hint.OPERAND)


def _ternary(node: Ternary) -> Iterator[Edit]:
    yield Edit(node, replace(node, yes=node.no, no=node.yes), Hint.BRANCH)
    yield Edit(node.condition, _truth(node.condition, True), Hint.BRANCH)
    yield Edit(node.condition, _truth(node.condition, False), Hint.BRANCH)


def _comprehension(node: Comprehension) -> Iterator[Edit]:
    for macro in _QUANTIFIERS.get(node.macro, ()):
        yield Edit(node, replace(node, macro=macro), Hint.MIXED)
    if node.macro == "filter":
        yield Edit(node.body, _truth(node.body, True), Hint.MIXED)


def _call(node: Call) -> Iterator[Edit]:
    if len(node.arguments) == 1:
        yield Edit(node, node.arguments[0], Hint.FUNCTION)
    if node.function in _TEXT_TESTS:
        for other in _TEXT_TESTS:
            if other != node.function:
                yield Edit(node, replace(node, function=other), Hint.FUNCTION)


def _list(node: ListLiteral) -> Iterator[Edit]:
    for place in range(len(node.items) if len(node.items) > 1 else 0):
        rest = (*node.items[:place], *node.items[place + 1 :])
        yield Edit(node, replace(node, items=rest), Hint.LEFT_OUT)


def _literal(node: Literal) -> Iterator[Edit]:
    hint = {bool: Hint.FLAG, str: Hint.TEXT}.get(type(node.value), Hint.NUMBER)
    for value in varied(node.value) if node.value is not None else ():
        yield Edit(node, replace(node, value=value), hint)


_EDITS: Mapping[type, Callable[[Any], Iterator[Edit]]] = {
    Literal: _literal,
    Unary: _unary,
    Logic: _logic,
    Binary: _binary,
    Ternary: _ternary,
    Comprehension: _comprehension,
    Call: _call,
    ListLiteral: _list,
}
