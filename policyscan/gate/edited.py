"""Which of the resources that are new is one that is gone, though it was edited as well.

It is if it is in the same file, for the same and of the same type, if it fails with no more, and if
it holds the same in all that takes no part in its failing: only what it is called, its description
and its tags may differ. One that is in another network or region, or is given to another role, is
another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from policyscan.facts.digest import type_of
from policyscan.facts.plain import written
from policyscan.gate.things import Names, Thing, last
from policyscan.gate.worse import covers

_LABELS = frozenset({"name", "description", "tags"})
"""Fields that say what it is called; what it is for counts by what follows from them."""


def edited(
    before: Sequence[Thing], after: Sequence[Thing], moved: Collection[str], names: Names
) -> Iterator[tuple[Thing, Thing]]:
    """The pairs of those that are the same, each used once; `moved` are the files that have other
    names now. Of several it is the one of the same name, or that fails with the same."""
    olds, news = ([one for one in side if one.file and one.failures] for side in (before, after))
    used: set[int] = set()
    for more in (_name, _failing, lambda _: None):
        for beside, some in _by_failing(news).items():
            waiting: defaultdict[Any, list[Thing]] = defaultdict(list)
            for old in reversed(olds):
                if id(old) not in used:
                    waiting[_held(old, beside, moved), more(old)].append(old)
            for new in some:
                if id(new) in used:
                    continue
                near = waiting[_held(new, beside, moved), more(new)]
                found = next((n for n in last(near) if _same(near[n], new, beside, names)), None)
                if found is not None:
                    old = near.pop(found)
                    used |= {id(old), id(new)}
                    yield old, new


def _name(thing: Thing) -> str:
    """Its address, in a file that may have another name."""
    return thing.address.removeprefix(f"{thing.unit}#")


def _failing(thing: Thing) -> str:
    return written(thing.failures)


def _by_failing(news: Sequence[Thing]) -> dict[frozenset[str], list[Thing]]:
    """By the fields that may differ, the things of which that is so."""
    found: defaultdict[frozenset[str], list[Thing]] = defaultdict(list)
    for new in news:
        paths = (path.partition(".")[0] for facts in new.failures.values() for path in facts)
        found[_LABELS.union(paths)].append(new)
    return found


def _held(thing: Thing, beside: Collection[str], moved: Collection[str]) -> Any:
    """Where it is, what it is and what it holds. What is in a file that was moved is in another
    unit, or may be."""
    home = thing.file, "" if thing.file in moved else thing.unit
    held = (thing.held or {}).items()
    rest = frozenset((name, each.digest) for name, each in held if name not in beside)
    return thing.kind, *home, type_of(_name(thing)), rest


def _same(old: Thing, new: Thing, beside: Collection[str], names: Names) -> bool:
    """Whether all that fails of a thing failed with as much of another, which may be the same by
    what it is for and by what it names."""
    return (
        all(old.scope.get(each, answer) == answer for each, answer in new.scope.items())
        and names.may_be(old, new, beside)
        and all(
            policy in old.failures and covers(old.failures[policy], facts, new.kind)
            for policy, facts in new.failures.items()
        )
    )
