"""The tree of an expression: the parser makes it, the checker judges it, the evaluator walks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Union

from msgspec import Struct

Constant = Union[None, bool, int, float, str]


class Node(Struct, frozen=True, eq=False):
    """A part of an expression: `start` inclusive, `end` exclusive, in code points of its text."""

    start: int
    end: int

    def children(self) -> tuple[Node, ...]:
        """The parts it is made of, in order."""
        return ()


class Literal(Node, Struct, frozen=True, eq=False):
    """A constant."""

    value: Constant


class Name(Node, Struct, frozen=True, eq=False):
    """`resource`, `params`, ... or the variable of a macro."""

    name: str


class Select(Node, Struct, frozen=True, eq=False):
    """`operand.field`."""

    operand: Node
    field: str

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


class Has(Node, Struct, frozen=True, eq=False):
    """`has(operand.field)`."""

    selection: Select

    def children(self) -> tuple[Node, ...]:
        """The selection."""
        return (self.selection,)


class Index(Node, Struct, frozen=True, eq=False):
    """`operand[index]`."""

    operand: Node
    index: Node

    def children(self) -> tuple[Node, ...]:
        """The operand and the index."""
        return (self.operand, self.index)


class OptionalSelect(Node, Struct, frozen=True, eq=False):
    """`operand.?field`: an optional that holds the field, or nothing if it is absent."""

    operand: Node
    field: str

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


class OptionalIndex(Node, Struct, frozen=True, eq=False):
    """`operand[?index]`: an optional that holds the member, or nothing if there is none."""

    operand: Node
    index: Node

    def children(self) -> tuple[Node, ...]:
        """The operand and the index."""
        return (self.operand, self.index)


class Resources(Node, Struct, frozen=True, eq=False):
    """`resources("Kind")`: all resources of a kind that the run found."""

    kind: str


class Call(Node, Struct, frozen=True, eq=False):
    """`function(arguments)`; written `first.function(rest)` if `method`."""

    function: str
    arguments: tuple[Node, ...]
    method: bool

    def children(self) -> tuple[Node, ...]:
        """The arguments, a receiver first."""
        return self.arguments


class Unary(Node, Struct, frozen=True, eq=False):
    """`!operand` or `-operand`."""

    operator: str
    operand: Node

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


class Binary(Node, Struct, frozen=True, eq=False):
    """A comparison, `in`, or arithmetic."""

    operator: str
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        """Both operands."""
        return (self.left, self.right)


class Logic(Node, Struct, frozen=True, eq=False):
    """Two or more operands of `&&` or of `||`."""

    operator: str
    operands: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The operands."""
        return self.operands


class Ternary(Node, Struct, frozen=True, eq=False):
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node

    def children(self) -> tuple[Node, ...]:
        """The condition and both branches."""
        return (self.condition, self.yes, self.no)


class ListLiteral(Node, Struct, frozen=True, eq=False):
    """`[a, b]`."""

    items: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The members."""
        return self.items


class MapLiteral(Node, Struct, frozen=True, eq=False):
    """`{key: value}`."""

    entries: tuple[tuple[Node, Node], ...]

    def children(self) -> tuple[Node, ...]:
        """Keys and values in turn."""
        return tuple(node for entry in self.entries for node in entry)


class Comprehension(Node, Struct, frozen=True, eq=False):
    """`range.macro(variable, body)`."""

    macro: str
    range: Node
    variable: str
    body: Node

    def children(self) -> tuple[Node, ...]:
        """The range and the body."""
        return (self.range, self.body)


def walk(root: Node) -> Iterator[Node]:
    """Every node under and including `root`, in no special order; needs no recursion."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(node.children())


def height(root: Node) -> int:
    """The number of nodes on the longest way down; needs no recursion."""
    deepest, pending = 0, [(root, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending.extend((child, depth + 1) for child in node.children())
    return deepest


_LEVELS = {"||": 1, "&&": 2, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5}
_ATOM = 7
Substitute = Callable[[Node], Union[str, None]]


def _level(node: Node) -> int:
    if isinstance(node, Ternary):
        return 0
    if isinstance(node, (Logic, Binary)):
        return _LEVELS.get(node.operator, 3)
    return 6 if isinstance(node, Unary) else _ATOM


def literal_text(value: Constant) -> str:
    """A constant as the language writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)


def _field_text(name: str) -> str:
    plain = name.isidentifier() and name.isascii() and name not in ("true", "false", "null", "in")
    return name if plain else f"`{name}`"


def written(node: Node, substitute: Substitute = lambda _: None) -> str:
    """The expression in its one canonical spelling; `substitute` may answer for a node first."""

    def at(level: int, part: Node) -> str:
        known = substitute(part)
        if known is not None:
            return known
        text = _spelling(part, at)
        return f"({text})" if _level(part) < level else text

    return at(0, node)


def _spelling(node: Node, at: Callable[[int, Node], str]) -> str:
    def listed(nodes: tuple[Node, ...]) -> str:
        return ", ".join(at(0, each) for each in nodes)

    match node:
        case Literal():
            return literal_text(node.value)
        case Name():
            return node.name
        case Select():
            return f"{at(_ATOM, node.operand)}.{_field_text(node.field)}"
        case OptionalSelect():
            return f"{at(_ATOM, node.operand)}.?{_field_text(node.field)}"
        case Has():
            return f"has({at(0, node.selection)})"
        case Index():
            return f"{at(_ATOM, node.operand)}[{at(0, node.index)}]"
        case OptionalIndex():
            return f"{at(_ATOM, node.operand)}[?{at(0, node.index)}]"
        case Resources():
            return f"resources({literal_text(node.kind)})"
        case Call(method=True):
            receiver = at(_ATOM, node.arguments[0])
            return f"{receiver}.{node.function}({listed(node.arguments[1:])})"
        case Call():
            return f"{node.function}({listed(node.arguments)})"
        case Unary():
            return f"{node.operator}{at(6, node.operand)}"
        case Binary():
            level = _level(node)
            left, right = at(level, node.left), at(level + 1, node.right)
            return f"{left} {node.operator} {right}"
        case Logic():
            level = _level(node) + 1
            return f" {node.operator} ".join(at(level, each) for each in node.operands)
        case Ternary():
            return f"{at(1, node.condition)} ? {at(1, node.yes)} : {at(0, node.no)}"
        case ListLiteral():
            return f"[{listed(node.items)}]"
        case MapLiteral():
            entries = (f"{at(0, key)}: {at(0, value)}" for key, value in node.entries)
            return "{" + ", ".join(entries) + "}"
        case Comprehension():
            return f"{at(_ATOM, node.range)}.{node.macro}({node.variable}, {at(0, node.body)})"
    raise TypeError(f"{type(node).__name__} has no spelling")
