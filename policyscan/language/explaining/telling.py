"""Which parts of an expression a derivation tells, and how their values and places are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from policyscan.language.explaining.evidence import text_of
from policyscan.language.functions.networks import Cidr, Ip
from policyscan.language.optionals import Perhaps
from policyscan.language.syntax.tree import (
    Index,
    Name,
    Node,
    OptionalIndex,
    OptionalSelect,
    Resources,
    Select,
    written,
)
from policyscan.language.syntax.tree import walk as every_node

_STEPS = (Select, Index, OptionalSelect, OptionalIndex)
_UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
)
_HOLDERS = frozenset({"resource", "params", "context"})
"""Names that say nothing without a field."""


def told(node: Node) -> list[Node]:
    """The parts of a node whose values say something: no constants, and of a path only what is
    computed in it."""
    return [each for child in node.children() for each in _spoken(child, node)]


def _spoken(child: Node, parent: Node) -> Iterator[Node]:
    if isinstance(child, Name):
        if not isinstance(parent, _STEPS) and child.name not in _HOLDERS:
            yield child
    elif isinstance(parent, _STEPS) and _is_path(child) and child is parent.children()[0]:
        for below in child.children():
            yield from _spoken(below, child)
    elif not _is_constant(child):
        yield child


def _is_path(node: Node) -> bool:
    return isinstance(node, _STEPS)


@lru_cache(4096)
def _is_constant(node: Node) -> bool:
    return not any(isinstance(each, (Name, Resources)) for each in every_node(node))


@lru_cache(4096)
def spelt(node: Node) -> str:
    """The canonical spelling."""
    return written(node)


def shown(value: object) -> str:
    """A value as the language writes it; times to the minute and spans in words, for people: two
    runs in a row say the same."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, timedelta):
        return _span(value)
    if isinstance(value, Perhaps):
        return f"optional.of({shown(value.value)})" if value.present else "optional.none()"
    if isinstance(value, (Ip, Cidr)):
        return f'{"ip" if isinstance(value, Ip) else "cidr"}("{value}")'
    return text_of(value)


def _span(value: timedelta) -> str:
    """`100 days 3 hours`; minutes and seconds of a short one."""
    sign = "-" if value < timedelta() else ""
    left, found = abs(value), list[str]()
    for unit, length in _UNITS:
        number, left = divmod(left, length)
        if number:
            found.append(f"{number} {unit}{'s' * (number != 1)}")
        elif found:
            break
    return sign + (" ".join(found[:2]) or f"{left.total_seconds():g} seconds")


def place_text(path: str, owner: str) -> str:
    """A place as expressions write it: `resource.ingress[3]`, `aws_subnet.a.zone`."""
    start = owner or ("resource" if not path.startswith("members") else "")
    return f"{start}.{path}" if path and start else path or start
