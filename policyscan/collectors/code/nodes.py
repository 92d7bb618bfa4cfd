"""Plain data with places, in one form whatever it was written in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from policyscan.errors import FileError, GapReason, ParseError, ReadError
from policyscan.text import json
from policyscan.text.source import Source, Span
from policyscan.text.yaml import Document, Entry, read_yaml
from policyscan.values import Unknown

Scalar = str | int | float | bool | None


class Node(Struct, frozen=True):
    """One value: text, a number, true, false, nothing, a list, a mapping, or not known."""

    value: Scalar | Unknown | tuple[Node, ...] | dict[str, Node]
    span: Span

    @property
    def members(self) -> dict[str, Node]:
        """What a mapping holds; nothing for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> tuple[Node, ...]:
        """What a list holds; a single text or unknown value counts as one."""
        if isinstance(self.value, tuple):
            return self.value
        return (self,) if isinstance(self.value, (str, Unknown)) else ()

    def get(self, *path: str) -> Node | None:
        """What stands under keys inside keys."""
        found: Node | None = self
        for key in path:
            found = found.members.get(key) if found is not None else None
        return found


def read_nodes(source: Source) -> Node | None:
    """The data of a YAML or JSON file; None if it is empty. Raises `ReadError`."""
    if source.path.endswith(".json"):
        document = json.read_json(source)
        if document.value is None:
            raise document.errors[-1]
        return _of_json(document.value)
    return _of_yaml_file(source)


def _of_json(value: json.Value) -> Node:
    if isinstance(value, json.Object):
        members = {name: _of_json(member.value) for name, member in value.members.items()}
        return Node(members, value.span)
    if isinstance(value, json.Array):
        return Node(tuple(_of_json(item) for item in value.items), value.span)
    return Node(value.value, value.span)


def _of_yaml_file(source: Source) -> Node | None:
    try:
        top = read_yaml(Document.of(source.path, source.data))
    except FileError as error:
        line = max(1, min(error.line, len(source.line_starts)))
        start = source.line_starts[line - 1]
        span = source.span(start, start)
        if error.message.startswith(("anchors", "tags", "the file must hold one")):
            raise ReadError(GapReason.UNSUPPORTED, source.path, error.message, span=span) from None
        raise ParseError(source.path, error.message, span=span) from None
    return _Places(source).node(top) if top is not None else None


class _Places:
    """Turns the entries of a YAML file into nodes; its places count characters, ours bytes."""

    def __init__(self, source: Source) -> None:
        self._source = source
        text = source.data.decode("utf-8-sig")
        self._shift = len(source.data) - len(text.encode())
        self._text = text
        self._plain = text.isascii()

    def node(self, entry: Entry) -> Node:
        """The node of an entry and of all below it."""
        span = self._source.span(self._byte(entry.start), self._byte(entry.end))
        if isinstance(entry.value, dict):
            return Node({key: self.node(each) for key, each in entry.value.items()}, span)
        if isinstance(entry.value, tuple):
            return Node(tuple(self.node(each) for each in entry.value), span)
        return Node(_scalar(entry), span)

    def _byte(self, at: int) -> int:
        return self._shift + (at if self._plain else len(self._text[:at].encode()))


def _scalar(entry: Entry) -> Scalar:
    """Numbers and texts; what readers of YAML disagree on stays text."""
    text = str(entry.value)
    if entry.plain and text in ("", "~", "null"):
        return None
    if entry.plain and re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    return text


# -- INI ---------------------------------------------------------------------------------------

_SECTION = re.compile(rb"\[([^\]\n]{1,200})\][ \t\r]*(?:[#;][^\n]*)?\Z")
_OPTION = re.compile(rb"([^=:\s][^=:]{0,200}?)[ \t]*[=:][ \t]*(.*?)[ \t\r]*\Z", re.DOTALL)


_LONGEST = 10_000
"""Bytes of a line."""


def read_ini(source: Source) -> Node:
    """The sections of an INI file as a mapping of mappings. A value has one line: what follows it
    is a format or arguments, which say nothing here. Raises `ParseError`."""
    sections: dict[str, Node] = {}
    current: dict[str, Node] = {}
    for start, line in _lines(source.data):
        if len(line) > _LONGEST:
            span = source.span(start, start + _LONGEST)
            raise ParseError(source.path, "a line of this length is not read", span=span)
        if not line.strip() or line.lstrip()[:1] in (b"#", b";"):
            continue
        span = source.span(start, start + len(line.rstrip()))
        if header := _SECTION.match(line):
            current = sections.setdefault(_text(header[1]), Node({}, span)).members
        elif line[:1] in (b" ", b"\t") and current:
            continue
        elif (option := _OPTION.match(line)) and sections:
            value = source.span(start + option.start(2), start + option.end(2))
            current[_text(option[1]).lower()] = Node(_text(option[2]), value)
        elif not sections or b"=" not in line:
            raise ParseError(source.path, "this line is no part of an INI file", span=span)
    return Node(sections, source.whole())


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for line in data.split(b"\n"):
        yield at, line
        at += len(line) + 1


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
