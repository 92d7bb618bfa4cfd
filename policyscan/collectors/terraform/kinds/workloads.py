"""Workloads: machines, tasks and functions, with what they are attached to."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.kinds.context import Context
from policyscan.collectors.terraform.kinds.lambdas import functions
from policyscan.collectors.terraform.kinds.machines import machines
from policyscan.collectors.terraform.kinds.tasks import tasks
from policyscan.resources.workloads import Workload


def workloads(declared: Declared) -> Iterator[Workload]:
    """Every workload of the root."""
    context = Context(declared)
    yield from machines(context)
    yield from tasks(context)
    yield from functions(context)
    context.profiles.note()
