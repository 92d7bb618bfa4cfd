"""Roles that a workload assumes: what a policy gives them it gives to the workload.

The trust policy of a role may open it to a whole account; which role of that account then assumes
it is said by the policy of the other role, which a collector does not look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policyscan.inventory.links import identity_key, known_members
from policyscan.resources.base import Resource, Step, StepKind
from policyscan.resources.iam.matching import arn_tokens
from policyscan.resources.iam.model import IamStatement, allows
from policyscan.resources.iam.patterns import match, tokens_of
from policyscan.resources.iam.principals import forms_of
from policyscan.resources.units import in_account, set_unit
from policyscan.values import Ref, Unknown

_SHOWN = frozenset({"sts:externalid", "aws:principalorgid", "aws:principalaccount"})
"""Keys of conditions that any program of the account may meet."""
_ASSUME = tuple("sts:assumerole")
_WIDE = frozenset({"account", "anyone"})
_EVERYTHING = arn_tokens("arn:aws:iam::123456789012:role/any")
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?([0-9]{12})(?::.*)?")
_Key = tuple[str, str]


def with_assumers(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources, statements of roles that a workload certainly assumes as those of one."""
    every = tuple(resources)
    statements = [each for each in every if isinstance(each, IamStatement)]
    opened = set(_opened(statements))
    if not opened:
        return every
    through: dict[_Key, IamStatement] = {}
    while found := dict(_assumed(statements, through, opened)):
        through.update(found)
    return tuple(_changed(each, through) if through else each for each in every)


def _keys(statement: IamStatement) -> Iterator[_Key]:
    for member in known_members(statement.attached_to):
        key = identity_key(member, set_unit(statement.origin.unit))
        if key is not None:
            yield key


def _opened(statements: Iterable[IamStatement]) -> Iterator[_Key]:
    """The roles that somebody whom their trust policy does not name may assume."""
    for statement in statements:
        if statement.policy_kind != "trust" or _is_for_others(statement):
            continue
        if allows(statement) is True and _is_open(statement):
            forms = known_members(forms_of(statement))
            if any(isinstance(form, str) and form in _WIDE for form in forms):
                yield from _keys(statement)


def _is_for_others(statement: IamStatement) -> bool:
    """Whether all whom the trust policy of a role names belong to other accounts: only of what was
    seen is the own account known."""
    unit = statement.origin.unit
    named = [str(each) for each in known_members(statement.principals) if isinstance(each, str)]
    accounts = [match for each in named if (match := _ACCOUNT.fullmatch(each)) is not None]
    return (
        in_account(unit)
        and bool(accounts)
        and len(accounts) == len(tuple(known_members(statement.principals)))
        and all(match[1] != set_unit(unit) for match in accounts)
    )


def _is_open(statement: IamStatement) -> bool:
    """Whether no condition asks for what a program cannot show, such as a second factor."""
    keys = [getattr(each, "key", None) for each in known_members(statement.conditions)]
    return all(isinstance(key, str) and key.lower() in _SHOWN for key in keys)


def _assumed(
    statements: Iterable[IamStatement], through: dict[_Key, IamStatement], opened: set[_Key]
) -> Iterator[tuple[_Key, IamStatement]]:
    """The roles that are certainly assumed by a workload, and were not known to be."""
    denied = {key for each in statements if allows(each) is not True for key in _denied(each)}
    for statement in statements:
        acts = statement.principal_class == "workload" or any(
            key in through for key in _keys(statement)
        )
        allowed = allows(statement) is True and denied.isdisjoint(_keys(statement))
        if acts and allowed and statement.policy_kind == "identity" and _assumes(statement):
            for key in _named(statement, opened):
                if key not in through:
                    yield key, statement


def _assumes(statement: IamStatement) -> bool:
    patterns = (each for each in known_members(statement.actions) if isinstance(each, str))
    return any(match(tokens_of(pattern.lower()), _ASSUME) is True for pattern in patterns)


def _denied(statement: IamStatement) -> Iterator[_Key]:
    """Those whom a statement may keep from assuming a role."""
    if statement.policy_kind == "identity" and _assumes(statement):
        yield from _keys(statement)


def _named(statement: IamStatement, opened: set[_Key]) -> Iterator[_Key]:
    """Those of the roles that a statement names, one by one or all together."""
    unit = set_unit(statement.origin.unit)
    for value in known_members(statement.resources):
        if isinstance(value, str) and match(arn_tokens(value), _EVERYTHING) is True:
            yield from (key for key in opened if key[0] in ("", unit))
        elif isinstance(value, (str, Ref)):
            key = identity_key(value, unit)
            if key in opened:
                yield key


def _changed(resource: Resource, through: dict[_Key, IamStatement]) -> Resource:
    if not isinstance(resource, IamStatement) or resource.principal_class == "workload":
        return resource
    by = next((through[key] for key in _keys(resource) if key in through), None)
    if by is None or isinstance(resource.principal_class, Unknown):
        return resource
    step = Step(StepKind.REFERENCE, f"{by.address} lets a workload assume it", by.origin.span)
    chains = {**resource.chains, "principal_class": (step,)}
    return resource.model_copy(update={"principal_class": "workload", "chains": chains})
