"""Texts that stand where a secret will be, and are none."""

from __future__ import annotations

import re
from itertools import pairwise

MAX_LENGTH = 200
_LONG_RUN = re.compile(r"[A-Za-z0-9+/]{20,}")
_WORD = re.compile(r"[a-z]+")
_WORDS = frozenset(
    (
        "changeme replaceme updateme fillme insertme ignoreme placeholder dummy todo fixme tbd"
    ).split()
)
_VERBS = frozenset("change replace update fill insert ignore set put".split())
_OBJECTS = frozenset(
    "me this it in here with by after later value your outside manually via".split()
)
_NOTHING = frozenset(["none", "null", "unset", "empty"])


def is_placeholder(text: str) -> bool:
    """Whether a text is plainly no secret: nothing, or words such as `change me`."""
    if len(text) > MAX_LENGTH or _LONG_RUN.search(text):
        return False
    words = _WORD.findall(text.lower())
    if re.search(r"[^\W_]", text) is None or not _WORDS.isdisjoint(words):
        return True
    if len(words) == 1 and text.isalpha() and (words[0] in _NOTHING or set(words[0]) == {"x"}):
        return True
    return any(
        first == "your" or (first in _VERBS and second in _OBJECTS)
        for first, second in pairwise(words)
    )


def may_be_placeholder(text: str) -> bool:
    """Whether a text, of which the configuration says that it is replaced later, may be one: no
    part of it is as long as a key."""
    return is_placeholder(text) or _LONG_RUN.search(text) is None
