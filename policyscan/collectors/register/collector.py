"""From registers to keys, gaps and the books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyscan.collectors.interface import Closed, Declined, Item, Reading, Units
from policyscan.collectors.register.count import count_entries
from policyscan.collectors.register.doubles import Doubles
from policyscan.collectors.register.entry import Stated
from policyscan.collectors.register.key import check, key
from policyscan.collectors.register.recognise import is_register, may_be_register
from policyscan.collectors.register.register import Register
from policyscan.errors import FileError, ReadError
from policyscan.resources.base import Chain, Gap, Origin, ProofLevel, Step, StepKind, Tally
from policyscan.resources.keys import ApiKey
from policyscan.text.source import Source
from policyscan.text.tree import Tree

MAX_BYTES = 250_000
"""A larger file is too large for a register."""
MAX_KEYS = 1_000
"""Keys of all registers of a tree."""
_KINDS = (ApiKey.kind,)


def read_all(tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
    """The keys of all registers, in the order of the paths, the gaps and the books."""
    return _Run(tree, reading).items(paths)


class _Run:
    """What was counted and what came of it, over all registers of a tree."""

    def __init__(self, tree: Tree, reading: Reading) -> None:
        self._tree = tree
        self._reading = reading
        self._keys = Doubles()
        self._found = 0
        self._dropped: dict[str, int] = {}
        self._units: list[str] = []
        self._complete: list[str] = []
        self._lost = False
        """Whether an entry or a whole register was not read."""

    def items(self, paths: Sequence[str]) -> Iterator[Item]:
        """Everything that the registers hold."""
        for path in paths:
            yield from self._file(path)
        found = self._keys.settled()
        yield from found
        yield from self._keys.gaps()
        yield Units(tuple(self._units))
        if not self._lost:
            yield from (Closed(ApiKey.kind, unit) for unit in self._complete)
        target = self._reading.target
        yield Tally(target, ApiKey.kind, self._found, len(found), self._dropped)

    def _file(self, path: str) -> Iterator[Item]:
        try:
            source = self._tree.read(path, limit=MAX_BYTES)
        except ReadError as error:
            self._lost = True
            yield Gap.of(error, hides=_KINDS, unit=path)
            return
        register = Register(source)
        try:
            top = register.top()
        except FileError as error:
            if not may_be_register(source.data):
                yield Declined((path,))
                return
            self._lost = True
            register.complain(error)
            yield from register.gaps()
            return
        if top is None or not is_register(top):
            yield Declined((path,))
            return
        self._units.append(path)
        register.settings(top)
        self._read(register, source)
        yield from register.gaps()

    def _read(self, register: Register, source: Source) -> None:
        """The keys of one register."""
        entries, room = register.entries, MAX_KEYS - len(self._keys)
        counted = count_entries(register.document.text)
        self._found += counted
        self._drop("in a list that is not read", counted - len(entries))
        self._lost = self._lost or register.lost
        if register.complete:
            self._complete.append(source.path)
        if len(entries) > room:
            message = f"more than {MAX_KEYS} keys: the others are not judged"
            register.complain(entries[room].error(message))
            self._drop(f"more than {MAX_KEYS} keys", len(entries) - room)
        last = self._last_change(source)
        for number, entry in enumerate(entries[:room], 1):
            if not isinstance(entry.value, dict):
                self._drop("not an entry", 1)
                register.refuse(entry)
                continue
            stated = Stated(entry, register.defaults, register.places, register.complain)
            check(stated, self._reading.now)
            span = register.places.of(entry)
            target = self._reading.target
            origin = Origin("register", target, source.path, span, ProofLevel.ASSERTED)
            self._keys.add(key(stated, register.address(stated, number), origin, last))

    def _drop(self, reason: str, number: int) -> None:
        """Entries that become no key."""
        if number > 0:
            self._lost = True
            self._dropped[reason] = self._dropped.get(reason, 0) + number

    def _last_change(self, source: Source) -> Chain:
        change = self._tree.last_change(source)
        if change is None:
            return ()
        return (Step(StepKind.COMMIT, f"last changed {change.date} by {change.author}"),)
