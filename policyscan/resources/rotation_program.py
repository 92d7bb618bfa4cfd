"""What a program that rotates keys does, as far as its text shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from policyscan.resources.rotation import RotationStep
from policyscan.text.source import Source, Span
from policyscan.values import Maybe, PartialList, Unknown, Why

ORDER: tuple[RotationStep, ...] = ("create", "set_pending", "validate", "promote", "revoke")
MAX_BYTES = 250_000
"""A larger text is not looked at."""
_SIGNS = re.compile(
    rb"AWSPENDING|AWSCURRENT|update[-_]secret[-_]version[-_]stage|subAccountApi|finishSecret"
)


class ProgramFacts(Struct, frozen=True):
    """The steps of a program and how they hang together; what its text does not show is unknown."""

    steps: Any
    order_ok: Maybe[bool]
    validates_before_promote: Maybe[bool]
    revokes_after_promote: Maybe[bool]
    has_rollback: Maybe[bool]


def unseen(needs: str, where: Span | None = None, why: Why = Why.OUTSIDE) -> ProgramFacts:
    """The facts of a program whose text is not here."""
    unknown = Unknown(why, needs, where)
    return ProgramFacts(PartialList((), unknown), unknown, unknown, unknown, unknown)


def shows_rotation(source: Source) -> bool:
    """Whether the text of a program has words that only the rotation of a key needs."""
    return len(source.data) <= MAX_BYTES and _SIGNS.search(source.data) is not None


def facts_of(source: Source) -> ProgramFacts:
    """What the program does, by its language."""
    if len(source.data) > MAX_BYTES:
        return unseen(f"what {source.path} does, which is too large", why=Why.BUDGET)
    first = source.data[:80].split(b"\n", 1)[0]
    if source.path.endswith(".py") or (first.startswith(b"#!") and b"python" in first):
        from policyscan.resources.rotation_python import python_facts

        return python_facts(source)
    if source.path.endswith((".sh", ".bash")) or (first.startswith(b"#!") and b"sh" in first):
        from policyscan.resources.rotation_shell import shell_facts

        return shell_facts(source)
    needs = f"what {source.path} does, whose language is not read"
    return unseen(needs, source.whole(), Why.UNSUPPORTED)


def facts_from(
    events: tuple[RotationStep, ...],
    rollback: bool,
    doubts: Mapping[str, Unknown],
    rest: Unknown | None,
) -> ProgramFacts:
    """The facts of a program that takes these steps in this order, a step again each time it is
    taken. `doubts` are those of single facts; `rest` says why there may be more steps, if so."""
    steps = tuple(dict.fromkeys(events))
    first = {step: events.index(step) for step in steps}
    last = {step: len(events) - 1 - events[::-1].index(step) for step in steps}

    def before(one: RotationStep, other: RotationStep) -> bool | Unknown:
        if one not in first or other not in first:
            return rest if rest is not None else False
        return last[one] < first[other] if one == "promote" else first[one] < first[other]

    order: bool | Unknown = [ORDER.index(s) for s in steps] == sorted(ORDER.index(s) for s in steps)
    if order and rest is not None and len(steps) < len(ORDER):
        order = rest
    undone = True if rollback else rest if rest is not None else False
    return ProgramFacts(
        steps if rest is None else PartialList(steps, rest),
        doubts.get("order_ok", order) if order is True else order,
        _doubted(before("validate", "promote"), doubts.get("validates_before_promote")),
        _doubted(before("promote", "revoke"), doubts.get("revokes_after_promote")),
        _doubted(undone, doubts.get("has_rollback")),
    )


def _doubted(fact: bool | Unknown, doubt: Unknown | None) -> bool | Unknown:
    """The fact, if it does not hold or nothing speaks against it."""
    return doubt if fact is True and doubt is not None else fact
