"""The words that names are made of."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words_of(text: str) -> tuple[str, ...]:
    """The words and numbers of a name in lower case: `prodTrading-bot1` has four."""
    return tuple(word.lower() for word in _WORD.findall(text))
