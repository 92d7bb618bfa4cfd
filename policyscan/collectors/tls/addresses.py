"""Where an endpoint is, and which addresses are never connected to."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from msgspec import Struct

from policyscan.errors import GapReason, ReadError

RESOLVING = 5.0
"""Seconds for the resolver to answer."""

_METADATA = tuple(
    map(
        ipaddress.ip_network,
        (
            "169.254.0.0/16",  # AWS, Azure, Google and others; all of it is link-local
            "fd00:ec2::/32",  # AWS, with the credentials of pods
            "fd20:ce::254/128",  # Google
            "100.100.100.200/32",  # Alibaba
            "192.0.0.192/32",  # Oracle
            "168.63.129.16/32",  # Azure
        ),
    )
)
"""Where clouds answer a machine about itself, its credentials included."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


class Peer(Struct, frozen=True):
    """An address that may be connected to."""

    family: int
    sockaddr: tuple[Any, ...]

    @property
    def address(self) -> str:
        """As a person writes it."""
        return str(self.sockaddr[0])


def resolve(host: str, port: int) -> tuple[Peer, ...]:
    """The addresses of a host, each of them checked: what is connected to later is one of these,
    whatever the name resolves to by then. Raises `ReadError`."""
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    found = tuple(dict.fromkeys(_looked_up(host, port, named)))
    for peer in found:
        reason = refusal(host, peer.address)
        if reason:
            raise ReadError(GapReason.DENIED, named, f"it was not asked: {reason}")
    return found


def refusal(host: str, address: str) -> str:
    """Why an address that a host has is never connected to; empty if it may be."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    for each in _meant(ip):
        reason = _forbidden(each)
        if reason:
            return f"{address} is {reason}"
        if each.is_loopback and not _names_this_machine(host):
            return f"its name resolves to {address}, which is this machine; name the address itself"
    if not _is_address(host) and _is_numeric(host):
        return f"it is another spelling of {address}; write that"
    return ""


def _forbidden(ip: IPv4Address | IPv6Address) -> str:
    if any(ip in network for network in _METADATA if network.version == ip.version):
        return "where a cloud answers machines about themselves"
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_multicast:
        return "a multicast address"
    if ip.is_unspecified or (ip.version == 4 and int(ip) >> 24 == 0):
        return "no address of a server"
    if ip.version == 4 and int(ip) >> 28 == 15:
        return "a reserved address"
    return ""


def _meant(ip: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, and the IPv4 addresses that it stands for."""
    yield ip
    if isinstance(ip, IPv4Address):
        return
    yield from (each for each in (ip.ipv4_mapped, ip.sixtofour) if each is not None)
    if ip.teredo is not None:
        yield from ip.teredo
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1):
        yield IPv4Address(int(ip) & 0xFFFFFFFF)


def _names_this_machine(host: str) -> bool:
    """Whether who wrote this host meant the machine that the run is on."""
    name = host.rstrip(".").lower()
    own = socket.gethostname().lower()
    return _is_address(host) or name in ("localhost", own) or name.endswith(".localhost")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_numeric(host: str) -> bool:
    """Whether the resolver takes it for an address: `2130706433`, `0x7f.1`."""
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


def _looked_up(host: str, port: int, named: str) -> tuple[Peer, ...]:
    """Asks the resolver, which knows no time limit, in a thread that may be left behind."""
    answers: list[list[Any] | OSError | UnicodeError] = []

    def ask() -> None:
        try:
            answers.append(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(RESOLVING)
    answer = answers[0] if answers else TimeoutError()
    if isinstance(answer, list):
        return tuple(Peer(family, sockaddr) for family, _, _, _, sockaddr in answer)
    slow = isinstance(answer, TimeoutError)
    why = "the resolver did not answer in time" if slow else "its name does not resolve"
    raise ReadError(GapReason.UNREACHABLE, named, f"it was not reached: {why}")


def seconds_until(deadline: float) -> float:
    """What is left until a moment of the monotonic clock, and never nothing."""
    return max(0.001, deadline - time.monotonic())
