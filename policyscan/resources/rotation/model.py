"""What rotates keys: a schedule, the program it starts, and what that program does."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Resource
from policyscan.values import Many, Maybe

RotationStep = Literal["create", "set_pending", "validate", "promote", "revoke"]
"""A new key is made, stored beside the one in use, tried, put in its place, and the old one is
deleted."""


class RotationProcess(Resource):
    """One job that rotates keys. That it does is read from the words of its name and command, and
    what it does from the text of its program, so the evidence is heuristic."""

    kind: ClassVar[str] = "RotationProcess"

    form: Literal["cron", "systemd_timer", "github_schedule", "eventbridge", "scheduler", "lambda"]
    name: Maybe[str | None] = None
    purpose: Maybe[Literal["exchange_api_key", "other"]]
    """What the keys that it rotates are for."""
    schedule: Maybe[str | None] = None
    """As it is written; None if something else starts it, as Secrets Manager does a function."""
    enabled: Maybe[bool] = True
    interval_days: Maybe[float | None] = None
    """The longest time between two runs, None without a schedule."""
    command: Maybe[str | None] = None
    script: Maybe[str | None] = None
    """The program: a path as written, or in the tree if it is there."""
    script_exists: Maybe[bool]
    notifies_on_failure: Maybe[bool]
    """Whether somebody is told if a run fails, as far as its definition shows."""
    steps: Many[RotationStep]
    """In the order in which the program takes them."""
    order_ok: Maybe[bool]
    """Whether the steps that are there come in the order of `RotationStep`."""
    validates_before_promote: Maybe[bool]
    revokes_after_promote: Maybe[bool]
    has_rollback: Maybe[bool]
    """Whether a failure undoes what was done: the stage is put back, or the new key deleted."""
