"""One register: what its top says, and the mistakes in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from policyscan.collectors.register.entry import Stated, unknown_keys
from policyscan.collectors.register.fields import ALIASES, DEFAULTS, TOP, boolean, table
from policyscan.collectors.register.pasted import pasted, without
from policyscan.collectors.register.places import Places
from policyscan.errors import FileError, GapReason
from policyscan.resources.base import Gap
from policyscan.resources.keys import ApiKey
from policyscan.text.source import Source, Span
from policyscan.text.yaml import Document, Entry, read_yaml

T = TypeVar("T")

MAX_GAPS = 200
"""Mistakes of one file that are listed one by one."""
_KINDS = (ApiKey.kind,)
_PASTED = "what looks like a key or a secret stands here; it is not shown"
_REPLACE = (
    "Take it out and replace it at the exchange: whoever can read this file or its history has it"
)


class Register:
    """A file, and what was found in it so far."""

    document: Document
    """Its text, without what was pasted into it."""
    places: Places

    def __init__(self, source: Source) -> None:
        self._source = source
        self._problems: list[FileError] = []
        self._names: set[str] = set()
        self.entries: tuple[Entry, ...] = ()
        self.defaults: dict[str, Entry] = {}
        """What it says once for all entries."""
        self.complete = False
        """Whether it says that it lists every key."""
        self.lost = False
        """Whether entries may be there that cannot be read."""

    def top(self) -> Entry | None:
        """The top of the file. Raises `FileError` if it is no YAML at all."""
        path, data = self._source.path, self._source.data
        whole = Document.of(path, data).text
        ranges = pasted(whole)
        self.document = Document(path, without(whole, ranges))
        mark = data[: len(data) - len(whole.encode())]
        filled = Source(path, mark + self.document.text.encode())
        self.places = Places(self.document, filled, ranges)
        for each in ranges:
            self.complain(self.document.error(_PASTED, *each, hint=_REPLACE))
        return read_yaml(self.document, self._problems)

    def complain(self, error: FileError) -> None:
        """Takes note of a mistake."""
        self._problems.append(error)

    def refuse(self, entry: Entry) -> None:
        """Takes note of a member of the list that is no entry."""
        if not entry.broken:
            message = f"{entry.name} must be a mapping"
            self.complain(entry.error(message, "An entry begins like `- name: bot-grid`."))

    def gaps(self) -> Iterator[Gap]:
        """Every mistake, in the order of the text."""
        found = sorted(self._problems, key=lambda error: (error.line, error.column))
        path = self._source.path
        for error in found[:MAX_GAPS]:
            place = ":".join(str(part) for part in (path, error.line, error.column) if part)
            message = f"{error.message}. {error.hint}" if error.hint else error.message
            span = self._span(error)
            yield Gap(GapReason.UNPARSEABLE, place, message, span, _KINDS, path)
        if len(found) > MAX_GAPS:
            message = f"{len(found) - MAX_GAPS} more mistakes"
            yield Gap(GapReason.UNPARSEABLE, path, message, None, _KINDS, path)

    def _span(self, error: FileError) -> Span | None:
        """What a mistake is about; a file that is not UTF-8 has lines alone."""
        if hasattr(self, "places"):
            return self.places.at(error)
        start = self._source.line_starts[error.line - 1]
        return self._source.span(start, start)

    # -- the top -------------------------------------------------------------------------------

    def settings(self, top: Entry) -> None:
        """Reads what the top of the file says."""
        fields = self._fields(top)
        self._check_version(top, fields.get("version"))
        self.defaults = {name: fields[name] for name in DEFAULTS if name in fields}
        for name, value in self.defaults.items():
            self._try(value, table()[name].read)
        complete = fields.get("complete")
        self.complete = complete is not None and self._try(complete, boolean) is True
        listed = fields.get("keys")
        if listed is None:
            self.complain(top.error("the register lacks 'keys'"))
            self.lost = True
            return
        # Of two lists the last is read, and the other is lost.
        self.lost = listed.broken or top.broken or not isinstance(listed.value, tuple)
        if isinstance(listed.value, tuple):
            self.entries = listed.value
        elif not listed.broken:
            self._try(listed, Entry.items)

    def _fields(self, top: Entry) -> dict[str, Entry]:
        for error in unknown_keys(top, TOP):
            self.complain(error)
        found: dict[str, Entry] = {}
        for word, value in top.entries().items():
            name = ALIASES.get(word, word)
            if name in found:
                key = top.keys[word]
                self.complain(key.error(f"'{word}' says again what '{name}' is"))
                found[name] = replace(value, broken=True)
            elif name in TOP:
                found[name] = value
        return found

    def _check_version(self, top: Entry, version: Entry | None) -> None:
        if version is None:
            self.complain(top.error("the register lacks its version", "Add `version: 1`."))
        elif not version.broken and (version.value, version.plain) != ("1", True):
            self.complain(version.error("version must be 1"))

    def _try(self, value: Entry, read: Callable[[Entry], T]) -> T | None:
        """What a value means; None if it is a mistake."""
        try:
            return None if value.broken or self.places.hides(value) else read(value)
        except FileError as error:
            self.complain(error)
            return None

    # -- entries -------------------------------------------------------------------------------

    def address(self, stated: Stated, number: int) -> str:
        """The address of a key: by its name if it has one, since its fingerprint goes with every
        rotation."""
        name = stated.values.get("name")
        if name is not None and name in self._names:
            stated.complain(stated.written["name"].error(f"the name '{name}' is there twice"))
        numbered = f"@{number}"
        candidates = (name, stated.values.get("fingerprint"), numbered)
        chosen = next(
            (each for each in candidates if each is not None and each not in self._names), numbered
        )
        self._names.add(chosen)
        return f"{self._source.path}#{chosen}"
