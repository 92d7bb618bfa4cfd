"""A Markdown page that is cut by section to stay within a size, and says how much it left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

_NOTE = "*{:,} more in the report.*"
_SPARE = len(_NOTE) + 16
"""Bytes of the longest note with its line feeds."""


class Section(Struct, frozen=True):
    """A part of the page: its head, and items of which as many are shown as there is room for."""

    head: str
    items: Sequence[str] = ()
    tail: str = ""
    most: int = 10_000
    """Items that are shown at most."""
    between: str = "\n\n"
    """Between two items."""

    @property
    def frame(self) -> int:
        """Bytes that it takes without its items."""
        return _size(self.head) + _size(self.tail) + _SPARE


def details(summary: str, items: Sequence[str], most: int, between: str = "\n") -> Section:
    """A section that is folded; `summary` is words of ours."""
    head = f"<details>\n<summary>{summary}</summary>"
    return Section(head, items, "</details>", most, between)


def fitted(sections: Iterable[Section], limit: int) -> bytes:
    """The page in at most `limit` bytes of UTF-8; what comes first gets the room."""
    every = list(sections)
    room = limit - sum(section.frame for section in every)
    parts = []
    for section in every:
        shown = []
        for item in section.items[: section.most]:
            size = _size(item) + len(section.between)
            if size > room:
                break
            room -= size
            shown.append(item)
        left = len(section.items) - len(shown)
        note = _NOTE.format(left) if left else ""
        body = section.between.join(shown)
        parts += [part for part in (section.head, body, note, section.tail) if part]
    return "\n\n".join(parts).encode() + b"\n"


def _size(text: str) -> int:
    return len(text.encode()) + 2
