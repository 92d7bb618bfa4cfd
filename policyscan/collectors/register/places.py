"""From places in the text of a register to spans, which count bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, chain

from policyscan.errors import FileError
from policyscan.text.source import Source, Span
from policyscan.text.yaml import Document, Entry

_BOM = b"\xef\xbb\xbf"


class Places:
    """The places of one register."""

    def __init__(
        self, document: Document, source: Source, hidden: Sequence[tuple[int, int]] = ()
    ) -> None:
        """`source` holds the text of `document`, perhaps after a byte order mark; `hidden` are the
        ranges of the text that were filled, sorted and disjoint."""
        self._ends = [end for _, end in hidden]
        self._starts = [start for start, _ in hidden]
        self._document = document
        self._text = document.text
        self.source = source
        self._bom = len(_BOM) if source.data.startswith(_BOM) else 0

    @cached_property
    def _offsets(self) -> list[int] | None:
        """By code point, its offset in bytes; None if they are the same."""
        if self._text.isascii():
            return None
        sizes = (len(char.encode("utf-8", "surrogatepass")) for char in self._text)
        return list(accumulate(chain((0,), sizes)))

    def span(self, start: int, end: int) -> Span:
        """The range between two code points."""
        return Span(self.source, self._byte(start), self._byte(end))

    def of(self, entry: Entry) -> Span:
        """A value as it is written; a list or mapping to the end of its last member."""
        return self.span(entry.start, _end(entry))

    def hides(self, entry: Entry) -> bool:
        """Whether a part of a value was filled."""
        first = bisect_right(self._ends, entry.start)
        return first < len(self._starts) and self._starts[first] < _end(entry)

    def at(self, error: FileError) -> Span:
        """What an error is about, to the end of its line."""
        start = self._document.offset(error.line, error.column)
        line = self._text[start:].partition("\n")[0].rstrip()
        return self.span(start, start + max(len(line), 1))

    def _byte(self, offset: int) -> int:
        within = self._offsets
        return self._bom + (offset if within is None else within[min(offset, len(within) - 1)])


def _end(entry: Entry) -> int:
    value = entry.value
    members = list(value.values()) if isinstance(value, dict) else value
    if isinstance(members, (list, tuple)) and members:
        return max(_end(member) for member in members)
    return entry.end
