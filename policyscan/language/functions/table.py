"""The functions that policies may call, by name; each family has its own module."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from policyscan.language.functions import (
    conversions,
    joins,
    lists,
    networks,
    patterns,
    ranges,
    rules,
    strings,
    times,
)
from policyscan.language.functions.signatures import Function

FAMILIES: Mapping[str, tuple[Function, ...]] = MappingProxyType(
    {
        "Counting": lists.ROWS,
        "Conversions": conversions.ROWS,
        "Strings": strings.ROWS,
        "Regular expressions": patterns.ROWS,
        "Time": times.ROWS,
        "Addresses": networks.ROWS,
        "Ranges": ranges.ROWS,
        "Rules of packet filters": rules.ROWS,
        "Other resources": joins.ROWS,
    }
)
"""In the order and under the headings in which the documentation lists them."""

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {function.name: function for rows in FAMILIES.values() for function in rows}
)

__all__ = ["FAMILIES", "FUNCTIONS", "Function"]
