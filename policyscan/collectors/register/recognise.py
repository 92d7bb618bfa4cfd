"""Whether a file that is called `keys.yaml` is a register: other programs use the name too."""

from __future__ import annotations

import re
from difflib import get_close_matches

from policyscan.collectors.register.fields import TOP, table
from policyscan.text.yaml import Entry

_OURS = frozenset({"owner", "fingerprint", "function", "environment", "env", "exchange", "used_by"})
"""Fields of which an entry without a `version` above it states one, and another field."""
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
    version = fields.get("version")
    ours = version is not None and version.value == "1"
    return (ours and _has_keys(fields)) or _lists_keys(fields.get("keys"))


def _has_keys(fields: dict[str, Entry]) -> bool:
    """Whether there are keys, or something that is nearly called so."""
    others = [name for name in fields if name not in TOP]
    return "keys" in fields or any(get_close_matches(name, ["keys"], 1, 0.6) for name in others)


def _lists_keys(listed: Entry | None) -> bool:
    items = listed.value if listed is not None else None
    if not isinstance(items, tuple):
        return False
    stated = (item.value.keys() for item in items if isinstance(item.value, dict))
    return any(_OURS & names and len((_OURS | table().keys()) & names) > 1 for names in stated)
