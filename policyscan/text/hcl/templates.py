"""Quoted strings and heredocs of the concrete tree, to literals and templates.

The grammar leaves white space out of its literal nodes, so literal text is read from the bytes
between the sequences (`${...}`, `%{...}`), not from nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from policyscan.errors import ParseError
from policyscan.text.hcl import strings
from policyscan.text.hcl.strings import Piece
from policyscan.text.hcl.syntax import Expression, Literal, Template, TemplateFor, TemplateIf

if TYPE_CHECKING:
    from tree_sitter import Node

    from policyscan.text.hcl.expressions import Expressions

MAX_LINES = 100_000
"""Lines of one heredoc."""

_NESTING = frozenset(
    {"quoted_template", "heredoc_template", "template_directive", "template_if", "template_for"}
)
_SEQUENCES = frozenset(
    {
        "template_interpolation",
        "template_if_intro",
        "template_else_intro",
        "template_if_end",
        "template_for_start",
        "template_for_end",
    }
)


class UnclosedError(ParseError):
    """A string or block that does not end where it should: what follows it cannot be trusted."""


def quoted_literal(convert: Expressions, node: Node) -> Literal:
    """The value of a `string_lit` node, which has no interpolation."""
    text = quoted_text(convert, node.start_byte + 1, node.end_byte - 1)
    return Literal(text, convert.span(node.start_byte, node.end_byte))


def quoted(convert: Expressions, node: Node) -> Expression:
    """The value of a `quoted_template` node."""

    def literals(start: int, end: int) -> list[Piece]:
        return [Piece(quoted_text(convert, start, end), start, end)]

    parts = _parts(node, node.start_byte + 1, node.end_byte - 1, literals)
    return _Builder(convert, parts).whole(node)


def quoted_text(convert: Expressions, start: int, end: int) -> str:
    """The text of the bytes `start` to `end` inside quotes, escapes resolved."""
    raw = convert.data[start:end]
    if b"\n" in raw:
        place = convert.span(start - 1, start + raw.index(b"\n"))
        raise UnclosedError(place.source.path, "this string is not closed on its line", span=place)
    try:
        return strings.normalise(strings.unquote(raw.decode()))
    except strings.EscapeError as error:
        place = convert.span(start + error.start, start + error.end)
        raise ParseError(place.source.path, str(error), span=place) from None


def heredoc(convert: Expressions, node: Node) -> Expression:
    """The value of a `heredoc_template` node; the text ends with a line feed unless it is empty."""
    opening, closing = (child for child in node.children if child.type == "heredoc_identifier")
    start = convert.data.index(b"\n", opening.end_byte) + 1
    end = convert.data.rindex(b"\n", 0, closing.start_byte) + 1
    if convert.data.count(b"\n", start, end) > MAX_LINES:
        span = convert.span(node.start_byte, opening.end_byte)
        raise ParseError(span.source.path, f"more than {MAX_LINES} lines of text", span=span)
    flush = convert.data.startswith(b"<<-", node.start_byte)
    return bare(convert, node, start, end, flush=flush)


def bare(
    convert: Expressions, node: Node, start: int, end: int, *, flush: bool = False
) -> Expression:
    """The value of the text from byte `start` to `end` of a `heredoc_template` node; `flush` asks
    to remove its indentation."""
    parts = _parts(node, start, end, lambda a, b: strings.lines(convert.data[a:b].decode(), a))
    if flush:
        strings.unindent([part if isinstance(part, Piece) else None for part in parts])
    for part in parts:
        if isinstance(part, Piece):
            part.text = strings.normalise(strings.unescape_template(part.text))
    return _Builder(convert, parts).whole(node)


def _parts(
    node: Node, start: int, end: int, literals: Callable[[int, int], list[Piece]]
) -> list[Piece | Node]:
    """The sequences below `node` and the literal text around them, in order, stripped where a
    marker `~` asks for it."""
    parts: list[Piece | Node] = []
    strip_next = False
    for sequence in [*_sequences(node), None]:
        stop = end if sequence is None else sequence.start_byte
        if start < stop:
            pieces = literals(start, stop)
            if strip_next:
                pieces[0].text = pieces[0].text.lstrip()
            parts.extend(pieces)
        if sequence is None:
            break
        marks = sequence.children
        last = parts[-1] if parts else None
        if marks[1].type == "strip_marker" and isinstance(last, Piece):
            last.text = last.text.rstrip()
        strip_next = marks[-2].type == "strip_marker"
        parts.append(sequence)
        start = sequence.end_byte
    return parts


def _sequences(node: Node) -> list[Node]:
    """The interpolations and the openings, turns and ends of directives below `node`, in order."""
    found = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.type in _NESTING:
            waiting.extend(reversed(current.children))
        elif current.type in _SEQUENCES:
            found.append(current)
    return found


class _Builder:
    """Nests the flat parts of one template."""

    def __init__(self, convert: Expressions, parts: list[Piece | Node]) -> None:
        self._convert = convert
        self._parts = parts
        self._next = 0
        self._turn: Node | None = None
        """The `else` or end at which the latest sequence of parts stopped."""

    def whole(self, node: Node) -> Expression:
        """The template of all parts; a literal if they are text only."""
        span = self._convert.span(node.start_byte, node.end_byte)
        parts = self._sequence()
        if not parts:
            return Literal("", span)
        if len(parts) == 1 and isinstance(parts[0], Literal) and self._is_text_only():
            return Literal(parts[0].value, span)
        return Template(tuple(parts), span)

    def _is_text_only(self) -> bool:
        return all(isinstance(part, Piece) for part in self._parts)

    def _sequence(self) -> list[Expression]:
        """The parts up to an `else`, an end, or the end of all."""
        self._turn = None
        built: list[Expression] = []
        text: list[Piece] = []
        while self._next < len(self._parts):
            part = self._parts[self._next]
            self._next += 1
            if isinstance(part, Piece):
                if part.text:
                    text.append(part)
                continue
            self._flush(text, built)
            match part.type:
                case "template_interpolation":
                    built.append(self._convert.inner_expression(part))
                case "template_if_intro":
                    built.append(self._if(part))
                case "template_for_start":
                    built.append(self._for(part))
                case _:
                    self._turn = part
                    return built
        self._flush(text, built)
        return built

    def _flush(self, text: list[Piece], built: list[Expression]) -> None:
        if text:
            span = self._convert.span(text[0].start, text[-1].end)
            built.append(Literal("".join(piece.text for piece in text), span))
            text.clear()

    def _branch(self, opening: Node) -> Template:
        """The parts after the sequence `opening`, up to the next turn."""
        self._convert.enter(opening)
        parts = tuple(self._sequence())
        self._convert.leave()
        end = self._turn.start_byte if self._turn else opening.end_byte
        return Template(parts, self._convert.span(opening.end_byte, end))

    def _if(self, intro: Node) -> TemplateIf:
        condition = self._convert.inner_expression(intro)
        then = self._branch(intro)
        turn = self._turn or intro
        if turn.type == "template_else_intro":
            otherwise = self._branch(turn)
            turn = self._turn or turn
        else:
            otherwise = Template((), self._convert.span(turn.start_byte, turn.start_byte))
        span = self._convert.span(intro.start_byte, turn.end_byte)
        return TemplateIf(condition, then, otherwise, span)

    def _for(self, intro: Node) -> TemplateFor:
        names = [
            self._convert.text(kid)
            for kid in self._convert.children(intro)
            if kid.type == "identifier"
        ]
        collection = self._convert.inner_expression(intro)
        body = self._branch(intro)
        end = (self._turn or intro).end_byte
        span = self._convert.span(intro.start_byte, end)
        key = names[0] if len(names) == 2 else ""
        return TemplateFor(key, names[-1], collection, body, span)
