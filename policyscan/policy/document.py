"""A policy file as YAML whose every value keeps its place, for errors that point at it.

Only plain data is read: no anchors, aliases or tags, no key twice, bounded in size and depth.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from policyscan.errors import PolicyError
from policyscan.language import Origin, Place
from policyscan.language.diagnostics import snippet, suggestion

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}
_ESCAPES = {"x": 4, "u": 6, "U": 10}
"""Length of the escapes of a double-quoted scalar that are longer than two characters."""


@dataclass(frozen=True)
class Document:
    """The text of one file."""

    path: str
    text: str = dataclass_field(repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def place(self, offset: int) -> Place:
        """The line and column of a code point of the text."""
        from bisect import bisect_right

        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return Place(line, offset - start + 1, self.text[start:end].rstrip("\r\n"))

    def error(self, message: str, start: int, end: int, hint: str = "") -> PolicyError:
        """An error about a range of the text, for the caller to raise."""
        place = self.place(start)
        return PolicyError(
            message,
            path=self.path,
            line=place.line,
            column=place.column,
            snippet=snippet(place, max(1, end - start)),
            hint=hint,
        )


class Entry(Struct, frozen=True):
    """One value of the file; `value` is text, a tuple of entries, or a dict of them."""

    document: Document
    start: int
    end: int
    name: str
    """What errors call it: `params.ports.type`."""
    value: Any
    plain: bool = False
    """Written without quotes, so that it may be a number, true, false or null."""
    keys: Mapping[str, Entry] = field(default_factory=dict)
    """For a mapping, the keys themselves."""

    def error(self, message: str, hint: str = "") -> PolicyError:
        """An error about this value, for the caller to raise."""
        return self.document.error(message, self.start, self.end, hint)

    def fields(self, allowed: Collection[str], required: Collection[str]) -> dict[str, Entry]:
        """The members of a mapping, none of them unknown and none missing."""
        if not isinstance(self.value, dict):
            raise self.error(f"{self.name or 'a policy'} must be a mapping, this is {self.called}")
        for name, key in self.keys.items():
            if name not in allowed:
                close = suggestion(name, allowed)
                raise key.error(f"unknown key '{name}'{close}")
        missing = [name for name in required if name not in self.value]
        if missing:
            names = " and ".join(f"'{name}'" for name in missing)
            raise self.error(f"{self.name or 'the policy'} lacks {names}")
        return self.value

    def entries(self) -> dict[str, Entry]:
        """The members of a mapping with any keys."""
        return self.fields(tuple(self.keys), ())

    def items(self) -> tuple[Entry, ...]:
        """The members of a list."""
        if not isinstance(self.value, tuple):
            raise self.error(f"{self.name} must be a list, this is {self.called}")
        return self.value

    def text(self) -> str:
        """Text that is not empty."""
        if not isinstance(self.value, str):
            raise self.error(f"{self.name} must be text, this is {self.called}")
        if not self.value.strip():
            raise self.error(f"{self.name} must not be empty")
        return self.value

    def matching(self, pattern: str, example: str) -> str:
        """Text of a given form."""
        text = self.text()
        if not re.fullmatch(pattern, text):
            raise self.error(f"{self.name} must look like {example}")
        return text

    def choice(self, allowed: Collection[str]) -> str:
        """One of a few words."""
        word = self.text()
        if word not in allowed:
            close = suggestion(word, allowed) or f"; write one of {', '.join(allowed)}"
            raise self.error(f"unknown {self.name} '{word}'{close}")
        return word

    def number(self) -> int:
        """A whole number of at least 1."""
        value = self.data()
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(f"{self.name} must be a whole number of at least 1")
        return value

    def data(self) -> object:
        """The value as plain Python data, by the core schema of YAML 1.2."""
        if isinstance(self.value, dict):
            return {name: entry.data() for name, entry in self.value.items()}
        if isinstance(self.value, tuple):
            return [entry.data() for entry in self.value]
        text = str(self.value)
        if not self.plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if len(text) <= 40 and _INT.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text

    @property
    def called(self) -> str:
        """What kind of value it is, for messages."""
        if isinstance(self.value, dict):
            return "a mapping"
        return "a list" if isinstance(self.value, tuple) else "text"


class ScalarOrigin(Origin, Struct, frozen=True):
    """The origin of an expression that is a YAML scalar of any style."""

    scalar: Entry | None = None

    @classmethod
    def of(cls, entry: Entry) -> ScalarOrigin:
        """The origin of the text of `entry`."""
        place = entry.document.place(entry.start)
        return cls(entry.document.path, place.line, place.column, entry)

    def place(self, text: str, offset: int) -> Place:
        """Where code point `offset` of the value stands in the file."""
        assert self.scalar is not None
        document = self.scalar.document
        raw = document.text[self.scalar.start : self.scalar.end]
        return document.place(self.scalar.start + _aligned(raw, text, offset))


def _aligned(raw: str, value: str, offset: int) -> int:
    """The position in the raw scalar of code point `offset` of its value.

    Every character of the value that is not white space stands in the raw text in the same order;
    what lies between is indentation, folding and the signs of quotes.
    """
    quote = raw[0] if raw[:1] in ("'", '"') else ""
    position = len(quote)
    if raw[:1] in ("|", ">"):
        position = raw.find("\n") + 1
    for char in value[:offset]:
        if not char.isspace():
            position = _skipped(raw, position)
            position += _width(raw, position, quote)
    return min(_skipped(raw, position), max(len(raw) - 1, 0))


def _skipped(raw: str, position: int) -> int:
    while position < len(raw) and (raw[position].isspace() or raw.startswith("\\\n", position)):
        position += 1 if raw[position].isspace() else 2
    return position


def _width(raw: str, position: int, quote: str) -> int:
    if quote == '"' and raw.startswith("\\", position):
        return _ESCAPES.get(raw[position + 1 : position + 2], 2)
    return 2 if quote == "'" and raw.startswith("''", position) else 1


def read_document(document: Document) -> Entry:
    """The top of the file. Raises PolicyError."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = iter(list(yaml.parse(document.text, Loader=loader)))
    except yaml.reader.ReaderError as error:
        at = int(error.position)
        raise document.error("a character that YAML does not allow", at, at + 1) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(document.text)) if mark else 0
        raise document.error(f"not YAML: {error.problem or error.context}", at, at + 1) from None
    return _Builder(document, events).whole()


