"""Which resource of one tree is which of another, whatever it is called and wherever it is.

A resource is known by its address first: what is at the same address is the same thing, however
much it changed. A number in an address is no name: among the stages of one file, or the members of
one list, the one that holds the same is the same. Only of those that are left on both sides, which
are gone here and new there, one that holds the same was moved or renamed; not into another
environment, where the same is another risk. Each is used once, so
that nothing that is new can stand behind two that are gone, or behind one that is still there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from policyscan.findings.difference import Known

_MEMBER = re.compile(r"\[\d+\]|(?<=#stage-)\d+$")
"""The member of a list, or a stage that has no name: `bot[1]`, `Dockerfile#stage-2`."""
_USE = re.compile(r"(?<=-)\d+$")
"""The use of a library among those of one file: `depth.py#requests-1`."""

_USES = ("TlsClientUse",)


class Thing(Struct):
    """One resource with all that is said of it, by policy."""

    kind: str
    unit: str
    address: str
    number: int
    """Among those of one address."""
    digest: str = ""
    environment: str = ""
    places: dict[str, int] = field(default_factory=dict)
    """By policy, where in the list of pairs it is spoken of."""
    fingerprints: set[str] = field(default_factory=set)

    @property
    def order(self) -> tuple[str, str, int]:
        """The same whatever was read first."""
        return self.unit, self.address, self.number


class Pairing(Struct, frozen=True):
    """What is the same on both sides."""

    earlier: Mapping[int, int]
    """By the place of a pair, the place of its counterpart before."""
    moved: Mapping[str, Mapping[str, str]]
    """By unit and address, the address before of each resource that had another."""


def pair(before: Sequence[Known], after: Sequence[Known]) -> Pairing:
    """The counterparts of all pairs that have one; it depends on no order."""
    matched = list(_matches(_things(before), _things(after)))
    earlier: dict[int, int] = {}
    moved: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for old, new in matched:
        for policy, place in new.places.items():
            if policy in old.places:
                earlier[place] = old.places[policy]
        if old.address != new.address:
            moved[new.unit][new.address] = old.address
    return Pairing(earlier, moved)


def _things(pairs: Sequence[Known]) -> list[Thing]:
    """The resources that the pairs are about, in order; several may have one address."""
    found: dict[tuple[str, str, str, int], Thing] = {}
    seen: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for place, each in enumerate(pairs):
        ref = each.resource
        said = (each.policy_id, ref.kind, ref.unit, ref.address)
        number = seen[said]
        seen[said] += 1
        key = ref.kind, ref.unit, ref.address, number
        thing = found.setdefault(key, Thing(*key))
        thing.digest = thing.digest or ref.digest
        thing.environment = thing.environment or each.environment
        thing.places[each.policy_id] = place
        thing.fingerprints.add(each.fingerprint)
    return sorted(found.values(), key=lambda thing: (thing.kind, thing.order))


_Key = Callable[[Thing], Any]
"""What two things have to share; nothing is shared by those of which it is None."""


def _matches(before: list[Thing], after: list[Thing]) -> Iterator[tuple[Thing, Thing]]:
    """The things that are the same on both sides, the surest first."""
    left = _Left(before, after)
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
    return thing.kind, thing.unit, _USE.sub("", address) if thing.kind in _USES else address


def _known(thing: Thing) -> bool:
    return bool(thing.digest)


class _Left:
    """The things of both sides that have no counterpart yet."""

    def __init__(self, before: Iterable[Thing], after: Iterable[Thing]) -> None:
        self.before, self.after = list(before), list(after)

    def moved(self, key: _Key) -> Iterator[tuple[Thing, Thing]]:
        """Those that share a key and hold the same, unless it is known of both that they are in
        different environments."""
        yield from self.match(lambda one: (key(one), one.environment), _known)
        yield from self.match(key, _known, lambda one: _known(one) and not one.environment)
        yield from self.match(key, lambda one: _known(one) and not one.environment, _known)

    def match(
        self,
        key: _Key,
        fits: Callable[[Thing], bool] = lambda _: True,
        fits_now: Callable[[Thing], bool] | None = None,
    ) -> Iterator[tuple[Thing, Thing]]:
        """Those that share a key, in order, each once; `fits_now` is about those of after, if it
        is another question there."""
        fits_now = fits_now or fits
        waiting: defaultdict[Any, list[Thing]] = defaultdict(list)
        for old in reversed(self.before):
            if fits(old):
                waiting[key(old)].append(old)
        found = [
            (waiting[key(new)].pop(), new)
            for new in self.after
            if fits_now(new) and waiting[key(new)]
        ]
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
