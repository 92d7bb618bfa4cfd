"""Which collectors can fill a kind: what each says of itself, the installed ones included."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from policyscan.plugins import live_collectors, load_collectors, load_live_collector

OWN_SOURCES: Mapping[str, str] = {"NetworkAllowList": "configuration", "GateFile": "comparison"}
"""Kinds that no collector fills: what `policyscan.yaml` states, and what a change does to the files
that steer the gate."""


@cache
def collector_kinds() -> Mapping[str, tuple[str, ...]]:
    """The kinds that each source fills, by its name: collectors of files, then live ones, then what
    needs none."""
    found = {each.name: tuple(each.kinds) for each in load_collectors()}
    live = (load_live_collector(name) for name in live_collectors())
    found |= {each.name: tuple(each.kinds) for each in live}
    for kind, name in OWN_SOURCES.items():
        found[name] = (*found.get(name, ()), kind)
    return found


def sources_of(kind: str) -> tuple[str, ...]:
    """The names of the sources that fill a kind."""
    return tuple(name for name, kinds in collector_kinds().items() if kind in kinds)
