"""The resource types that become workloads, and those that tell something of one."""

from __future__ import annotations

INSTANCES = ("aws_instance", "aws_spot_instance_request")
TEMPLATES = ("aws_launch_template",)
CONFIGURATIONS = ("aws_launch_configuration",)
SCALING = ("aws_autoscaling_group",)
PROFILE = "aws_iam_instance_profile"
TASKS = ("aws_ecs_task_definition",)
SERVICES = ("aws_ecs_service",)
FUNCTIONS = ("aws_lambda_function",)
TYPES = (
    *INSTANCES,
    *TEMPLATES,
    *CONFIGURATIONS,
    *SCALING,
    PROFILE,
    *TASKS,
    *SERVICES,
    *FUNCTIONS,
)

INTERFACE = "aws_network_interface"
COMPANIONS = (
    INTERFACE,
    "aws_network_interface_sg_attachment",
    "aws_eip",
    "aws_eip_association",
    "aws_cloudwatch_event_target",
    "aws_scheduler_schedule",
)
