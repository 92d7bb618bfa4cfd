"""The actions of AWS on secrets, and which of them a statement is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

from policyscan.resources.iam.patterns import NONE, Matched, Names, lowered, tokens_of
from policyscan.values import Many, Maybe, OneOf, PartialList, Ref, Unknown

T = TypeVar("T")

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "secretsmanager": tuple(
        "PutSecretValue UpdateSecret UpdateSecretVersionStage DeleteSecret PutResourcePolicy"
        " DeleteResourcePolicy RotateSecret CancelRotateSecret RestoreSecret"
        " ReplicateSecretToRegions RemoveRegionsFromReplication StopReplicationToReplica"
        " TagResource UntagResource CreateSecret"
        " GetSecretValue DescribeSecret ListSecretVersionIds GetResourcePolicy"
        " ValidateResourcePolicy".split()
    ),
    "ssm": tuple(
        "PutParameter DeleteParameter DeleteParameters LabelParameterVersion"
        " UnlabelParameterVersion PutResourcePolicy DeleteResourcePolicy AddTagsToResource"
        " RemoveTagsFromResource"
        " GetParameter GetParameters GetParametersByPath GetParameterHistory GetResourcePolicies"
        " ListTagsForResource".split()
    ),
}
"""By service, what can be done to one secret or parameter, in the state of the service
authorization reference of November 2026; what changes most comes first. Actions on no single
secret (`ListSecrets`, `GetRandomPassword`) are not here."""
_READING = frozenset(
    "secretsmanager:GetSecretValue ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath"
    " ssm:GetParameterHistory".split()
)

NAMES = tuple(f"{service}:{name}" for service, names in ACTIONS.items() for name in names)
"""All of them; the number of one is its bit."""
EVERY = (1 << len(NAMES)) - 1
READING = sum(1 << bit for bit, name in enumerate(NAMES) if name in _READING)
"""Those that give the value away."""
BY_PATH = 1 << NAMES.index("ssm:GetParametersByPath")
OF_STORE = {
    store: sum(1 << bit for bit, name in enumerate(NAMES) if name.startswith(service + ":"))
    for store, service in (("aws_sm", "secretsmanager"), ("ssm", "ssm"), ("vault", "-"))
}
"""By kind of store, the actions that it knows."""


def names_of(bits: int) -> tuple[str, ...]:
    """The names of actions."""
    return tuple(name for bit, name in enumerate(NAMES) if bits >> bit & 1)


def acted(actions: Many[Maybe[str]], not_actions: Many[Maybe[str]]) -> Matched:
    """The actions that a statement with these elements is about."""
    if isinstance(not_actions, tuple) and not not_actions:
        return joined(actions, _action, EVERY)
    return joined(not_actions, _action, EVERY).outside(EVERY)


def joined(
    values: Many[Maybe[str]], one: Callable[[str | Ref | Unknown], Matched], every: int
) -> Matched:
    """What the members of a list match together; a list that is open may match everything."""
    if isinstance(values, OneOf):
        return _alternatives([joined(each.value, one, every) for each in values.alternatives])
    if isinstance(values, Unknown):
        return Matched(0, every)
    found = NONE if isinstance(values, tuple) else Matched(0, every)
    for value in values.known if isinstance(values, PartialList) else values:
        found |= _member(value, one)
    return found


def _member(value: Maybe[str], one: Callable[[str | Ref | Unknown], Matched]) -> Matched:
    if isinstance(value, OneOf):
        return _alternatives([_member(each.value, one) for each in value.alternatives])
    return one(value)


def _alternatives(found: list[Matched]) -> Matched:
    first, *others = found
    for other in others:
        first = first.either_of(other)
    return first


def _action(value: str | Ref | Unknown) -> Matched:
    return _table().matching(lowered(tokens_of(value)))


@cache
def _table() -> Names:
    return Names(tuple(name.lower()) for name in NAMES)


def action_bits(value: Maybe[str]) -> int:
    """The actions that one pattern may be about."""
    return _member(value, _action).may
