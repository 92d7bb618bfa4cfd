"""Which resource of one tree is which of another, whatever it is called and wherever it is.

A resource is known by its address first: what is at the same address is the same thing, however
much it changed. A number in an address is no name, and what stages and statements are called is
one for people alone: among the stages of one file, the statements of one policy, or the members of
one list, the one that holds the same is the same. Only of those that are left on both sides, which
are gone here and new there, one that holds the same was moved or renamed; not into another
environment, where the same is another risk. One that was edited besides is looked for in its own
file alone, wherever that is now, and has to fail with no more. Each is used once, so
that nothing that is new can stand behind two that are gone, or behind one that is still there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from policyscan.findings.difference import Before, Known
from policyscan.findings.model import Verdict
from policyscan.gate.worse import covers

_MEMBER = re.compile(r"\[\d+\]|(?<=#stage-)\d+$")
"""The member of a list, or a stage that has no name: `bot[1]`, `Dockerfile#stage-2`."""
_USE = re.compile(r"(?<=-)\d+$")
"""The use of a library among those of one file: `depth.py#requests-1`."""

_USES = ("TlsClientUse",)
_LABELLED = ("DockerfileStage", "IamStatement")
"""Kinds whose addresses end in a label, `#build`, or else in a number."""


class Thing(Struct):
    """One resource with all that is said of it, by policy."""

    kind: str
    unit: str
    address: str
    number: int
    """Among those of one address."""
    digest: str = ""
    scope: Mapping[str, str] = {}
    file: str = ""
    """That it is written in, by the name of before."""
    failures: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """The facts of what fails, by policy."""
    places: dict[str, int] = field(default_factory=dict)
    """By policy, where in the list of pairs it is spoken of."""
    fingerprints: set[str] = field(default_factory=set)

    @property
    def order(self) -> tuple[str, str, int]:
        """The same whatever was read first."""
        return self.unit, self.address, self.number

    @property
    def environment(self) -> str:
        """That it is in, if that is known."""
        return self.scope.get("environment", "")


class Pairing(Struct, frozen=True):
    """What is the same on both sides."""

    earlier: Mapping[int, int]
    """By the place of a pair, the place of its counterpart before."""
    moved: Mapping[str, Mapping[str, str]]
    """By unit and address, the address before of each resource that had another."""


def pair(before: Sequence[Known], after: Sequence[Known]) -> Pairing:
    """The counterparts of all pairs that have one; it depends on no order."""
    left = _Left(_things(before), _things(after))
    return _pairing(_matches(left))


def pair_edited(before: Before, after: Sequence[Known]) -> Pairing:
    """As `pair`, with those that were edited as well when they were moved or renamed."""
    left = _Left(_things(before.pairs), _things(after, before.renamed))
    return _pairing((*_matches(left), *left.edited({*before.renamed.values()})))


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


def _things(pairs: Sequence[Known], renamed: Mapping[str, str] = {}) -> list[Thing]:
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
        thing.scope = thing.scope or each.scope
        thing.file = thing.file or renamed.get(each.file, each.file)
        if each.verdict in (Verdict.FAIL, Verdict.WAIVED):
            thing.failures[each.policy_id] = each.facts
        thing.places[each.policy_id] = place
        thing.fingerprints.add(each.fingerprint)
    return sorted(found.values(), key=lambda thing: (thing.kind, thing.order))


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


def _home(thing: Thing, moved: Collection[str]) -> tuple[str, str, str]:
    """Where it is; what is in a file that was moved is in another unit, or may be."""
    return thing.kind, thing.file, "" if thing.file in moved else thing.unit


def _no_worse(old: Thing, new: Thing) -> bool:
    """Whether all that fails of a thing failed with as much of another, which may be the same by
    what it is for."""
    return all(old.scope.get(each, answer) == answer for each, answer in new.scope.items()) and all(
        policy in old.failures and covers(old.failures[policy], facts, new.kind)
        for policy, facts in new.failures.items()
    )


def _alike(old: Thing, new: Thing) -> bool:
    return old.failures == new.failures and _no_worse(old, new)


def _of_one_name(old: Thing, new: Thing) -> bool:
    names = (each.address.removeprefix(each.unit) for each in (old, new))
    return len({*names}) == 1 and _no_worse(old, new)


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

    def edited(self, moved: Collection[str]) -> Iterator[tuple[Thing, Thing]]:
        """Those of one file, or of one of those that were `moved`, of which the later fails with no
        more; of several the one of the same address, or that fails with the same."""
        for fits in (_of_one_name, _alike, _no_worse):
            found: list[tuple[Thing, Thing]] = []
            waiting: defaultdict[Any, list[Thing]] = defaultdict(list)
            for old in self.before:
                if old.file and old.failures:
                    waiting[_home(old, moved)].append(old)
            for new in self.after:
                olds = waiting[_home(new, moved)] if new.failures else []
                fitting = next((each for each in olds if fits(each, new)), None)
                if fitting is not None:
                    olds.remove(fitting)
                    found.append((fitting, new))
            self._take(found)
            yield from found

    def _take(self, found: Sequence[tuple[Thing, Thing]]) -> None:
        gone = {id(thing) for match in found for thing in match}
        self.before = [thing for thing in self.before if id(thing) not in gone]
        self.after = [thing for thing in self.after if id(thing) not in gone]
