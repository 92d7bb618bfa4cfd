"""IPv4 and IPv6 address ranges as sets of integers.

Both families lie on one line, IPv6 far behind IPv4, so that a set may hold both.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Literal

from policyscan.resources.intervals import Intervals, difference, intersection, union
from policyscan.text.display import shortened

Family = Literal["v4", "v6"]

_V6 = 1 << 40
"""Where IPv6 begins on the line."""

WIDTH: dict[Family, int] = {"v4": 32, "v6": 128}
_WHOLE: dict[Family, Intervals] = {
    "v4": ((0, (1 << 32) - 1),),
    "v6": ((_V6, _V6 + (1 << 128) - 1),),
}

_LONGEST = 100
"""Characters of a range; any that is one has fewer."""

_SPECIAL = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24"
    " 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
    " 224.0.0.0/4 240.0.0.0/4"
    " ::/128 ::1/128 ::ffff:0:0/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001:db8::/32"
    " 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8"
)
"""The blocks that the IANA special-purpose registries (RFC 6890) do not call globally reachable, in
the state of June 2026, with multicast and the deprecated site-local block, which send no packets
from the internet either. Single reachable addresses in 192.0.0.0/24 and 2001::/23 go with them."""


@lru_cache(maxsize=16_384)
def parse_network(text: str) -> Intervals | None:
    """The addresses of the network that `10.0.0.5/8` lies in, host bits dropped as AWS does; None
    if it is none."""
    if len(text) > _LONGEST:
        return None
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    base = 0 if network.version == 4 else _V6
    return ((base + int(network[0]), base + int(network[-1])),)


def addresses(text: str) -> Intervals:
    """The addresses of a range. Raises ValueError."""
    network = parse_network(text)
    if network is None:
        raise ValueError(f'"{shortened(text, 60)}" is not an address range like "10.0.0.0/8"')
    return network


@lru_cache(maxsize=1)
def special_addresses() -> Intervals:
    """All addresses from which no packet of the public internet comes."""
    return union(*(addresses(text) for text in _SPECIAL.split()))


@lru_cache(maxsize=1)
def internet() -> Intervals:
    """All public addresses of both families."""
    return public(union(*_WHOLE.values()))


def public(numbers: Intervals) -> Intervals:
    """The public ones among the addresses."""
    return difference(numbers, special_addresses())


def of_family(numbers: Intervals, family: Family) -> Intervals:
    """The addresses of one family."""
    return intersection(numbers, _WHOLE[family])
