"""One walk through a syntax tree, which gathers all that is asked of it later."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from msgspec import Struct, field

Conditions = tuple[int, ...]
"""The branches around a node, outermost first; empty for what always happens."""
Place = tuple[ast.AST, Conditions]

_GUARDS = ("handlers", "filters", "hasHandlers", "has_handlers", "_configured", "__name__")
"""Words of conditions that only keep a thing from being done twice, or ask whether this file is
the program."""
_MUTATORS = frozenset(
    "update setdefault pop popitem append extend insert clear remove add discard".split()
)
_BRANCHING = (ast.If, ast.IfExp, ast.BoolOp, ast.Try, ast.TryStar, ast.Match, ast.While)
_LEAVES = (ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
_DEEPEST = 30


class Survey(Struct):
    """What a walk met."""

    places: list[Place] = field(default_factory=list)
    """Assignments, loops and calls in order, each with its conditions."""
    changes: Counter[str] = field(default_factory=Counter)
    """By variable, how many places set it or change what it holds."""
    imports: dict[str, str] = field(default_factory=dict)
    """By the name it has here, the dotted name of what is imported."""
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)


def survey(tree: ast.Module) -> Survey:
    """Walk through a module, parents first."""
    found = Survey()
    pending: list[Place] = [(tree, ())]
    while pending:
        node, conditions = pending.pop()
        _note(found, node, conditions)
        branches = _branches(node) if isinstance(node, _BRANCHING) else None
        children = list(_children(node))
        children.reverse()
        for child in children:
            inside = branches.get(id(child)) if branches else None
            pending.append((child, (*conditions, inside) if inside is not None else conditions))
    return found


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            for each in value:
                if isinstance(each, ast.AST) and not isinstance(each, _LEAVES):
                    yield each
        elif isinstance(value, ast.AST) and not isinstance(value, _LEAVES):
            yield value


def _note(found: Survey, node: ast.AST, conditions: Conditions) -> None:
    match node:
        case ast.Name():
            if not isinstance(node.ctx, ast.Load):
                found.changes[node.id] += 1
        case ast.Call():
            found.places.append((node, conditions))
            if isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
                found.changes[base_name(node.func.value)] += 1
        case ast.Assign() | ast.AnnAssign() | ast.For():
            found.places.append((node, conditions))
        case ast.Subscript():
            if not isinstance(node.ctx, ast.Load):
                found.changes[base_name(node)] += 1
        case ast.Import():
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found.imports[alias.asname or top] = alias.name if alias.asname else top
        case ast.ImportFrom(module=str(module)):
            for alias in node.names:
                found.imports[alias.asname or alias.name] = f"{module}.{alias.name}"
        case ast.ClassDef():
            found.classes[node.name] = node


def base_name(node: ast.AST) -> str:
    """`a` for `a["b"].c[0]`; empty if there is no name at its base."""
    for _ in range(_DEEPEST):
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
    return node.id if isinstance(node, ast.Name) else ""


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
