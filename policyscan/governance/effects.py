"""What a change to a file that steers the gate would do, as far as that is plain to see."""

from __future__ import annotations

import re
from collections import Counter

from policyscan.errors import FileError
from policyscan.text.words import count
from policyscan.text.yaml import Document, read_yaml

_SETTINGS = ("configuration", "profile", "waivers", "controls")
_MOST_KEYS = 5
_PLAIN = re.compile(r"[a-z][a-z0-9_]{0,30}")


def effect_of(role: str, old: bytes | None, new: bytes | None) -> str | None:
    """In a few words; None if nothing changed."""
    if old == new:
        return None
    parts = _keys(old, new) if role in _SETTINGS else []
    before, after = (Counter((each or b"").splitlines()) for each in (old, new))
    for word, number in (
        ("added", (after - before).total()),
        ("removed", (before - after).total()),
    ):
        if number:
            parts.append(f"{count(number, 'line')} {word}")
    return ", ".join(parts) or "lines in another order"


def _keys(old: bytes | None, new: bytes | None) -> list[str]:
    """The top-level keys that say something else."""
    before, after = _top(old), _top(new)
    if before is None or after is None:
        return []
    keys = [
        key for key in before | after if before.get(key) != after.get(key) and _PLAIN.fullmatch(key)
    ]
    return [*keys[:_MOST_KEYS], *(["and more"] if len(keys) > _MOST_KEYS else [])]


def _top(data: bytes | None) -> dict[str, object] | None:
    """The top-level mapping of a file; None if it is not understood."""
    try:
        entry = read_yaml(Document.of("", data or b""))
        return {} if entry is None else {key: one.data() for key, one in entry.entries().items()}
    except FileError:
        return None
