"""Workloads: machines, tasks and functions, with what they are attached to."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.kinds import interfaces, lambdas, machines, runs, tasks
from policyscan.collectors.terraform.kinds.context import Context
from policyscan.collectors.terraform.kinds.profiles import PROFILE
from policyscan.resources.workloads import Workload

TYPES = (*machines.TYPES, PROFILE, *tasks.TASKS, *runs.SERVICES, *lambdas.FUNCTIONS)
COMPANIONS = (*interfaces.COMPANIONS, *runs.COMPANIONS)


def workloads(declared: Declared) -> Iterator[Workload]:
    """Every workload of the root."""
    context = Context(declared)
    yield from machines.machines(context)
    yield from tasks.tasks(context)
    yield from lambdas.functions(context)
    context.profiles.note()
