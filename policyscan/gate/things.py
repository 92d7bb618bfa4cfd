"""Resources with all that is said of them, and what has to be alike of two that are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from policyscan.facts.digest import REGION
from policyscan.findings.difference import Held, Known
from policyscan.findings.model import Verdict

_TRIED = 16
"""Things with which one is compared. Among thousands that are alike but for what has to be compared
the right one may not be found; the one is new then."""


class Thing(Struct, eq=False):
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
    held: Mapping[str, Held] | None = None
    """By field, what it holds; None if it fails nowhere, or that is not told."""
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

    def names(self, beside: Collection[str] = ()) -> frozenset[str]:
        """What it names, except in some fields."""
        held = self.held or {}
        return frozenset[str]().union(*(held[each].names for each in held if each not in beside))


def things(pairs: Sequence[Known], renamed: Mapping[str, str] = {}) -> list[Thing]:
    """The resources that the pairs are about, in order; several may have one address. `renamed`
    are the names of files before."""
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
        if thing.held is None:
            thing.held = each.held
        if each.verdict in (Verdict.FAIL, Verdict.WAIVED):
            thing.failures[each.policy_id] = each.facts
        thing.places[each.policy_id] = place
        thing.fingerprints.add(each.fingerprint)
    return sorted(found.values(), key=lambda thing: (thing.kind, thing.order))


def last(some: Sequence[Thing]) -> range:
    """The places of those with which one is compared, the last first."""
    end = len(some) - 1
    return range(end, max(end - _TRIED, -1), -1)


class Names(Struct, frozen=True):
    """What is there by some name on either side: the unit, and the name."""

    before: Collection[tuple[str, str]]
    after: Collection[tuple[str, str]]

    def may_be(self, old: Thing, new: Thing, beside: Collection[str] = ()) -> bool:
        """Whether two things may be the same by the region that they are in and by what they name,
        except in the fields `beside`. What is not the same by its name and unit was moved or
        renamed with them: it was not there before, and is not any more where it was. What is
        written elsewhere keeps its name."""
        if old.held is None or new.held is None:
            return True
        if len({old.held[REGION].digest, new.held[REGION].digest} - {""}) > 1:
            return False
        then, now = old.names(beside), new.names(beside)
        same = then & now
        if old.unit != new.unit:
            same = frozenset(filter(_is_elsewhere, same))
        come, gone = now - same, then - same
        return len(come) == len(gone) and not (
            any(map(_is_elsewhere, come | gone))
            or any((new.unit, name) in self.before for name in come)
            or any((old.unit, name) in self.after for name in gone)
        )


NOTHING = Names((), ())


def _is_elsewhere(name: str) -> bool:
    """Whether it is of nothing that the same files declare."""
    return " " in name or name.startswith("data.")
