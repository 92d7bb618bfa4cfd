"""From a checked tree to a Python tree.

A value is used only after a look at its class: it must be the very one that its type stands for.
With that, whatever is not known, null, or of another type ends the run by `Left`, and Python's own
operators mean what those of the language do. What was looked at once is not looked at again where
the code cannot be reached without.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from policyscan.language import types as t
from policyscan.language.compiled import pieces as p
from policyscan.language.compiled import support
from policyscan.language.compiled.pieces import Key, Scope, Value
from policyscan.language.functions import arithmetic
from policyscan.language.proving.walk import MAX_STEPS
from policyscan.language.syntax.tree import (
    Call,
    Comprehension,
    Has,
    Index,
    Literal,
    Name,
    Node,
    Resources,
    Select,
    walk,
    written,
)

_CLASSES: Mapping[t.Type, type] = {
    t.BOOL: bool,
    t.INT: int,
    t.DOUBLE: float,
    t.STRING: str,
    t.PATTERN: str,
    t.TIMESTAMP: datetime,
    t.DURATION: timedelta,
}
_HELPERS: Mapping[str, object] = {
    "c_tuple": tuple,
    "c_list": list,
    "c_dict": dict,
    "c_bool": bool,
    "c_int": int,
    "c_float": float,
    "c_str": str,
    "c_datetime": datetime,
    "c_timedelta": timedelta,
    "size": len,
    "calculate": arithmetic.calculate,
    "negate": arithmetic.negate,
    "compare": arithmetic.compare,
    "equal": arithmetic.equal,
    **{
        name: getattr(support, name)
        for name in (
            "Budget left solid whole texts settled answered among among_alike alike at mapped "
            "joined limited long costly text there"
        ).split()
    },
}
MAX_WORK = MAX_STEPS // 2
"""Of the steps that the slow tier may take, those for the bodies of macros and those for members
that functions look at: an answer is given only where that tier has one too."""


LONG = 500
"""Characters of a text from which on a call that looks at it may be dearer than one step."""


class Declined(Exception):  # noqa: N818 - nothing is wrong
    """Something that only the slow tier handles."""


class Code(NamedTuple):
    """A Python tree, and the objects that its global names stand for."""

    tree: ast.Module
    helpers: dict[str, object]


class Loop(NamedTuple):
    """A loop being written: what is held where it begins, and what comes before it."""

    scope: Scope
    before: list[ast.stmt]


class Variable(NamedTuple):
    """A variable of a macro: its Python name, and the number of loops around what it needs."""

    identifier: str
    depth: int


Writer = Callable[["Compiler", Any], Value]


class Compiler:
    """Writes one function."""

    def __init__(self, types: Mapping[Node, t.Type], names: Mapping[str, t.Type]) -> None:
        self._types = types
        self._names = names
        self._top: list[ast.stmt] = []
        self._roots: dict[str, str] = {}
        self._count = 0
        self._kinds: dict[type, str] = {}
        self._spends = False
        self.looping: frozenset[Node] = frozenset()
        """The nodes in which there is a macro: they need statements."""
        self.helpers: dict[str, object] = dict(_HELPERS)
        self.block: list[ast.stmt] = []
        self.scope = Scope()
        self.loops: list[Loop] = []
        self.variables: dict[str, Variable] = {}

    def code(self, root: Node) -> Code:
        """The function for a condition, or another expression. Raises Declined."""
        self.looping = _looping(root)
        kind = self.kind(root)
        value = self.value(root)
        result = self.secured(value, kind) if scalar_class(kind) else value.code
        start = [p.assign("n", p.constant(MAX_WORK - steps(root)))] if self.looping else []
        if self._spends:
            start.append(p.assign("b", p.call("Budget", p.constant(MAX_WORK))))
        body = [*self._top, *start, *self.block, p.give(result)]
        return Code(p.function(body, "names", "resources"), self.helpers)

    # -- what the writers of nodes use ---------------------------------------------------------

    def new(self) -> str:
        """A variable that nothing else uses."""
        self._count += 1
        return f"v{self._count}"

    def budget(self) -> ast.expr:
        """What functions take their work off."""
        self._spends = True
        return p.name("b")

    def helper(self, thing: object) -> ast.expr:
        """A global name for an object."""
        self._count += 1
        self.helpers[f"g{self._count}"] = thing
        return p.name(f"g{self._count}")

    def kind(self, node: Node) -> t.Type:
        """The type of a node, present if it was optional."""
        kind = self._types.get(node)
        if isinstance(kind, t.Optional):
            kind = kind.inner
        if kind is None or isinstance(kind, t.OptionalOf):
            raise Declined
        if isinstance(kind, t.MapOf) and scalar_class(kind.key) not in (str, None):
            raise Declined
        return kind

    def value(self, node: Node) -> Value:
        """The value of a node as it is, whatever its class."""
        from policyscan.language.compiled.writers import WRITERS

        writer = WRITERS.get(type(node))
        if writer is None:
            raise Declined
        self.kind(node)
        return writer(self, node)

    def sure(self, node: Node) -> ast.expr:
        """The value of a node, of the class that its type stands for."""
        return self.secured(self.value(node), self.kind(node))

    def secured(self, value: Value, kind: t.Type) -> ast.expr:
        """The value, once its class is the one that its type stands for."""
        if value.sure:
            return value.code
        tests = self.tests(value, kind)
        if tests is None:
            return p.call("solid", value.code)
        variable, test = tests
        self.scope.hold(Value(variable, True, value.key))
        return p.when(test, variable, p.call("left"))

    def tests(self, value: Value, kind: t.Type) -> tuple[ast.expr, ast.expr] | None:
        """The variable in which a value stands then, and whether its class is one of its type;
        None if the type stands for none."""
        classes = self._classes(kind)
        if not classes:
            return None
        variable, first = value.code, value.code
        if not isinstance(variable, ast.Name):
            identifier = self.new()
            variable, first = p.name(identifier), p.bound(identifier, value.code)
        found = [p.attribute(first, "__class__"), p.attribute(variable, "__class__")]
        checks = zip(found, classes, strict=False)
        return variable, p.either(*(p.compared(a, ast.Is(), p.name(b)) for a, b in checks))

    def _classes(self, kind: t.Type) -> tuple[str, ...]:
        """The global names of the classes that a type stands for."""
        if isinstance(kind, t.ListOf):
            return ("c_tuple", "c_list")
        if isinstance(kind, t.MapOf):
            return ("c_dict",)
        if isinstance(kind, t.Object):
            if kind.model not in self._kinds:
                name = self.helper(kind.model)
                assert isinstance(name, ast.Name)
                self._kinds[kind.model] = name.id
            return (self._kinds[kind.model],)
        python = scalar_class(kind)
        return (f"c_{python.__name__}",) if python else ()

    def operands(
        self, *nodes: Node, by: Callable[[Compiler, Node], ast.expr] = sure
    ) -> list[ast.expr]:
        """The values of several nodes, worked out in this order."""
        found: list[ast.expr] = []
        for node in nodes:
            if node in self.looping:
                found = [self.spilled(each) for each in found]
            found.append(by(self, node))
        return found

    def spilled(self, code: ast.expr) -> ast.expr:
        """A value that stands in a variable from here on."""
        if isinstance(code, (ast.Name, ast.Constant)):
            return code
        identifier = self.new()
        self.block.append(p.assign(identifier, code))
        return p.name(identifier)

    def root(self, name: str) -> str:
        """The Python name of `resource`, `now`, ...; what is judged is looked at first of all."""
        if name not in self._roots:
            if name not in self._names:
                raise Declined
            self._roots[name] = identifier = self.new()
            self._top.append(p.assign(identifier, p.item(p.name("names"), p.constant(name))))
            kind = self._names[name]
            if isinstance(kind, t.Object):
                held = Value(p.name(identifier), False, (identifier,))
                self._top.append(p.statement(_looked(self.tests(held, kind))))
        return self._roots[name]

    def is_sure(self, name: str) -> bool:
        """Whether a name is one whose value was looked at first of all."""
        return name not in self.variables and isinstance(self._names.get(name), t.Object)

    def place(self, node: Node) -> tuple[Key, int] | None:
        """The place from which a value is read, and the loops around what it needs; None for what
        is worked out."""
        if isinstance(node, Name):
            variable = self.variables.get(node.name)
            if variable is None:
                return (self.root(node.name),), 0
            return (variable.identifier,), variable.depth
        if isinstance(node, Resources):
            return ("resources", node.kind), 0
        if isinstance(node, Select):
            inner = self.place(node.operand)
            return inner and ((*inner[0], node.field), inner[1])
        if isinstance(node, Index) and isinstance(node.index, Literal):
            inner = self.place(node.operand)
            key = node.index.value
            return inner and ((*inner[0], "[", type(key), key), inner[1])
        return None

    def ahead(self, depth: int, write: Callable[[], Value]) -> Value:
        """What is worked out once, before the loop in which it is the same for all members."""
        loop = self.loops[depth]
        now = self.scope, self.block, self.loops
        self.scope, self.block, self.loops = loop.scope, loop.before, self.loops[:depth]
        value = write()
        code = self.spilled(value.code)
        held = Value(code, value.sure, value.key)
        self.scope.hold(held)
        self.scope, self.block, self.loops = now
        return held


def scalar_class(kind: t.Type) -> type | None:
    """The class of the values of a type without parts."""
    return str if isinstance(kind, t.Choice) else _CLASSES.get(kind)


def steps(root: Node) -> int:
    """At most so many nodes the slow tier proves below one, bodies of macros left out."""
    count, pending = 0, [root]
    while pending:
        node = pending.pop()
        count += 1
        if isinstance(node, Literal) and isinstance(node.value, str):
            count += len(node.value) // LONG
        pending.extend([node.range] if isinstance(node, Comprehension) else node.children())
    return count


def is_setting(node: Node) -> bool:
    """Whether a value follows from parameters, context and time alone."""
    for each in walk(node):
        if isinstance(each, Name) and each.name not in ("params", "context", "now"):
            return False
        if isinstance(each, (Resources, Comprehension, Has)):
            return False
    return isinstance(node, (Call, Select, Index)) or not isinstance(node, (Literal, Name))


def setting_key(node: Node, use: str) -> Key:
    """The place of a setting, for a use of it."""
    return (use, written(node))


def _looking(tests: tuple[ast.expr, ast.expr] | None) -> ast.expr:
    assert tests is not None
    return tests[1]


def _looked(tests: tuple[ast.expr, ast.expr] | None) -> ast.expr:
    return p.either(_looking(tests), p.call("left"))


def _looping(root: Node) -> frozenset[Node]:
    """The nodes at or under which there is a macro."""
    order = list(walk(root))
    found: set[Node] = set()
    for node in reversed(order):
        if isinstance(node, Comprehension) or not found.isdisjoint(node.children()):
            found.add(node)
    return frozenset(found)
