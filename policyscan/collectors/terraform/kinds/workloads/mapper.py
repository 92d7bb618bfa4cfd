"""Workloads: machines, tasks and functions, with what they are attached to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.kinds.workloads.shared import Context
from policyscan.collectors.terraform.kinds.workloads.types import (
    CONFIGURATIONS,
    FUNCTIONS,
    INSTANCES,
    SCALING,
    SERVICES,
    TASKS,
    TEMPLATES,
)

if TYPE_CHECKING:
    from policyscan.resources.workloads import Workload


def workloads(declared: Declared) -> Iterator[Workload]:
    """Every workload of the root; what reads a form is imported where there is one of it."""
    context = Context(declared)
    if any(declared.nodes(*INSTANCES, *TEMPLATES, *CONFIGURATIONS, *SCALING)):
        from policyscan.collectors.terraform.kinds.workloads.machines import machines

        yield from machines(context)
    if any(declared.nodes(*TASKS, *SERVICES)):
        from policyscan.collectors.terraform.kinds.workloads.tasks import tasks

        yield from tasks(context)
    if any(declared.nodes(*FUNCTIONS)):
        from policyscan.collectors.terraform.kinds.workloads.functions import functions

        yield from functions(context)
    context.profiles.note()
