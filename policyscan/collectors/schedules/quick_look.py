"""A quick look at a workflow: whether it may be a job that rotates something."""

from __future__ import annotations

import re

_SIGNS = re.compile(rb"(?i)rotat|rekey|regenerate|reissue|roll-?_?over|\broll\b")


def may_rotate(data: bytes) -> bool:
    """Whether a workflow holds the words without which it has no schedule or rotates nothing."""
    is_utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return is_utf_16 or (b"schedule" in data and _SIGNS.search(data) is not None)
