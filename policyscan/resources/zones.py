"""Availability zones: how many of some are certainly different."""

from __future__ import annotations

from collections.abc import Iterable

from policyscan.values import Ref

_SOURCE = "data.aws_availability_zones."


def surely_different(values: Iterable[object]) -> int:
    """How many different ones there are at least. Texts are compared; of the zones that one data
    source lists no two are the same, though their names are not known."""
    everything = list(values)
    groups: dict[str, set[str]] = {}
    for value in everything:
        if isinstance(value, Ref) and _SOURCE in value.address:
            groups.setdefault(value.address.rpartition("[")[0], set()).add(value.address)
        elif isinstance(value, str):
            groups.setdefault("", set()).add(value)
    return max((len(group) for group in groups.values()), default=min(len(everything), 1))
