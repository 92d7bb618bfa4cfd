"""Python source as a syntax tree: read, never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import cached_property

from policyscan.collectors.code.nodes import Node
from policyscan.collectors.code.python.walk import Survey, survey
from policyscan.text.source import Source, Span
from policyscan.values import Unknown, Why

_DEEPEST = 30
_MOST_VALUES = 50_000
"""Values of one file that are looked at; names may stand for lists of names."""
_SCALARS = (str, int, float, bool, type(None))


class _Parsed:
    """The tree of one file, which nobody changes."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree

    @cached_property
    def survey(self) -> Survey:
        """What one walk through the tree met."""
        return survey(self.tree)


class PythonSource:
    """One file that parses."""

    def __init__(self, source: Source, parsed: _Parsed) -> None:
        self.source = source
        self.tree = parsed.tree
        self._parsed = parsed
        self._budget = _MOST_VALUES

    @property
    def survey(self) -> Survey:
        """What one walk through the tree met."""
        return self._parsed.survey

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """What module-level names stand for that are set once in the file and never changed."""
        times = self.survey.changes
        return {name: value for name, value in _assignments(self.tree) if times[name] == 1}

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
        """The functions of the module by name."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return {node.name: node for node in self.tree.body if isinstance(node, kinds)}

    @cached_property
    def module_names(self) -> frozenset[str]:
        """The variables of the module."""
        return frozenset(name for name, _ in _assignments(self.tree))

    @property
    def classes(self) -> dict[str, ast.ClassDef]:
        """All classes of the file by name."""
        return self.survey.classes

    def called(self, node: ast.expr) -> str:
        """The dotted name of what a name or attribute means: `logging.handlers.QueueHandler`."""
        text = dotted(node)
        head, dot, rest = text.partition(".")
        return f"{self.survey.imports.get(head, head)}{dot}{rest}"

    def span(self, node: ast.AST) -> Span:
        """Where a node is written."""
        starts = self.source.line_starts
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None) or 1
        size = len(self.source.data)
        start = starts[min(first, len(starts)) - 1] + getattr(node, "col_offset", 0)
        end = starts[min(last, len(starts)) - 1] + (getattr(node, "end_col_offset", None) or 0)
        return self.source.span(min(start, size), max(min(start, size), min(end, size)))

    def value(self, node: ast.expr, depth: int = 0) -> Node:
        """What an expression is, as far as it is written out."""
        span = self.span(node)
        self._budget -= 1
        if depth > _DEEPEST or self._budget < 0:
            return Node(Unknown(Why.BUDGET, "what is written out at such length", span), span)
        if isinstance(node, ast.Constant) and isinstance(node.value, _SCALARS):
            return Node(node.value, span)
        if isinstance(node, ast.Dict):
            return self._mapping(node, depth)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return Node(tuple(self.value(item, depth + 1) for item in node.elts), span)
        name = dotted(node)
        if name and name in self.constants:
            return self.value(self.constants[name], depth + 1)
        if name and self.called(node).startswith("logging."):
            return Node(self.called(node).removeprefix("logging."), span)
        if isinstance(node, (ast.Name, ast.Attribute)) and name in self._defined:
            return Node(name, span)
        return Node(Unknown(Why.COMPUTED, f"the value of {_shown(node)}", span), span)

    @cached_property
    def _defined(self) -> frozenset[str]:
        """Classes of the file, and what it imports: as a value each stands for its name."""
        return frozenset(self.classes.keys() | self.functions.keys() | self.survey.imports.keys())

    def _mapping(self, node: ast.Dict, depth: int) -> Node:
        span = self.span(node)
        members: dict[str, Node] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                return Node(Unknown(Why.COMPUTED, "all keys of this mapping", span), span)
            members[key.value] = self.value(value, depth + 1)
        return Node(members, span)


def parse_python(source: Source) -> PythonSource | None:
    """The tree of a file; None if this Python does not read it, as with Python 2."""
    parsed = source.once(_parsed)
    return None if parsed is None else PythonSource(source, parsed)


def _parsed(source: Source) -> _Parsed | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _Parsed(ast.parse(source.data))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dotted(node: ast.AST) -> str:
    """`a.b.c` for names and attributes; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < _DEEPEST:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def argument(call: ast.Call, name: str, position: int = -1) -> ast.expr | None:
    """What a call is given under a name, or at a position."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if 0 <= position < len(call.args):
        return call.args[position]
    return None


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _shown(node: ast.AST) -> str:
    return dotted(node) or "this expression"
