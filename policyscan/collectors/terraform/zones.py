"""The availability zones that a data source lists: their names are not known, and still no two
are the same."""

from __future__ import annotations

from dataclasses import replace

from policyscan.values import Ref, Unknown

_LISTS = frozenset({"names", "zone_ids"})
_SURELY_THERE = 2
"""How many zones every region has."""


def is_list_of_zones(value: object) -> bool:
    """Whether a value is such a list."""
    of = value.of if isinstance(value, Unknown) else None
    return of is not None and of.attribute in _LISTS and _is_source(of.address)


def _is_source(address: str) -> bool:
    """Whether the last part of an address but one says so; a label holds no dot."""
    return address.rpartition(".")[0].endswith("data.aws_availability_zones")


def zone(listed: Unknown, index: int) -> Unknown:
    """One zone of such a list."""
    assert listed.of is not None
    of = Ref(f"{listed.of.address}.{listed.of.attribute}[{index}]", "name", listed.of.where)
    return replace(listed, needs=f"{listed.needs}[{index}]", of=of)


def zone_around(listed: Unknown, index: int) -> Unknown | None:
    """As `zone`, where the index starts again behind the end of the list; None if it may."""
    return zone(listed, index) if 0 <= index < _SURELY_THERE else None
