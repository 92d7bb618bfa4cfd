"""Statements that allow everything."""

from __future__ import annotations

from policyscan.resources.iam.actions import joined
from policyscan.resources.iam.matching import arn_tokens, leading_ref
from policyscan.resources.iam.model import Condition, IamStatement, allows
from policyscan.resources.iam.patterns import ANY, NONE, Hole, Matched, Token, match
from policyscan.values import Many, Maybe, OneOf, PartialList, Ref, Unknown, Why

_TEXT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-/")
_ANY_ACTION: tuple[Token, ...] = (Hole(None, _TEXT), ":", Hole(None, _TEXT))
_ANY_ARN: tuple[Token, ...] = (
    *"arn:",
    Hole("partition", _TEXT),
    ":",
    Hole(None, _TEXT),
    ":",
    Hole(),
    ":",
    Hole(),
    ":",
    Hole(None, _TEXT),
)
ADMINISTRATOR = "AdministratorAccess"
_CALLER = frozenset(
    "aws:multifactorauthpresent aws:multifactorauthage aws:sourceip aws:vpcsourceip aws:sourcevpc"
    " aws:sourcevpce aws:principalarn aws:principalaccount aws:principalorgid aws:principaltype"
    " aws:principalorgpaths aws:userid aws:username aws:sourceidentity aws:currenttime"
    " aws:epochtime aws:tokenissuetime aws:securetransport aws:useragent aws:referer"
    " aws:viaawsservice aws:requestedregion aws:federatedprovider".split()
)
"""Condition keys that say who calls, when and from where, and so leave everything allowed."""


def is_admin(statement: IamStatement) -> bool | Unknown:
    """Whether a statement allows every action on every resource, or all but a list of them."""
    if statement.policy_kind != "identity" or allows(statement) is False:
        return False
    if isinstance(statement.managed, str) and statement.managed == ADMINISTRATOR:
        return True
    answers = [_all_actions(statement), _all_resources(statement), _conditions(statement)]
    if allows(statement) is None:
        answers.append(None)
    if False in answers:
        return False
    return True if None not in answers else _why(statement)


def _all_actions(statement: IamStatement) -> bool | None:
    excluded = statement.not_actions
    if isinstance(excluded, tuple) and not excluded:
        return _covers(statement.actions, _ANY_ACTION)
    covered = _covers(excluded, _ANY_ACTION)
    return None if covered is None else not covered


def _all_resources(statement: IamStatement) -> bool | None:
    """All but a list is all, as long as the list is not everything."""
    excluded = statement.not_resources
    if isinstance(excluded, tuple) and not excluded:
        return _covers(statement.resources, _ANY_ARN)
    covered = _covers(excluded, _ANY_ARN)
    return None if covered is None else not covered


def _covers(patterns: Many[Maybe[str]], anything: tuple[Token, ...]) -> bool | None:
    """Whether one of the patterns is everything; a pattern with a hole may be."""

    def one(value: str | Ref | Unknown) -> Matched:
        if leading_ref(value) is not None:
            return NONE
        tokens = arn_tokens(value)
        widest = [ANY if isinstance(token, Hole) else token for token in tokens]
        return Matched(int(match(tokens, anything) is True), int(match(widest, anything) is True))

    must, may = joined(patterns, one, 1)
    return True if must else None if may else False


def _conditions(statement: IamStatement) -> bool | None:
    """Conditions on the caller leave everything allowed; what others leave cannot be told."""
    conditions = statement.conditions
    if not isinstance(conditions, tuple):
        return None
    return True if all(map(_on_the_caller, conditions)) else None


def _on_the_caller(condition: Condition) -> bool:
    key = condition.key.lower() if isinstance(condition.key, str) else ""
    return key in _CALLER or key.startswith("aws:principaltag/")


def _why(statement: IamStatement) -> Unknown:
    """The reason for which it is not known what a statement allows."""
    for name in ("effect", "actions", "not_actions", "resources", "not_resources", "conditions"):
        value = getattr(statement, name)
        for item in (value, *value) if isinstance(value, tuple) else (value,):
            if isinstance(item, Unknown):
                return item.derived
            if isinstance(item, (OneOf, PartialList)):
                return item.unknown.derived
    return Unknown(Why.CONDITION, f"what the conditions of {statement.address} leave")
