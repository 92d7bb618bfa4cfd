"""Workloads: what runs, under which identity, and what it can read."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource
from policyscan.values import Many, Maybe


class SecretVariable(Part):
    """An environment variable that holds a credential; never the value."""

    name: str
    source: Literal["literal", "terraform", "store"]
    """Where its value is: written out, handed over by Terraform, or fetched from a store when the
    program starts."""


class Workload(Resource):
    """An instance, launch template, task or function that runs a program. Other resources are
    named by their id or ARN: a text, or a `Ref` while they have none yet."""

    kind: ClassVar[str] = "Workload"

    form: Literal["instance", "launch_template", "ecs_task", "lambda"]
    name: Maybe[str | None] = None
    iam_role: Maybe[str | None] = None
    """The role that the program itself acts under."""
    execution_role: Maybe[str | None] = None
    """The role that starts it: of an ECS task, which fetches its secrets and image."""
    groups: Many[Maybe[str]] = ()
    """Its security groups."""
    subnets: Many[Maybe[str]] = ()
    secrets: Many[Maybe[str]] = ()
    """Secrets that its definition hands to it, by name, id or ARN."""
    environment_names: Many[Maybe[str]] = ()
    """Names of its environment variables."""
    secret_variables: Many[SecretVariable] = ()
    """Those that hold a credential by their name, their form or where it comes from, and do not
    merely say where one is: of a machine those that its start script sets."""
    log_groups: Many[Maybe[str]] = ()
    public_ip: Maybe[bool | None] = None
    """Whether it gets a public address; None if its subnet decides."""
