"""A text in every string of a report, whatever fields a report has."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from policyscan.findings import Report

Place = Callable[[str], str]
"""What becomes of a string."""


def attacked(report: Report, place: Place, *, filled: bool = True) -> Report:
    """The report with `place` applied to every string; what is empty is filled first, so that no
    field is left out, unless it is to stay empty. Enumerations stay as they are."""
    made: Report = _attack(report, Report, place, filled)
    return replace(made, schema=report.schema)


def either_side(text: str) -> Place:
    """`text` at the beginning of about half of the strings, and at the end of the others; equal
    strings stay equal."""
    return lambda value: (
        text + value if crc32(value.encode("utf-8", "replace")) & 1 else value + text
    )


def mixed(strings: Sequence[str], turn: int) -> Place:
    """One of `strings` at the beginning or at the end of each string, which one by the string and
    the turn: each turn puts another into each place. Equal strings stay equal."""

    def place(value: str) -> str:
        number = crc32(value.encode("utf-8", "replace"))
        text = strings[(number // 2 + turn) % len(strings)]
        return text + value if (number + turn) & 1 else value + text

    return place


def strings_of(value: Any) -> list[str]:
    """Every string of a report."""
    if isinstance(value, Enum):
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for pair in value.items() for text in strings_of(pair)]
    if isinstance(value, (tuple, list)):
        return [text for member in value for text in strings_of(member)]
    if isinstance(value, Struct):
        return [t for name in value.__struct_fields__ for t in strings_of(getattr(value, name))]
    return []


def _attack(value: Any, hint: Any, place: Place, filled: bool) -> Any:
    if value is None or (isinstance(value, (tuple, Mapping)) and not value):
        return _made(hint, place) if filled else value
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return place(value)
    inner = get_args(hint) or (Any, Any)
    if isinstance(value, Mapping):
        of_key, of_value = inner
        return {
            _attack(k, of_key, place, filled): _attack(v, of_value, place, filled)
            for k, v in value.items()
        }
    if isinstance(value, (tuple, list)):
        return type(value)(_attack(member, inner[0], place, filled) for member in value)
    if isinstance(value, Struct):
        hints = _hints(type(value))
        fields = value.__struct_fields__
        changed = {
            name: _attack(getattr(value, name), hints[name], place, filled) for name in fields
        }
        return replace(value, **changed)
    return value


def _made(hint: Any, place: Place) -> Any:
    """The simplest value of a type that holds a string, if one can."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _made(next(each for each in inner if each is not types.NoneType), place)
    if origin is tuple:
        return (_made(inner[0], place),)
    if origin is not None and issubclass(origin, Mapping):
        return {_made(inner[0], place): _made(inner[1], place)}
    if hint in (str, Any):
        return place("made")
    if issubclass(hint, Enum):
        return next(iter(hint))
    if issubclass(hint, Struct):
        hints = _hints(hint)
        return hint(
            **{
                name: () if _holds(each, hint) else _made(each, place)
                for name, each in hints.items()
            }
        )
    return hint(1)


def _holds(hint: Any, kind: type) -> bool:
    """Whether it is of things of a kind, so that one of that kind would have no end."""
    return kind in get_args(hint)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
