"""The configuration language of nginx: directives with their words and blocks, each with its place.

https://nginx.org/en/docs/beginners_guide.html#conf_structure
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from policyscan.errors import ParseError
from policyscan.text.source import Source, Span

MAX_DEPTH = 50

_TOKEN = re.compile(
    rb"[ \t\r\n]+|#[^\n]*|(?P<mark>[{};])"
    rb"|\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'"
    rb"|(?P<word>(?:[^\s;{}\"'#\\$]|\\.|\$\{\w{1,100}\}|\$)"
    rb"(?:[^\s;{}\\$]|\\.|\$\{\w{1,100}\}|\$)*)",
    re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SIMPLE = {"t": "\t", "r": "\r", "n": "\n"}


class Word(Struct, frozen=True):
    """One argument, without quotes and escapes."""

    text: str
    span: Span


class Directive(Struct):
    """A name, its arguments, and the block that follows it, if any."""

    name: str
    words: tuple[Word, ...]
    span: Span
    block: list[Directive] | None = None

    @property
    def inside(self) -> list[Directive]:
        """The directives of its block."""
        return self.block if self.block is not None else []

    def walk(self) -> Iterator[Directive]:
        """This directive and all below it, in order."""
        pending = [self]
        while pending:
            directive = pending.pop()
            yield directive
            pending += reversed(directive.inside)


class _Open(Struct):
    directives: list[Directive] = field(default_factory=list)


def read_nginx(source: Source) -> list[Directive]:
    """The directives at the top of a file. Raises `ParseError`."""
    levels = [_Open()]
    words: list[Word] = []
    for token in _tokens(source):
        if isinstance(token, Word):
            words.append(token)
            continue
        mark, span = token
        if mark == "}":
            if words or len(levels) == 1:
                raise ParseError(source.path, "unexpected `}`", span=span)
            levels.pop()
            continue
        if not words:
            raise ParseError(source.path, f"unexpected `{mark}`", span=span)
        directive = Directive(words[0].text, tuple(words[1:]), words[0].span.to(words[-1].span))
        levels[-1].directives.append(directive)
        words = []
        if mark == "{":
            if len(levels) > MAX_DEPTH:
                raise ParseError(source.path, "blocks are nested too deeply", span=span)
            directive.block = []
            levels.append(_Open(directive.block))
    if words or len(levels) > 1:
        end = len(source.data)
        raise ParseError(source.path, "the file ends too early", span=source.span(end, end))
    return levels[0].directives


def _tokens(source: Source) -> Iterator[Word | tuple[str, Span]]:
    data = source.data
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None:
            message = "a quotation that does not end, or a character that has no place here"
            raise ParseError(source.path, message, span=source.span(at, at + 1))
        span = source.span(at, found.end())
        at = found.end()
        if found["mark"] is not None:
            yield found["mark"].decode(), span
        elif found.lastgroup is not None:
            yield Word(_unescaped(found[found.lastgroup].decode("utf-8", "replace")), span)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: _SIMPLE.get(m[1], m[1] if m[1] in "\"'\\ " else m[0]), text)
