"""What a filter, a formatter or a processor written in Python hides, read from its body."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from policyscan.collectors.code.logging_facts import Redaction
from policyscan.collectors.code.python.source import PythonSource, argument, dotted
from policyscan.collectors.code.python.walk import base_name
from policyscan.resources.redaction import (
    OPAQUE,
    SUSPECT,
    Terms,
    is_credential,
    joined,
    terms_of_part,
    terms_of_pattern,
    terms_of_word,
)
from policyscan.values import Unknown, Why

Body = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_HARMLESS = frozenset(
    "str repr int len isinstance issubclass getattr setattr hasattr super dict list tuple set bool"
    " any all min max sorted enumerate zip range map filter format getMessage lower upper strip"
    " rstrip lstrip split rsplit join items keys values get startswith endswith encode decode copy"
    " sub subn compile search match findall finditer group replace emit handle __init__ dumps"
    " formatTime formatException formatStack append extend add pop update type print write flush"
    " vars deepcopy partial callable strftime fromtimestamp now time utcnow localtime gmtime"
    " isoformat dirname basename makedirs exists getpid get_ident current_thread close open"
    " acquire release _log isEnabledFor getLogger".split()
)
_CHANGED = frozenset({"msg", "message", "args", "event", "exc_text"})
"""Attributes of a record, or keys of an event, that hold what is logged."""
_MOST_HELPERS = 8


class _Body:
    """The body of one redaction, with the functions of its file that it calls."""

    def __init__(self, source: PythonSource, body: Body) -> None:
        self.source = source
        self.body = body
        self.nodes = list(self._all(body))
        self._loops = dict(self._loop_values())
        self._assigned: dict[str, list[ast.expr]] = {}
        for name, value in self._assignments():
            self._assigned.setdefault(name, []).append(value)

    def _all(self, body: Body) -> Iterator[ast.AST]:
        seen: set[str] = set()
        pending: list[ast.AST] = [body]
        while pending and len(seen) <= _MOST_HELPERS:
            for node in ast.walk(pending.pop()):
                yield node
                if isinstance(node, ast.Call):
                    name = dotted(node.func)
                    if name in self.source.functions and name not in seen:
                        seen.add(name)
                        pending.append(self.source.functions[name])

    def _loop_values(self) -> Iterator[tuple[str, ast.expr]]:
        """By the variable of a loop, what it goes over."""
        for node in self.nodes:
            if isinstance(node, (ast.For, ast.comprehension)):
                first = node.target
                if isinstance(first, (ast.Tuple, ast.List)) and first.elts:
                    first = first.elts[0]
                if isinstance(first, ast.Name):
                    yield first.id, node.iter

    @property
    def calls(self) -> Iterator[ast.Call]:
        yield from (node for node in self.nodes if isinstance(node, ast.Call))

    def values(self, node: ast.expr, depth: int = 0) -> list[ast.expr] | None:
        """What a name may stand for: one expression, or each that a loop goes over."""
        name = dotted(node)
        if depth > 4:
            return None
        if name in self._loops:
            return self._members(self._loops[name], depth + 1)
        found = self._constant(name)
        if found is not None:
            return self.values(found, depth + 1)
        return None if name else [node]

    def _constant(self, name: str) -> ast.expr | None:
        if name.startswith(("self.", "cls.")) or "." in name:
            return self._class_constant(name.rpartition(".")[2])
        return self._class_constant(name) or self.source.constants.get(name)

    def _class_constant(self, name: str) -> ast.expr | None:
        """What is assigned once to a name or attribute anywhere in the body."""
        found = self._assigned.get(name, ())
        return found[0] if len(found) == 1 else None

    def _assignments(self) -> Iterator[tuple[str, ast.expr]]:
        for node in self.nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    name = dotted(target).rpartition(".")[2]
                    if name:
                        yield name, node.value

    def _members(self, node: ast.expr, depth: int) -> list[ast.expr] | None:
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in ("items", "keys"):
                return None
            node = node.func.value
        found = self.values(node, depth)
        if found is None:
            return None
        members: list[ast.expr] = []
        for each in found:
            if isinstance(each, ast.Dict):
                members += [key for key in each.keys if key is not None]
            elif isinstance(each, (ast.List, ast.Tuple, ast.Set)):
                members += [_first(item) for item in each.elts]
            else:
                return None
        return members


def _first(node: ast.expr) -> ast.expr:
    return node.elts[0] if isinstance(node, (ast.Tuple, ast.List)) and node.elts else node


def read_redaction(source: PythonSource, body: Body) -> Redaction:
    """What the body hides. `present` is unknown if something that is not here may hide more."""
    inside = _Body(source, body)
    span = source.span(body)
    terms = list(_hidden(inside))
    strange = sorted(_strangers(inside), key=lambda name: not SUSPECT.search(name))
    changes = _changes(inside)
    doubts = any(SUSPECT.search(name) for name in strange) or bool(changes and strange)
    if terms:
        found = joined(terms)
        certain = found.certain and not doubts and not _asks_for_level(inside)
        return Redaction(True, Terms(found.names, certain), span)
    if doubts:
        needs = f"what {strange[0]} hides"
        return Redaction(Unknown(Why.OUTSIDE, needs, span), OPAQUE, span)
    return Redaction(False, OPAQUE, span)


def _hidden(inside: _Body) -> Iterator[Terms]:
    words: list[Terms] = []
    replaces = False
    unused = {id(node.value) for node in inside.nodes if isinstance(node, ast.Expr)}
    for call in inside.calls:
        if id(call) in unused:
            continue
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method in ("sub", "subn") and isinstance(call.func, ast.Attribute):
            replaces = True
            module = inside.source.called(call.func.value) == "re"
            pattern = argument(call, "pattern", 0) if module else call.func.value
            yield _terms(inside, pattern, call if module else None)
        elif method == "replace" and call.args and _replaces_text(inside, call.args[0]):
            replaces = True
            yield OPAQUE
    for node in inside.nodes:
        if isinstance(node, ast.Compare):
            words += _compared(inside, node)
    if not replaces and words and (_changes(inside) or _drops(inside)):
        yield joined(words)


def _replaces_text(inside: _Body, node: ast.expr) -> bool:
    """Whether what is replaced may be a secret: anything but marks without a letter."""
    values = inside.values(node)
    return values is None or any(
        not isinstance(each, ast.Constant) or any(c.isalpha() for c in str(each.value))
        for each in values
    )


def _terms(inside: _Body, pattern: ast.expr | None, call: ast.Call | None) -> Terms:
    """What a pattern hides, given as text, as a compiled one, or by a name for either."""
    values = inside.values(pattern) if pattern is not None else None
    if not values:
        return OPAQUE
    return joined(_terms_of(inside, each, call) for each in values)


def _terms_of(inside: _Body, node: ast.expr, call: ast.Call | None) -> Terms:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return terms_of_pattern(node.value, ignore_case=call is not None and _ignores_case(call))
    if isinstance(node, ast.Call) and inside.source.called(node.func) in ("re.compile", "compile"):
        inner = argument(node, "pattern", 0)
        if isinstance(inner, ast.Constant) or (inner is not None and dotted(inner)):
            return _terms(inside, inner, node)
    return OPAQUE


def _ignores_case(call: ast.Call) -> bool:
    given = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    flags = (dotted(node) for each in given for node in ast.walk(each))
    return any(flag.rpartition(".")[2] in ("I", "IGNORECASE") for flag in flags)


def _compared(inside: _Body, node: ast.Compare) -> Iterator[Terms]:
    """The words that names are compared with."""
    lowers = any(isinstance(n, ast.Attribute) and n.attr == "lower" for n in inside.nodes)
    within = isinstance(node.ops[0], (ast.In, ast.NotIn))
    for side in (node.left, *node.comparators):
        values = inside.values(side) or []
        members = inside._members(side, 0) if not values or not _is_text(values[0]) else values
        texts = [each.value for each in members or () if isinstance(each, ast.Constant)]
        for text in texts:
            if isinstance(text, str) and is_credential(text):
                part = within and side is node.left
                yield terms_of_part(text, ignore_case=lowers) if part else terms_of_word(text)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _changes(inside: _Body) -> bool:
    """Whether the body sets what is logged."""
    for node in inside.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr in _CHANGED and base_name(node) not in ("self", "cls"):
                return True
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            key = node.slice
            if base_name(node) in {"self", "cls", *inside.source.module_names}:
                continue
            if not isinstance(key, ast.Constant) or key.value in _CHANGED:
                return True
    return False


def _asks_for_level(inside: _Body) -> bool:
    """Whether what is hidden may depend on the level of a record."""
    return any(
        isinstance(each, ast.Attribute) and each.attr in ("levelno", "levelname")
        for node in inside.nodes
        if isinstance(node, ast.If)
        for each in ast.walk(node.test)
    )


def _drops(inside: _Body) -> bool:
    """Whether the body can keep a record out of the log."""
    return any(
        isinstance(node, ast.Return)
        and (isinstance(node.value, (ast.UnaryOp, ast.Compare, ast.BoolOp)) or _is_no(node.value))
        for node in inside.nodes
    )


def _is_no(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value in (False, 0)


def _strangers(inside: _Body) -> Iterator[str]:
    """Functions that are called and not read here."""
    own = {node.name for node in inside.nodes if isinstance(node, ast.FunctionDef)}
    for call in inside.calls:
        method = call.func.attr if isinstance(call.func, ast.Attribute) else "?"
        name = dotted(call.func) or method
        last = name.rpartition(".")[2]
        if last not in _HARMLESS and last not in own and name not in inside.source.functions:
            yield name
