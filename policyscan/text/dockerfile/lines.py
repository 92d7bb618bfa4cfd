"""Logical lines: what is left when continuation lines are joined, with the way back to the file.

Everything here counts bytes: the document is looked at as Latin-1, in which one byte is one
character and every sign with a meaning is itself. Pieces become UTF-8 text when they are cut out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from policyscan.text.dockerfile.syntax import Word
from policyscan.text.source import Source, Span

BLANKS = " \t\r\f\v"
_BLANK_RUN = re.compile(r"[ \t\r\f\v]*")
_BOM = b"\xef\xbb\xbf"


def decode(text: str) -> str:
    """Latin-1 text as the UTF-8 it is; bytes that are not UTF-8 become U+FFFD."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def skip_blanks(text: str, start: int, end: int) -> int:
    """The first place from `start` on that is not blank."""
    run = _BLANK_RUN.match(text, start, end)
    return run.end() if run else start


class LogicalLine(Struct, frozen=True):
    """One instruction without its here-documents."""

    source: Source
    text: str
    starts: list[int]
    """Where in `text` each physical line begins, and in `offsets` where that is in the file."""
    offsets: list[int]

    def offset(self, position: int) -> int:
        """The place in the file of a place in `text`."""
        segment = bisect_right(self.starts, position) - 1
        return self.offsets[segment] + position - self.starts[segment]

    def span(self, start: int, end: int) -> Span:
        """The range in the file of a range in `text`."""
        first = self.offset(start)
        return self.source.span(first, self.offset(end - 1) + 1 if end > start else first)

    def word(self, start: int, end: int) -> Word:
        """The text of a range and its place."""
        return Word(decode(self.text[start:end]), self.span(start, end))

    def tail(self, start: int) -> LogicalLine:
        """The line from `start` on, for an instruction inside an instruction."""
        segment = bisect_right(self.starts, start) - 1
        return LogicalLine(
            self.source,
            self.text[start:],
            [0, *(begin - start for begin in self.starts[segment + 1 :])],
            [self.offset(start), *self.offsets[segment + 1 :]],
        )


class Lines:
    """The physical lines of a document, taken one after the other."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.data.decode("latin-1")
        self.at = len(_BOM) if source.data.startswith(_BOM) else 0
        self.comments: list[Span] = []

    def take(self) -> tuple[int, int] | None:
        """The range of the next line without its ending; None at the end of the file."""
        if self.at >= len(self.text):
            return None
        start = self.at
        newline = self.text.find("\n", start)
        end = len(self.text) if newline < 0 else newline
        self.at = end if newline < 0 else newline + 1
        return start, start + len(self.text[start:end].rstrip("\r"))

    def directives(self) -> Iterator[tuple[str, str, Span]]:
        """Name, value and place of the lines `# name=value` at the top of the file."""
        while True:
            begin = self.at
            line = self.take()
            match = line and _DIRECTIVE.match(self.text, *line)
            if not line or not match:
                self.at = begin
                return
            name, value = match.group(1).lower(), self.text[match.end() : line[1]].strip(BLANKS)
            span = self.source.span(match.start(1) - 1, line[1])
            if name in ("syntax", "escape", "check"):
                yield name, decode(value), span
            else:
                self.comments.append(span)

    def logical(self, escape: str) -> LogicalLine | None:
        """The next line that is neither blank nor a comment, with its continuations; None at the
        end of the file."""
        while first := self._first():
            line = self._joined(first, escape)
            if line.text.strip(BLANKS):
                return line
        return None

    def _joined(self, first: tuple[int, int], escape: str) -> LogicalLine:
        pieces: list[str] = []
        starts: list[int] = []
        offsets: list[int] = []
        length = 0
        line: tuple[int, int] | None = first
        while line:
            start, end = line
            text = self.text[start:end]
            kept = text.rstrip(" \t")
            continued = kept.endswith(escape) and not kept.endswith(escape * 2)
            if continued:
                text = kept[:-1]
            pieces.append(text)
            starts.append(length)
            offsets.append(start)
            length += len(text)
            line = self._continuation() if continued else None
        return LogicalLine(self.source, "".join(pieces), starts, offsets)

    def _first(self) -> tuple[int, int] | None:
        while line := self.take():
            start, end = self._stripped(line)
            if start == end:
                continue
            if self.text[start] != "#":
                return start, end
            self.comments.append(self.source.span(start, end))
        return None

    def _continuation(self) -> tuple[int, int] | None:
        """The next line that goes on: comments and blank lines in between do not count."""
        while line := self.take():
            start, end = self._stripped(line)
            if start == end:
                continue
            if self.text[start] != "#":
                return line
            self.comments.append(self.source.span(start, end))
        return None

    def _stripped(self, line: tuple[int, int]) -> tuple[int, int]:
        start, end = line
        return skip_blanks(self.text, start, end), end


_DIRECTIVE = re.compile(r"[ \t\r\f\v]*#[ \t\r\f\v]*([a-zA-Z][a-zA-Z0-9]*)[ \t\r\f\v]*=(?=[^\n]*\S)")
