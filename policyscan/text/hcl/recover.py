"""What to do with text that does not parse: say what is wrong with it, and find where to go on.

The parser knows a place and no reason, and what it makes of the text behind an open quote or brace
is arbitrary. So the faulty text is scanned again for the usual mistakes, and reading resumes at
the next line that begins like a block of Terraform.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

_RESUME = re.compile(
    rb"^(?:resource|data|module|variable|output|locals|provider|terraform|moved|import|check"
    rb'|removed|ephemeral)\b[ \t]*["{\w]',
    re.MULTILINE,
)
_HEADER = re.compile(r'\w[\w-]*(?: "[^"\n]{1,100}"| \w[\w-]{0,100}){0,3}(?= ?\{)')
_CONFLICT = re.compile(rb"^(?:<{7}|\|{7}|={7}|>{7})(?=[ \r\n]|\Z)", re.MULTILINE)
_OUTSIDE = re.compile(
    rb"[][{}()\"]|#|//|/\*|<<-?(?P<tag>[A-Za-z_][\w-]*)[ \t]*\r?\n"
    rb"|(?P<quote>['`])|(?<![\w.-])(?P<power>\d+[eE][-+]?\d+)"
)
_INSIDE = re.compile(rb'["\n]|\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[nrt"\\])?|\$\$\{|%%\{|[$%]\{')
_PUNCTUATION = "!\"%&'()*+,-./:;<=>?@[]^`{|}~"
_CLOSING = {b"{": b"}", b"[": b"]", b"(": b")", b"${": b"}", b"%{": b"}"}


class Fault(NamedTuple):
    """What is wrong from byte `start` to `end`."""

    start: int
    end: int
    message: str


def next_start(data: bytes, position: int) -> int:
    """The start of the first line after the one that holds `position` that begins like a block;
    the end of the text if there is none."""
    line_end = data.find(b"\n", position)
    found = _RESUME.search(data, line_end + 1) if line_end >= 0 else None
    return found.start() if found else len(data)


def header(data: bytes, position: int) -> str:
    """The type and labels of the block that begins at `position`; empty if none does. Nothing else
    of the text may be quoted in a message: it could be a secret."""
    line = data[position : position + 500].split(b"\n", 1)[0]
    found = _HEADER.match(" ".join(line.decode("utf-8", "replace").split()))
    return found[0] if found else ""


def diagnose(data: bytes, start: int, end: int) -> Fault | None:
    """The first of the usual mistakes in the bytes `start` to `end`: a merge conflict, a string, a
    heredoc, a comment or a bracket that does not end, an unknown escape. None if it is another."""
    conflict = _CONFLICT.search(data, start, end)
    if conflict:
        return Fault(conflict.start(), conflict.end(), "a merge conflict is not resolved here")
    return _Scan(data, start, end).fault()


class _Scan:
    """One pass over faulty text that keeps the brackets and quotes that are open."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data = data
        self._position = start
        self._end = end
        self._open: list[tuple[bytes, int]] = []

    def fault(self) -> Fault | None:
        while True:
            inside = bool(self._open) and self._open[-1][0] == b'"'
            pattern = _INSIDE if inside else _OUTSIDE
            match = pattern.search(self._data, self._position, self._end)
            if match is None:
                return self._unclosed()
            self._position = match.end()
            fault = self._in_string(match) if inside else self._outside(match)
            if fault:
                return fault

    def _in_string(self, match: re.Match[bytes]) -> Fault | None:
        token = match[0]
        if token == b'"':
            self._open.pop()
        elif token == b"\n":
            return Fault(self._open[-1][1], match.start(), "this string is not closed on its line")
        elif token == b"\\":
            after = self._data[match.end() : match.end() + 1]
            return Fault(match.start(), match.end() + len(after), "invalid escape sequence")
        elif token in (b"${", b"%{"):
            self._open.append((token, match.start()))
        return None

    def _outside(self, match: re.Match[bytes]) -> Fault | None:
        token = match[0]
        if token in (b"#", b"//"):
            line_end = self._data.find(b"\n", match.end(), self._end)
            self._position = line_end if line_end >= 0 else self._end
        elif token == b"/*":
            close = self._data.find(b"*/", match.end())
            if close < 0:
                return Fault(match.start(), match.end(), "this comment is not closed with */")
            self._position = close + 2
        elif match["tag"]:
            return self._heredoc(match)
        elif match["quote"]:
            return Fault(*match.span(), "a string is written in double quotes")
        elif match["power"]:
            return Fault(
                *match.span(), "a number with an exponent is read only with a point: 1.0e5"
            )
        elif token in (b"}", b"]", b")"):
            return self._close(token, match.start())
        else:
            self._open.append((token, match.start()))
        return None

    def _heredoc(self, match: re.Match[bytes]) -> Fault | None:
        closing = re.compile(rb"^[ \t]*" + match["tag"] + rb"[ \t]*\r?$", re.MULTILINE)
        found = closing.search(self._data, match.end())
        if found is None:
            text = "this heredoc is not closed: no later line holds its marker alone"
            return Fault(match.start(), len(match[0].rstrip()) + match.start(), text)
        self._position = found.end()
        return None

    def _close(self, token: bytes, place: int) -> Fault | None:
        if not self._open:
            return Fault(place, place + 1, f"nothing is open that `{token.decode()}` could close")
        opening, where = self._open.pop()
        expected = _CLOSING[opening].decode()
        if expected == token.decode():
            return None
        line = self._data.count(b"\n", 0, where) + 1
        text = f"expected `{expected}` for the `{opening.decode()}` of line {line}"
        return Fault(place, place + 1, f"{text}, found `{token.decode()}`")

    def _unclosed(self) -> Fault | None:
        if not self._open:
            return None
        opening, where = self._open[-1]
        if opening == b'"':
            return Fault(where, self._end, "this string is not closed")
        text = f"`{opening.decode()}` is not closed with `{_CLOSING[opening].decode()}`"
        return Fault(where, where + len(opening), text)


