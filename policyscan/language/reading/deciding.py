"""Which members of a list take part in a condition not being fulfilled.

A rule for port 443 is nothing to a policy about port 22, and a secret that comes from a store
nothing to one about secrets that are written out: what does not matter to any use of a list in the
condition is no part of what failed. Where that is not certain, a member takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.proving.evaluator import PROVERS
from policyscan.language.proving.walk import MAX_STEPS, Exhausted, Frame, Table, Walk
from policyscan.language.proving.worlds import World
from policyscan.language.reading.ways import chain
from policyscan.language.syntax.tree import Binary, Call, Comprehension, Index, Literal, Node
from policyscan.resources.base import Resource
from policyscan.resources.cidr import may_reach
from policyscan.resources.network import Rule
from policyscan.values import PartialList, Undetermined

_PEERS = ("cidrs", "prefix_lists", "gateway_endpoints", "groups")


class Given(Struct, frozen=True):
    """What a condition is evaluated with."""

    params: Mapping[str, object]
    context: Mapping[str, object]
    now: datetime
    resources: Callable[[str], object] | None = None


def deciding(
    roots: Sequence[Node], path: str, values: Any, resource: Resource, given: Given
) -> Any:
    """The list or map `values`, at `path` of the resource, with the members that may take part.
    Rules of a packet filter are taken apart, so that each has one other side. Of the conditions in
    `roots`, the first that uses the list counts: that a resource is judged at all is settled."""
    known = values.known if isinstance(values, PartialList) else values
    known = tuple(known) if isinstance(known, Mapping) else known
    uses = next(filter(None, ([*_uses(root, path)] for root in roots)), [])
    if not isinstance(known, tuple) or None in uses or not uses or "." in path:
        return values
    if any(isinstance(use, Call) for use in uses):
        known = tuple(part for rule in known for part in _apart(rule))
        resource = resource.model_copy(update={path: known})
    walk = _walk(resource, given)
    try:
        kept = {place for use in uses if use is not None for place in _kept(walk, use, known)}
    except (Exhausted, Undetermined, ValueError):
        return values
    members = tuple(item for place, item in enumerate(known) if place in kept)
    if isinstance(values, Mapping):
        return {key: values[key] for key in members}
    return PartialList(members, values.unknown) if isinstance(values, PartialList) else members


def _walk(resource: Resource, given: Given) -> Walk:
    names = {
        "now": given.now,
        "params": Table("params", given.params),
        "context": Table("context", given.context),
        "resource": resource,
    }
    return Walk(PROVERS, names, given.resources, World(forks=False), MAX_STEPS)


def _uses(root: Node, path: str) -> Iterator[Comprehension | Call | None]:
    """Every use of a list that says which members matter; None for one that says nothing."""
    pending: list[tuple[Node, Node | None, Comprehension | None]] = [(root, None, None)]
    while pending:
        node, parent, around = pending.pop()
        if chain(node) == ("resource", path):
            yield None if around is not None else _use(node, parent)
        elif not (_is_size_of(node, path) or _is_own_value(node, path, around)):
            for child in node.children():
                inside = around
                if isinstance(node, Comprehension) and child is node.body and around is None:
                    inside = node
                pending.append((child, node, inside))


def _use(node: Node, parent: Node | None) -> Comprehension | Call | None:
    if isinstance(parent, Comprehension) and parent.range is node:
        return parent if parent.macro in ("all", "exists") else None
    if isinstance(parent, Call) and parent.function in _OF_RULES and parent.arguments[0] is node:
        return parent
    return None


def _is_size_of(node: Node, path: str) -> bool:
    """Whether it is `size(list) > 0`: of which the ways tell all."""
    return (
        isinstance(node, Binary)
        and node.operator == ">"
        and isinstance(node.right, Literal)
        and node.right.value == 0
        and isinstance(node.left, Call)
        and node.left.function == "size"
        and chain(node.left.arguments[0]) == ("resource", path)
    )


def _is_own_value(node: Node, path: str, around: Comprehension | None) -> bool:
    """Whether it is `map[key]` where each key of that map is looked at in turn."""
    return (
        isinstance(node, Index)
        and around is not None
        and chain(around.range) == chain(node.operand) == ("resource", path)
        and chain(node.index) == (around.variable, "")
    )


def _kept(walk: Walk, use: Comprehension | Call, known: Sequence[Any]) -> Iterator[int]:
    """The places of the members that matter to one use."""
    if isinstance(use, Call):
        settings = [walk.prove(each).value for each in use.arguments[1:]]
        yield from (
            place
            for place, rule in enumerate(known)
            if not isinstance(rule, Rule) or _OF_RULES[use.function](rule, *settings)
        )
        return
    source = walk.prove(use.range)
    harmless = use.macro == "all"
    for place, member in enumerate(walk.members(source, use.range, None)):
        body = walk.prove(use.body, Frame(use.variable, member, None))
        if body.value is not harmless:
            yield place


def _reaches(rule: Rule, ports: Any, *_: Any) -> bool:
    return may_reach((rule,), ports)


def _is_sent(function: str) -> Callable[..., bool]:
    """Whether what a rule lets out is not certainly as asked."""
    call = FUNCTIONS[function].call
    return lambda rule, *settings: getattr(call((rule,), *settings), "value", None) is not True


_OF_RULES: Mapping[str, Callable[..., bool]] = {
    "reaches_internet": _reaches,
    "sends_only_to": _is_sent("sends_only_to"),
    "sends_only_on": _is_sent("sends_only_on"),
}


def _apart(rule: Any) -> Iterator[Any]:
    """A rule as several with one other side each, if all sides are known."""
    if not isinstance(rule, Rule) or not all(isinstance(getattr(rule, n), tuple) for n in _PEERS):
        yield rule
        return
    alone: dict[str, Any] = {**dict.fromkeys(_PEERS, ()), "itself": False}
    for name in _PEERS:
        for peer in getattr(rule, name):
            yield rule.model_copy(update=alone | {name: (peer,)})
    if rule.itself is not False:
        yield rule.model_copy(update=alone | {"itself": rule.itself})
