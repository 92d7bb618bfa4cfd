"""How the steps of a program that rotates keys hang together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from policyscan.resources.rotation.model import RotationStep
from policyscan.text.source import Span
from policyscan.values import Maybe, PartialList, Unknown, Why

ORDER: tuple[RotationStep, ...] = ("create", "set_pending", "validate", "promote", "revoke")


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
