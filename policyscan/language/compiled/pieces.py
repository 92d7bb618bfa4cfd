"""Pieces of Python trees, made without any text, and where the parts of a condition are held."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

_LOAD, _STORE = ast.Load(), ast.Store()
_AT: Mapping[str, Any] = {"lineno": 1, "col_offset": 0}
"""The one place of all code: there is no text that it could point to."""


Key = tuple[object, ...]
"""A place: of a variable, of a field of what stands in it, ..."""


class Value:
    """The Python expression for a part of a condition, and what is known of its value."""

    __slots__ = ("code", "key", "sure")

    def __init__(self, code: ast.expr, sure: bool = False, key: Key | None = None) -> None:
        """`sure` says that its class is certainly the one that its type stands for; `key` is the
        place it is read from, `("v0", "ingress")`, or None if it is only worked out."""
        self.code = code
        self.sure = sure
        self.key = key


class Scope:
    """What has been read already, where the code being written cannot be reached without."""

    __slots__ = ("_held", "_outer")

    def __init__(self, outer: Scope | None = None) -> None:
        self._outer = outer
        self._held: dict[Key, Value] = {}

    def hold(self, value: Value) -> None:
        """Keeps a value that has a place and stands in a variable."""
        if value.key is not None:
            self._held[value.key] = value

    def find(self, key: Key | None) -> Value | None:
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
    return ast.Name(identifier, _LOAD, **_AT)


def _target(identifier: str) -> ast.Name:
    return ast.Name(identifier, _STORE, **_AT)


def constant(value: object) -> ast.Constant:
    """A plain constant."""
    return ast.Constant(value, **_AT)  # type: ignore[arg-type]


def bound(identifier: str, value: ast.expr) -> ast.expr:
    """`(identifier := value)`."""
    return ast.NamedExpr(_target(identifier), value, **_AT)


def attribute(owner: ast.expr, field: str) -> ast.expr:
    """`owner.field`."""
    return ast.Attribute(owner, field, _LOAD, **_AT)


def item(owner: ast.expr, index: ast.expr) -> ast.expr:
    """`owner[index]`."""
    return ast.Subscript(owner, index, _LOAD, **_AT)


def call(function: str | ast.expr, *arguments: ast.expr) -> ast.expr:
    """`function(arguments)`."""
    called = name(function) if isinstance(function, str) else function
    return ast.Call(called, list(arguments), [], **_AT)


def compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """`left operator right`."""
    return ast.Compare(left, [operator], [right], **_AT)


def within(low: int, value: ast.expr, high: int) -> ast.expr:
    """`low <= value <= high`."""
    operators: list[ast.cmpop] = [ast.LtE(), ast.LtE()]
    return ast.Compare(constant(low), operators, [value, constant(high)], **_AT)


def computed(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
    """`left operator right`, of numbers."""
    return ast.BinOp(left, operator, right, **_AT)


def both(*parts: ast.expr) -> ast.expr:
    """`a and b and ...`."""
    return ast.BoolOp(ast.And(), list(parts), **_AT) if len(parts) > 1 else parts[0]


def either(*parts: ast.expr) -> ast.expr:
    """`a or b or ...`."""
    return ast.BoolOp(ast.Or(), list(parts), **_AT) if len(parts) > 1 else parts[0]


def negated(part: ast.expr) -> ast.expr:
    """`not part`."""
    return ast.UnaryOp(ast.Not(), part, **_AT)


def when(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    """`yes if test else no`."""
    return ast.IfExp(test, yes, no, **_AT)


def listed(items: list[ast.expr]) -> ast.expr:
    """`(a, b)`."""
    return ast.Tuple(items, _LOAD, **_AT)


def no_members() -> ast.expr:
    """`[]`."""
    return ast.List([], _LOAD, **_AT)


def assign(identifier: str, value: ast.expr) -> ast.stmt:
    """`identifier = value`."""
    return ast.Assign([_target(identifier)], value, **_AT)


def branch(test: ast.expr, yes: list[ast.stmt], no: Iterable[ast.stmt] = ()) -> ast.stmt:
    """`if test: yes else: no`."""
    return ast.If(test, yes, list(no), **_AT)


def loop(identifier: str, source: ast.expr, body: list[ast.stmt]) -> ast.stmt:
    """`for identifier in source: body`."""
    return ast.For(_target(identifier), source, body, [], **_AT)


def leave() -> ast.stmt:
    """`break`."""
    return ast.Break(**_AT)


def give(value: ast.expr) -> ast.stmt:
    """`return value`."""
    return ast.Return(value, **_AT)


def statement(value: ast.expr) -> ast.stmt:
    """An expression for its effect."""
    return ast.Expr(value, **_AT)


def function(body: list[ast.stmt], *parameters: str) -> ast.Module:
    """A module that holds one function."""
    arguments = [ast.arg(each, **_AT) for each in parameters]
    taken = ast.arguments([], arguments, None, [], [], None, [])
    made = ast.FunctionDef("condition", taken, body, [], **_AT)
    made.type_params = []  # type: ignore[attr-defined] # since Python 3.12
    return ast.Module([made], [])