_EXPECTED = {
    "attribute": "expected one value after `=`",
    "function_arguments": "expected arguments with commas between them",
    "tuple": "expected values with commas between them",
    "object": "expected `key = value`",
    "body": "expected `name = value` or a block",
    "config_file": "expected `name = value` or a block",
    "block": "expected `name = value` or a block",
}
_NEXT = {
    "=": "expected a value after `=`",
    "tuple_start": "expected values with commas between them",
    "object_start": "expected `key = value` or `}`",
    "(": "expected arguments with commas between them",
}


def syntax_fault(root: Node, data: bytes, start: int) -> Fault:
    """The first error that the parser found at or behind byte `start`, in words."""
    last: Node | None = None
    waiting = list(reversed(root.children))
    while waiting:
        node = waiting.pop()
        if node.end_byte < start:
            continue
        if node.is_missing or node.is_error:
            parent = node.parent.type if node.parent else ""
            return _at(data, node.start_byte, _EXPECTED.get(parent, ""))
        if node.end_byte == node.start_byte:
            break
        if node.has_error:
            waiting.extend(reversed(node.children))
        last = node
    if last is None:
        return _at(data, start, "")
    return _at(data, last.end_byte, _NEXT.get(last.type, ""))


def _at(data: bytes, position: int, expected: str) -> Fault:
    """A fault at the first token at or behind `position`. Only punctuation is quoted."""
    found = re.compile(rb"\S[\w.-]*").search(data, position)
    if found is None:
        return Fault(position, position, expected or "the text ends too early")
    token = found[0].decode("utf-8", "replace")
    quotable = len(token) == 1 and token in _PUNCTUATION
    seen = f"`{token}` is not expected here" if quotable else "this is not expected here"
    return Fault(found.start(), found.end(), f"{expected}; {seen}" if expected else seen)
