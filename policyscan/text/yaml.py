"""YAML that a person wrote to steer the tool; every value keeps its place, for errors that name it.

Only plain data is read: no anchors, aliases or tags, no key twice, bounded in size and depth.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from policyscan.errors import FileError
from policyscan.text.complaints import Place, choices, snippet, suggestion

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
_TOO_DEEP = 20 * MAX_DEPTH
"""From here on nothing is read of a file, not even to tell of its other problems."""
MAX_PROBLEMS = 500
"""Problems that are collected before a file is given up."""
_TOP = "the file"

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, object] = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
_AMBIGUOUS = re.compile(
    r"(?i:yes|no|on|off|[-+]?\.(?:inf|nan))|0b[01_]+|[-+]?0[0-9_]+"
    r"|[-+]?[0-9]+_[0-9_.]*|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?"
    r"|[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?"
)
"""What YAML 1.1 and 1.2 take for different things: `no`, `012`, `1_000`, `2026-01-31`, `12:30`."""
_HINTS: Mapping[str, str] = {
    "found character '%'": "Text that begins with % needs quotes.",
    "found character '`'": "Text that begins with ` needs quotes.",
    "found character '@'": "Text that begins with @ needs quotes.",
    "expected '-' indicator": "Compare its indentation with the lines above.",
    "expected key": "Compare its indentation with the lines above.",
    "mapping values are not allowed": "Text with a colon and a space in it needs quotes; else "
    "compare its indentation with the line above.",
    "could not find expected ':'": "A key ends with a colon and a space: `owner: alice`.",
    "alphabetic or numeric": "Text that begins with * or & needs quotes.",
    "unexpected end of stream": "A quotation mark before it is not closed.",
    "expected ',' or": "A bracket before it is not closed, or a comma is missing.",
}
"""What people have to do about what the parser says, by a piece of that."""
_HALF = re.compile(r""":[ \t]+[\[{"'].*[\]}"'][ \t]*$""")
"""A value that YAML takes to be over before its line is."""
_TAGGED = "Text that begins with ! needs quotes."
_TAB = "Indent with spaces: a tab stands here."
_SHAPES: Mapping[tuple[str, str], str] = {
    ("text", "a list"): "A list stands in brackets: [a, b].",
    ("a mapping", "a list"): "Each member of a list begins with a dash: `- name: a`.",
}
_ASLEEP = "If the lines below it are still comments, take `# ` away from them too."
_BEGIN = ("SequenceStartEvent", "MappingStartEvent")
_END = ("SequenceEndEvent", "MappingEndEvent")
_LONGEST = 40
"""Characters of a plain scalar that may be something else than text."""


@dataclass(frozen=True)
class Document:
    """The text of one file."""

    path: str
    """As messages name it."""
    text: str = dataclass_field(repr=False)
    complaint: type[FileError] = FileError
    """What its errors are."""

    @classmethod
    def of(cls, path: str, data: bytes, complaint: type[FileError] = FileError) -> Document:
        """The document that `data` is. Raises `complaint`."""
        if len(data) > MAX_BYTES:
            raise complaint(f"larger than {MAX_BYTES:,} bytes", path=path)
        try:
            return cls(path, data.decode("utf-8-sig"), complaint)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            hint = "Save it as UTF-8."
            raise complaint("this file is not UTF-8", path=path, line=line, hint=hint) from None

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def place(self, offset: int) -> Place:
        """The line and column of a code point of the text."""
        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return Place(line, offset - start + 1, self.text[start:end].rstrip("\r\n"))

    def offset(self, line: int, column: int) -> int:
        """The code point at a line and column, both 1-based; the end for a place beyond it."""
        start = self._starts[min(max(line, 1), len(self._starts)) - 1]
        return min(start + max(column, 1) - 1, len(self.text))

    def error(self, message: str, start: int, end: int, hint: str = "") -> FileError:
        """An error about a range of the text, for the caller to raise."""
        place = self.place(start)
        return self.complaint(
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
    broken: bool = False
    """Not read as it is written; a problem that was collected says why."""

    @property
    def place(self) -> str:
        """`path:line:column`, 1-based."""
        place = self.document.place(self.start)
        return f"{self.document.path}:{place.line}:{place.column}"

    def error(self, message: str, hint: str = "") -> FileError:
        """An error about this value, for the caller to raise."""
        return self.document.error(message, self.start, self.end, hint)

    def fields(
        self,
        allowed: Collection[str],
        required: Collection[str] = (),
        meant: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Entry]:
        """The members of a mapping, none of them unknown and none missing. `meant` are words that
        people write for others."""
        found = self.entries()
        for name, key in self.keys.items():
            if name not in allowed:
                close = suggestion(meant.get(name, name), allowed)
                hint = "" if close else f"Known here: {', '.join(sorted(allowed))}."
                raise key.error(f"unknown key '{name}'{close}", hint)
        missing = [f"'{name}'" for name in required if name not in found]
        if missing:
            raise self.error(f"{self.name} lacks {' and '.join(missing)}")
        return found

    def entries(self) -> dict[str, Entry]:
        """The members of a mapping with any keys."""
        if not isinstance(self.value, dict):
            raise self._shaped("a mapping")
        return self.value

    def items(self) -> tuple[Entry, ...]:
        """The members of a list."""
        if not isinstance(self.value, tuple):
            raise self._shaped("a list")
        return self.value

    def text(self) -> str:
        """Text that is not empty."""
        if isinstance(self.value, str) and not self.value.strip():
            hint = "Write it, or take the line out."
            raise self.error(f"{self.name} must not be empty", hint)
        value = self.data()
        if not isinstance(value, str):
            hint = "Put it in quotes." if self.plain else ""
            raise self.error(f"{self.name} must be text, this is {self._called}", hint)
        return value

    def texts(self) -> tuple[str, ...]:
        """A list of pieces of text."""
        return tuple(item.text() for item in self.items())

    def matching(self, pattern: str, example: str) -> str:
        """Text of a given form."""
        text = self.text()
        if not re.fullmatch(pattern, text):
            raise self.error(f"{self.name} must look like {example}")
        return text

    def choice(self, allowed: Collection[str], noun: str = "") -> str:
        """One of a few words, as it is written; errors call it `noun`."""
        word = self.value if isinstance(self.value, str) else self.text()
        if not word.strip():
            raise self.error(f"{self.name} is empty; write one of {', '.join(allowed)}")
        if word not in allowed:
            raise self.error(f"unknown {noun or self.name} '{word}'{choices(word, allowed)}")
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
        if not self.plain or len(text) > _LONGEST:
            return text
        if _AMBIGUOUS.fullmatch(text):
            raise self.error(f"not every reader of YAML takes {text} for text", "Put it in quotes.")
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text, 0)
        return float(text) if _FLOAT.fullmatch(text) else text

    def _shaped(self, shape: str) -> FileError:
        called = self._called
        hint = _SHAPES.get((called, shape), _ASLEEP if called == "nothing" else "")
        return self.error(f"{self.name} must be {shape}, this is {called}", hint)

    @property
    def _called(self) -> str:
        match self.data():
            case dict():
                return "a mapping"
            case list():
                return "a list"
            case str():
                return "text"
            case None:
                return "nothing"
            case scalar:
                return str(scalar).lower()


def read_yaml(document: Document, problems: list[FileError] | None = None) -> Entry | None:
    """The top of the file; None if it holds nothing but comments. Raises its complaint. With a list
    for `problems`, only text that is no YAML raises: the others are collected, and what they are
    about is `broken`."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        events = iter(list(_bounded(document, yaml.parse(document.text, Loader=loader))))
    except yaml.reader.ReaderError as error:
        at = int(error.position)
        raise document.error("a character that YAML does not allow", at, at + 1) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(document.text)) if mark else 0
        said = str(error.problem or error.context)
        raise document.error(f"not YAML: {said}", at, at + 1, _hint(document, at, said)) from None
    return _Builder(document, events, problems).whole()


def _bounded(document: Document, events: Iterator[Any]) -> Iterator[Any]:
    """The events of a text, up to a depth that no file needs: the time that the parser takes for
    one grows with how deep it is."""
    depth = at = 0
    for event in events:
        kind = type(event).__name__
        depth += (kind in _BEGIN) - (kind in _END)
        if depth == MAX_DEPTH + 2 and kind in _BEGIN:
            at = event.start_mark.index
        if depth > _TOO_DEEP:
            raise document.error(f"more than {MAX_DEPTH} levels of nesting", at, at + 1)
        yield event


def _hint(document: Document, at: int, said: str) -> str:
    """What to do about what the parser says of a place."""
    if document.text[at : at + 1] == "\t":
        return _TAB
    if "expected key" in said and _HALF.search(document.text[:at].rpartition("\n")[2]):
        return "Text that begins with {, [ or a quote stands in quotes as a whole."
    return next((hint for piece, hint in _HINTS.items() if piece in said), "")


def read_settings(
    path: str, data: bytes, allowed: Collection[str], *, version: int
) -> Mapping[str, Entry]:
    """The top-level fields of a file that must carry `version`; none if it is empty. Raises
    `FileError`."""
    top = read_yaml(Document.of(path, data))
    if top is None:
        return {}
    fields = top.fields(allowed, required=("version",))
    if fields["version"].data() != version:
        raise fields["version"].error(f"version must be {version}")
    return fields


class _Builder:
    """Makes entries of the parser's events."""

    def __init__(
        self, document: Document, events: Iterator[Any], problems: list[FileError] | None
    ) -> None:
        self._document = document
        self._events = events
        self._problems = problems

    def whole(self) -> Entry | None:
        """The one document of the file."""
        next(self._events)
        if type(next(self._events)).__name__ == "StreamEndEvent":
            return None
        top = self._entry(next(self._events), _TOP, 0)
        next(self._events)
        more = next(self._events)
        if type(more).__name__ != "StreamEndEvent":
            start = more.start_mark.index
            self._complain("the file must hold one document", start, start + 3)
        return top

    def _complain(self, message: str, start: int, end: int, hint: str = "") -> None:
        error = self._document.error(message, start, end, hint)
        if self._problems is None or len(self._problems) >= MAX_PROBLEMS:
            raise error
        self._problems.append(error)

    def _entry(self, event: Any, name: str, depth: int) -> Entry:
        start, end, kind = event.start_mark.index, event.end_mark.index, type(event).__name__
        broken = kind == "AliasEvent" or bool(event.anchor)
        if broken:
            message = "anchors and aliases are not read here; write the value out in both places"
            self._complain(message, start, end)
        elif event.tag:
            broken = True
            tag = re.compile(r"\S*").match(self._document.text, start)
            self._complain("tags are not read here", start, tag.end() if tag else end, _TAGGED)
        elif depth > MAX_DEPTH:
            broken = True
            self._complain(f"more than {MAX_DEPTH} levels of nesting", start, end)
        if broken:
            self._skip(kind)
            return Entry(self._document, start, end, name, "", broken=True)
        if kind == "SequenceStartEvent":
            return self._list(start, name, depth)
        if kind == "MappingStartEvent":
            return self._mapping(start, name, depth)
        plain = event.style is None or event.style == ""
        return Entry(self._document, start, end, name, event.value, plain=plain)

    def _skip(self, kind: str) -> None:
        """Leaves out what is inside a list or mapping that has begun."""
        depth = int(kind in _BEGIN)
        while depth:
            kind = type(next(self._events)).__name__
            depth += (kind in _BEGIN) - (kind in _END)

    def _list(self, start: int, name: str, depth: int) -> Entry:
        items: list[Entry] = []
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            items.append(self._entry(event, f"{name}[{len(items)}]", depth + 1))
        return Entry(self._document, start, start + 1, name, tuple(items))

    def _mapping(self, start: int, name: str, depth: int) -> Entry:
        found: dict[str, Entry] = {}
        keys: dict[str, Entry] = {}
        broken = False
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            key = self._entry(event, "a key", depth + 1)
            word = key.value
            if key.broken or not isinstance(word, str) or not word:
                if not key.broken:
                    self._complain("a key must be text", key.start, key.end)
                self._entry(next(self._events), "a value", depth + 1)
                broken = True
                continue
            twice = word in found
            if twice:
                self._complain(f"the key '{word}' is there twice", key.start, key.end)
            inside = f"{name}.{word}" if depth else word
            value = self._entry(next(self._events), inside, depth + 1)
            keys[word], found[word] = key, replace(value, broken=True) if twice else value
        return Entry(self._document, start, start + 1, name, found, keys=keys, broken=broken)
