"""The line hash by which GitHub follows an alert when lines above it move.

It is `partialFingerprints.primaryLocationLineHash` of SARIF, as github/codeql-action computes it
(src/fingerprints.ts), so that the value in our file and the one its upload fills in are the same.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from struct import unpack

from policyscan.text.source import Source

WINDOW = 100
"""UTF-16 code units that count, from the start of the line on, over line ends."""

_BASE = 37
_MASK = (1 << 64) - 1
_LINE_FEED = b"\n\0"
_END_OF_FILE = b"\xff\xff"
_BLANKS = {ord(" "): None, ord("\t"): None}


class LineHashes:
    """The hashes of the lines of one document, each computed when it is asked for.

    Making it is linear in the size of the document; whoever needs several lines keeps it.
    """

    def __init__(self, source: Source) -> None:
        text = source.data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        lines = [line.encode("utf-16-le") for line in text.translate(_BLANKS).split("\n")]
        self._units = _LINE_FEED.join(lines) + _END_OF_FILE + bytes(2 * (WINDOW - 1))
        """What is hashed, two bytes each: no blanks, every line end a line feed, then the end mark
        and zeros that fill the last window."""
        self._starts = [0, *accumulate(len(line) + len(_LINE_FEED) for line in lines[:-1])]
        self._occurrences: list[int] = []
        seen: Counter[bytes] = Counter()
        for start in self._starts:
            window = self._window(start)
            seen[window] += 1
            self._occurrences.append(seen[window])

    def __len__(self) -> int:
        return len(self._starts)

    def of_line(self, line: int) -> str:
        """The hash of a line that there is (from 1), as `hash:occurrence`."""
        total = 0
        for unit in unpack(f"<{WINDOW}H", self._window(self._starts[line - 1])):
            total = (total * _BASE + unit) & _MASK
        return f"{total:x}:{self._occurrences[line - 1]}"

    def _window(self, start: int) -> bytes:
        return self._units[start : start + 2 * WINDOW]
