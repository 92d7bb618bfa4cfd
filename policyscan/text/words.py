"""The words that names are made of, and names as words."""

from __future__ import annotations

import re

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def commit_words(name: str) -> str:
    """What a commit is called, its whole id cut to 12 characters."""
    return name[:12] if _ID.fullmatch(name) else name


def words_of(text: str) -> tuple[str, ...]:
    """The words and numbers of a name in lower case: `prodTrading-bot1` has four."""
    return tuple(word.lower() for word in _WORD.findall(text))
