"""Text made safe to show: whatever could steer a terminal, a log or a reader's eye becomes a
visible escape. Escaping is for display; it cannot be reversed, because `\\` itself stays."""

from __future__ import annotations

import re
import unicodedata

# C0 (but \t and \n), DEL and C1; then whatever Unicode calls default ignorable, which nobody sees:
# soft hyphen, zero-width characters, directional marks, embeddings, overrides and isolates,
# fillers, variation selectors, tags (invisible ASCII). Then line and paragraph separators,
# interlinear annotations, noncharacters (some XML tools drop them) and surrogates.
UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
    "\u2028\u2029\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
) + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
"""The members of a set of a regular expression, line feed and tab left out."""
MOST_MARKS = 4
"""Accents on one letter that are shown; no script needs more, and a pile of them covers the lines
around it."""
_MARKS = ("Mn", "Me")
_PILES = re.compile(f"[\u0300-\U0010ffff]{{{MOST_MARKS + 1},}}")
"""Where there may be too many: all marks are among these."""
_MULTI_LINE = re.compile(f"[{UNSEEN}]")
_SINGLE_LINE = re.compile(f"[\t\n{UNSEEN}]")
_UP_TO_SPACE = re.compile(r"(?s)(.*)\s")
_UNDECODABLE = re.compile("[\udc80-\udcff]")

_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def visible(text: str) -> str:
    """`text` with every character that cannot be seen written as an escape (`\\x1b`, `\\u202e`),
    and every accent of a letter that has `MOST_MARKS` already; line feeds and tabs stay. The result
    can be encoded as UTF-8 and is legal in XML."""
    if text.isascii() and text.isprintable():  # of most texts, and much quicker to tell
        return text
    return _without_piles(_MULTI_LINE.sub(_escape, text) if _MULTI_LINE.search(text) else text)


def one_line(text: str) -> str:
    """`visible` text on one line: line feeds and tabs are escaped as well."""
    if text.isascii() and text.isprintable():
        return text
    return _without_piles(_SINGLE_LINE.sub(_escape, text) if _SINGLE_LINE.search(text) else text)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of a text, cut between words: a secret that was cut could not be
    recognised and masked any more."""
    if len(text) <= limit:
        return text
    words = _UP_TO_SPACE.match(text, 0, limit + 1)
    return f"{words[1] if words else ''} …"


def clipped(text: str, limit: int) -> str:
    """At most `limit` characters of a text in which nothing is left to mask."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def path_text(path: str) -> str:
    """A path for people, on one line; a byte of the name that is not UTF-8 (a surrogate escape,
    PEP 383) shows as that byte, `\\xff`."""
    return one_line(_UNDECODABLE.sub(_byte, path))


def _without_piles(text: str) -> str:
    return _PILES.sub(_lower, text) if _PILES.search(text) else text


def _lower(match: re.Match[str]) -> str:
    shown: list[str] = []
    marks = 0
    for char in match[0]:
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        shown.append(char if marks <= MOST_MARKS else _code(char))
    return "".join(shown)


def _byte(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]) - 0xDC00:02x}"


def _escape(match: re.Match[str]) -> str:
    return _code(match[0])


def _code(char: str) -> str:
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
