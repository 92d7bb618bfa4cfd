"""Follows the statements of a Python program and the functions it calls, in order."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from policyscan.resources.exchanges import exchange_of_import
from policyscan.resources.rotation.calls import (
    KNOWN_LIBRARIES,
    asks_account,
    asks_unclearly,
    claims_step,
    does_nothing,
    name_of,
    restores,
    starts_a_program,
    step_of,
    step_of_request,
    validates,
)
from policyscan.resources.rotation.model import RotationStep

MAX_EVENTS = 200
MAX_CALLS = 2_000
_BLOCKS = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_MAKES = ("create", "set_pending")
"""Steps that undo nothing, so that they are taken on the way of a failure as well: where a key that
was asked for is not there, it is made."""
_EXITS = frozenset({"exit", "_exit", "raise_for_status", "fail", "abort"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Event(Struct, frozen=True):
    """A step that the program takes."""

    step: RotationStep
    conditional: bool
    """Whether it depends on a condition."""
    stops: bool
    """Of a validation, whether the program does not go on if the key does not work."""
    guards: tuple[int, ...]
    """The `try` statements around it that go on after an error."""


class _Place(NamedTuple):
    conditional: bool = False
    checked: bool = False
    """Whether what a call returns decides what comes next."""
    failing: bool = False
    """On the way of a failure: what is done here undoes."""
    guards: tuple[int, ...] = ()


class Flow:
    """The events of a program, gathered by `follow`."""

    def __init__(self, tree: ast.Module) -> None:
        self.events: list[Event] = []
        self.rollback = False
        self.strange = _strange_import(tree)
        """Something that this program uses and whose text is not here."""
        self.functions, twice = _functions(tree)
        self._constants = _constants(tree)
        self._imported = {alias.asname or alias.name for alias in _aliases(tree)}
        self._running: list[str] = []
        self._natures: dict[str, tuple[bool, bool]] = {}
        self._calls = 0
        self._classes = {n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}
        if twice:
            self.strange = self.strange or f"one of the functions called {min(twice)}"

    def follow_function(self, name: str) -> None:
        """Follows what a function does."""
        self._block(self.functions[name].body, _Place())

    def follow(self, body: list[ast.stmt]) -> None:
        """Follows these statements in order."""
        self._block(body, _Place())

    def _block(self, body: list[ast.stmt], place: _Place) -> None:
        tested = _tested(body)
        for statement in body:
            self._statement(statement, place, tested)
            if isinstance(statement, _ENDS):
                return

    def _statement(self, node: ast.stmt, place: _Place, tested: set[str]) -> None:
        if isinstance(node, _DEFINITIONS):
            return
        if isinstance(node, ast.If):
            self._if(node, place)
        elif isinstance(node, ast.Try):
            self._try(node, place)
        elif isinstance(node, ast.Match):
            self._expression(node.subject, place)
            for case in node.cases:
                self._block(case.body, place._replace(conditional=True))
        elif isinstance(node, _BLOCKS):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, (ast.expr, ast.withitem)):
                    self._expression(child, place)
            self._block(node.body, place)
        else:
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & tested
            decides = isinstance(node, ast.Assert) or bool(
                isinstance(node, (ast.Assign, ast.AnnAssign)) and names
            )
            self._expression(node, place._replace(checked=decides))

    def _if(self, node: ast.If, place: _Place) -> None:
        self._expression(node.test, place._replace(checked=True))
        main = "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
        for body in (node.body, node.orelse):
            fails = bool(body) and isinstance(body[-1], ast.Raise)
            inner = place._replace(
                conditional=place.conditional or not main, failing=place.failing or fails
            )
            self._block(body, inner)

    def _try(self, node: ast.Try, place: _Place) -> None:
        goes_on = any(not _leaves(handler.body) for handler in node.handlers)
        guards = (*place.guards, id(node)) if goes_on else place.guards
        self._block([*node.body, *node.orelse], place._replace(guards=guards))
        for handler in node.handlers:
            self._block(handler.body, place._replace(failing=True))
        self._block(node.finalbody, place._replace(failing=True))

    def _expression(self, node: ast.AST, place: _Place) -> None:
        for call in _calls_in(node):
            self._calls += 1
            if self._calls > MAX_CALLS or len(self.events) > MAX_EVENTS:
                self.strange = self.strange or "the rest of a long program"
                return
            self._call(call, place)

    def _call(self, call: ast.Call, place: _Place) -> None:
        name = name_of(call)
        function = self.functions.get(name)
        if function is not None and name not in self._running:
            self._local(call, function, place)
            return
        step = step_of(call, self._constants)
        if place.failing and step not in _MAKES:
            if step == "revoke" or (restores(call) and self._is_known(call)):
                self.rollback = True
            return
        if step is not None:
            stops = asks_account(name) or place.checked
            tries_new = step != "validate" or any(map(validates, self._running))
            self._enter(step, place, stops=stops and tries_new)
        elif not self._is_known(call) or asks_unclearly(call, self._constants):
            self.strange = self.strange or name or "a function that is computed"

    def _local(self, call: ast.Call, function: Function, place: _Place) -> None:
        name, before = function.name, len(self.events)
        does_something, can_fail = self._nature(function)
        asked = step_of_request(call, self._constants)
        if place.failing and ((restores(call) and does_something) or asked == "revoke"):
            self.rollback = True
        self._running.append(name)
        self._block(function.body, place)
        self._running.pop()
        added = self.events[before:]
        step = None if added or (place.failing and asked not in _MAKES) else asked
        if step is not None:
            self._enter(step, place, stops=place.checked)
        if validates(name) and does_something and not place.failing:
            if not any(event.stops for event in added if event.step == "validate"):
                self._enter("validate", place, stops=place.checked or can_fail)
        elif claims_step(name) and step is None and not added and not place.failing:
            self.strange = self.strange or name

    def _nature(self, function: Function) -> tuple[bool, bool]:
        """Whether a function does something that counts, and whether it can fail."""
        if function.name not in self._natures:
            does_something = not all(does_nothing(inner) for inner in _calls_in(function))
            self._natures[function.name] = does_something, _can_fail(function)
        return self._natures[function.name]

    def _enter(self, step: RotationStep, place: _Place, *, stops: bool) -> None:
        conditional = place.conditional or place.failing
        certain = stops and not (conditional and step == "validate")
        self.events.append(Event(step, conditional, certain, place.guards))

    def _is_known(self, call: ast.Call) -> bool:
        """Whether a call is one of a library, of Python, or of a class that is here."""
        if starts_a_program(call):
            return False
        if isinstance(call.func, ast.Attribute):
            return True
        name = name_of(call)
        here = self._imported | self._classes | set(self._running)
        return hasattr(builtins, name) or name in here


def _functions(tree: ast.Module) -> tuple[dict[str, Function], set[str]]:
    """The functions and methods by name, and the names that several have; those are left out."""
    found: dict[str, Function] = {}
    twice: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name in found:
                twice.add(node.name)
            found[node.name] = node
    return {name: node for name, node in found.items() if name not in twice}, twice


def _calls_in(node: ast.AST) -> list[ast.Call]:
    """The calls inside, in the order in which they are made: the inner one comes first."""
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    return sorted(calls, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a handler does not go on with what follows the `try`."""
    last = body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return name_of(last.value) in _EXITS
    return isinstance(last, _ENDS)


def _can_fail(function: Function) -> bool:
    """Whether a function raises an error of its own, or calls what does."""
    return any(
        isinstance(node, (ast.Raise, ast.Assert))
        or (isinstance(node, ast.Call) and (name_of(node) in _EXITS or asks_account(name_of(node))))
        for node in ast.walk(function)
    )


def _tested(body: list[ast.stmt]) -> set[str]:
    """The names on which conditions in these statements depend."""
    tests = [node.test for node in body if isinstance(node, (ast.If, ast.While, ast.Assert))]
    return {n.id for test in tests for n in ast.walk(test) if isinstance(n, ast.Name)}


def _constants(tree: ast.Module) -> dict[str, str]:
    """The texts that have a name in the module."""
    return {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _aliases(tree: ast.Module) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from node.names


def _strange_import(tree: ast.Module) -> str:
    """A module whose text is not looked at and that may rotate keys; empty if there is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or node.module is None):
            return f"the module {node.module or '.'}"
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            known = name.partition(".")[0] in KNOWN_LIBRARIES
            if not known and exchange_of_import("python", name) is None:
                return f"the module {name}"
    return ""
