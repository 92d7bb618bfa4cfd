"""What a lifted function of the language says, and the evidence that it names."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from policyscan.values import PartialList, Unknown


class Clue(Struct, frozen=True):
    """Evidence that a lifted function names: a place inside one of its arguments."""

    argument: int
    index: int
    """The member of that argument, which is a list."""
    rest: str
    """The way on inside the member: `.cidrs[0]`, or empty."""
    value: object
    note: str


class Answer(Struct, frozen=True):
    """What a lifted function says; `value` is None if it cannot be told, for `reasons`."""

    value: bool | None
    clues: tuple[Clue, ...] = ()
    reasons: tuple[Unknown, ...] = ()


def why_open(setting: Any) -> tuple[Unknown, ...]:
    """Why a value or a list is not known, or not whole; empty if it is."""
    if isinstance(setting, Unknown):
        return (setting,)
    return (setting.unknown,) if isinstance(setting, PartialList) else ()
