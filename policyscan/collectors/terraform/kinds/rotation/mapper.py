"""Which types run programs by the clock or for a rotation; what rotates keys among them is told in
`rotation`, which few configurations need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.declared import Declared

if TYPE_CHECKING:
    from policyscan.resources.rotation.model import RotationProcess

RULES = ("aws_cloudwatch_event_rule",)
SCHEDULES = ("aws_scheduler_schedule",)
FUNCTIONS = ("aws_lambda_function",)
SECRETS = ("aws_secretsmanager_secret", "aws_secretsmanager_secret_rotation")
TYPES = (*RULES, *SCHEDULES)
TARGETS = ("aws_cloudwatch_event_target",)
ALARMS = ("aws_cloudwatch_metric_alarm",)
INVOKE_CONFIGS = ("aws_lambda_function_event_invoke_config",)


def rotation_processes(declared: Declared) -> Iterator[RotationProcess]:
    """Every schedule and function of the root that rotates keys."""
    rotated = any(declared.nodes(*FUNCTIONS)) and any(declared.nodes(*SECRETS))
    if rotated or any(declared.nodes(*TYPES)):
        from policyscan.collectors.terraform.kinds.rotation.processes import find_all

        yield from find_all(declared)
