"""Expressions and templates that stand alone: inside JSON strings, and in template files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyscan.errors import GapReason, ParseError, ReadError
from policyscan.text.hcl import templates
from policyscan.text.hcl.convert import Converter
from policyscan.text.hcl.grammar import Budget, OverBudgetError, parse
from policyscan.text.hcl.syntax import Expression
from policyscan.text.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node


def read_template(source: Source) -> Expression:
    """The template that a whole file is, as for `templatefile`; raises `ReadError`."""
    span = source.whole()
    try:
        source.data.decode()
    except UnicodeDecodeError as error:
        place = source.span(error.start, error.end)
        raise ParseError(source.path, "bytes that are not UTF-8", span=place) from None
    return template(source.data, span, Budget(), exact=True)


def template(text: bytes, place: Span, budget: Budget, *, exact: bool) -> Expression:
    """The template `text`, which is UTF-8. With `exact` the bytes at `place` are `text`, so that
    each part knows its own place; else every part is at `place`. Raises `ReadError`."""
    marker = b"END"
    while marker in text:
        marker += b"_"
    prefix = b"x = <<" + marker + b"\n"
    whole = prefix + text + b"\n" + marker + b"\n"
    convert, node = _parse(whole, len(prefix) if exact else None, place, budget)
    start = len(prefix)
    return templates.bare(convert, node.children[0].children[0], start, start + len(text))


def expression(text: bytes, place: Span, budget: Budget, *, exact: bool) -> Expression:
    """The expression `text`, as `template` reads a template. Raises `ReadError`."""
    prefix = b"x = ("
    whole = prefix + text + b"\n)\n"
    convert, node = _parse(whole, len(prefix) if exact else None, place, budget)
    return convert.inner_expression(node)


class _Embedded(Converter):
    """Converts text whose bytes are not those of the source: every node is at one place."""

    def __init__(self, data: bytes, place: Span, budget: Budget) -> None:
        super().__init__(place.source, data, 0, budget)
        self._place = place

    def span(self, start: int, end: int) -> Span:  # noqa: ARG002 - the one place whatever is asked
        return self._place


def _parse(data: bytes, prefix: int | None, place: Span, budget: Budget) -> tuple[Converter, Node]:
    """The converter and the `expression` node of the one argument in `data`, whose bytes from
    `prefix` on are those at `place`; None if they differ."""
    try:
        root = parse(data, budget)
    except OverBudgetError as error:
        raise ReadError(
            GapReason.TOO_LARGE, place.source.path, f"a template was not read: {error}", span=place
        ) from None
    body = root.children[0]
    if root.has_error or len(root.children) != 1 or len(body.children) != 1:
        raise ParseError(place.source.path, "this is not a valid template", span=place)
    argument = body.children[0]
    if prefix is None:
        return _Embedded(data, place, budget), argument.children[-1]
    return Converter(place.source, data, place.start - prefix, budget), argument.children[-1]
