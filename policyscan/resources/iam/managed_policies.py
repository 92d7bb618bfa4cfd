"""AWS managed policies: which one an ARN names, and what it allows, by a dated table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from policyscan.data import load_table
from policyscan.values import Ref, Unknown

TABLE = "managed_policies.yaml"
_OWNER = ":iam::aws:policy/"
"""In the ARN of every policy that AWS manages, and of no other."""


class TableStatement(Struct, frozen=True):
    """One statement of the table; what it does not list is empty."""

    effect: str = "Allow"
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Operator, key and values of each."""


class ManagedPolicy(Struct, frozen=True):
    """One row of the table."""

    name: str
    version: str
    as_of: str
    partial: bool
    """Whether it allows more than is listed: nothing that concerns other identities or secrets."""
    statements: tuple[TableStatement, ...]


def lookup(name: str) -> ManagedPolicy | None:
    """What the policy of this name allows; None if the table has none."""
    table = load_table(TABLE)
    row = table["policies"].get(name)
    if row is None:
        return None
    statements = tuple(_statement(each) for each in row["statements"])
    partial = bool(row.get("partial", False))
    return ManagedPolicy(name, row["version"], str(table["as_of"]), partial, statements)


def _statement(row: Mapping[str, Any]) -> TableStatement:
    lists = {
        key: tuple(row.get(key, ()))
        for key in ("actions", "not_actions", "resources", "not_resources")
    }
    conditions = tuple(
        (each["operator"], each["key"], tuple(each["values"])) for each in row.get("conditions", ())
    )
    return TableStatement(row.get("effect", "Allow"), **lists, conditions=conditions)


def managed_name(arn: object) -> str | None:
    """The name of the AWS managed policy that an ARN means, also if only its end is known; None
    if it is another policy or cannot be told."""
    if isinstance(arn, Unknown):
        arn = "".join(_from_owner(arn.parts))
    if not isinstance(arn, str) or _OWNER not in arn:
        return None
    return arn.rpartition("/")[2] or None


def _from_owner(parts: Sequence[str | Ref | Unknown]) -> Iterator[str]:
    """The pieces from the one that holds the owner, if no hole follows."""
    for number, part in enumerate(parts):
        if isinstance(part, str) and _OWNER in part:
            rest = parts[number:]
            yield from (piece for piece in rest if isinstance(piece, str))
            if not all(isinstance(piece, str) for piece in rest):
                yield "/"  # the name is not known to its end
            return
