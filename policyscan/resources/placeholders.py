"""Texts that stand where a secret will be, and are none."""

from __future__ import annotations

import re

MAX_LENGTH = 200
_LONG_RUN = re.compile(r"[A-Za-z0-9+/]{20,}")
_WORD = re.compile(r"[a-z]+")
_INSTRUCTIONS = frozenset(
    (
        "change changeme replace replaceme placeholder dummy todo fixme tbd fillme insert"
        " updateme your ignoreme"
    ).split()
)
_NOTHING = frozenset(["none", "null", "unset", "empty"])


def is_placeholder(text: str) -> bool:
    """Whether a text is plainly no secret: nothing, or words such as `change me`."""
    words = _WORD.findall(text[: MAX_LENGTH + 1].lower())
    if not words:
        return re.search(r"[0-9]", text) is None
    if len(text) > MAX_LENGTH or _LONG_RUN.search(text):
        return False
    nothing = len(words) == 1 and words[0] in _NOTHING
    return nothing or not _INSTRUCTIONS.isdisjoint(words) or set("".join(words)) == {"x"}


def may_be_placeholder(text: str) -> bool:
    """Whether a text, of which the configuration says that it is replaced later, may be one: no
    part of it is as long as a key."""
    return is_placeholder(text) or _LONG_RUN.search(text) is None
