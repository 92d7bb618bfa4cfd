"""One pattern for many words: a text is gone through once, not once for each."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import groupby


def any_of(words: Collection[bytes]) -> re.Pattern[bytes]:
    """Matches each of the words; none may be empty or begin with another. What several begin with
    stands once in the pattern, so that no byte of a text is compared with each of them."""
    return re.compile(_branches(sorted(words)))


def _branches(words: list[bytes]) -> bytes:
    """The words in order, as a pattern without capturing groups."""
    begun = [
        re.escape(first) + _branches([word[1:] for word in group])
        for first, group in groupby(words, key=lambda word: word[:1])
        if first
    ]
    return begun[0] if len(begun) == 1 else b"(?:" + b"|".join(begun) + b")" if begun else b""
