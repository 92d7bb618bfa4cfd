"""Whether a file that is called `keys.yaml` is a register: other programs use the name too."""

from __future__ import annotations

import re
from collections.abc import KeysView, Sequence
from difflib import get_close_matches

from policyscan.collectors.register.fields import TOP, table
from policyscan.text.yaml import Entry

_OURS = frozenset({"owner", "fingerprint", "function", "environment", "env", "exchange", "used_by"})
"""Fields of which an entry without a `version` above it states one, and another field."""
_SAMPLE = 50
"""Entries, and names in them, that are looked at."""
_LINES = (re.compile(rb"(?m)^keys[ \t]*:"), re.compile(rb"(?m)^version[ \t]*:[ \t]*[\"']?1\b"))


def may_be_register(data: bytes) -> bool:
    """Whether text that is no YAML was meant for a register."""
    text = data.replace(b"\0", b"").lstrip(b"\xff\xfe\xef\xbb\xbf")  # UTF-16, a byte order mark
    return all(pattern.search(text) for pattern in _LINES)


def is_register(top: Entry) -> bool:
    """Whether a document is a register, perhaps one with mistakes."""
    fields = top.value
    if not isinstance(fields, dict):
        return False
    listed = fields.get("keys")
    items = listed.value if listed is not None and isinstance(listed.value, tuple) else ()
    names = [item.value.keys() for item in items if isinstance(item.value, dict)]
    version = fields.get("version")
    if version is not None and version.value == "1":
        return _has_keys(fields) and not _others(names)
    return any(_OURS & each and len((_OURS | table().keys()) & each) > 1 for each in names)


def _has_keys(fields: dict[str, Entry]) -> bool:
    """Whether there are keys, or something that is nearly called so."""
    others = [name for name in fields if name not in TOP]
    return "keys" in fields or any(get_close_matches(name, ["keys"], 1, 0.6) for name in others)


def _others(entries: Sequence[KeysView[str]]) -> bool:
    """Whether the entries are those of another program: none states what only ours do, and most of
    what they state means nothing here."""
    stated = list(dict.fromkeys(name for entry in entries[:_SAMPLE] for name in entry))[:_SAMPLE]
    foreign = sum(not get_close_matches(name, table(), 1, 0.6) for name in stated)
    return _OURS.isdisjoint(stated) and 2 * foreign > len(stated)
