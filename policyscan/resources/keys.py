"""Secrets."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Resource
from policyscan.resources.scope import UNASKED
from policyscan.values import Many, Maybe

ValueSource = Literal[
    "literal",
    "file",
    "variable",
    "generated",
    "resource",
    "read_back",
    "placeholder",
    "write_only",
    "outside",
]
"""Where the value of a secret is written, or what it is computed from. `read_back` is a parameter
whose value is set elsewhere and read into the state; `placeholder`, `write_only` and `outside`
leave no value in it."""


class Secret(Resource):
    """One secret in a store, its rotation joined; never the value."""

    kind: ClassVar[str] = "Secret"

    store: Literal["aws_sm", "ssm", "vault"] = "aws_sm"
    name: Maybe[str | None] = None
    description: Maybe[str | None] = None
    purpose: Maybe[Literal["exchange_api_key", "other"]]
    """By the words in name, tags and description."""
    kms: Maybe[Literal["customer", "aws_managed", "none"]]
    """Whose key encrypts it at rest. Secrets Manager always encrypts; a parameter of the Parameter
    Store that is no SecureString lies there in plain text."""
    rotation_enabled: Maybe[bool]
    rotation_interval_days: Maybe[float | None] = None
    """From the rule or the schedule expression; None without rotation."""
    rotation_function: Maybe[str | None] = None
    """The function that rotates it, by its ARN."""
    value_from: Maybe[ValueSource] = "outside"
    """What puts its value there, as far as Terraform has a part in it."""
    reader_environments: Many[Maybe[str]] = UNASKED
    """The environments of the workloads that name it, each once; decided in the inventory."""
