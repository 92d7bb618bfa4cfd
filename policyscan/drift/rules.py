"""The rules of groups as sets: who may send what, one member for each source, whatever their order
and however they are written together."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from policyscan.resources.network import Rule
from policyscan.values import OneOf, Ref, Unknown, opened

_OF_ACCOUNT = re.compile(r"^[0-9]{12}/(?=sg-)")
"""Before the id of a group of another account, in Terraform: `444455556666/sg-0a1b2c3d`."""

Meant = Callable[[Ref], str | None]
"""What the thing that a reference means is called by what was seen; None if it is not known."""


class Members(Struct, frozen=True):
    """What is known of a set, each member in words."""

    known: frozenset[str]
    open: bool
    """Whether there may be others."""


def rule_members(rules: Any, own_names: frozenset[str], meant: Meant) -> Members:
    """The members of one direction of a group; `own_names` is what the group itself is called."""
    known, reason = opened(rules)
    found: set[str] = set()
    is_open = reason is not None
    for rule in known:
        ports = _ports(rule)
        for source in _sources(rule, own_names, meant):
            if ports is None or source is None:
                is_open = True
            else:
                found.add(f"{ports} {source}")
    return Members(frozenset(found), is_open)


def without_lists(one: Members, other: Members) -> tuple[Members, Members, bool]:
    """Both sides without what may be one thing in two forms, and whether there was such: a prefix
    list on one, and on the other ranges for the same ports, which may be its entries."""
    lacking, added = one.known - other.known, other.known - one.known
    doubtful = {
        ports
        for lists, ranges in ((lacking, added), (added, lacking))
        for ports in _ports_of(lists, of_lists=True) & _ports_of(ranges, of_lists=False)
    }
    left_out = {each for each in lacking | added if _parted(each)[0] in doubtful}
    return (
        Members(one.known - left_out, one.open),
        Members(other.known - left_out, other.open),
        bool(doubtful),
    )


def _ports_of(members: frozenset[str], *, of_lists: bool) -> frozenset[str]:
    parted = map(_parted, members)
    return frozenset(ports for ports, source in parted if source.startswith("pl-") is of_lists)


def _parted(member: str) -> tuple[str, str]:
    """Ports, and whom they are for."""
    ports, _, source = member.rpartition(" ")
    return ports, source


def _ports(rule: Rule) -> str | None:
    """`tcp 22`, `udp 1000-2000`, `all traffic`; None if they are not known."""
    values: tuple[Any, ...] = (rule.protocol, rule.from_port, rule.to_port)
    if isinstance(rule.protocol, str) and rule.protocol == "-1":
        return "all traffic"
    if any(isinstance(value, (Unknown, OneOf, Ref)) for value in values):
        return None
    protocol, first, last = values
    if first in (None, -1) and last in (None, -1):
        return f"{protocol}"
    return f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"


def _sources(rule: Rule, own_names: frozenset[str], meant: Meant) -> Iterator[str | None]:
    """Whom a rule names, each in words; None for one that is not known."""
    if not isinstance(rule.itself, bool):
        yield None
    elif rule.itself:
        yield "the group itself"
    for cidr in _each(rule.cidrs):
        yield _range(cidr)
    for group in _each(rule.groups):
        called = _called(group, meant)
        if called is not None:
            called = _OF_ACCOUNT.sub("", called)
        yield "the group itself" if called in own_names else called
    for listed in (rule.prefix_lists, rule.gateway_endpoints):
        for name in _each(listed):
            yield _called(name, meant)


def _each(listed: Any) -> Iterator[Any]:
    known, reason = opened(listed)
    yield from known
    if reason is not None:
        yield reason


def _range(cidr: Any) -> str | None:
    """A range in its one spelling, host bits dropped as AWS does."""
    if not isinstance(cidr, str):
        return None
    try:
        return str(ipaddress.ip_network(cidr.strip(), strict=False))
    except ValueError:
        return cidr


def _called(name: Any, meant: Meant) -> str | None:
    if isinstance(name, Ref):
        return meant(name)
    return name if isinstance(name, str) else None
