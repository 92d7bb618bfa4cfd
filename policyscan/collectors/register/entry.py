"""One entry of the register: the fields that it states, each read once, and its mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from policyscan.collectors.register.fields import (
    ALIASES,
    FINGERPRINT,
    MOST_ITEMS,
    NAME,
    boolean,
    table,
    unknown_permission,
)
from policyscan.collectors.register.places import Places
from policyscan.errors import FileError
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.text.complaints import suggestion
from policyscan.text.display import shortened
from policyscan.text.source import Span
from policyscan.text.yaml import Entry
from policyscan.values import PartialList, Unknown, Why

Complain = Callable[[FileError], None]

_MOST_FOREIGN = 20
"""Unknown keys of one mapping that are listed one by one."""


def unknown_keys(entry: Entry, known: Collection[str]) -> list[FileError]:
    """What is wrong with the keys of a mapping, for the first of them."""
    foreign = [word for word in entry.entries() if ALIASES.get(word, word) not in known]
    errors = [
        entry.keys[word].error(f"unknown key '{shortened(word, 60)}'{suggestion(word, known)}")
        for word in foreign[:_MOST_FOREIGN]
    ]
    more = len(foreign) - len(errors)
    return [*errors, entry.error(f"{more} more unknown keys in {entry.name}")] if more else errors


class Stated:
    """What an entry states. A mistake is complained about and costs its field, which is then not
    known; so is a field that is left out."""

    def __init__(
        self, entry: Entry, defaults: Mapping[str, Entry], places: Places, complain: Complain
    ) -> None:
        self.entry = entry
        self.places = places
        self.complain = complain
        self.values: dict[str, Any] = {}
        self.chains: dict[str, Chain] = {}
        self.failed: set[str] = set()
        """Fields that are stated in a way that is a mistake."""
        self.doubt = entry.broken
        """Whether it may state more than was understood: under a misspelt key."""
        self.written = self._written()
        self.label = self._label()
        for name, value in {**defaults, **self.written}.items():
            self._read(name, value)

    def _written(self) -> dict[str, Entry]:
        """The fields that the entry writes, each under its full name."""
        found: dict[str, Entry] = {}
        unknown = unknown_keys(self.entry, table())
        self.doubt = self.doubt or bool(unknown)
        for error in unknown:
            self.complain(error)
        for word, value in self.entry.entries().items():
            name = ALIASES.get(word, word)
            if name in found:
                self.failed.add(name)
                key = self.entry.keys[word]
                self.complain(key.error(f"'{word}' says again what '{name}' is"))
            elif name in table():
                found[name] = value
        return found

    def _label(self) -> str:
        """What messages call the entry: its name, secret or fingerprint, or else its number."""
        for name in ("name", "secret", "fingerprint"):
            value = self.written.get(name)
            pattern = FINGERPRINT if name == "fingerprint" else NAME
            text = "" if value is None or value.broken else value.value
            if isinstance(text, str) and re.fullmatch(pattern, text):
                return text
        return self.entry.name

    # -- reading -------------------------------------------------------------------------------

    def _read(self, name: str, value: Entry) -> None:
        if self._unread(value) or name in self.failed:
            self.failed.add(name)
            return
        field = table()[name]
        try:
            if isinstance(value.value, dict) and field.switches:
                self._read_switches(name, value)
            elif field.is_list:
                self.values[name] = self._items(name, value)
            else:
                self.values[name] = field.read(value)
        except FileError as error:
            self.failed.add(name)
            if name in self.written:
                self.complain(error)
            return
        label = name if name in self.written else f"{name}, for all entries"
        self.chains[name] = self.chain(label, value)

    def _unread(self, value: Entry) -> bool:
        """Whether something was complained about already: it is no plain data, or no more there."""
        scalar = isinstance(value.value, str)
        return value.broken or (scalar and self.places.hides(value))

    def _items(self, name: str, value: Entry) -> Any:
        """The members of a list that are right, and that there are others."""
        single = table()[name].may_be_single and isinstance(value.value, str)
        items = (value,) if single else value.items()
        if len(items) > MOST_ITEMS:
            raise value.error(f"{value.name} has more than {MOST_ITEMS} members")
        found: list[object] = []
        for item in items:
            try:
                one = None if self._unread(item) else table()[name].read(item)
                if one is not None and one in found:
                    raise item.error(f"{item.name} is there twice")
            except FileError as error:
                self.complain(error)
                one = None
            if one is None:
                self.failed.add(name)
            else:
                self.chains[f"{name}[{len(found)}]"] = self.chain(name, item)
                found.append(one)
        known = tuple(found)
        return PartialList(known, self.unknown(name)) if name in self.failed else known

    def _read_switches(self, name: str, value: Entry) -> None:
        """A mapping from words to true and false; a wrong member leaves the others."""
        field, found = table()[name], dict[str, bool]()
        for word, switch in value.value.items():
            try:
                if word not in field.switches:
                    raise value.keys[word].error(unknown_permission(word))
                if self._unread(switch):
                    self.failed.add(name)
                else:
                    found[word] = boolean(switch)
                    self.chains[f"{name}.{word}"] = self.chain(f"{name}.{word}", switch)
            except FileError as error:
                self.complain(error)
                self.failed.add(name)
        self.values[name] = found

    # -- asking --------------------------------------------------------------------------------

    def get(self, name: str) -> Any:
        """The value of a field, or why it is not known."""
        return self.values[name] if name in self.values else self.unknown(name)

    def optional(self, name: str) -> Any:
        """The value of a field; None if the entry plainly states none."""
        plainly_absent = not self.states(name) and not self.doubt
        return None if plainly_absent else self.get(name)

    def states(self, name: str) -> bool:
        """Whether the field is stated, rightly or not."""
        return name in self.values or name in self.failed

    def unknown(self, name: str) -> Unknown:
        """Why a field is not known: what would be needed, and where."""
        span = self.span(name)
        return Unknown(Why.MISSING, f"{name} of {self.label} ({span.place})", span)

    def span(self, name: str) -> Span:
        """Where a field is written, or else the entry."""
        return self.places.of(self.written.get(name, self.entry))

    def chain(self, label: str, value: Entry) -> Chain:
        """The step of a value that is written in the register."""
        return (Step(StepKind.ATTRIBUTE, label, self.places.of(value)),)

    def reject(self, error: FileError, *names: str) -> None:
        """Takes back fields that contradict each other or the calendar."""
        self.complain(error)
        for name in names:
            self.values.pop(name, None)
            self.failed.add(name)
