"""The JSON document that a text holds: as it was made, or read back from the text, holes and all.

A hole in quotes is a string: a `Ref` or unknown as a whole, or an unknown with `parts`. A hole
without quotes is a value that is not known; among the members of a list it may be several of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyscan.collectors.terraform.value import JsonText, Plain, Trail, UnknownJson, Value
from policyscan.resources.base import Step, StepKind
from policyscan.text import json
from policyscan.text.source import Source, Span
from policyscan.values import (
    OneOf,
    PartialList,
    Ref,
    Unknown,
    Why,
    first,
    glued,
    reason_or,
)

MAX_TEXT = 131_072
"""Characters of a text that is read; the largest policies that AWS takes have 32,768."""
WINDOW = 20_000
"""Bytes in which the place of a string is looked for."""

_QUOTES = re.compile(r'\\.|"', re.DOTALL)
_MARKS = "\ue000\ue001\ue002\ue003"
"""Characters of private use; one that does not occur in the text marks its holes."""

Piece = str | Ref | Unknown


def document_of(value: Value) -> Value:
    """The document in `value`; unknown if it is none."""
    plain = value.plain
    if isinstance(plain, OneOf):
        return Value(plain.each(document_of), value.trail, value.sensitive)
    if isinstance(plain, (JsonText, UnknownJson)) and plain.document is not None:
        return plain.document
    if isinstance(plain, str):
        return _Reader(value, (plain,)).document()
    if isinstance(plain, Unknown) and plain.parts:
        return _Reader(value, plain.parts).document()
    if isinstance(plain, Unknown):
        return Value(plain.derived, value.trail, value.sensitive)
    if isinstance(plain, Ref):
        reason = Unknown(Why.COMPUTED, f"the text of {plain}", plain.where)
        return Value(reason, value.trail, value.sensitive)
    return value


class _Reader:
    """One text as it becomes a document."""

    def __init__(self, value: Value, pieces: tuple[Piece, ...]) -> None:
        self._value = value
        self._pieces = pieces
        self._bare: set[int] = set()
        """The holes that stand outside quotes."""
        texts = [piece for piece in pieces if isinstance(piece, str)]
        self._mark = next((m for m in _MARKS if not any(m in text for text in texts)), "")
        self._size = sum(map(len, texts))

    def document(self) -> Value:
        """The document, or why there is none."""
        if not self._mark or self._size > MAX_TEXT:
            return self._none(Why.BUDGET, f"a text of at most {MAX_TEXT} characters")
        data = "".join(self._marked()).encode("utf-8", "surrogatepass")
        parsed = json.read_json(Source("document", data))
        if parsed.value is None or parsed.errors:
            return self._none(Why.SYNTAX_ERROR, f"a document that is JSON: {parsed.errors[0]}")
        self._places = _Places(self._value.trail, _words(parsed.value, self._mark))
        return self._read(parsed.value)

    def _none(self, why: Why, needs: str) -> Value:
        """No document: what fills the holes might make it one."""
        holes = (piece for piece in self._pieces if isinstance(piece, Unknown))
        reason = reason_or(next(holes, None), why, needs, self._value.trail.step.span)
        return Value(reason.derived, self._value.trail, self._value.sensitive)

    def _marked(self) -> Iterator[str]:
        """The text with a mark for each hole, in quotes of its own if it stands outside."""
        quoted = False
        for number, piece in enumerate(self._pieces):
            if isinstance(piece, str):
                quotes = sum(match[0] == '"' for match in _QUOTES.finditer(piece))
                quoted ^= bool(quotes % 2)
                yield piece
                continue
            hole = f"{self._mark}{number}{self._mark}"
            if not quoted:
                self._bare.add(number)
            yield hole if quoted else f'"{hole}"'

    def _read(self, node: json.Value) -> Value:
        if isinstance(node, json.Object):
            return self._object(node)
        if isinstance(node, json.Array):
            return self._array(node)
        if isinstance(node.value, str):
            return self._string(node.value)
        return self._made(node.value, self._places.last)

    def _object(self, node: json.Object) -> Value:
        found: dict[str, Value] = {}
        reason: Unknown | None = None
        begins: Span | None = None
        for name, item in node.members.items():
            key = self._string(name)
            begins = key.trail.step.span if begins is None else begins
            value = self._read(item.value)
            if isinstance(key.plain, str):
                found[key.plain] = value
            else:
                reason = reason_or(
                    reason, Why.COMPUTED, "a name of the document", self._value.trail.step.span
                )
        return self._made(found if reason is None else reason, begins)

    def _array(self, node: json.Array) -> Value:
        items: list[Value] = []
        reason: Unknown | None = None
        for member in node.items:
            hole = self._bare_hole(member)
            if hole is None:
                items.append(self._read(member))
            else:
                reason = first(reason, hole)
        place = items[0].trail.step.span if items else None
        members: Plain = tuple(items) if reason is None else PartialList(tuple(items), reason)
        return self._made(members, place)

    def _bare_hole(self, node: json.Value) -> Unknown | None:
        """The hole that this is, if it stands outside quotes and may be several members."""
        if not isinstance(node, json.Scalar) or not isinstance(node.value, str):
            return None
        around, *holes = node.value.split(self._mark)
        if around or len(holes) != 2 or holes[1] or int(holes[0]) not in self._bare:
            return None
        piece = self._pieces[int(holes[0])]
        if isinstance(piece, Unknown):
            return piece.derived
        return Unknown(Why.COMPUTED, f"the text of {piece}", self._value.trail.step.span)

    def _string(self, text: str) -> Value:
        words = text.split(self._mark)
        place = self._places.find(next(filter(None, words[::2]), ""))
        pieces: list[Piece] = list(words)
        pieces[1::2] = (self._pieces[int(number)] for number in words[1::2])
        kept = [piece for piece in pieces if not isinstance(piece, str) or piece]
        if len(kept) == 1 and not isinstance(kept[0], str):
            return self._made(kept[0], place)
        return self._made(glued(kept), place)

    def _made(self, plain: Plain, place: Span | None) -> Value:
        step = Step(StepKind.EXPRESSION, "", place)
        trail = self._value.trail
        return Value(plain, trail if place is None else Trail(step, (), trail), self.sensitive)

    @property
    def sensitive(self) -> bool:
        """Whether the text is."""
        return self._value.sensitive


def _words(node: json.Value, mark: str) -> list[bytes]:
    """The first names and texts of a document, by which its place is known."""
    found: list[bytes] = []
    pending = [node]
    while pending and len(found) < 2:
        node = pending.pop(0)
        if isinstance(node, json.Object):
            found += [name.encode("utf-8", "replace") for name in node.members if mark not in name]
            pending += [item.value for item in node.members.values()]
        elif isinstance(node, json.Array):
            pending += node.items
    return found[:2]


class _Places:
    """Where the strings of a document are written: each after the one before it."""

    def __init__(self, trail: Trail, words: list[bytes]) -> None:
        spans = [step.span for step in trail.chain() if step.span is not None]
        written = [span for span in spans if words and _holds(span, words)]
        self._whole = written[-1] if written else None
        self._next = 0 if self._whole is None else self._whole.start
        self.last: Span | None = None
        """The place that was found last."""

    def find(self, text: str) -> Span | None:
        """The place of the text, or else of the one before."""
        if self._whole is None or not text:
            return self.last
        word = text.encode("utf-8", "replace")
        for start in (self._next, self._whole.start):
            end = min(self._whole.end, start + WINDOW)
            found = self._whole.source.data.find(word, start, end)
            if found >= 0:
                self._next = max(self._next, found + len(word))
                self.last = Span(self._whole.source, found, found + len(word))
                break
        return self.last


def _holds(span: Span, words: list[bytes]) -> bool:
    return all(span.source.data.find(word, span.start, span.end) >= 0 for word in words)