class _Builder:
    """Makes entries of the parser's events."""

    def __init__(self, document: Document, events: Iterator[Any]) -> None:
        self._document = document
        self._events = events

    def whole(self) -> Entry:
        """The one document of the file."""
        next(self._events)
        if type(next(self._events)).__name__ == "StreamEndEvent":
            raise self._document.error("the file is empty", 0, 1)
        top = self._entry(next(self._events), "", 0)
        next(self._events)
        more = next(self._events)
        if type(more).__name__ != "StreamEndEvent":
            start = more.start_mark.index
            raise self._document.error("a policy file holds one document", start, start + 3)
        return top

    def _entry(self, event: Any, name: str, depth: int) -> Entry:
        start, end, kind = event.start_mark.index, event.end_mark.index, type(event).__name__
        if kind == "AliasEvent" or event.anchor:
            message = "anchors and aliases are not read here; write the value out in both places"
            raise self._document.error(message, start, end)
        if event.tag:
            raise self._document.error("tags are not read here", start, end)
        if depth > MAX_DEPTH:
            raise self._document.error(f"more than {MAX_DEPTH} levels of nesting", start, end)
        if kind == "SequenceStartEvent":
            return self._list(start, name, depth)
        if kind == "MappingStartEvent":
            return self._mapping(start, name, depth)
        plain = event.style is None or event.style == ""
        return Entry(self._document, start, end, name, event.value, plain=plain)

    def _list(self, start: int, name: str, depth: int) -> Entry:
        items: list[Entry] = []
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            items.append(self._entry(event, f"{name}[{len(items)}]", depth + 1))
        return Entry(self._document, start, start + 1, name, tuple(items))

    def _mapping(self, start: int, name: str, depth: int) -> Entry:
        found: dict[str, Entry] = {}
        keys: dict[str, Entry] = {}
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            key = self._entry(event, "a key", depth + 1)
            word = key.text()
            if word in found:
                raise key.error(f"the key '{word}' is there twice")
            inside = f"{name}.{word}".lstrip(".")
            keys[word], found[word] = key, self._entry(next(self._events), inside, depth + 1)
        return Entry(self._document, start, start + 1, name, found, keys=keys)
