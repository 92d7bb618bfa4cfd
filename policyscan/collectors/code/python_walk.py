"""A syntax tree in order, each node with the conditions under which it is reached."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Conditions = tuple[int, ...]
"""The branches around a node, outermost first; empty for what always happens."""

_GUARDS = ("handlers", "hasHandlers", "has_handlers", "_configured", "__name__")
"""Words of conditions that only keep a thing from being done twice, or ask whether this file is
the program."""


def in_order(tree: ast.AST) -> Iterator[tuple[ast.AST, Conditions]]:
    """Every node, parents first."""
    pending: list[tuple[ast.AST, Conditions]] = [(tree, ())]
    while pending:
        node, conditions = pending.pop()
        yield node, conditions
        branches = _branches(node)
        children = []
        for child in ast.iter_child_nodes(node):
            inside = branches.get(id(child))
            children.append((child, (*conditions, inside) if inside is not None else conditions))
        pending += reversed(children)


def _branches(node: ast.AST) -> dict[int, int]:
    """By child, the number of the branch it is in; for children that need not be reached."""
    if isinstance(node, ast.If):
        guarded = any(
            (isinstance(each, ast.Attribute) and each.attr in _GUARDS)
            or (isinstance(each, ast.Name) and each.id in _GUARDS)
            for each in ast.walk(node.test)
        )
        body = {} if guarded else dict.fromkeys(map(id, node.body), id(node.body))
        return body | dict.fromkeys(map(id, node.orelse), id(node.orelse))
    if isinstance(node, (ast.IfExp, ast.BoolOp)):
        tail = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values[1:]
        return {id(child): id(child) for child in tail}
    if isinstance(node, (ast.Try, ast.TryStar)):
        return {id(handler): id(handler) for handler in node.handlers}
    if isinstance(node, ast.Match):
        return {id(case): id(case) for case in node.cases}
    if isinstance(node, ast.While):
        return dict.fromkeys(map(id, node.body), id(node.body))
    return {}
