"""Which resource of one tree is which of another, whatever it is called and wherever it is.

A resource is known by its address first: what is at the same address is the same thing, however
much it changed. A number in an address is no name, and what stages and statements are called is
one for people alone: among the stages of one file, the statements of one policy, or the members of
one list, the one that holds the same is the same. Only of those that are left on both sides, which
are gone here and new there, one that holds the same was moved or renamed; not into another
environment, where the same is another risk, and only with what it names. One that was edited
besides is looked for by `edited`. Each is used once, so that nothing that is new can stand behind
two that are gone, or behind one that is still there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from policyscan.findings.difference import Before, Known
from policyscan.gate.edited import edited
from policyscan.gate.things import NOTHING, Names, Thing, last, things

_MEMBER = re.compile(r"\[\d+\]|(?<=#stage-)\d+$")
"""The member of a list, or a stage that has no name: `bot[1]`, `Dockerfile#stage-2`."""
_USE = re.compile(r"(?<=-)\d+$")
"""The use of a library among those of one file: `depth.py#requests-1`."""

_USES = ("TlsClientUse",)
_LABELLED = ("DockerfileStage", "IamStatement")
"""Kinds whose addresses end in a label, `#build`, or else in a number."""


class Pairing(Struct, frozen=True):
    """What is the same on both sides."""

    earlier: Mapping[int, int]
    """By the place of a pair, the place of its counterpart before."""
    moved: Mapping[str, Mapping[str, str]]
    """By unit and address, the address before of each resource that had another."""


def pair(before: Before, after: Sequence[Known], names: Names = NOTHING) -> Pairing:
    """The counterparts of all pairs that have one; it depends on no order."""
    left = _Left(things(before.pairs), things(after), names)
    return _pairing(_matches(left))


def pair_edited(before: Before, after: Sequence[Known], names: Names = NOTHING) -> Pairing:
    """As `pair`, with those that were edited as well when they were moved or renamed."""
    left = _Left(things(before.pairs), things(after, before.renamed), names)
    matched = list(_matches(left))
    files = {*before.renamed.values()}
    return _pairing((*matched, *edited(left.before, left.after, files, names)))


def _pairing(matched: Iterable[tuple[Thing, Thing]]) -> Pairing:
    earlier: dict[int, int] = {}
    moved: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for old, new in matched:
        for policy, place in new.places.items():
            if policy in old.places:
                earlier[place] = old.places[policy]
        if old.address != new.address:
            moved[new.unit][new.address] = old.address
    return Pairing(earlier, moved)


_Key = Callable[[Thing], Any]
"""What two things have to share; nothing is shared by those of which it is None."""


def _matches(left: _Left) -> Iterator[tuple[Thing, Thing]]:
    """The things that are the same on both sides, the surest first."""
    # The addresses of one family that are there on both sides.
    yield from left.match(lambda one: (_family(one), one.address, one.digest), _known)
    yield from left.match(lambda one: (_family(one), one.digest), _known)
    yield from left.match(lambda one: (one.kind, one.unit, one.address))
    yield from left.match(lambda one: (one.kind, one.unit, one.address.replace("[0]", "")))
    yield from left.by_fingerprint()
    # Moved and renamed.
    yield from left.moved(lambda one: (one.kind, one.digest, one.address))
    yield from left.moved(lambda one: (one.kind, one.digest, one.unit))
    yield from left.moved(lambda one: (one.kind, one.digest))


def _family(thing: Thing) -> tuple[str, str, str]:
    """The things among which a number tells one from another."""
    address = _MEMBER.sub("", thing.address)
    if thing.kind in _LABELLED:
        address = address.partition("#")[0]
    return thing.kind, thing.unit, _USE.sub("", address) if thing.kind in _USES else address


def _known(thing: Thing) -> bool:
    return bool(thing.digest)


class _Left:
    """The things of both sides that have no counterpart yet."""

    def __init__(self, before: Iterable[Thing], after: Iterable[Thing], names: Names) -> None:
        self.before, self.after, self._names = list(before), list(after), names

    def moved(self, key: _Key) -> Iterator[tuple[Thing, Thing]]:
        """Those that share a key and hold the same, unless it is known of both that they are in
        different environments, or that what they name is not the same."""
        yield from self._moved(lambda one: (key(one), one.names()))
        yield from self._moved(key)

    def _moved(self, key: _Key) -> Iterator[tuple[Thing, Thing]]:
        names = self._names.may_be
        yield from self.match(lambda one: (key(one), one.environment), _known, alike=names)
        yield from self.match(key, _known, lambda one: _known(one) and not one.environment, names)
        yield from self.match(key, lambda one: _known(one) and not one.environment, _known, names)

    def match(
        self,
        key: _Key,
        fits: Callable[[Thing], bool] = lambda _: True,
        fits_now: Callable[[Thing], bool] | None = None,
        alike: Callable[[Thing, Thing], bool] = lambda *_: True,
    ) -> Iterator[tuple[Thing, Thing]]:
        """Those that share a key, in order, each once; `fits_now` is about those of after, if it
        is another question there, and `alike` about both."""
        fits_now = fits_now or fits
        waiting: defaultdict[Any, list[Thing]] = defaultdict(list)
        for old in reversed(self.before):
            if fits(old):
                waiting[key(old)].append(old)
        found: list[tuple[Thing, Thing]] = []
        for new in filter(fits_now, self.after):
            olds = waiting[key(new)]
            place = next((n for n in last(olds) if alike(olds[n], new)), None)
            if place is not None:
                found.append((olds.pop(place), new))
        self._take(found)
        yield from found

    def by_fingerprint(self) -> Iterator[tuple[Thing, Thing]]:
        """Those that a `moved` block says are the same: their findings have one fingerprint."""
        told = {print_: old for old in self.before for print_ in old.fingerprints}
        found: list[tuple[Thing, Thing]] = []
        used: set[int] = set()
        for new in self.after:
            old = next((told[each] for each in sorted(new.fingerprints) if each in told), None)
            if old is not None and id(old) not in used:
                used.add(id(old))
                found.append((old, new))
        self._take(found)
        yield from found

    def _take(self, found: Sequence[tuple[Thing, Thing]]) -> None:
        gone = {id(thing) for match in found for thing in match}
        self.before = [thing for thing in self.before if id(thing) not in gone]
        self.after = [thing for thing in self.after if id(thing) not in gone]
