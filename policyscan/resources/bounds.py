"""What a rule lets through, between bounds: at least the lower one, at most the upper one.

An unknown value lowers the one and raises the other, so that what is certain follows from the lower
bound and what is possible from the upper one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyscan.resources.addresses import internet, parse_network, public
from policyscan.resources.intervals import Intervals, intersection, union
from policyscan.resources.ports import EVERY_PORT, rule_ports
from policyscan.text.display import shortened
from policyscan.values import OneOf, Ref, Unknown, Why, opened, reason_of

if TYPE_CHECKING:
    from policyscan.resources.network import Rule

_NETWORK = re.compile(
    r"(?:^|\.)aws_(?:default_)?(?:vpc|subnet)\.[\w-]+(?:\[(?:\?|[0-9]+|\"[^\"\\]*\")\])?$"
)


class Bounds(Struct, frozen=True):
    """A set that has at least the numbers of `low` and at most those of `high`."""

    low: Intervals
    high: Intervals
    reason: Unknown | None = None
    """Why they differ."""


def public_sources(rule: Rule) -> Iterator[tuple[int | None, object, Bounds]]:
    """The public addresses on the other side of a rule, one range after the other: its place in
    `cidrs` if it has one, the range as the rule has it, and its bounds."""
    yield from public_ranges(rule.cidrs)
    lists: Any = rule.prefix_lists
    if not isinstance(lists, tuple) or lists:
        yield None, lists, anything(_prefix_lists_unknown(lists))


def public_ranges(cidrs: Any) -> Iterator[tuple[int | None, object, Bounds]]:
    """As `public_sources`, of a list of ranges."""
    if isinstance(cidrs, OneOf):
        yield None, cidrs, _one_of(cidrs, _list_bounds)
        return
    known, open_end = opened(cidrs)
    for place, cidr in enumerate(known):
        yield place, cidr, _cidr_bounds(cidr)
    if open_end is not None:
        yield None, open_end, anything(open_end)


def _prefix_lists_unknown(lists: Any) -> Unknown:
    known, open_end = opened(lists)
    names = ", ".join(str(each) for each in known if isinstance(each, (str, Ref)))
    if open_end is not None:
        return open_end
    return Unknown(Why.OUTSIDE, f"the entries of the prefix list {names}".rstrip())


def anything(reason: Unknown) -> Bounds:
    """The bounds of addresses of which nothing is known."""
    return Bounds((), internet(), reason)


def _list_bounds(values: Any) -> Bounds:
    """The addresses of a whole list."""
    if isinstance(values, OneOf):
        return _one_of(values, _list_bounds)
    known, open_end = opened(values)
    parts = [_cidr_bounds(each) for each in known]
    if open_end is not None:
        parts.append(anything(open_end))
    return Bounds(union(*(p.low for p in parts)), union(*(p.high for p in parts)), open_end)


def _one_of(value: OneOf[Any], bounds: Any) -> Bounds:
    """At least what all alternatives have, at most what any has."""
    parts: list[Bounds] = [bounds(each.value) for each in value.alternatives]
    low = parts[0].low
    for part in parts[1:]:
        low = intersection(low, part.low)
    high = union(*(part.high for part in parts))
    return Bounds(low, high, None if low == high else value.unknown)


def _cidr_bounds(value: Any) -> Bounds:
    if isinstance(value, OneOf):
        return _one_of(value, _cidr_bounds)
    of = value.of if isinstance(value, Unknown) else None
    if of is not None and _is_own_range(of):
        return Bounds((), ())
    if isinstance(value, (Unknown, Ref)):
        return anything(reason_of(value))
    numbers = _public_addresses(value)
    if numbers is None:
        needs = f'an address range in place of "{shortened(value, 60)}"'
        return anything(Unknown(Why.EVALUATION_ERROR, needs))
    return Bounds(numbers, numbers)


def _is_own_range(ref: Ref) -> bool:
    """Whether it is the range of a VPC or subnet: what lies there is inside, whatever its text."""
    named = ref.attribute in ("cidr_block", "ipv6_cidr_block")
    return named and _NETWORK.search(ref.address) is not None


@lru_cache(maxsize=16_384)
def _public_addresses(text: str) -> Intervals | None:
    network = parse_network(text)
    return None if network is None else public(network)


def port_bounds(rule: Rule) -> Bounds:
    """The ports of a rule; of a value that may be one of several, all combinations are tried."""
    fields: list[tuple[Any, ...]] = []
    reason: Unknown | None = None
    for value in (rule.protocol, rule.from_port, rule.to_port):
        if isinstance(value, OneOf):
            fields.append(tuple(each.value for each in value.alternatives))
            reason = value.unknown
        else:
            fields.append((value,))
            reason = reason_of(value) if isinstance(value, (Unknown, Ref)) else reason
    choices = [_chosen_ports(*choice) for choice in product(*fields)]
    low = choices[0].low
    for choice in choices[1:]:
        low = intersection(low, choice.low)
    high = union(*(choice.high for choice in choices))
    return Bounds(low, high, None if low == high else reason)


def _chosen_ports(protocol: Any, from_port: Any, to_port: Any) -> Bounds:
    """An unknown port may be any on its side of the other one, an unknown protocol any."""
    if isinstance(protocol, (Unknown, Ref, OneOf)):
        return Bounds((), EVERY_PORT)
    limits = (from_port, to_port)
    first, last = (None if isinstance(each, (Unknown, Ref, OneOf)) else each for each in limits)
    high = rule_ports(protocol, first, last)
    return Bounds(high if first is from_port and last is to_port else (), high)
