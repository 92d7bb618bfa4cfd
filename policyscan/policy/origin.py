"""Where the characters of an expression stand in the YAML file that holds it."""

from __future__ import annotations

from msgspec import Struct

from policyscan.language import Origin
from policyscan.text.complaints import Place
from policyscan.text.yaml import Entry

_ESCAPES = {"x": 4, "u": 6, "U": 10}
"""Length of the escapes of a double-quoted scalar that are longer than two characters."""


class ScalarOrigin(Origin, Struct, frozen=True):
    """The origin of an expression that is a YAML scalar of any style."""

    scalar: Entry | None = None

    @classmethod
    def of(cls, entry: Entry) -> ScalarOrigin:
        """The origin of the text of `entry`."""
        place = entry.document.place(entry.start)
        return cls(entry.document.path, place.line, place.column, entry)

    def place(self, text: str, offset: int) -> Place:
        """Where code point `offset` of the value stands in the file."""
        assert self.scalar is not None
        document = self.scalar.document
        raw = document.text[self.scalar.start : self.scalar.end]
        return document.place(self.scalar.start + _aligned(raw, text, offset))


def _aligned(raw: str, value: str, offset: int) -> int:
    """The position in the raw scalar of code point `offset` of its value.

    Every character of the value that is not white space stands in the raw text in the same order;
    what lies between is indentation, folding and the signs of quotes.
    """
    quote = raw[0] if raw[:1] in ("'", '"') else ""
    position = len(quote)
    if raw[:1] in ("|", ">"):
        position = raw.find("\n") + 1
    for char in value[:offset]:
        if not char.isspace():
            position = _skipped(raw, position)
            position += _width(raw, position, quote)
    block_or_quoted = quote or raw[:1] in ("|", ">")
    return min(_skipped(raw, position), max(len(raw) - 1, 0) if block_or_quoted else len(raw))


def _skipped(raw: str, position: int) -> int:
    while position < len(raw) and (raw[position].isspace() or raw.startswith("\\\n", position)):
        position += 1 if raw[position].isspace() else 2
    return position


def _width(raw: str, position: int, quote: str) -> int:
    if quote == '"' and raw.startswith("\\", position):
        return _ESCAPES.get(raw[position + 1 : position + 2], 2)
    return 2 if quote == "'" and raw.startswith("''", position) else 1
