"""Ranges of addresses and of ports, as the text that resources hold: the algebra of sets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from policyscan.language.functions.signatures import MEMO, Function, function
from policyscan.language.types import BOOL, INT, STRING, ListOf, MapOf
from policyscan.resources import cidr as cidrs
from policyscan.resources import ports as port_ranges
from policyscan.resources.addresses import WIDTH, Family, addresses, of_family, public
from policyscan.resources.intervals import size


@lru_cache(MEMO)
def covers(allowed: tuple[str, ...], cidr: str) -> bool:
    """Whether every address of `cidr` lies in the union of `allowed`. Raises ValueError."""
    return cidrs.covers(allowed, cidr)


@lru_cache(MEMO)
def overlaps(one: str, other: str) -> bool:
    """Whether two ranges have an address in common. Raises ValueError."""
    return cidrs.overlaps(one, other)


@lru_cache(MEMO)
def is_public(cidr: str) -> bool:
    """Whether a range has an address of the internet. Raises ValueError."""
    return bool(public(addresses(cidr)))


def wider_than(cidr: str, limits: Mapping[str, int]) -> bool:
    """Whether a range has more addresses than a network of the prefix length that `limits` names
    for its family. Raises ValueError."""
    numbers = addresses(cidr)
    family: Family = "v4" if of_family(numbers, "v4") else "v6"
    if family not in limits:
        return False
    return size(numbers) > 1 << min(max(0, WIDTH[family] - limits[family]), WIDTH[family])


@lru_cache(MEMO)
def other_ports(listed: tuple[str, ...]) -> tuple[str, ...]:
    """All ports that are not listed. Raises ValueError."""
    return port_ranges.other_ports(listed)


_TEXTS = ListOf(STRING)

ROWS = (
    Function(
        "covers",
        (function((_TEXTS, STRING), BOOL),),
        covers,
        "Whether every address of a range lies in the union of others.",
        'covers(["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8")',
    ),
    Function(
        "overlaps",
        (function((STRING, STRING), BOOL),),
        overlaps,
        "Whether two ranges have an address in common.",
        'overlaps("10.0.0.0/8", "10.1.0.0/16")',
        reads_literals=True,
    ),
    Function(
        "is_public",
        (function((STRING,), BOOL),),
        is_public,
        "Whether a range has an address of the internet.",
        'is_public("0.0.0.0/0") && !is_public("10.0.0.0/8")',
        reads_literals=True,
    ),
    Function(
        "wider_than",
        (function((STRING, MapOf(STRING, INT)), BOOL),),
        wider_than,
        "Whether a range has more addresses than a network of the prefix length that is given for "
        "its family.",
        'wider_than("52.84.0.0/16", {"v4": 24, "v6": 56})',
    ),
    Function(
        "other_ports",
        (function((_TEXTS,), _TEXTS),),
        other_ports,
        "All ports that are not listed, as ranges.",
        'other_ports(["443"]) == ["0-442", "444-65535"]',
    ),
)
"""The functions of ranges."""
