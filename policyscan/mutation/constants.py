"""Other constants than those that a policy gives: one more, one less, another text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from policyscan.mutation.model import Hint

Constant = bool | int | float | str

_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*$)")
"""The last number of a text: of `720h`, `1.3`, `20-23`."""
MAX_MEMBERS = 50
"""Members of one list that are left out one by one; of a longer list as many, evenly spread."""


def varied(value: Constant) -> tuple[Constant, ...]:
    """The values next to a constant: of a text that holds a number, those with the next numbers;
    of another, one letter more (a capital, as names of variables are written so)."""
    if isinstance(value, bool):
        return (not value,)
    if not isinstance(value, str):
        return value - 1, value + 1
    found = _NUMBER.search(value)
    if found is None:
        return (f"{value}x" if value else "X",)
    near = (number for number in (int(found[0]) - 1, int(found[0]) + 1) if number >= 0)
    return tuple(f"{value[: found.start()]}{number}{value[found.end() :]}" for number in near)


class Variation(Struct, frozen=True):
    """A default with one change."""

    path: tuple[str | int, ...]
    """Keys and positions that lead to the part that is changed."""
    before: object
    after: object
    """The part; None if it is left out."""
    value: object
    """The whole default as it is then."""
    hint: Hint


def variations(value: object) -> Iterator[Variation]:
    """Every change of a default."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            for inner in variations(member):
                changed = {**value, name: inner.value}
                yield Variation((name, *inner.path), inner.before, inner.after, changed, inner.hint)
    elif isinstance(value, tuple):
        if len(value) > 1:
            yield Variation((), value, (), (), Hint.EMPTIED)
        for place in chosen(len(value)):
            rest = (*value[:place], *value[place + 1 :])
            yield Variation((place,), value[place], None, rest, Hint.LEFT_OUT)
    elif isinstance(value, (bool, int, float, str)):
        hint = {bool: Hint.FLAG, str: Hint.TEXT}.get(type(value), Hint.LIMIT)
        for other in varied(value):
            yield Variation((), value, other, other, hint)


def chosen(length: int) -> tuple[int, ...]:
    """The positions of a list of so many members that are left out one by one: all of them, or
    the first, the last and others evenly between."""
    if length <= MAX_MEMBERS:
        return tuple(range(length))
    return tuple(each * (length - 1) // (MAX_MEMBERS - 1) for each in range(MAX_MEMBERS))
