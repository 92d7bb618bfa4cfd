"""What a program that rotates keys does, as far as its text shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from policyscan.resources.rotation.model import RotationStep
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
        from policyscan.resources.rotation.python import python_facts

        return python_facts(source)
    if source.path.endswith((".sh", ".bash")) or (first.startswith(b"#!") and b"sh" in first):
        from policyscan.resources.rotation.shell import shell_facts

        return shell_facts(source)
    needs = f"what {source.path} does, whose language is not read"
    return unseen(needs, source.whole(), Why.UNSUPPORTED)


def facts_from(
    events: tuple[RotationStep, ...],
    certain: tuple[RotationStep, ...],
    rollback: bool,
    doubts: Mapping[str, Unknown],
    rest: Unknown | None,
) -> ProgramFacts:
    """The facts of a program that takes these steps in this order, those of `certain` whatever the
    conditions are. `doubts` are those of single facts; `rest` says why there may be more steps."""
    steps = tuple(dict.fromkeys(events))
    doubt = Unknown(Why.CONDITION, "which of the conditions of the program hold")

    def before(one: RotationStep, other: RotationStep) -> bool | Unknown:
        if one not in events or other not in events:
            return False if rest is None else rest
        if _comes_before(events, one, other):
            return True
        return False if one in certain and other in certain else doubt

    order: bool | Unknown = _in_order(events)
    if order is False and _in_order(certain):
        order = doubt
    elif order is True and rest is not None:
        order = rest
    validated = before("validate", "promote")
    return ProgramFacts(
        steps if rest is None else PartialList(steps, rest),
        order,
        doubts.get("validates_before_promote", validated) if validated is True else validated,
        before("promote", "revoke"),
        True if rollback else False if rest is None else rest,
    )


def _in_order(events: tuple[RotationStep, ...]) -> bool:
    """Whether each step is first taken after those that belong before it."""
    positions = [ORDER.index(step) for step in dict.fromkeys(events)]
    return positions == sorted(positions)


def _comes_before(events: tuple[RotationStep, ...], one: RotationStep, other: RotationStep) -> bool:
    """Whether no `other` is taken before the first `one`."""
    return events.index(one) < events.index(other)
