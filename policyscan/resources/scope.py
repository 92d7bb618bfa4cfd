"""Questions of scope: what a thing is for, in which environment, and how much is at risk.

An answer has a basis, strongest first: a person declared it, a tag says it, it follows from what
the thing is connected to, its name says it, or the whole repository suggests it.
"""

from __future__ import annotations

from typing import Literal, get_args

from policyscan.values import Alternative, OneOf, Unknown, Why

Role = Literal["trading", "gateway", "rotation", "admin", "public", "other"]
"""`trading` handles exchange keys or serves what does; `gateway` stands between the bots and the
exchange; `rotation` replaces keys; `admin` is for people; `public` is meant to be reached from the
internet."""
Environment = Literal["production", "staging", "development"]
"""Tests count as development."""
Tier = Literal["high", "medium", "low"]
"""Over 100,000, over 10,000, and below, in US dollars."""

ROLES: tuple[str, ...] = get_args(Role)
ENVIRONMENTS: tuple[str, ...] = get_args(Environment)
TIERS: tuple[str, ...] = get_args(Tier)
BASES = ("declared", "tagged", "derived", "named", "default")
"""How an answer came about, strongest first."""
UNCONFIRMED = ("named", "default")
"""Bases that a person has to confirm before a failure that depends on them blocks a change."""
QUESTIONS = ("role", "environment", "tier")

_NEEDS = {
    "role": "what it is for (role)",
    "environment": "which environment it is in",
    "tier": "the tier of its account",
}

UNASKED = Unknown(Why.UNDECLARED, "an answer that the inventory gives")
"""What the fields hold before the inventory has decided them."""


def undeclared_role() -> Unknown:
    """The role of a resource of which nothing tells what it is for."""
    return Unknown(Why.UNDECLARED, _NEEDS["role"], question="role")


def undeclared_environment(address: str, because: Unknown | None = None) -> OneOf[str]:
    """One of the environments, `because` a tag that says which is not known, or none is there."""
    return _one_of("environment", ENVIRONMENTS, address, because)


def undeclared_tier(address: str, because: Unknown | None = None) -> OneOf[str]:
    """One of the tiers, `because` a tag that says which is not known, or none is there."""
    return _one_of("tier", TIERS, address, because)


def _one_of(
    question: str, answers: tuple[str, ...], address: str, because: Unknown | None
) -> OneOf[str]:
    asked = f"the {question} of {address}"
    unknown = because
    if unknown is None:
        unknown = Unknown(Why.UNDECLARED, _NEEDS[question], question=question)
    return OneOf(tuple(Alternative(answer, ((asked, answer),)) for answer in answers), unknown)
