"""Waivers in comments, as far as it matters that there are others than on the trusted side."""

from __future__ import annotations

import re
from collections import Counter

from policyscan.text.source import Source

_LINE = re.compile(rb"[^\r\n]*policyscan:[ \t]*waive\b[^\r\n]*", re.IGNORECASE)
_WORD = b"waive"


def waiver_lines(data: bytes) -> Counter[bytes]:
    """The lines that may be waivers, without their indentation."""
    if _WORD not in data and _WORD not in data.lower():
        return Counter()
    return Counter(line.strip() for line in _LINE.findall(data))


def lines_of(source: Source) -> Counter[bytes]:
    """The same of a document; asked on each side."""
    return source.once(_lines_of)


def _lines_of(source: Source) -> Counter[bytes]:
    return waiver_lines(source.data)


def effect_of_lines(old: Counter[bytes], new: Counter[bytes]) -> str:
    """What became of them, in a few words."""
    counts = {"added": (new - old).total(), "removed": (old - new).total()}
    parts = [f"{number} {word}" for word, number in counts.items() if number]
    return f"waivers in comments: {', '.join(parts)}"
