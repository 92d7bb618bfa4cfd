"""What a lifted function of the language says, and the evidence that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from policyscan.values import PartialList, Ref, Unknown, reason_of


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
    """Why a value, or any part of a list or map, is not known; empty if all of it is."""
    if isinstance(setting, (Unknown, Ref, PartialList)):
        return (reason_of(setting),)
    if isinstance(setting, Mapping):
        setting = tuple(setting.values())
    if isinstance(setting, (tuple, list)):
        return next(filter(None, map(why_open, setting)), ())
    return ()
