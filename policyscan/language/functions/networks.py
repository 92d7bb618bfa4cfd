"""The functions of the language about networks: from its values to the maths of ranges."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from policyscan.language.functions.answers import Answer, Clue
from policyscan.resources import cidr as cidrs
from policyscan.resources import egress
from policyscan.resources import ports as port_ranges
from policyscan.resources.addresses import WIDTH, Family, addresses, of_family, public
from policyscan.resources.intervals import size
from policyscan.resources.zones import perhaps_different, surely_different
from policyscan.values import PartialList, Ref, Unknown, reason_of

_MEMO = 65_536


@lru_cache(_MEMO)
def covers(allowed: tuple[str, ...], cidr: str) -> bool:
    """Whether every address of `cidr` lies in the union of `allowed`. Raises ValueError."""
    return cidrs.covers(allowed, cidr)


@lru_cache(_MEMO)
def overlaps(one: str, other: str) -> bool:
    """Whether two ranges have an address in common. Raises ValueError."""
    return cidrs.overlaps(one, other)


@lru_cache(_MEMO)
def is_public(cidr: str) -> bool:
    """Whether a range has an address of the internet. Raises ValueError."""
    return bool(public(addresses(cidr)))


def wider_than(cidr: str, limits: Mapping[str, int]) -> bool:
    """Whether a range has more addresses than a network of the prefix length that `limits` names
    for its family. Raises ValueError."""
    numbers = addresses(cidr)
    family: Family = "v4" if of_family(numbers, "v4") else "v6"
    return family in limits and size(numbers) > 1 << max(0, WIDTH[family] - limits[family])


def has_distinct(values: Any, least: Any) -> Answer:
    """Whether there are at least so many different values. Of those that are not known, all may
    differ and all may be one."""
    opened = _opened(values)
    if isinstance(least, Unknown) or not isinstance(values, (tuple, list, PartialList)):
        return Answer(None, reasons=opened or _opened(least))
    members = values.known if isinstance(values, PartialList) else values
    if surely_different(members) >= least:
        return Answer(True)
    if not opened and perhaps_different(members) < least:
        return Answer(False)
    doubts = tuple(reason_of(each) for each in members if isinstance(each, (Unknown, Ref)))
    return Answer(None, reasons=(*doubts, *opened))


@lru_cache(_MEMO)
def other_ports(listed: tuple[str, ...]) -> tuple[str, ...]:
    """All ports that are not listed. Raises ValueError."""
    return port_ranges.other_ports(listed)


def reaches_internet(rules: object, ports: Any, max_public: Any) -> Answer:
    """Whether some of the ports take packets from the internet."""
    open_settings = tuple(each for each in (ports, max_public) if isinstance(each, Unknown))
    if open_settings:
        return Answer(None, reasons=open_settings)
    reach = cidrs.reachable(rules, ports, max_public)
    clues = (
        Clue(
            argument=0,
            index=witness.rule_index,
            rest="" if witness.cidr_index is None else f".cidrs[{witness.cidr_index}]",
            value=witness.cidr,
            note=witness.note,
        )
        for witness in reach.witnesses
    )
    return Answer(reach.answer, tuple(clues), reach.reasons)


def sends_only_to(rules: object, allowed: Any, prefix_lists: Any) -> Answer:
    """Whether the rules let out to the allowed ranges and prefix lists alone."""
    opened = _opened(allowed) + _opened(prefix_lists)
    if opened:
        return Answer(None, reasons=opened)
    return _sending(egress.sends_only_to(rules, allowed, prefix_lists))


def sends_only_on(rules: object, ports: Any) -> Answer:
    """Whether the rules let out over these TCP ports alone."""
    opened = _opened(ports)
    return Answer(None, reasons=opened) if opened else _sending(egress.sends_only_on(rules, ports))


def _opened(setting: Any) -> tuple[Unknown, ...]:
    """Why a list that a configuration gives is not known."""
    if isinstance(setting, Unknown):
        return (setting,)
    return (setting.unknown,) if isinstance(setting, PartialList) else ()


def _sending(sending: egress.Sending) -> Answer:
    clues = (
        Clue(0, breach.rule_index, breach.place, breach.value, breach.note)
        for breach in sending.breaches
    )
    return Answer(sending.answer, tuple(clues), sending.reasons)
