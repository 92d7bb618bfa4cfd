"""Addresses: the network extension of CEL (cel-spec, tests/simple/testdata/network_ext).

Its types are strict: no zones, no octets with leading zeros, no IPv4 address in dots inside an IPv6
one. An IPv6 address in hexadecimal that maps an IPv4 one is that IPv4 address.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Union

from msgspec import Struct

from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.signatures import MEMO, Function, Trial, function, method
from policyscan.language.types import BOOL, CIDR, INT, IP, STRING

_LONGEST = 60
"""Characters of an address or a range."""
_WIDTH = {4: 32, 6: 128}
_PREFIX = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)


class Ip(Struct, frozen=True):
    """An address; `str()` gives the canonical text."""

    family: int
    """4 or 6."""
    number: int

    def __str__(self) -> str:
        return str(_standard(self))


class Cidr(Struct, frozen=True):
    """An address and the length of the prefix of its network; `str()` gives the text."""

    address: Ip
    length: int

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"


def _standard(address: Ip) -> Union[ipaddress.IPv4Address, ipaddress.IPv6Address]:
    if address.family == 4:
        return ipaddress.IPv4Address(address.number)
    return ipaddress.IPv6Address(address.number)


@lru_cache(MEMO)
def ip(text: str) -> Ip:
    """The address that a text writes. Raises Fault."""
    found = _parsed(text)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        if "." in text:
            raise Fault("not an address: an IPv4 address inside an IPv6 one is not allowed")
        found = found.ipv4_mapped
    return Ip(found.version, int(found))


def _parsed(text: str) -> Union[ipaddress.IPv4Address, ipaddress.IPv6Address]:
    if "%" in text:
        raise Fault("not an address: a zone is not allowed")
    try:
        if len(text) <= _LONGEST:
            return ipaddress.ip_address(text)
    except ValueError:
        pass
    raise Fault('not an address like "10.0.0.1" or "2001:db8::1"')


@lru_cache(MEMO)
def cidr(text: str) -> Cidr:
    """The address and the prefix that a text writes; host bits are kept. Raises Fault."""
    address, slash, prefix = text[: _LONGEST + 1].partition("/")
    if not slash or len(text) > _LONGEST:
        raise Fault('not a range of addresses like "10.0.0.0/8"')
    found = _parsed(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        raise Fault("not a range of addresses: IPv4 inside IPv6 is not allowed")
    if not _PREFIX.fullmatch(prefix) or int(prefix) > _WIDTH[found.version]:
        raise Fault(f"not a range of addresses: its prefix is 0 to {_WIDTH[found.version]}")
    return Cidr(Ip(found.version, int(found)), int(prefix))


def is_ip(text: str) -> bool:
    """Whether a text is an address."""
    return _is(ip, text)


def is_cidr(text: str) -> bool:
    """Whether a text is a range."""
    return _is(cidr, text)


def _is(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except Fault:
        return False
    return True


def is_canonical(text: str) -> bool:
    """Whether an address is written as it is shown: small letters, the shortest form. Raises
    Fault."""
    return str(ip(text)) == text


def contains_ip(network: Cidr, address: Union[Ip, str]) -> bool:
    """Whether an address lies in a range. Raises Fault."""
    one = ip(address) if isinstance(address, str) else address
    return one.family == network.address.family and _starts_alike(network, one)


def contains_cidr(network: Cidr, other: Union[Cidr, str]) -> bool:
    """Whether a range lies in another. Raises Fault."""
    inner = cidr(other) if isinstance(other, str) else other
    return inner.length >= network.length and contains_ip(network, inner.address)


def _starts_alike(network: Cidr, address: Ip) -> bool:
    beyond = _WIDTH[address.family] - network.length
    return network.address.number >> beyond == address.number >> beyond


def masked(network: Cidr) -> Cidr:
    """The range without host bits."""
    beyond = _WIDTH[network.address.family] - network.length
    number = network.address.number >> beyond << beyond
    return Cidr(Ip(network.address.family, number), network.length)


def ip_of(value: Union[str, Cidr]) -> Ip:
    """The address that a text writes, or that of a range. Raises Fault."""
    return value.address if isinstance(value, Cidr) else ip(value)


_BLOCKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "unspecified": ("0.0.0.0/32", "::/128"),
        "loopback": ("127.0.0.0/8", "::1/128"),
        "multicast": ("224.0.0.0/4", "ff00::/8"),
        "link-local unicast": ("169.254.0.0/16", "fe80::/10"),
        "broadcast": ("255.255.255.255/32",),
        "link-local multicast": (
            "224.0.0.0/24",
            *(f"ff{flags:x}2::/16" for flags in range(16)),
        ),
    }
)


def _in_block(*names: str) -> Callable[[Ip], bool]:
    """Whether an address lies in one of the blocks."""
    blocks = tuple(cidr(text) for name in names for text in _BLOCKS[name])
    return lambda address: any(contains_ip(block, address) for block in blocks)


_not_global = _in_block("unspecified", "loopback", "multicast", "link-local unicast", "broadcast")


def is_global_unicast(address: Ip) -> bool:
    """Whether packets may be sent to it alone and beyond its link; private addresses count."""
    return not _not_global(address)


def _asked(name: str, call: Callable[[Ip], bool], about: str, example: str) -> Function:
    return Function(name, (method((IP,), BOOL),), call, about, example)


ROWS = (
    Function(
        "ip",
        (function((STRING,), IP), method((CIDR,), IP)),
        ip_of,
        "The address that a text writes, or the address of a range.",
        'ip("10.0.0.1") == cidr("10.0.0.1/8").ip()',
        reads_literals=True,
    ),
    Function(
        "cidr",
        (function((STRING,), CIDR),),
        cidr,
        "The range that a text writes.",
        'cidr("10.0.0.0/8").prefixLength() == 8',
        reads_literals=True,
    ),
    Function(
        "isIP",
        (function((STRING,), BOOL),),
        is_ip,
        "Whether a text is an address.",
        'isIP("2001:db8::1") && !isIP("10.0.0.0/8")',
    ),
    Function(
        "isCIDR",
        (function((STRING,), BOOL),),
        is_cidr,
        "Whether a text is a range of addresses.",
        'isCIDR("10.0.0.0/8") && !isCIDR("10.0.0.1")',
    ),
    Function(
        "ip.isCanonical",
        (function((STRING,), BOOL),),
        is_canonical,
        "Whether an address is written in its canonical form.",
        'ip.isCanonical("2001:db8::1") && !ip.isCanonical("2001:DB8::1")',
        reads_literals=True,
    ),
    Function(
        "family",
        (method((IP,), INT),),
        lambda address: address.family,
        "4 or 6, the family of an address.",
        'ip("10.0.0.1").family() == 4',
    ),
    _asked(
        "isUnspecified",
        _in_block("unspecified"),
        "Whether an address is 0.0.0.0 or ::.",
        'ip("0.0.0.0").isUnspecified()',
    ),
    _asked(
        "isLoopback",
        _in_block("loopback"),
        "Whether an address means the machine itself.",
        'ip("127.0.0.1").isLoopback()',
    ),
    _asked(
        "isLinkLocalUnicast",
        _in_block("link-local unicast"),
        "Whether an address is of its link alone.",
        'ip("169.254.169.254").isLinkLocalUnicast()',
    ),
    _asked(
        "isLinkLocalMulticast",
        _in_block("link-local multicast"),
        "Whether an address is that of a group on its link.",
        'ip("224.0.0.1").isLinkLocalMulticast()',
    ),
    _asked(
        "isGlobalUnicast",
        is_global_unicast,
        "Whether an address is of one machine and not of its link alone; private ones are.",
        'ip("192.168.0.1").isGlobalUnicast()',
    ),
    Function(
        "containsIP",
        (method((CIDR, IP), BOOL), method((CIDR, STRING), BOOL)),
        contains_ip,
        "Whether an address lies in a range.",
        'cidr("10.0.0.0/8").containsIP("10.1.2.3")',
        trials=(Trial(1, ip),),
    ),
    Function(
        "containsCIDR",
        (method((CIDR, CIDR), BOOL), method((CIDR, STRING), BOOL)),
        contains_cidr,
        "Whether a range lies in another.",
        'cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16")',
        trials=(Trial(1, cidr),),
    ),
    Function(
        "masked",
        (method((CIDR,), CIDR),),
        masked,
        "The range without host bits.",
        'cidr("10.1.2.3/8").masked() == cidr("10.0.0.0/8")',
    ),
    Function(
        "prefixLength",
        (method((CIDR,), INT),),
        lambda network: network.length,
        "The length of the prefix of a range.",
        'cidr("10.0.0.0/8").prefixLength() == 8',
    ),
)
"""The functions of addresses."""
