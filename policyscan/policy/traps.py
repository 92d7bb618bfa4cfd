"""Where YAML takes the text of an expression for something else, and what to do about it."""

from __future__ import annotations

import re

from policyscan.errors import FileError
from policyscan.text.yaml import Entry

_KEY = re.compile(r"(require|when):[ \t]*(?![>|][-+0-9]*[ \t]*(?:#.*)?$)\S")
"""An expression that begins on the line of its key."""
_QUOTE = "Put the whole expression in quotes, or on lines of its own below `{}: >-`."
_MISREAD = ("not YAML", "tags ", "anchors ")
_COMMENT = re.compile(r"[ \t]+#")


def in_expression(error: FileError) -> FileError:
    """The same error; with what to do about it, if it is about a line that holds an expression."""
    key = _KEY.match(error.snippet)
    if key is None or not error.message.startswith(_MISREAD):
        return error
    return _with(error, _QUOTE.format(key[1]))


def expression(entry: Entry) -> str:
    """The text of an expression. Raises PolicyError."""
    try:
        return entry.text()
    except FileError as error:
        if isinstance(entry.value, (dict, tuple)):
            raise _with(error, _QUOTE.format(entry.name)) from None
        if entry.value == "":
            raise
        hint = 'Write the condition that must hold, such as `resource.tier == "high"`.'
        raise _with(error, hint) from None


def cut(error: FileError, entry: Entry) -> FileError:
    """An error in the expression of `entry`; with what to do about it, if a comment cuts it."""
    if not entry.plain or not _COMMENT.match(entry.document.text, entry.end):
        return error
    hint = (
        "YAML takes what follows ` #` for a comment; put the whole expression in quotes, or on "
        f"lines of its own below `{entry.name}: >-`."
    )
    return _with(error, hint)


def default_hint(said: str) -> str:
    """What to do about a default of another type."""
    wanted, _, found = said.removeprefix("expected ").partition(", found ")
    if wanted.startswith("list") and found != "a list":
        return "A list stands in brackets: [a, b]."
    if found == "null":
        return f"Write a value of type {wanted}."
    if wanted == "string":
        return "" if found in ("a list", "a mapping") else "Put it in quotes."
    if wanted in ("int", "double", "bool") and found.startswith("'"):
        return "Take the quotes away."
    return ""


def _with(error: FileError, hint: str) -> FileError:
    return type(error)(
        error.message,
        path=error.path,
        line=error.line,
        column=error.column,
        snippet=error.snippet,
        hint=hint,
    )
