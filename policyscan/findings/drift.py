"""Declared against real: what a report says of things that are both written down and there."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from policyscan.findings.model import Location, ResourceRef, Verdict


class DriftState(StrEnum):
    """Whether a thing is as its code says, as far as both are known."""

    SAME = "same"
    DIFFERS = "differs"


class DriftAttribute(Struct, frozen=True):
    """One value that differs."""

    path: str
    """`retention_days`, `tags["Team"]`; of a list, the list: order says nothing."""
    declared: str
    """As the language writes it, masked if it may be secret; empty if code has no such member."""
    observed: str
    """The same of the thing that is there."""


class VerdictPair(Struct, frozen=True):
    """What one policy says of both."""

    policy_id: str
    declared: Verdict | None
    """None if the policy did not judge it."""
    observed: Verdict | None


class Drift(Struct, frozen=True):
    """One thing as code declares it and as it was seen, and where the two differ."""

    kind: str
    declared: ResourceRef
    observed: ResourceRef
    joined_by: str
    """What shows that they are one: `ARN`, `id`, `name`, `name and tags` or `tags`."""
    state: DriftState
    compared: int
    """Fields of which both values are known."""
    attributes: tuple[DriftAttribute, ...] = ()
    not_known: tuple[str, ...] = ()
    """Fields of which one of the values is not known, wholly or in part; no drift."""
    verdicts: tuple[VerdictPair, ...] = ()
    location: Location | None = None
    """Where it is declared."""


class DriftDoubt(Struct, frozen=True):
    """A declared resource that was joined to nothing, because several things may be meant."""

    declared: ResourceRef
    candidates: tuple[str, ...]
    """Their addresses."""
    reason: str


class Unpaired(Struct, frozen=True):
    """What of one kind is on one side alone. That a thing is nowhere is only told where all of the
    other side is known."""

    kind: str
    declared: int
    """Declared and in no pair, doubts left out."""
    observed: int
    """Seen, in no pair, and no candidate of a doubt."""
    missing: tuple[ResourceRef, ...] = ()
    """Declared, and not in the account in which other things of its root are."""
    unmanaged: tuple[ResourceRef, ...] = ()
    """Seen, and declared by no code that was read."""
    not_told: tuple[str, ...] = ()
    """Why some of them, or all, are in neither list."""
