"""What is declared and nowhere, and what is there and nowhere declared; told only where the other
side is known to be whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyscan.findings.drift import Unpaired
from policyscan.inventory.counterparts import NAMED_BY, Counterparts, may_be, name_of
from policyscan.request import Run
from policyscan.resources.base import Resource
from policyscan.resources.units import set_unit
from policyscan.witnesses import Subject


def unpaired(run: Run, found: Counterparts) -> Iterator[Unpaired]:
    """For each kind that was asked for, what is in no pair."""
    asked: dict[str, set[str]] = {}
    for part in run.collected:
        for question in part.asked:
            for kind in question.kinds:
                asked.setdefault(kind, set()).add(set_unit(question.unit))
    homes = _homes(found)
    for kind in sorted(asked.keys() & NAMED_BY.keys()):
        declared = [one for one in found.declared if one.kind == kind]
        observed = [one for one in found.observed if one.kind == kind]
        if not declared and not observed:
            continue
        reasons = [
            *_unseen(run, kind, asked[kind]),
            *_unread(run, kind),
            *_undecided(declared, observed),
        ]
        if reasons:
            yield Unpaired(kind, len(declared), len(observed), not_told=tuple(reasons))
            continue
        at_home = [_at_home(one, homes, asked[kind]) for one in declared]
        homeless = [one for one, is_home in zip(declared, at_home, strict=True) if not is_home]
        missing = [one for one, is_home in zip(declared, at_home, strict=True) if is_home]
        yield Unpaired(
            kind,
            len(declared),
            len(observed),
            missing=tuple(Subject.of(one).ref for one in missing),
            unmanaged=tuple(Subject.of(one).ref for one in observed),
            not_told=tuple(_without_home(homeless)),
        )


def _unseen(run: Run, kind: str, accounts: set[str]) -> Iterator[str]:
    """The accounts of which not all of a kind was seen."""
    for account in sorted(accounts):
        if (kind, account) not in run.closed:
            why = run.opened.get((kind, account), "")
            yield f"not every {kind} of {account} was seen" + (why and f": {why}")


def _unread(run: Run, kind: str) -> Iterator[str]:
    """What of the code was not read and may declare more of a kind."""
    gaps = [
        gap
        for part in run.collected
        if not part.target
        for gap in part.gaps
        if kind in (gap.hides or (kind,))
    ]
    if gaps or run.interrupted:
        first = f": {gaps[0].subject}" if gaps else ""
        yield f"code that may declare {kind} was not read{first}"


def _undecided(declared: Sequence[Resource], observed: Sequence[Resource]) -> Iterator[str]:
    """Whether something declared may be one of what was seen, for all that is known."""
    by_name: dict[object, list[Resource]] = {}
    for one in observed:
        by_name.setdefault(name_of(one), []).append(one)
    unnamed = by_name.get(None, [])
    open_ones = []
    for one in declared:
        name = name_of(one)
        candidates = observed if name is None else [*by_name.get(name, ()), *unnamed]
        if any(may_be(one, other) for other in candidates):
            open_ones.append(one)
    if open_ones:
        first = Subject.of(open_ones[0]).ref.shown
        more = f" and {len(open_ones) - 1} others" if len(open_ones) > 1 else ""
        yield f"{first}{more} may be among what was seen: too little is known from code"


def _homes(found: Counterparts) -> dict[str, set[str]]:
    """The accounts in which things of each root were found."""
    homes: dict[str, set[str]] = {}
    for pair in found.pairs:
        account = set_unit(pair.observed.origin.unit)
        homes.setdefault(pair.declared.origin.unit, set()).add(account)
    return homes


def _at_home(one: Resource, homes: dict[str, set[str]], accounts: set[str]) -> bool:
    """Whether it is known where it ought to be, and that is an account that was asked. What may not
    be made at all is nowhere at home."""
    home = homes.get(one.origin.unit, set())
    return (
        one.conditional is None and "[?]" not in one.address and len(home) == 1 and home <= accounts
    )


def _without_home(homeless: Sequence[Resource]) -> Iterator[str]:
    units = sorted({one.origin.unit for one in homeless})
    if units:
        yield (
            f"{len(homeless)} declared in {', '.join(units)}: which account they belong to, or "
            "whether they are made, is not known"
        )
