"""TCP and UDP ports: what a packet filter rule lets through, and the complement of a list.

Sets of ports lie on one line, TCP first and UDP behind it, so that a rule for both is one set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from policyscan.resources.intervals import Intervals, difference, has, intersection, union
from policyscan.text.display import shortened

_LAST = 65_535
_UDP = _LAST + 1
"""Where the UDP ports begin on the line."""

EVERY_PORT: Intervals = ((0, 2 * _UDP - 1),)

_TCP_NAMES = frozenset({"tcp", "6"})
_UDP_NAMES = frozenset({"udp", "17"})
_WITHOUT_PORTS = frozenset("icmp icmpv6 igmp ipip gre esp ah eigrp ospf pim vrrp sctp".split())

_RANGE = re.compile(r"\s*([0-9]{1,5})\s*(?:-\s*([0-9]{1,5})\s*)?", re.ASCII)


@lru_cache(maxsize=1024)
def parse_ports(text: str) -> tuple[int, int]:
    """The first and last port of `22` or `1000-2000`. Raises ValueError."""
    found = _RANGE.fullmatch(text)
    if found:
        first = int(found[1])
        last = int(found[2]) if found[2] else first
        if first <= last <= _LAST:
            return first, last
    raise ValueError(f'"{shortened(text, 40)}" is not a port or a range of ports like "1000-2000"')


def other_ports(listed: Iterable[str]) -> tuple[str, ...]:
    """All ports that are not listed, as ranges: all but 443 is `0-442` and `444-65535`."""
    named = union(parse_ports(text) for text in listed)
    return tuple(_text(*each) for each in difference(((0, _LAST),), named))


def asked_ports(listed: Iterable[str]) -> Intervals:
    """The listed ports of both protocols. Raises ValueError."""
    return _asked(tuple(listed))


@lru_cache(maxsize=256)  # a policy asks every rule of every group for the same ones
def _asked(listed: tuple[str, ...]) -> Intervals:
    ports = union(parse_ports(text) for text in listed)
    return union(ports, _as_udp(ports))


@lru_cache(maxsize=4096)
def rule_ports(protocol: str, from_port: int | None, to_port: int | None) -> Intervals:
    """What a rule lets through. An absent or negative port is no limit; ICMP has no ports.

    A protocol whose name means nothing to us counts as every protocol. Terraform reads `06` as 6.
    """
    name = _plain(protocol)
    if name in _WITHOUT_PORTS or (name.isdecimal() and name not in _TCP_NAMES | _UDP_NAMES):
        return ()
    first = 0 if from_port is None or from_port < 0 else min(from_port, _LAST)
    last = _LAST if to_port is None or to_port < 0 else min(to_port, _LAST)
    ports = ((min(first, last), max(first, last)),)
    if name in _TCP_NAMES:
        return ports
    if name in _UDP_NAMES:
        return _as_udp(ports)
    return EVERY_PORT


def is_tcp(protocol: str) -> bool:
    """Whether a rule for this protocol is for TCP alone."""
    return _plain(protocol) in _TCP_NAMES


def _plain(protocol: str) -> str:
    name = protocol.strip().lower()
    return name.lstrip("0") or name


def describe_ports(let_through: Intervals, asked: Intervals, port: int) -> str:
    """The asked ports around `port` that a rule lets through: `port 22 (tcp)`."""
    common = intersection(let_through, asked)
    lane = _UDP * (port // _UDP)
    own = intersection(common, ((lane, lane + _LAST),))
    first, last = next((first, last) for first, last in own if first <= port <= last)
    twin = port - lane if lane else port + _UDP
    protocol = "tcp and udp" if has(common, twin) else ("udp" if lane else "tcp")
    text = _text(first - lane, last - lane)
    return f"{'port' if first == last else 'ports'} {text} ({protocol})"


def _as_udp(ports: Intervals) -> Intervals:
    return tuple((first + _UDP, last + _UDP) for first, last in ports)


def _text(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
