"""A document as it was read, and ranges inside it.

Ranges are byte offsets. Lines and columns are computed only when somebody wants to see them; a
column is 1-based and counts UTF-16 code units, the unit of SARIF and of editors.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

T = TypeVar("T")


class Source:
    """The bytes of one document under a stable name (a path relative to the tree, with `/`)."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        """Undecodable bytes of a file name appear as surrogate escapes (PEP 383)."""
        self.data = data
        self.is_shared = False
        """Whether other trees of the run may hold it too: then what is made of it is kept."""
        self._made: dict[object, object] = {}

    def once(self, make: Callable[[Source], T]) -> T:
        """What a function makes of this document and nothing else: done once if it is shared. What
        it makes must never be changed."""
        if not self.is_shared:
            return make(self)
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]  # type: ignore[return-value]

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {len(self.data)} bytes)"

    @cached_property
    def sha256(self) -> str:
        """The digest of the bytes as read, in lower-case hex."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def line_starts(self) -> list[int]:
        """The byte offset at which each line begins; lines end with LF, CRLF or a lone CR."""
        starts = [0]
        data = self.data
        position = data.find(b"\n")
        if b"\r" not in data:
            while position >= 0:
                starts.append(position + 1)
                position = data.find(b"\n", position + 1)
            return starts
        size = len(data)
        for index, byte in enumerate(data):
            if byte == 10 or (byte == 13 and not (index + 1 < size and data[index + 1] == 10)):
                starts.append(index + 1)
        return starts

    def line_of(self, offset: int) -> int:
        """The 1-based line that holds `offset`."""
        return bisect_right(self.line_starts, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and UTF-16 column of `offset`."""
        line = self.line_of(offset)
        prefix = self.data[self.line_starts[line - 1] : offset]
        if prefix.isascii():
            return line, len(prefix) + 1
        text = prefix.decode("utf-8", "replace")
        return line, len(text) + sum(char > "\uffff" for char in text) + 1

    def line_text(self, line: int) -> str:
        """Line `line` (1-based) without its ending; bytes that are not UTF-8 become U+FFFD."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.data)
        return self.data[start:end].decode("utf-8", "replace").rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """The range from `start` to `end`, exclusive."""
        return Span(self, start, end)

    def whole(self) -> Span:
        """The whole document."""
        return Span(self, 0, len(self.data))


@dataclass(frozen=True, slots=True)
class Span:
    """A range of bytes in a source: `start` inclusive, `end` exclusive."""

    source: Source
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Span({self.place}, {self.text!r})"

    @property
    def text(self) -> str:
        """The text of the range; bytes that are not UTF-8 become U+FFFD."""
        return self.source.data[self.start : self.end].decode("utf-8", "replace")

    @property
    def line(self) -> int:
        """The 1-based line on which the range starts."""
        return self.source.line_of(self.start)

    @property
    def place(self) -> str:
        """`path:line`, for messages."""
        return f"{self.source.path}:{self.line}"

    def to(self, other: Span) -> Span:
        """The range from the start of this one to the end of `other`, in the same source."""
        return Span(self.source, self.start, max(self.end, other.end))
