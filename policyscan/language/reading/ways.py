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

from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Literal,
    Logic,
    Name,
    Node,
    OptionalSelect,
    Resources,
    Select,
    Ternary,
    Unary,
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
    )


def _least(ways: set[Way]) -> frozenset[Way]:
    return frozenset({Way.SAME}) if Way.SAME in ways else frozenset(ways)


class _Bound(Struct, frozen=True):
    """What the variable of a macro stands for; a part of something that counts whole, if it names
    nothing."""

    path: str = ""
    """The field whose member it is."""
    kind: str = ""
    """The kind of the other resource that it is."""
    itself: bool = False
    """Whether it is what is judged."""


_Scope = Mapping[str, _Bound]


class _Reader(Struct):
    ways: defaultdict[str, set[Way]] = field(default_factory=lambda: defaultdict(set))
    parts: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    whole: set[str] = field(default_factory=set)
    """Lists whose members are read whole."""
    others: defaultdict[str, set[Way]] = field(default_factory=lambda: defaultdict(set))
    fields: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

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
        bound = _Bound(itself=True) if base == "resource" else scope.get(base)
        if bound is None:
            return True  # a setting, the time, the members of a set, or a part of something noted
        name = path.partition(".")[0]
        if bound.itself:
            if path:
                self.ways[path] |= ways
        elif bound.kind:
            self.fields[bound.kind] |= {name} if name else set()
        elif name:
            self.parts[bound.path].add(name)
        else:
            self.whole.add(bound.path)
        return True

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

    def _call(self, node: Call, signs: _Signs, scope: _Scope) -> None:
        told = _CALLS.get(node.function, ())
        if node.function == "refers_to":
            self._resource(node.arguments[1], scope)
        for number, argument in enumerate(node.arguments):
            if number < len(told):
                self.visit(argument, signs if told[number] > 0 else _turned(signs), scope)
            else:
                self.visit(argument, _SAME, scope)

    def _resource(self, node: Node, scope: _Scope) -> None:
        """Notes by what others know a resource that is looked at whole."""
        base, path = chain(node)
        bound = _Bound(itself=True) if base == "resource" else scope.get(base or "")
        if bound is None or path:
            return
        for name in ("address", "name"):
            if bound.itself:
                self.ways[name].add(Way.SAME)
            elif bound.kind:
                self.fields[bound.kind].add(name)

    def _macro(self, node: Comprehension, signs: _Signs, scope: _Scope) -> None:
        is_quantifier = node.macro in ("all", "exists")
        inside = signs if is_quantifier else _SAME
        self.visit(node.range, _turned(inside) if node.macro == "all" else inside, scope)
        self.visit(node.body, inside, {**scope, **self._bound(node, scope)})

    def _bound(self, node: Comprehension, scope: _Scope) -> _Scope:
        """What the variable stands for; one that hides another stands for nothing noted."""
        if isinstance(node.range, Resources):
            return {node.variable: _Bound(kind=node.range.kind)}
        base, path = chain(node.range)
        if base == "members" and not path:
            return {node.variable: _Bound(itself=True)}
        bound = _Bound(itself=True) if base == "resource" else scope.get(base or "")
        if bound is not None and bound.itself and path:
            return {node.variable: _Bound(path=path)}
        self._count_whole(node.range, scope)
        return {node.variable: _Bound()}

    def _count_whole(self, node: Node, scope: _Scope) -> None:
        """Members of a list that was made from others: all that those hold counts."""
        pending = [node]
        while pending:
            each = pending.pop()
            base, path = chain(each)
            bound = scope.get(base or "")
            if base == "resource" or (bound is not None and bound.itself):
                self.whole.add(path)
            pending += each.children()


def chain(node: Node) -> tuple[str | None, str]:
    """The name at the start of `name.field.field` and the fields; None for anything else."""
    fields: list[str] = []
    while isinstance(node, (Select, OptionalSelect)):
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
