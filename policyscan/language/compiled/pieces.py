"""Pieces of Python trees, made without any text, and where the parts of a condition are held."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from msgspec import Struct

_LOAD, _STORE = ast.Load(), ast.Store()


class Value(Struct):
    """The Python expression for a part of a condition, and what is known of its value."""

    code: ast.expr
    sure: bool = False
    """Whether it is certain that its class is the one that its type stands for."""
    key: tuple[object, ...] | None = None
    """What it is, by place: `("v0", "ingress")`; None for what is only worked out."""


class Scope:
    """What has been read already, where the code being written cannot be reached without."""

    __slots__ = ("_held", "_outer")

    def __init__(self, outer: Scope | None = None) -> None:
        self._outer = outer
        self._held: dict[tuple[object, ...], Value] = {}

    def hold(self, value: Value) -> None:
        """Keeps a value that has a place and stands in a variable."""
        if value.key is not None:
            self._held[value.key] = value

    def find(self, key: tuple[object, ...] | None) -> Value | None:
        """The value at a place, if it stands in a variable."""
        scope: Scope | None = self if key is not None else None
        while scope is not None:
            found = scope._held.get(key)  # type: ignore[arg-type]
            if found is not None:
                return found
            scope = scope._outer
        return None


def name(identifier: str) -> ast.Name:
    """The variable."""
    return ast.Name(identifier, _LOAD)


def constant(value: object) -> ast.Constant:
    """A plain constant."""
    return ast.Constant(value)  # type: ignore[arg-type]


def assign(identifier: str, value: ast.expr) -> ast.stmt:
    """`identifier = value`."""
    return ast.Assign([ast.Name(identifier, _STORE)], value)


def bound(identifier: str, value: ast.expr) -> ast.expr:
    """`(identifier := value)`."""
    return ast.NamedExpr(ast.Name(identifier, _STORE), value)


def attribute(owner: ast.expr, field: str) -> ast.expr:
    """`owner.field`."""
    return ast.Attribute(owner, field, _LOAD)


def item(owner: ast.expr, index: ast.expr) -> ast.expr:
    """`owner[index]`."""
    return ast.Subscript(owner, index, _LOAD)


def call(function: str, *arguments: ast.expr) -> ast.expr:
    """`function(arguments)`."""
    return ast.Call(name(function), list(arguments), [])


def compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """`left operator right`."""
    return ast.Compare(left, [operator], [right])


def both(*parts: ast.expr) -> ast.expr:
    """`a and b and ...`."""
    return ast.BoolOp(ast.And(), list(parts)) if len(parts) > 1 else parts[0]


def either(*parts: ast.expr) -> ast.expr:
    """`a or b or ...`."""
    return ast.BoolOp(ast.Or(), list(parts)) if len(parts) > 1 else parts[0]


def negated(part: ast.expr) -> ast.expr:
    """`not part`."""
    return ast.UnaryOp(ast.Not(), part)


def when(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    """`yes if test else no`."""
    return ast.IfExp(test, yes, no)


def branch(test: ast.expr, yes: list[ast.stmt], no: Iterable[ast.stmt] = ()) -> ast.stmt:
    """`if test: yes else: no`."""
    return ast.If(test, yes, list(no))


def loop(identifier: str, source: ast.expr, body: list[ast.stmt]) -> ast.stmt:
    """`for identifier in source: body`."""
    return ast.For(ast.Name(identifier, _STORE), source, body, [])


def listed(items: list[ast.expr]) -> ast.expr:
    """`(a, b)`."""
    return ast.Tuple(items, _LOAD)


def statement(value: ast.expr) -> ast.stmt:
    """An expression for its effect."""
    return ast.Expr(value)


def function(body: list[ast.stmt], *parameters: str) -> ast.Module:
    """A module that holds one function."""
    arguments = ast.arguments([], [ast.arg(each) for each in parameters], None, [], [], None, [])
    made = ast.FunctionDef("condition", arguments, body, [])
    made.type_params = []  # type: ignore[attr-defined] # since Python 3.12
    return ast.fix_missing_locations(ast.Module([made], []))
