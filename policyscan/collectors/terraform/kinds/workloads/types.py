"""The resource types that workloads are made of."""

from __future__ import annotations

INSTANCES = ("aws_instance", "aws_spot_instance_request")
TEMPLATES = ("aws_launch_template",)
CONFIGURATIONS = ("aws_launch_configuration",)
SCALING = ("aws_autoscaling_group",)
PROFILE = "aws_iam_instance_profile"
ROLE = "aws_iam_role"
INTERFACE = "aws_network_interface"
TASKS = ("aws_ecs_task_definition",)
SERVICES = ("aws_ecs_service",)
FUNCTIONS = ("aws_lambda_function",)
