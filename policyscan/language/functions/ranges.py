"""Ranges of addresses and of ports, as the text that resources hold: the algebra of sets.

What is wrong with a text is said without it: it may be a secret that stands in the wrong place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar, Union

from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.signatures import MEMO, Function, Trial, function
from policyscan.language.types import BOOL, INT, STRING, ListOf, MapOf
from policyscan.resources import cidr as cidrs
from policyscan.resources import ports as port_ranges
from policyscan.resources.addresses import WIDTH, Family, addresses, of_family, public
from policyscan.resources.intervals import size

P = ParamSpec("P")
R = TypeVar("R")


def _silent(told: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Says `told` where a text is wrong, in the place of what repeats it."""

    def decorated(call: Callable[P, R]) -> Callable[P, R]:
        @wraps(call)
        def silent(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return call(*args, **kwargs)
            except ValueError:
                raise Fault(told) from None

        return silent

    return decorated


_of_addresses = _silent('not an address range like "10.0.0.0/8"')
_of_ports = _silent('not a port or a range of ports like "1000-2000"')


@_of_addresses
@lru_cache(MEMO)
def covers(allowed: tuple[str, ...], cidr: str) -> bool:
    """Whether every address of `cidr` lies in the union of `allowed`. Raises Fault."""
    return cidrs.covers(allowed, cidr)


@_of_addresses
@lru_cache(MEMO)
def overlaps(one: str, other: str) -> bool:
    """Whether two ranges have an address in common. Raises Fault."""
    return cidrs.overlaps(one, other)


@_of_addresses
@lru_cache(MEMO)
def is_public(cidr: str) -> bool:
    """Whether a range has an address of the internet. Raises Fault."""
    return bool(public(addresses(cidr)))


@_of_addresses
def wider_than(cidr: str, limits: Mapping[str, int]) -> bool:
    """Whether a range has more addresses than a network of the prefix length that `limits` names
    for its family. Raises Fault."""
    numbers = addresses(cidr)
    family: Family = "v4" if of_family(numbers, "v4") else "v6"
    if family not in limits:
        return False
    return size(numbers) > 1 << min(max(0, WIDTH[family] - limits[family]), WIDTH[family])


@_of_ports
@lru_cache(MEMO)
def other_ports(listed: tuple[str, ...]) -> tuple[str, ...]:
    """All ports that are not listed. Raises Fault."""
    return port_ranges.other_ports(listed)


@_of_addresses
def try_ranges(listed: Union[str, tuple[str, ...]]) -> None:
    """Raises Fault for a text that is no range."""
    for text in (listed,) if isinstance(listed, str) else listed:
        addresses(text)


@_of_ports
def try_ports(listed: tuple[str, ...]) -> None:
    """Raises Fault for a text that is no port or range of ports."""
    for text in listed:
        port_ranges.parse_ports(text)


_TEXTS = ListOf(STRING)

ROWS = (
    Function(
        "covers",
        (function((_TEXTS, STRING), BOOL),),
        covers,
        "Whether every address of a range lies in the union of others.",
        'covers(["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8")',
        trials=(Trial(0, try_ranges), Trial(1, try_ranges)),
    ),
    Function(
        "overlaps",
        (function((STRING, STRING), BOOL),),
        overlaps,
        "Whether two ranges have an address in common.",
        'overlaps("10.0.0.0/8", "10.1.0.0/16")',
        trials=(Trial(0, try_ranges), Trial(1, try_ranges)),
    ),
    Function(
        "is_public",
        (function((STRING,), BOOL),),
        is_public,
        "Whether a range has an address of the internet.",
        'is_public("0.0.0.0/0") && !is_public("10.0.0.0/8")',
        trials=(Trial(0, try_ranges),),
    ),
    Function(
        "wider_than",
        (function((STRING, MapOf(STRING, INT)), BOOL),),
        wider_than,
        "Whether a range has more addresses than a network of the prefix length that is given for "
        "its family.",
        'wider_than("52.84.0.0/16", {"v4": 24, "v6": 56})',
        trials=(Trial(0, try_ranges),),
    ),
    Function(
        "other_ports",
        (function((_TEXTS,), _TEXTS),),
        other_ports,
        "All ports that are not listed, as ranges.",
        'other_ports(["443"]) == ["0-442", "444-65535"]',
        trials=(Trial(0, try_ports),),
    ),
)
"""The functions of ranges."""
