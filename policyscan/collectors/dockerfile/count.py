"""Counts the stages of a Dockerfile without its reader, so that the two can be compared."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    rb"(?i)(?:[ \t]*#[ \t]*[a-z][a-z0-9]*[ \t]*=[^\n]*\n)*?[ \t]*#[ \t]*escape[ \t]*=[ \t]*`"
)
_ANNOUNCED = re.compile(
    rb"(?:(?<=\s)|^)\d*<<(-?)(?:\"([^\"<]+)\"|'([^'<]+)'|([^\s<'\"\\]+))(?=\s|$)"
    rb"|\"(?:\\.|[^\"\\])*\"|'[^']*'|\\."
)
"""A here-document; or something else in which `<<` means nothing."""
_WITH_TEXT = (b"RUN", b"COPY", b"ADD")


def count_stages(data: bytes) -> int:
    """The number of FROM lines that are not part of another instruction or a here-document."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    escape = b"`" if _ESCAPE.match(data) else b"\\"
    stages = 0
    joined: list[bytes] = []
    ends: list[tuple[bytes, bytes]] = []
    for line in [*data.split(b"\n"), b"."]:
        if ends:
            tabs, name = ends[-1]
            if line.rstrip(b"\r").lstrip(tabs) == name:
                ends.pop()
            continue
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        if text.endswith(escape) and not text.endswith(escape * 2):
            joined.append(line.rstrip()[:-1])
            continue
        words = b"".join([*joined, line]).split(None, 1)
        stages += words[0].upper() == b"FROM"
        ends = _ends(*words)
        joined = []
    return stages


def _ends(keyword: bytes, arguments: bytes = b"") -> list[tuple[bytes, bytes]]:
    """For each here-document that a line announces, what may precede its end and the end; the
    first comes last."""
    if keyword.upper() == b"ONBUILD":
        keyword, arguments = [*arguments.split(None, 1), b"", b""][:2]
    if keyword.upper() not in _WITH_TEXT or re.search(rb"['\"]", _ANNOUNCED.sub(b"", arguments)):
        return []
    found = [match for match in _ANNOUNCED.finditer(arguments) if match.lastindex]
    return [(b"\t" if match[1] else b"", match[match.lastindex or 0]) for match in found[::-1]]
