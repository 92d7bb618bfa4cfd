"""Functions of IP ranges."""

from __future__ import annotations

import ipaddress
import re

from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.functions.table import Table
from policyscan.collectors.terraform.value import Plain

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_RANGE = re.compile(r"[0-9A-Fa-f:.]+/[0-9]{1,3}")


def _network(call: Invocation) -> Network:
    text = call.text(0)
    try:
        if not _RANGE.fullmatch(text):
            raise ValueError(text)
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise call.error("the text is not a range in CIDR notation") from error


def _part(call: Invocation, network: Network, start: int, length: int) -> str:
    """The range of `length` bits that begins at address number `start`."""
    if start > int(network.broadcast_address):
        raise call.error("there is no room for this range")
    address = network.network_address + (start - int(network.network_address))
    return f"{address}/{length}"


def _longer(call: Invocation, network: Network, bits: int) -> int:
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen:
        raise call.error("the prefix is too long for so many bits")
    return length


def _cidrsubnet(call: Invocation) -> Plain:
    network, bits, number = _network(call), call.integer(1), call.integer(2)
    length = _longer(call, network, bits)
    if not 0 <= number < 1 << bits:
        raise call.error("so many bits do not hold this number")
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return _part(call, network, start, length)


def _cidrsubnets(call: Invocation) -> Plain:
    network = _network(call)
    start = int(network.network_address)
    found = []
    for index in range(1, len(call.arguments)):
        bits = call.integer(index)
        if bits < 1:
            raise call.error("at least one bit is needed")
        length = _longer(call, network, bits)
        size = 1 << (network.max_prefixlen - length)
        start = -(-start // size) * size
        found.append(_part(call, network, start, length))
        start += size
    return call.texts(found)


def _cidrhost(call: Invocation) -> Plain:
    network, number = _network(call), call.integer(1)
    if not -network.num_addresses <= number < network.num_addresses:
        raise call.error("the range does not hold this host number")
    return str(network[number])


def _cidrnetmask(call: Invocation) -> Plain:
    network = _network(call)
    if network.version != 4:
        raise call.error("only IPv4 ranges have a netmask")
    return str(network.netmask)


TABLE: Table = {
    "cidrhost": (_cidrhost, 2, 2),
    "cidrnetmask": (_cidrnetmask, 1, 1),
    "cidrsubnet": (_cidrsubnet, 3, 3),
    "cidrsubnets": (_cidrsubnets, 1, None),
}
