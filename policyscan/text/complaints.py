"""What a complaint about a text that a person wrote is made of: where it is, what stands there, and
what was perhaps meant."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from policyscan.text.display import visible

_SHOWN = 120
"""Characters of a line that a snippet shows."""


class Place(Struct, frozen=True):
    """A point of a file: 1-based line and column, and the text of the line."""

    line: int
    column: int
    text: str


def snippet(place: Place, width: int = 1) -> str:
    """The line of `place` with carets under `width` characters of it; a long line is cut around the
    place."""
    start = place.column - 1
    left = max(0, start - _SHOWN // 2) if len(place.text) > _SHOWN else 0
    shown = place.text[left : left + _SHOWN].replace("\t", " ").rstrip()
    margin = len(shown) - len(shown.lstrip())
    at = start - left
    indent, carets = _columns(shown[margin:at]), _columns(shown[at : at + max(1, width)])
    indent += max(0, at - max(len(shown), margin))
    return f"{shown[margin:]}\n{' ' * indent}{'^' * max(1, carets)}"


def _columns(text: str) -> int:
    """The columns of a terminal that `text` takes, as it is made visible there."""
    if text.isascii() and text.isprintable():
        return len(text)
    import unicodedata

    def width(char: str) -> int:
        if unicodedata.combining(char):
            return 0
        return 1 + (unicodedata.east_asian_width(char) in ("W", "F"))

    return sum(map(width, visible(text)))


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` if one of `known` is close to `word`, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def choices(word: str, known: Iterable[str]) -> str:
    """The suggestion for `word`, or else all that is known."""
    words = tuple(known)
    return suggestion(word, words) or f"; write one of {', '.join(words)}"
