"""The line hash by which GitHub follows an alert when lines above it move.

It is `partialFingerprints.primaryLocationLineHash` of SARIF, as github/codeql-action computes it
(src/fingerprints.ts), so that the value in our file and the one its upload fills in are the same.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from itertools import repeat
from struct import iter_unpack

from policyscan.text.source import Source

WINDOW = 100
"""UTF-16 code units that count, from the start of the line on, over line ends."""

_BASE = 37
_MASK = (1 << 64) - 1
_BASE_TO_WINDOW = pow(_BASE, WINDOW, 1 << 64)
_END_OF_FILE = 65535
_LINE_FEED = 10
_BLANKS = {ord(" "): None, ord("\t"): None}


def line_hashes(source: Source) -> tuple[str, ...]:
    """The hash of every line of `source` (the first line at index 0), as `hash:occurrence`.

    Linear in the size of the document; whoever needs several lines keeps the result.
    """
    seen: Counter[str] = Counter()
    hashes = []
    for value in _windows(_units(source.data)):
        text = f"{value:x}"
        seen[text] += 1
        hashes.append(f"{text}:{seen[text]}")
    return tuple(hashes)


def _units(data: bytes) -> Iterator[int]:
    """The code units that are hashed: no blanks, every line end a line feed, then the end mark
    and zeros that fill the last window."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    for (unit,) in iter_unpack("<H", text.translate(_BLANKS).encode("utf-16-le")):
        yield unit
    yield _END_OF_FILE
    yield from repeat(0, WINDOW - 1)


def _windows(units: Iterator[int]) -> Iterator[int]:
    """The polynomial hash of the window that begins at each line start, in order."""
    total = 0
    starts = deque([(0, 0)])
    for end, unit in enumerate(units, 1):
        total = (total * _BASE + unit) & _MASK
        if starts and end - starts[0][0] == WINDOW:
            yield (total - starts.popleft()[1] * _BASE_TO_WINDOW) & _MASK
        if unit == _LINE_FEED:
            starts.append((end, total))
