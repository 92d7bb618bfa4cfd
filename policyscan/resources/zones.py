"""Availability zones: how many of some are different."""

from __future__ import annotations

from collections.abc import Iterable

from policyscan.values import Ref, Unknown

_SOURCE = "data.aws_availability_zones."


def surely_different(values: Iterable[object]) -> int:
    """How many different ones there are at least. Texts are compared; of the zones that one data
    source lists no two are the same, though their names are not known."""
    everything = list(values)
    groups: dict[str, set[str]] = {}
    for value in everything:
        if isinstance(value, str):
            groups.setdefault("", set()).add(value)
        elif (address := _listed(value)) is not None:
            groups.setdefault(address.rpartition("[")[0], set()).add(address)
    return max((len(group) for group in groups.values()), default=min(len(everything), 1))


def perhaps_different(values: Iterable[object]) -> int:
    """How many different ones there are at most."""
    everything = list(values)
    texts = {value for value in everything if isinstance(value, str)}
    named = {str(ref) for value in everything if (ref := _identity(value)) is not None}
    others = [v for v in everything if not isinstance(v, str) and _identity(v) is None]
    return len(texts) + len(named) + len(others)


def _identity(value: object) -> Ref | None:
    """What it is, if that is one thing: an instance of unknown number may be any."""
    of = value.of if isinstance(value, Unknown) else value
    return of if isinstance(of, Ref) and "[?]" not in of.address else None


def _listed(value: object) -> str | None:
    """The address of a zone that a data source lists."""
    of = _identity(value)
    return of.address if of is not None and _SOURCE in of.address else None
