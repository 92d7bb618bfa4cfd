"""Where an expression stands in its file, and how an error in it is shown."""

from __future__ import annotations

from msgspec import Struct

from policyscan.errors import PolicyError
from policyscan.text.complaints import Place, snippet


class ExpressionError(Exception):
    """An expression that is refused; `start` and `end` are code points of its text, `hint` is what
    to do about it, or empty."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


class Origin(Struct, frozen=True):
    """The file and the 1-based place at which the text of an expression begins.

    This one is for text that stands in its file character by character; text that is quoted or
    indented there has an origin of its own, which overrides `place`.
    """

    path: str = ""
    line: int = 1
    column: int = 1

    def place(self, text: str, offset: int) -> Place:
        """Where code point `offset` of `text` stands in the file."""
        begin = text.rfind("\n", 0, offset) + 1
        line = text.count("\n", 0, offset)
        end = text.find("\n", begin)
        indent = self.column - 1 if line == 0 else 0
        shown = " " * indent + text[begin : end if end >= 0 else len(text)]
        return Place(self.line + line, indent + offset - begin + 1, shown)


def policy_error(error: ExpressionError, text: str, origin: Origin) -> PolicyError:
    """The error as it is reported: with the place in the file and the line it is about."""
    place = origin.place(text, error.start)
    last = origin.place(text, max(error.start, min(error.end, len(text)) - 1))
    same = last.line == place.line
    width = last.column - place.column + 1 if same else len(place.text) - place.column + 1
    return PolicyError(
        error.message,
        path=origin.path,
        line=place.line,
        column=place.column,
        snippet=snippet(place, max(1, width)),
        hint=error.hint,
    )
