"""The text inside quotes and heredocs: escapes, indentation, strip markers, directives.

Terraform's scanner cuts the text of a heredoc into one literal per line, and a strip marker as well
as the removal of indentation act on such a literal. The order below (cut, strip, unindent) is the
one of its parser, because the result depends on it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))|([$%])\4\{", re.DOTALL)
_TEMPLATE_ESCAPE = re.compile(r"([$%])\1\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class EscapeError(ValueError):
    """An escape sequence that HCL does not know, at bytes `start` to `end` of the text."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__(
            "invalid escape sequence in a string; known are "
            r"\n, \r, \t, \", \\, \uNNNN, \UNNNNNNNN, $${ and %%{"
        )
        self.start = start
        self.end = end


@dataclass(slots=True)
class Piece:
    """Literal text of a template, at most one line of a heredoc, with its place in the bytes."""

    text: str
    start: int
    end: int


def unquote(text: str) -> str:
    """The value of the inside of a quoted string; raises `EscapeError`."""
    if "\\" not in text and "{" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        short, long, simple, doubled = match.groups()
        if doubled:
            return f"{doubled}{{"
        if simple is not None:
            if simple in _SIMPLE:
                return _SIMPLE[simple]
        else:
            code = int(short or long, 16)
            if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                return chr(code)
        start = len(text[: match.start()].encode())
        raise EscapeError(start, start + len(match[0].encode()))

    return _ESCAPE.sub(replace, text)


def unescape_template(text: str) -> str:
    """The value of literal text in a heredoc or a template file, where only `$${` and `%%{` are
    escapes."""
    return _TEMPLATE_ESCAPE.sub(r"\1{", text) if "{" in text else text


def normalise(text: str) -> str:
    """`text` in Unicode normal form C, as HCL stores every string."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def lines(text: str, start: int) -> list[Piece]:
    """`text`, which begins at byte `start`, cut after each line feed."""
    pieces = []
    for line in text.split("\n"):
        content = line + "\n"
        end = start + len(content.encode())
        pieces.append(Piece(content, start, end))
        start = end
    last = pieces.pop()
    if last.text != "\n":
        pieces.append(Piece(last.text[:-1], last.start, last.end - 1))
    return pieces


def unindent(parts: list[Piece | None]) -> None:
    """Take from every line the leading white space that all lines have, as `<<-` asks.

    `None` stands for an interpolation or a directive. Lines of white space only are not counted
    and not changed.
    """
    at_line_start = True
    narrowest: int | None = None
    openings: list[Piece] = []
    for part in parts:
        if at_line_start:
            indent = 0
            if part is not None:
                stripped = part.text.lstrip()
                if not stripped and part.text.endswith("\n"):
                    continue
                indent = len(part.text) - len(stripped)
                openings.append(part)
            narrowest = indent if narrowest is None else min(narrowest, indent)
            at_line_start = False
        if part is not None and part.text.endswith("\n"):
            at_line_start = True
    for piece in openings:
        piece.text = piece.text[narrowest:]
