"""The resource types that start programs, or tell who hears of them."""

from __future__ import annotations

RULES = ("aws_cloudwatch_event_rule",)
SCHEDULES = ("aws_scheduler_schedule",)
FUNCTIONS = ("aws_lambda_function",)
SECRETS = ("aws_secretsmanager_secret", "aws_secretsmanager_secret_rotation")
TARGETS = ("aws_cloudwatch_event_target",)
ALARMS = ("aws_cloudwatch_metric_alarm",)
INVOKE_CONFIGS = ("aws_lambda_function_event_invoke_config",)
