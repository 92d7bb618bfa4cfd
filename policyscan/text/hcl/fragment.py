"""Expressions and templates that stand alone: inside JSON strings, and in template files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyscan.errors import GapReason, ParseError, ReadError
from policyscan.text.hcl import templates
from policyscan.text.hcl.expressions import Expressions
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
    data = prefix + text + b"\n" + marker + b"\n"
    start, end = len(prefix), len(prefix) + len(text)
    convert = _converter(data, place, place.start - start if exact else None)
    node = _argument(data, place, budget).children[0].children[0]
    whole = _certain(convert, templates.bare(convert, node, start, end))
    return replace(whole, span=place)


def expression(text: bytes, place: Span, budget: Budget, *, exact: bool) -> Expression:
    """The expression `text`, as `template` reads a template. Raises `ReadError`."""
    prefix = b"x = ("
    data = prefix + text + b"\n)\n"
    convert = _converter(data, place, place.start - len(prefix) if exact else None)
    node = _argument(data, place, budget)
    if [kid.type for kid in convert.children(node)] != ["(", "expression", ")"]:
        raise ParseError(place.source.path, "this is not one expression", span=place)
    return _certain(convert, convert.inner_expression(node))


class _Embedded(Expressions):
    """Converts text whose bytes are not those of the source: every node is at one place."""

    def __init__(self, data: bytes, place: Span) -> None:
        super().__init__(place.source, data, 0)
        self._place = place

    def span(self, start: int, end: int) -> Span:  # noqa: ARG002 - the one place whatever is asked
        return self._place


def _converter(data: bytes, place: Span, shift: int | None) -> Expressions:
    return _Embedded(data, place) if shift is None else Expressions(place.source, data, shift)


def _argument(data: bytes, place: Span, budget: Budget) -> Node:
    """The `expression` node of the one argument that `data` must be."""
    try:
        root = parse(data, budget)
    except OverBudgetError as error:
        raise ReadError(
            GapReason.TOO_LARGE, place.source.path, f"a template was not read: {error}", span=place
        ) from None
    body = root.children[0]
    if root.has_error or len(root.children) != 1 or len(body.children) != 1:
        raise ParseError(place.source.path, "this is not a valid template", span=place)
    return body.children[0].children[-1]


def _certain(convert: Expressions, value: Expression) -> Expression:
    if convert.errors:
        raise convert.errors[0]
    return value
