"""Words that several formats use."""

from __future__ import annotations

from policyscan.findings.model import Location
from policyscan.text.display import path_text


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 gap`, `3 gaps`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def spot(location: Location | None) -> str:
    """`path:line:column`, safe to show on one line; empty without a place."""
    if location is None:
        return ""
    return f"{path_text(location.path)}:{location.start_line}:{location.start_column}"
