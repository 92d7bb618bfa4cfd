"""Which way each value of a resource has to move for a condition not to become less true.

A condition is read once, without any resource. `!resource.privileged && resource.days <= 90` says
that `privileged` is no worse if it is false, and `days` if it is no more. A value that is read in a
way that nothing follows from (`resource.tier == "high"`) is no worse only while it is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Name,
    Node,
    OptionalIndex,
    OptionalSelect,
    Resources,
    Select,
    Ternary,
    Unary,
    walk,
)


class Way(StrEnum):
    """What keeps a value from being worse than it was."""

    MOST = "at most"
    """No larger, no later, not true where it was false; of a list, nothing more in it."""
    LEAST = "at least"
    """The other way round."""
    SET = "set"
    """Not null, unless it was."""
    UNSET = "unset"
    """Null, if it was."""
    SOME = "some"
    """Not empty, unless it was."""
    NONE = "none"
    """Empty, if it was."""
    SAME = "same"


_Signs = frozenset[int] | None
"""1 if more of a value makes the condition truer, -1 if less does; None if only the same does."""
_SAME: _Signs = None
_BOTH: _Signs = frozenset({1, -1})

_CALLS: Mapping[str, tuple[int, ...]] = {
    "size": (1,),
    "days": (1,),
    "getFullYear": (1,),
    "covers": (1,),
    "has_distinct": (1, -1),
    "reaches_internet": (1,),
    "sends_only_to": (-1, 1, 1),
    "sends_only_on": (-1, 1),
}
"""Whether more of an argument means more of the result, for each in order; of others nothing is
said."""


class Reading(Struct, frozen=True):
    """What a condition reads."""

    ways: Mapping[str, frozenset[Way]]
    """By field of the resource, or of the member of the set that is judged: `ingress`,
    `permissions.withdrawals`."""
    parts: Mapping[str, frozenset[str]]
    """By field that is a list, the fields of its members that are read; without an entry, members
    count whole."""
    others: Mapping[str, frozenset[Way]]
    """By kind, what keeps `resources("Kind")` from being worse."""
    fields: Mapping[str, frozenset[str]]
    """By that kind, the fields that are read of each."""
    counted: frozenset[str] = frozenset()
    """Those of the first of which the ways say nothing if they are texts: what is measured by its
    length, or put together."""
    named: frozenset[str] = frozenset()
    """All fields that are named, of whatever it may be."""


@lru_cache(maxsize=1024)
def reading_of(require: Node, when: Node | None) -> Reading:
    """What a policy reads. What fulfils `when` is judged, so it is better not to."""
    found = _Reader()
    found.visit(require, frozenset({1}), {})
    if when is not None:
        found.visit(when, frozenset({-1}), {})
    return Reading(
        {path: _least(ways) for path, ways in sorted(found.ways.items())},
        {
            path: frozenset(names)
            for path, names in found.parts.items()
            if path not in found.whole and names and path
        },
        {kind: _least(ways) for kind, ways in sorted(found.others.items())},
        {kind: frozenset(names) for kind, names in found.fields.items()},
        frozenset(found.counted),
        frozenset(
            node.field
            for root in filter(None, (require, when))
            for node in walk(root)
            if isinstance(node, (Select, OptionalSelect))
        ),
    )


def _least(ways: set[Way]) -> frozenset[Way]:
    return frozenset({Way.SAME}) if Way.SAME in ways else frozenset(ways)


class _Bound(Struct, frozen=True):
    """What fields are read of: by a variable of a macro, or by any expression that gives it."""

    path: str = ""
    """The field whose member it is."""
    kind: str = ""
    """The kind of the other resource that it is."""
    itself: bool = False
    """Whether it is what is judged."""
    in_map: bool = False
    """Whether it may stand in a map that is written out: what is selected is that thing then."""


_ITSELF = _Bound(itself=True)
_Scope = Mapping[str, tuple[_Bound, ...]]
"""By variable, all that it may stand for; a part of something that is noted whole is nothing."""


class _Reader(Struct):
    ways: defaultdict[str, set[Way]] = field(default_factory=lambda: defaultdict(set))
    parts: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    whole: set[str] = field(default_factory=set)
    """Lists whose members are read whole."""
    others: defaultdict[str, set[Way]] = field(default_factory=lambda: defaultdict(set))
    fields: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    counted: set[str] = field(default_factory=set)

    def visit(self, node: Node, signs: _Signs, scope: _Scope) -> None:
        """Notes what `node` reads, where more of it is better by `signs`."""
        if self._noted(node, _ways(signs), scope):
            return
        match node:
            case Logic():
                self._all(node.operands, signs, scope)
            case Unary():
                self.visit(node.operand, _turned(signs), scope)
            case Binary():
                self._binary(node, signs, scope)
            case Ternary():
                self.visit(node.condition, _SAME if signs is None else _BOTH, scope)
                self._all((node.yes, node.no), signs, scope)
            case Call():
                self._call(node, signs, scope)
            case Comprehension():
                self._macro(node, signs, scope)
            case Select() | OptionalSelect():
                for bound in _sources(node.operand, scope):
                    self._read(bound, node.field, {Way.SAME})
                self.visit(node.operand, _SAME, scope)
            case _:
                self._all(node.children(), _SAME, scope)

    def _all(self, nodes: tuple[Node, ...], signs: _Signs, scope: _Scope) -> None:
        for node in nodes:
            self.visit(node, signs, scope)

    def _noted(self, node: Node, ways: set[Way], scope: _Scope) -> bool:
        """Whether the node is a value that was read, and is noted; so is a bare name."""
        if isinstance(node, Resources):
            self.others[node.kind] |= ways
            return True
        base, path = chain(node)
        if base is None:
            return False
        for bound in _of_name(base, scope):
            self._read(bound, path, ways)
        return True  # a setting or the time is read of nothing

    def _read(self, bound: _Bound, path: str, ways: set[Way]) -> None:
        name, _, rest = path.partition(".")
        if rest and bound.in_map:
            self._read(bound, rest, {Way.SAME})
        if bound.itself:
            if path:
                self.ways[path] |= ways
        elif bound.kind:
            self.fields[bound.kind] |= {name} if name else set()
        elif name:
            self.parts[bound.path].add(name)
        else:
            self.whole.add(bound.path)

    def _binary(self, node: Binary, signs: _Signs, scope: _Scope) -> None:
        left, right, operator = node.left, node.right, node.operator
        if self._emptiness(node, signs, scope):
            return
        if operator in ("==", "!="):
            self._equality(node, signs, scope)
        elif operator in ("<", "<=", "-"):
            turned = operator == "-"
            self.visit(left, signs if turned else _turned(signs), scope)
            self.visit(right, _turned(signs) if turned else signs, scope)
        elif operator in (">", ">="):
            self.visit(left, signs, scope)
            self.visit(right, _turned(signs), scope)
        elif operator == "+":
            self._count(node, scope)
            self._all((left, right), signs, scope)
        elif operator == "in":
            self.visit(left, _SAME, scope)
            self.visit(right, signs, scope)
        else:
            self._all((left, right), _SAME, scope)

    def _equality(self, node: Binary, signs: _Signs, scope: _Scope) -> None:
        """A test for null or for a truth value tells more than that it has to be the same."""
        if node.operator == "!=":
            signs = _turned(signs)
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if signs is None or not isinstance(one, Literal):
                continue
            if one.value is None and chain(other)[0] is not None:
                self._noted(other, _ways(signs, Way.UNSET, Way.SET), scope)
                return
            if isinstance(one.value, bool):
                self.visit(other, signs if one.value else _turned(signs), scope)
                return
        self._all((node.left, node.right), _SAME, scope)

    def _emptiness(self, node: Binary, signs: _Signs, scope: _Scope) -> bool:
        """Whether it is `size(list) > 0`, which asks for less than that nothing is missing."""
        sized = node.left
        is_test = (
            node.operator == ">"
            and isinstance(node.right, Literal)
            and node.right.value == 0
            and isinstance(sized, Call)
            and sized.function == "size"
        )
        if not is_test or signs is None or chain(sized.children()[0])[0] is None:
            return False
        return self._noted(sized.children()[0], _ways(signs, Way.SOME, Way.NONE), scope)

    def _count(self, node: Node, scope: _Scope) -> None:
        """Notes what is measured or put together: texts are in no such order."""
        for each in walk(node):
            self.counted |= {bound.path for bound in _sources(each, scope) if bound.path}

    def _call(self, node: Call, signs: _Signs, scope: _Scope) -> None:
        told = _CALLS.get(node.function, ())
        if node.function == "refers_to":
            self._resource(node.arguments[1], scope)
        if node.function == "size":
            self._count(node, scope)
        else:
            for argument in node.arguments:
                self._count_whole(argument, scope)
        for number, argument in enumerate(node.arguments):
            if number < len(told):
                self.visit(argument, signs if told[number] > 0 else _turned(signs), scope)
            else:
                self.visit(argument, _SAME, scope)

    def _resource(self, node: Node, scope: _Scope) -> None:
        """Notes by what others know a resource that is looked at whole."""
        for bound in _sources(node, scope):
            for name in ("address", "name") if not bound.path else ():
                self._read(bound, name, {Way.SAME})

    def _macro(self, node: Comprehension, signs: _Signs, scope: _Scope) -> None:
        is_quantifier = node.macro in ("all", "exists")
        inside = signs if is_quantifier else _SAME
        self.visit(node.range, _turned(inside) if node.macro == "all" else inside, scope)
        if not isinstance(node.range, Resources) and chain(node.range)[0] is None:
            self._count_whole(node.range, scope)
        self.visit(node.body, inside, {**scope, node.variable: _sources(node.range, scope)})

    def _count_whole(self, node: Node, scope: _Scope) -> None:
        """Members of a list that a function looks at, or that is made from others: all that those
        hold counts."""
        for each in walk(node):
            base, path = chain(each)
            if any(each.itself for each in _of_name(base or "", scope)):
                self.whole.add(path)


def _of_name(name: str, scope: _Scope) -> tuple[_Bound, ...]:
    return (_ITSELF,) if name in ("resource", "members") else scope.get(name, ())


def _sources(node: Node, scope: _Scope) -> tuple[_Bound, ...]:
    """All that the fields may be read of which an expression is asked for, or of whose members."""
    match node:
        case Name():
            return _of_name(node.name, scope)
        case Resources():
            return (_Bound(kind=node.kind),)
        case Select() | OptionalSelect():
            base, path = chain(node)
            holders = _sources(node.operand, scope) if base is None else _of_name(base, scope)
            steps = path if base is not None else node.field
            held = tuple(each for each in holders if each.in_map)
            return (*held, *(_Bound(path=steps) for each in holders if each.itself))
        case Comprehension():
            inside = {**scope, node.variable: _sources(node.range, scope)}
            return _sources(node.body, inside) if node.macro == "map" else inside[node.variable]
        case Index() | OptionalIndex():
            parts: tuple[Node, ...] = (node.operand,)
        case Ternary():
            parts = (node.yes, node.no)
        case MapLiteral():
            values = (_sources(value, scope) for _, value in node.entries)
            return tuple(replace(each, in_map=True) for found in values for each in found)
        case Binary() | ListLiteral() | Call():
            parts = node.children()
        case _:
            parts = ()
    return tuple(dict.fromkeys(bound for part in parts for bound in _sources(part, scope)))


def chain(node: Node) -> tuple[str | None, str]:
    """The name at the start of `name.field.field` and the fields; None for anything else, of which
    a key with a point in it is one."""
    fields: list[str] = []
    while isinstance(node, (Select, OptionalSelect)) and "." not in node.field:
        fields.append(node.field)
        node = node.operand
    if isinstance(node, Name):
        return node.name, ".".join(reversed(fields))
    return None, ""


def _turned(signs: _Signs) -> _Signs:
    return None if signs is None else frozenset(-sign for sign in signs)


def _ways(signs: _Signs, more: Way = Way.LEAST, less: Way = Way.MOST) -> set[Way]:
    return {Way.SAME} if signs is None else {more if sign > 0 else less for sign in signs}


__all__ = ["Reading", "Way", "chain", "reading_of"]
