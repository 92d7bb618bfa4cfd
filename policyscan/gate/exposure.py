"""Which packets the rules of a group let through, beyond what other rules did."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from policyscan.facts.plain import written
from policyscan.resources.addresses import parse_network
from policyscan.resources.intervals import Intervals, difference, intersection, union
from policyscan.resources.ports import rule_ports

_ALL = ("-1", "all")
_NAMED = ("prefix_lists", "gateway_endpoints", "groups")
"""Whom else a rule is for than addresses."""
_PEERS = ("cidrs", *_NAMED, "itself")
_FIELDS = frozenset({"protocol", "from_port", "to_port", *_PEERS})


class Grant(Struct, frozen=True):
    """One source or destination of one rule, and the traffic that it is for."""

    traffic: str
    """In words: `port 22`."""
    peer: str
    """In words: `10.0.0.0/8`, `the group sg-1`; empty for rules of which nothing is known."""
    exact: str
    """The one spelling of both; what is not known is covered by nothing but itself."""
    ports: Intervals | None
    """On the line of TCP and UDP ports; None if it is for a protocol without, or not known."""
    protocol: str | None
    """Of one without ports, with its type and code; `-1` for every protocol; None if not known."""
    addresses: Intervals | None
    """None for what is no range of addresses."""

    @property
    def words(self) -> str:
        """`port 22 from 10.0.0.0/8`."""
        return f"{self.traffic} from {self.peer}" if self.peer else self.traffic


def uncovered(rules: Sequence[Any], others: Sequence[Any]) -> tuple[Grant, ...]:
    """What `rules` let through that `others` do not: by ranges of addresses and ports, whichever
    rules they are in. Both are rules as facts hold them."""
    before = [grant for rule in others for grant in _grants(rule)]
    known = {grant.exact for grant in before}
    return tuple(
        grant
        for rule in rules
        for grant in _grants(rule)
        if grant.exact not in known and not _is_covered(grant, before)
    )


def _grants(rule: Any) -> Iterator[Grant]:
    if not _is_rule(rule):
        yield Grant("traffic by rules that are not known", "", written(rule), None, None, None)
        return
    traffic, ports, protocol = _traffic(rule)
    key = written([rule.get(name) for name in ("protocol", "from_port", "to_port")])
    for peer, exact, addresses in _peers(rule):
        yield Grant(traffic, peer, f"{key} {exact}", ports, protocol, addresses)


def _is_rule(rule: Any) -> bool:
    """Whether it says what a rule is for and for whom, and nothing else that may matter."""
    if not isinstance(rule, Mapping) or not rule.keys() <= _FIELDS:
        return False
    return "protocol" in rule and any(_listed(rule.get(name, ())) for name in _PEERS)


def _traffic(rule: Mapping[str, Any]) -> tuple[str, Intervals | None, str | None]:
    """What a rule is for, in words, as ports and as a protocol."""
    protocol, first, last = (rule.get(name) for name in ("protocol", "from_port", "to_port"))
    numbers = all(end is None or isinstance(end, int) for end in (first, last))
    if not isinstance(protocol, str) or not numbers:
        return "traffic that is not known", None, None
    if protocol in _ALL:
        return "all traffic", rule_ports("-1", None, None), "-1"
    ports = rule_ports(protocol, first, last)
    if not ports:
        return f"{protocol} {first}/{last}", None, written([protocol, first, last])
    name = "" if protocol in ("tcp", "6") else f"{protocol} "
    ends = f"port {first}" if first == last else f"ports {first}-{last}"
    return f"{name}{ends}", ports, None


def _peers(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, Intervals | None]]:
    """Whom a rule is for: in words, exactly, and as addresses."""
    for cidr in _listed(rule.get("cidrs", ())):
        addresses = parse_network(cidr) if isinstance(cidr, str) else None
        yield _name(cidr), written(["cidrs", cidr]), addresses
    for field in _NAMED:
        for each in _listed(rule.get(field, ())):
            kind = field.removesuffix("s").replace("_", " ")
            yield f"the {kind} {_name(each)}", written([field, each]), None
    if rule.get("itself", False) is not False:
        yield "the group itself", written(["itself", rule["itself"]]), None


def _listed(value: Any) -> Sequence[Any]:
    if value is False:
        return ()
    return value if isinstance(value, (list, tuple)) else [value]


def _name(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("ref"), str):
        return str(value["ref"])
    return "addresses that are not known"


def _is_covered(grant: Grant, before: Sequence[Grant]) -> bool:
    peers = [one for one in before if _same_peer(grant, one)]
    if grant.protocol == "-1":
        every = [one for one in peers if one.protocol == "-1"]
        return _all_addresses(grant, every)
    if grant.ports is None:
        alike = [one for one in peers if one.protocol in (grant.protocol, "-1")]
        return grant.protocol is not None and _all_addresses(grant, alike)
    return all(
        _all_addresses(grant, [one for one in peers if one.ports and _within(piece, one.ports)])
        for piece in _pieces(grant.ports, peers)
    )


def _same_peer(grant: Grant, other: Grant) -> bool:
    """Whether what the other is for may cover whom the grant is for."""
    if grant.addresses is not None:
        return other.addresses is not None and bool(intersection(grant.addresses, other.addresses))
    return _peer(grant) == _peer(other)


def _peer(grant: Grant) -> str:
    return json.dumps(grant.exact.partition(" ")[2])


def _all_addresses(grant: Grant, peers: Sequence[Grant]) -> bool:
    if grant.addresses is None:
        return bool(peers)
    held = union(*(one.addresses for one in peers if one.addresses is not None))
    return not difference(grant.addresses, held)


def _pieces(ports: Intervals, peers: Sequence[Grant]) -> Iterator[Intervals]:
    """The ports in pieces, none of which another grant covers in part."""
    cuts = sorted(
        {end for one in peers for first, last in one.ports or () for end in (first, last + 1)}
    )
    for first, last in ports:
        at = first
        for cut in (*(cut for cut in cuts if first < cut <= last), last + 1):
            yield ((at, cut - 1),)
            at = cut


def _within(piece: Intervals, ports: Intervals) -> bool:
    return not difference(piece, ports)
