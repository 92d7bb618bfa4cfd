"""The availability zones that a data source lists: their names are not known, and still no two
are the same."""

from __future__ import annotations

from policyscan.text.hcl.syntax import Block
from policyscan.values import Ref

_LISTS = frozenset({"names", "zone_ids"})
_SURELY_THERE = 2
"""How many zones every region has."""


def lists_zones(block: Block, attribute: str) -> bool:
    """Whether an attribute of this block is such a list."""
    is_source = block.type == "data" and block.labels[0] == "aws_availability_zones"
    return is_source and attribute in _LISTS


def is_list_of_zones(value: object) -> bool:
    """Whether a value refers to such a list."""
    return (
        isinstance(value, Ref)
        and value.attribute in _LISTS
        and "data.aws_availability_zones." in value.address
    )


def zone(listed: Ref, index: int) -> Ref:
    """One zone of such a list."""
    return Ref(f"{listed.address}.{listed.attribute}[{index}]", "name", listed.where)


def zone_around(listed: Ref, index: int) -> Ref | None:
    """As `zone`, where the index starts again behind the end of the list; None if it may."""
    return zone(listed, index) if 0 <= index < _SURELY_THERE else None
