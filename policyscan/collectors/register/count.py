"""Counts the entries of a register in the events of its text, for the books."""

from __future__ import annotations

from typing import Any


def count_entries(text: str) -> int:
    """How many members the list `keys` at the top has."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = depth = 0
    words: list[str] = []
    """The scalars at the depth of the top mapping: keys and values in turn."""
    inside = False
    for event in yaml.parse(text, Loader=loader):
        opens, closes = _steps(event)
        if depth == 1 and not closes:
            words.append(getattr(event, "value", ""))
            listed = type(event).__name__ == "SequenceStartEvent" and len(words) % 2 == 0
            inside = listed and words[-2] == "keys"
        elif depth == 2 and inside and not closes:
            found += 1
        depth += opens - closes
        if closes and depth == 0:
            break
    return found


def _steps(event: Any) -> tuple[bool, bool]:
    """Whether an event begins or ends a list or mapping."""
    kind = type(event).__name__
    return (
        kind in ("SequenceStartEvent", "MappingStartEvent"),
        kind in ("SequenceEndEvent", "MappingEndEvent"),
    )
