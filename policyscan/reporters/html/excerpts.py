"""The lines of an excerpt, cut at the borders of what is marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policyscan.findings import Excerpt


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text on one line."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def marked(self) -> bool:
        """Whether any of it is the offending part."""
        return any(piece.marked for piece in self.pieces)


def excerpt_lines(excerpt: Excerpt) -> Iterator[Line]:
    """The lines in order; marks that overlap are joined, marks beyond a line are cut."""
    for number, text in enumerate(excerpt.lines, excerpt.first_line):
        ranges = sorted((m.start, m.end) for m in excerpt.marks if m.line == number)
        yield Line(number, tuple(_pieces(text, ranges)))


def _pieces(text: str, ranges: list[tuple[int, int]]) -> Iterator[Piece]:
    position = 0
    for start, end in ranges:
        begin, stop = max(start, position), min(end, len(text))
        if begin >= stop:
            continue
        if begin > position:
            yield Piece(text[position:begin], False)
        yield Piece(text[begin:stop], True)
        position = stop
    if position < len(text):
        yield Piece(text[position:], False)
