"""JSON in which every value knows its place.

Strict JSON (RFC 8259), iterative, bounded in depth. A name that occurs twice in one object is an
error: readers disagree on which one holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from msgspec import Struct

from policyscan.errors import ParseError
from policyscan.text.source import Source, Span

MAX_DEPTH = 200

_SPACE = re.compile(rb"[ \t\n\r]*")
_STRING = re.compile(rb'"[^"\\\x00-\x1f]*')
_ESCAPE = re.compile(rb'\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?)')
_MORE = re.compile(rb'[^"\\\x00-\x1f]*')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(rb"[A-Za-z_]+")
_WORDS = {b"true": True, b"false": False, b"null": None}
_SIMPLE = {b"b": "\b", b"f": "\f", b"n": "\n", b"r": "\r", b"t": "\t"}
_BOM = b"\xef\xbb\xbf"


class Scalar(Struct, frozen=True):
    """A string, number, boolean or null. The span of a string includes its quotes."""

    value: str | int | float | bool | None
    span: Span


class Array(Struct, frozen=True):
    """`[...]`."""

    items: tuple[Value, ...]
    span: Span


class Member(Struct, frozen=True):
    """`"name": value`; `name_span` includes the quotes."""

    name: str
    value: Value
    name_span: Span


class Object(Struct, frozen=True):
    """`{...}`: the members by name, in order."""

    members: dict[str, Member]
    span: Span


Value = Scalar | Array | Object


class Document(Struct, frozen=True):
    """One JSON text. Without a value it does not parse; `errors` also has every repeated name, of
    which the first holds."""

    value: Value | None
    errors: tuple[ParseError, ...]


def read_json(source: Source, *, max_depth: int = MAX_DEPTH) -> Document:
    """The value that the source holds. Never raises for what the text holds."""
    scan = _Scan(source, max_depth)
    try:
        value = scan.document()
    except ParseError as error:
        return Document(None, (*scan.repeated, error))
    return Document(value, tuple(scan.repeated))


class _Open(Struct):
    """An array or object whose end has not been seen."""

    start: int
    items: list[Value]
    members: dict[str, Member] | None
    name: tuple[str, Span] | None = None


class _Scan:
    def __init__(self, source: Source, max_depth: int) -> None:
        self.repeated: list[ParseError] = []
        self._source = source
        self._data = source.data
        self._position = len(_BOM) if source.data.startswith(_BOM) else 0
        self._open: list[_Open] = []
        self._max_depth = max_depth

    def document(self) -> Value:
        value: Value | None = None
        while value is None:
            value = self._place(self._value())
        self._skip()
        if self._position < len(self._data):
            raise self._error("the text goes on after its value")
        return value

    def _value(self) -> Value | None:
        """The value that begins here; None if it is the opening of one that holds others."""
        self._skip()
        start = self._position
        first = self._data[start : start + 1]
        if first == b'"':
            text = self._string()
            return Scalar(text, self._span(start))
        if first in (b"{", b"["):
            return self._enter(first)
        number = _NUMBER.match(self._data, start)
        if number:
            return self._number(number)
        word = _WORD.match(self._data, start)
        if word is None or word[0] not in _WORDS:
            raise self._error("expected a value")
        self._position = word.end()
        return Scalar(_WORDS[word[0]], self._span(start))

    def _enter(self, first: bytes) -> Value | None:
        """Go into an array or object; the value at once if it is empty."""
        if len(self._open) >= self._max_depth:
            raise self._error(f"nested more than {self._max_depth} levels deep")
        frame = _Open(self._position, [], {} if first == b"{" else None)
        self._position += 1
        self._skip()
        if self._take(b"}" if first == b"{" else b"]"):
            return self._close(frame)
        self._open.append(frame)
        if frame.members is not None:
            self._name(frame)
        return None

    def _place(self, value: Value | None) -> Value | None:
        """Put a finished value into what is open; the document's value once nothing is."""
        while value is not None and self._open:
            frame = self._open[-1]
            self._keep(frame, value)
            self._skip()
            if self._take(b","):
                if frame.members is not None:
                    self._name(frame)
                return None
            closing = b"]" if frame.members is None else b"}"
            if not self._take(closing):
                raise self._error(f"expected `,` or `{closing.decode()}`")
            self._open.pop()
            value = self._close(frame)
        return value

    def _keep(self, frame: _Open, value: Value) -> None:
        if frame.members is None or frame.name is None:
            frame.items.append(value)
            return
        name, span = frame.name
        first = frame.members.setdefault(name, Member(name, value, span))
        if first.name_span is not span:
            message = f"this name was set before, on line {first.name_span.line}"
            self.repeated.append(ParseError(self._source.path, message, span=span))

    def _close(self, frame: _Open) -> Value:
        span = self._span(frame.start)
        if frame.members is None:
            return Array(tuple(frame.items), span)
        return Object(frame.members, span)

    def _name(self, frame: _Open) -> None:
        self._skip()
        start = self._position
        if self._data[start : start + 1] != b'"':
            raise self._error("expected a name in double quotes")
        text = self._string()
        frame.name = text, self._span(start)
        self._skip()
        if not self._take(b":"):
            raise self._error("expected `:` after the name")

    def _number(self, match: re.Match[bytes]) -> Scalar:
        start = self._position
        try:
            number = float(match[0]) if match[1] or match[2] else int(match[0])
        except ValueError:
            number = math.inf
        if not math.isfinite(number):
            raise self._error("this number is too large")
        self._position = match.end()
        return Scalar(number, self._span(start))

    def _string(self) -> str:
        start = self._position
        plain = _STRING.match(self._data, start)
        end = plain.end() if plain else start
        if self._data[end : end + 1] == b'"':
            self._position = end + 1
            return self._decode(start + 1, end)
        return "".join(self._pieces(start + 1))

    def _pieces(self, position: int) -> Iterator[str]:
        """The parts of a string with escapes, which begins at `position`."""
        while True:
            plain = _MORE.match(self._data, position)
            end = plain.end() if plain else position
            yield self._decode(position, end)
            self._position = end
            if self._take(b'"'):
                return
            escape = _ESCAPE.match(self._data, end)
            if escape is None:
                raise self._error(
                    "invalid escape sequence in a string"
                    if self._data[end : end + 1] == b"\\"
                    else "this string is not closed on its line"
                )
            yield _unescape(escape)
            position = escape.end()
            if escape[3] and not _is_high(escape):
                position -= 6  # two code units that are no pair: the second one is read again

    def _decode(self, start: int, end: int) -> str:
        try:
            return self._data[start:end].decode()
        except UnicodeDecodeError as error:
            span = self._source.span(start + error.start, start + error.end)
            raise ParseError(self._source.path, "bytes that are not UTF-8", span=span) from None

    def _skip(self) -> None:
        match = _SPACE.match(self._data, self._position)
        if match:
            self._position = match.end()

    def _take(self, byte: bytes) -> bool:
        found = self._data[self._position : self._position + 1] == byte
        self._position += found
        return found

    def _span(self, start: int) -> Span:
        return Span(self._source, start, self._position)

    def _error(self, message: str) -> ParseError:
        end = min(self._position + 1, len(self._data))
        return ParseError(
            self._source.path, message, span=self._source.span(min(self._position, end), end)
        )


def _is_high(escape: re.Match[bytes]) -> bool:
    return escape[2][:2].lower() in (b"d8", b"d9", b"da", b"db")


def _unescape(escape: re.Match[bytes]) -> str:
    simple, unit, low = escape.groups()
    if simple:
        return _SIMPLE.get(simple, simple.decode())
    code = int(unit, 16)
    if low and _is_high(escape):
        return chr(0x10000 + ((code - 0xD800) << 10) + (int(low, 16) - 0xDC00))
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
