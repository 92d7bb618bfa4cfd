"""What a Dockerfile consists of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyscan.errors import ParseError
    from policyscan.text.source import Source, Span


class Word(Struct, frozen=True):
    """A piece of an instruction as written, with its quotes and variables; line continuations and
    the comments between them are left out of `text` and lie inside `span`."""

    text: str
    span: Span


class Flag(Struct, frozen=True):
    """`--name=value`; a flag without `=` has no value."""

    name: str
    value: str | None
    span: Span


class Pair(Struct, frozen=True):
    """`name=value` of ENV, ARG or LABEL; only an ARG may be without a value."""

    name: Word
    value: Word | None


class Heredoc(Struct, frozen=True):
    """A here-document: its text without the line that ends it."""

    name: str
    text: str
    """Without leading tabs if written `<<-`."""
    expand: bool
    """False if the name was quoted: variables in the text stay as they are."""
    span: Span
    """Of the text."""


class Instruction(Struct, frozen=True):
    """One instruction. With an `error`, its parts are what could be told nevertheless."""

    keyword: str
    """In upper case."""
    span: Span
    """Everything, from the keyword to the end of the last line or here-document."""
    rest: Word
    """All that follows the flags."""
    flags: tuple[Flag, ...] = ()
    words: tuple[Word, ...] = ()
    """The arguments one by one; the strings of an exec form."""
    exec_form: bool = False
    """The arguments are a JSON array of strings."""
    pairs: tuple[Pair, ...] = ()
    """Of ENV, ARG and LABEL."""
    heredocs: tuple[Heredoc, ...] = ()
    trigger: Instruction | None = None
    """What an ONBUILD instruction asks for."""
    error: ParseError | None = None


class DockerfileText(Struct, frozen=True):
    """A whole file."""

    source: Source
    instructions: tuple[Instruction, ...]
    directives: Mapping[str, str]
    """`syntax`, `escape`, `check`."""
    escape: str
    """The escape character: a backslash unless a directive says a backtick."""
    comments: tuple[Span, ...]
    """Comment lines outside here-documents, directives excepted."""
    errors: tuple[ParseError, ...]
    """Of directives and instructions, in the order of the file."""
