"""The documents as resources, built by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from policyscan.resources.base import Origin, ProofLevel, Resource
from policyscan.resources.iam.actions import NAMES
from policyscan.resources.iam.effective import Effective
from policyscan.resources.iam.matching import grant_of
from policyscan.resources.iam.model import Condition, IamStatement
from policyscan.resources.iam.secrets import exchange_secrets
from policyscan.resources.keys import Secret
from policyscan.values import Ref, Unknown, Why
from tests.iam.documents import GET, IF, NO, OPEN, SECRETS, YES, Document, Statement

ORIGIN = Origin("test", ".", ".", None, ProofLevel.CONFIGURED)
ROLE = Ref("aws_iam_role.bot", "arn")
_TEMPLATE = re.compile(r"\$\{([^}]+)\}")


def text(template: str) -> Any:
    """What a collector makes of a template."""
    parts: list[str | Ref | Unknown] = []
    end = 0
    for found in _TEMPLATE.finditer(template):
        if found.start() > end:
            parts.append(_plain(template[end : found.start()]))
        parts.append(_reference(found[1]))
        end = found.end()
    if end < len(template):
        parts.append(_plain(template[end:]))
    if len(parts) == 1:
        return parts[0]
    reason = next((part for part in parts if isinstance(part, Unknown)), None)
    why = Why.COMPUTED if reason is None else reason.why
    return Unknown(why, "the text" if reason is None else reason.needs, parts=tuple(parts))


def _plain(piece: str) -> str:
    return piece.replace("&{", "${")


def _reference(name: str) -> Ref | Unknown:
    if name.startswith("var."):
        return Unknown(Why.VARIABLE_UNSET, f"a value for {name}")
    address, _, attribute = name.rpartition(".")
    return Ref(address, attribute)


def texts(values: Any) -> tuple[Any, ...]:
    """One text or several."""
    listed = values if isinstance(values, list) else [] if values is None else [values]
    return tuple(text(value) for value in listed)


def principals(element: Any) -> tuple[Any, ...]:
    """`*`, or texts by type."""
    if isinstance(element, str):
        return (element,)
    return tuple(
        value if kind == "AWS" else f"{kind}:{value}"
        for kind, values in (element or {}).items()
        for value in texts(values)
    )


def statement(given: Statement, number: int = 0, **fields: Any) -> IamStatement:
    """One statement."""
    return IamStatement(
        **{
            "address": f"aws_iam_role_policy.bot#{number}",
            "origin": ORIGIN,
            "policy_kind": "identity",
            "effect": given["Effect"],
            "actions": texts(given.get("Action")),
            "not_actions": texts(given.get("NotAction")),
            "resources": texts(given.get("Resource")),
            "not_resources": texts(given.get("NotResource")),
            "principals": principals(given.get("Principal")),
            "not_principals": principals(given.get("NotPrincipal")),
            "conditions": tuple(
                Condition(operator=operator, key=key, values=texts(values))
                for operator, keys in given.get("Condition", {}).items()
                for key, values in keys.items()
            ),
            "attached_to": (ROLE,),
            "principal_class": "workload",
            **fields,
        }
    )


def secrets() -> list[Secret]:
    """The two secrets of all documents."""
    return [
        Secret(
            address=f"aws_secretsmanager_secret.{label}",
            origin=ORIGIN,
            name=given["name"],
            tags=given["tags"],
            purpose="exchange_api_key",
            kms="aws_managed",
            rotation_enabled=False,
        )
        for label, given in SECRETS.items()
    ]


def built(document: Document) -> list[IamStatement]:
    """All statements of a document."""
    bounded = document.boundary is not None
    arn = document.boundary if isinstance(document.boundary, str) else "boundary"
    found = [
        statement(given, number, boundary=arn if bounded else None)
        for number, given in enumerate(document.statements)
    ]
    if isinstance(document.boundary, list):
        found += (
            statement(given, number, policy_kind="boundary", address=f"boundary#{number}")
            for number, given in enumerate(document.boundary)
        )
    grid = Ref("aws_secretsmanager_secret.grid", "arn")
    for number, given in enumerate(document.of_secret or []):
        more = {"policy_kind": "resource", "service": "secretsmanager", "attached_to": (grid,)}
        at = f"aws_secretsmanager_secret_policy.grid#{number}"
        shown = {**given, "Resource": "${aws_secretsmanager_secret.grid.arn}"}
        found.append(statement(shown, address=at, **more))
    return found


def answer(resources: Iterable[Resource], label: str, action: str = GET) -> str:
    """Whether somebody may do something to a secret, by all statements together."""
    listed = list(resources)
    declared = [r for r in listed if isinstance(r, Secret)]
    statements = [r for r in listed if isinstance(r, IamStatement) and r.policy_kind != "trust"]
    exchange = exchange_secrets(declared, statements, lambda secret: secret.purpose)
    bit = 1 << next(
        n for n, secret in enumerate(declared) if secret.address.endswith(f"secret.{label}")
    )
    asked = 1 << NAMES.index(action)
    grants = [grant_of(each, exchange.subjects) for each in statements]
    effective = Effective(grants, exchange.subjects)
    answers = {NO}
    for grant in effective.allows:
        for layer in effective.of(grant).layers:
            if layer.secrets & bit and layer.must & asked:
                answers.add(IF if grant.by_request else YES)
            elif layer.secrets & bit and layer.may & asked:
                answers.add(OPEN)
    return next(each for each in (YES, IF, OPEN, NO) if each in answers)
