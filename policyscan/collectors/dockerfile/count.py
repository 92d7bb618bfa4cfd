"""Counts the stages of a Dockerfile without its reader, so that the two can be compared."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    rb"(?i)(?:[ \t]*#[ \t]*[a-z][a-z0-9]*[ \t]*=[^\n]*\n)*?[ \t]*#[ \t]*escape[ \t]*=[ \t]*`"
)
_ANNOUNCED = re.compile(
    rb"(?:(?<=\s)|^)\d*<<-?(?:\"([^\"\s<]+)\"|'([^'\s<]+)'|([^\s<'\"\\]+))(?=\s|$)"
    rb"|\"(?:\\.|[^\"\\])*\"|'[^']*'|\\."
)
_BODIES = (b"RUN", b"COPY", b"ADD")


def count_stages(data: bytes) -> int:
    """The number of FROM lines that are not part of another instruction or a here-document."""
    stages = 0
    data = data.removeprefix(b"\xef\xbb\xbf")
    escape = b"`" if _ESCAPE.match(data) else b"\\"
    logical: list[bytes] = []
    waiting: list[bytes] = []
    for line in data.split(b"\n"):
        if waiting:
            if line.rstrip(b"\r").lstrip(b"\t") == waiting[0]:
                waiting.pop(0)
            continue
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        if text.endswith(escape) and not text.endswith(escape * 2):
            logical.append(line.rstrip()[:-1])
            continue
        words = b"".join([*logical, line]).split(None, 2)
        stages += words[0].upper() == b"FROM"
        waiting = _terminators(words)
        logical = []
    words = b"".join(logical).split(None, 1)
    return stages + (words[:1] != [] and words[0].upper() == b"FROM")


def _terminators(words: list[bytes]) -> list[bytes]:
    keyword, *rest = words
    if keyword.upper() == b"ONBUILD" and rest:
        keyword, *rest = rest
    if keyword.upper() not in _BODIES:
        return []
    found = _ANNOUNCED.finditer(b" ".join(rest))
    return [name for match in found if (name := next(filter(None, match.groups()), b""))]
