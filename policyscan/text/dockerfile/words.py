"""Words with quotes, escapes and variables, parsed into pieces; what they mean is decided by
whoever knows the variables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NoReturn, TypeVar, Union

from msgspec import Struct

from policyscan.errors import ParseError
from policyscan.text.dockerfile.syntax import Word

T = TypeVar("T")

MAX_DEPTH = 32
"""Substitutions inside substitutions beyond this are an error."""


class Variable(Struct, frozen=True):
    """`$name`, `${name}` or a substitution with an operator."""

    name: str
    operator: str = ""
    """`-` `+` `?`, `#` `##` `%` `%%` (remove the shortest or longest match from the start or end),
    `/` `//` (replace the first or every match); empty for the plain value."""
    null_is_unset: bool = False
    """Written with a colon: an empty value counts as unset."""
    operand: tuple[Union[str, Variable], ...] = ()
    """The default, alternative or message; the pattern of the other operators, in which a
    backslash still escapes."""
    replacement: tuple[Union[str, Variable], ...] = ()


Pieces = tuple[Union[str, Variable], ...]
"""Literal text and variables, in order."""


def parse_word(word: Word, escape: str = "\\") -> Pieces:
    """The pieces of a word, quotes and escapes resolved. Raises `ParseError` at the word for an
    open quote or a substitution that the reference does not know."""
    try:
        return pieces_of(word.text, escape)
    except WordError as error:
        raise ParseError(word.span.source.path, str(error), span=word.span) from None


class WordError(Exception):
    """Why a word is none, as a phrase."""


def pieces_of(text: str, escape: str) -> Pieces:
    """The pieces of a text. Raises `WordError`."""
    if "$" not in text and "'" not in text and '"' not in text and escape not in text:
        return (text,) if text else ()
    return _Parser(text, escape).until("")


class _Parser:
    def __init__(self, text: str, escape: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.escape = escape
        self.ordinary = re.compile(rf"[^$'\"/}}{re.escape(escape)}]+")

    def until(self, stop: str, *, keep_escapes: bool = False) -> Pieces:
        """The pieces up to `stop`, which is consumed; up to the end if `stop` is empty."""
        pieces: list[str | Variable] = []
        while self.at < len(self.text):
            if run := self.ordinary.match(self.text, self.at):
                pieces.append(run.group())
                self.at = run.end()
                continue
            char = self.text[self.at]
            if char == "$":
                pieces.append(self.dollar())
                continue
            self.at += 1
            if char == stop:
                return merged(pieces)
            if char == "'":
                pieces.append(self.single_quoted())
            elif char == '"':
                pieces.extend(self.double_quoted())
            elif char == self.escape:
                escaped = self.text[self.at : self.at + 1]
                pieces.append(char + escaped if keep_escapes else escaped)
                self.at += 1
            else:
                pieces.append(char)
        if stop:
            self.fail(f"a substitution lacks its {stop}")
        return merged(pieces)

    def single_quoted(self) -> str:
        end = self.text.find("'", self.at)
        if end < 0:
            self.fail("a single quote is not closed")
        quoted = self.text[self.at : end]
        self.at = end + 1
        return quoted

    def double_quoted(self) -> list[str | Variable]:
        pieces: list[str | Variable] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "$":
                pieces.append(self.dollar())
                continue
            self.at += 1
            if char == '"':
                return pieces
            if char == self.escape:
                following = self.text[self.at : self.at + 1]
                if following and following in f'"${self.escape}':
                    char = following
                    self.at += 1
            pieces.append(char)
        self.fail("a double quote is not closed")

    def dollar(self) -> str | Variable:
        """A variable at `$`; the sign itself if no name follows."""
        self.at += 1
        if self.text[self.at : self.at + 1] != "{":
            name = self.name()
            return Variable(name) if name else "$"
        self.at += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"substitutions are nested more than {MAX_DEPTH} deep")
        variable = self.braced()
        self.depth -= 1
        return variable

    def name(self) -> str:
        if match := _NAME.match(self.text, self.at):
            self.at = match.end()
            return match.group()
        return ""

    def braced(self) -> Variable:
        """What follows `${`."""
        if self.text[self.at : self.at + 1] in ("{", "}", ":"):
            self.fail("bad substitution")
        name = self.name()
        match = _OPERATOR.match(self.text, self.at)
        if not match:
            self.fail(
                "a substitution has an operator that Dockerfiles do not know"
                if self.at < len(self.text)
                else "a substitution lacks its }"
            )
        self.at = match.end()
        operator = match.group()
        if operator == "}":
            return Variable(name)
        if operator in ("/", "//"):
            pattern = self.until("/", keep_escapes=True)
            return Variable(
                name, operator, operand=pattern, replacement=self.until("}", keep_escapes=True)
            )
        return Variable(
            name,
            operator.lstrip(":"),
            null_is_unset=operator.startswith(":"),
            operand=self.until("}", keep_escapes=operator.lstrip(":")[0] in "#%"),
        )

    def fail(self, message: str) -> NoReturn:
        raise WordError(message)


_NAME = re.compile(r"[^\W\d]\w*|[0-9]+|[@*#?\-$!]")
_OPERATOR = re.compile(r"\}|:?(?:[-+?]|##?|%%?)|//?")


def merged(pieces: Iterable[str | T]) -> tuple[str | T, ...]:
    """The pieces with neighbouring texts made one, and without empty ones."""
    found: list[str | T] = []
    for is_text, run in groupby(pieces, key=lambda piece: isinstance(piece, str)):
        if is_text:
            text = "".join(map(str, run))
            found += [text] if text else []
        else:
            found += run
    return tuple(found)
