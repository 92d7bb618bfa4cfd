"""Principals: what each one is, and whether two are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from policyscan.resources.iam.conditions import operator_of, unclear
from policyscan.resources.iam.matching import kind_of
from policyscan.resources.iam.model import Condition, IamStatement
from policyscan.resources.references import same_target
from policyscan.values import (
    Many,
    Maybe,
    OneOf,
    PartialList,
    Ref,
    Unknown,
    Why,
    first,
    opened,
    reason_of,
)

Form = Literal["role", "session", "user", "account", "anyone", "service", "federated", "other"]

_HOLE = "\0"
_IN_ACCOUNT = r"(?:arn:[^:]*:(?:iam|sts)::[^:]*|[^:]*\0[^:]*)"
_FORMS: tuple[tuple[str, Form], ...] = (
    (r"\*|AWS:\*", "anyone"),
    (r"[0-9]{12}", "account"),
    (rf"{_IN_ACCOUNT}:root", "account"),
    (rf"{_IN_ACCOUNT}:role/[^*?]+", "role"),
    (rf"{_IN_ACCOUNT}:assumed-role/[^*?]+", "session"),
    (rf"{_IN_ACCOUNT}:user/[^*?]+", "user"),
    (rf"{_IN_ACCOUNT}:(?:role|user|assumed-role)/.*", "anyone"),
    (r"AROA[A-Z0-9]{4,}", "role"),
    (r"AIDA[A-Z0-9]{4,}", "user"),
    (r"Service:.+", "service"),
    (r"Federated:.+", "federated"),
)
"""How a principal is written, and what it is then; a star within a name may be anyone."""
_OF_TYPE: dict[str, Form] = {
    "aws_iam_role": "role",
    "aws_iam_service_linked_role": "role",
    "aws_iam_session_context": "role",
    "aws_iam_user": "user",
    "aws_elb_service_account": "account",
}
_OWN_ACCOUNT = ("aws_caller_identity", "account_id")
_WIDE = frozenset({"anyone", "account"})
_EQUALITY = frozenset(
    {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}
)


def forms_of(statement: IamStatement) -> Many[Maybe[str]]:
    """What each principal is. Everybody under the condition of one ARN (`aws:PrincipalArn`) is who
    has that ARN; no other condition names a single principal."""
    if not isinstance(statement.not_principals, tuple) or statement.not_principals:
        return ("anyone",)
    principals = statement.principals
    if isinstance(principals, (Unknown, OneOf)):
        return principals if isinstance(principals, Unknown) else principals.unknown
    known = principals.known if isinstance(principals, PartialList) else principals
    forms = tuple(form for one in known for form in _narrowed(_form(one), statement))
    return PartialList(forms, principals.unknown) if isinstance(principals, PartialList) else forms


def _form(principal: Maybe[str]) -> Maybe[str]:
    if isinstance(principal, OneOf):
        found = [_form(each.value) for each in principal.alternatives]
        same = all(isinstance(each, str) and each == found[0] for each in found)
        return found[0] if same else principal.unknown
    if isinstance(principal, Ref):
        if (kind_of(principal), principal.attribute) == _OWN_ACCOUNT:
            return "account"
        return _OF_TYPE.get(kind_of(principal)) or _unclear(str(principal))
    if isinstance(principal, str):
        return _by_text(principal) or "other"
    if principal.of is not None and kind_of(principal.of) in _OF_TYPE:
        return _OF_TYPE[kind_of(principal.of)]
    text = "".join(part if isinstance(part, str) else _HOLE for part in principal.parts)
    return _by_text(text) or principal


def _by_text(text: str) -> Form | None:
    return next((form for way, form in _FORMS if re.fullmatch(way, text[:2048])), None)


def _unclear(name: str) -> Unknown:
    return Unknown(Why.COMPUTED, f"what {name} is")


def _narrowed(form: Maybe[str], statement: IamStatement) -> Iterator[Maybe[str]]:
    if not isinstance(form, str) or form not in _WIDE:
        yield form
        return
    conditions = statement.conditions
    if isinstance(conditions, (Unknown, OneOf)):
        yield reason_of(conditions)
        return
    known, more_conditions = opened(conditions)
    named = next((each for each in known if _names_principals(each)), None)
    values, more_values = opened(named.values if named is not None else ())
    if named is not None and more_values is None:
        yield from map(_form, values)
        return
    doubt = first(*map(unclear, known), more_values, more_conditions)
    yield form if doubt is None else doubt


def _names_principals(condition: Condition) -> bool:
    operator = operator_of(condition)
    key = condition.key.lower() if isinstance(condition.key, str) else ""
    binds = operator is not None and operator.binds and operator.name in _EQUALITY
    return binds and key == "aws:principalarn"


def same_principal(a: Maybe[str], b: Maybe[str], one_unit: bool) -> bool | None:
    """Whether two principals are one: names and ARNs of roles and users, or references."""
    if isinstance(a, Ref) and isinstance(b, Ref):
        return same_target(a, b, one_unit)
    if isinstance(a, str) and isinstance(b, str):
        if a == b:
            return True if one_unit else None
        if "account" in (_by_text(a), _by_text(b)):
            return None
        return None if _last(a) == _last(b) else False
    return None


def _last(text: str) -> str:
    return text.rpartition("/")[2]


def within(who: Maybe[str], among: Many[Maybe[str]], one_unit: bool) -> bool | None:
    """Whether a principal is one of a list; `*` is everybody."""
    if isinstance(among, (Unknown, OneOf)):
        return None
    known = among.known if isinstance(among, PartialList) else among
    answers = {
        True if isinstance(each, str) and each == "*" else same_principal(who, each, one_unit)
        for each in known
    }
    if True in answers:
        return True
    return None if None in answers or isinstance(among, PartialList) else False
