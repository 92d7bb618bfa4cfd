"""Whether two resources are the same in all that anything could be made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from msgspec import Struct
from pydantic import BaseModel

_PLAIN = (str, bytes, int, type(None), Enum)
_WRITTEN = (float, date, time, timedelta, IPv4Address, IPv4Network, IPv6Address, IPv6Network)
"""Of these, some are equal that do not look the same: 0.0 and -0.0, one moment in two zones."""


def alike(one: Any, other: Any) -> bool:
    """Whether two values are of the same types throughout, hold the same in the same order, and
    were read from the same documents. What is not known to be so is not alike."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, _PLAIN):
        return bool(one == other)
    if isinstance(one, _WRITTEN):
        return repr(one) == repr(other)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, Mapping):
        return alike([*one.items()], [*other.items()])
    if isinstance(one, (set, frozenset)):
        return bool(one == other) and all(isinstance(each, str) for each in (*one, *other))
    names = _names(one)
    return names is not None and all(
        alike(getattr(one, name), getattr(other, name)) for name in names
    )


def _names(value: object) -> tuple[str, ...] | None:
    """The names of all that a structure holds; None for what is none."""
    if isinstance(value, BaseModel):
        return tuple(type(value).model_fields)
    if isinstance(value, Struct):
        return value.__struct_fields__
    if is_dataclass(value):
        return tuple(each.name for each in fields(value))
    return None
