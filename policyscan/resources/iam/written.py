"""Statements as they are written, before it is known whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from policyscan.resources.base import Chain
from policyscan.resources.iam.managed_policies import TableStatement
from policyscan.resources.iam.model import Condition
from policyscan.text.source import Span
from policyscan.values import Unknown

MAX_STATEMENTS = 1_000
MAX_MEMBERS = 2_000
"""Of one list; AWS takes no policies with so many."""

LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
"""By field of an `IamStatement`, the element of a policy."""


class Written(Struct, frozen=True):
    """One statement as it is written."""

    values: dict[str, Any]
    """Fields of an `IamStatement`."""
    chains: dict[str, Chain]
    span: Span | None
    conditional: Unknown | None = None
    """Why it is not known whether it is part of the policy."""


def labelled(statements: Iterable[Written]) -> Iterator[tuple[str, Written]]:
    """The statements of a policy, each with what its address calls it: its Sid, or its number among
    those without one."""
    number = 0
    for statement in statements:
        sid = statement.values.get("sid")
        if not isinstance(sid, str) or not sid:
            number += 1
            sid = f"statement-{number}"
        yield sid, statement


def nothing_known(reason: Unknown, why: Chain) -> Written:
    """A statement of which nothing is known."""
    names = ("sid", "effect", *LISTS, *PRINCIPALS, "conditions")
    return Written(dict.fromkeys(names, reason), dict.fromkeys(names, why), None)


def by_table(statement: TableStatement, why: Chain) -> Written:
    """One statement of an AWS managed policy."""
    conditions = tuple(
        Condition(operator=operator, key=key, values=values)
        for operator, key, values in statement.conditions
    )
    values = {
        "effect": statement.effect,
        "actions": statement.actions,
        "not_actions": statement.not_actions,
        "resources": statement.resources,
        "not_resources": statement.not_resources,
        "conditions": conditions,
    }
    return Written(values, dict.fromkeys(values, why), None)
