"""The values that `.?field`, `[?index]` and `optional.of()` make."""

from __future__ import annotations

from collections.abc import Sized
from datetime import UTC, datetime, timedelta

from msgspec import Struct

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Perhaps(Struct, frozen=True, eq=False):
    """A value that may be absent. One that is there may still be not known."""

    present: bool
    value: object = None
    """None if it is absent."""


ABSENT = Perhaps(present=False)


def is_zero(value: object) -> bool:
    """Whether a plain value is the zero of its type: null, false, 0, empty."""
    if value is None or (isinstance(value, (bool, int, float)) and value == 0):
        return True
    if isinstance(value, (timedelta, datetime)):
        return value in (timedelta(), _EPOCH)
    return isinstance(value, Sized) and len(value) == 0


__all__ = ["ABSENT", "Perhaps", "is_zero"]
