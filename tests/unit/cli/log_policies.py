"""A policy of a house, made for tests of the commands, and the same with a parameter."""

from __future__ import annotations

GOOD = """\
# yaml-language-server: $schema=schema.json
id: DESK-LOG-001
version: 1
slug: short-lived-logs
title: Logs are kept for a year
severity: high
plane: change
resource: LogGroup
require: resource.retention_days != null && resource.retention_days >= 365
message: "{address} is kept too short a time ({witness.path}: {witness.value})"
why: An incident is often found months after it began, and then its beginning is gone.
fix: Write `retention_in_days = 365`.
control: CTL-AUDIT-LOG
criteria: ["SOC2:CC7.2"]
guide: []
tests:
  - name: kept, not kept, and not known
    files:
      main.tf: |
        variable "unset" {}
        resource "aws_cloudwatch_log_group" "good" { retention_in_days = 365 }
        resource "aws_cloudwatch_log_group" "bad" { retention_in_days = 30 }
        resource "aws_cloudwatch_log_group" "open" { retention_in_days = var.unset }
    expect:
      aws_cloudwatch_log_group.good: pass
      aws_cloudwatch_log_group.bad: fail
      aws_cloudwatch_log_group.open: unknown
"""

PACK = GOOD.replace(">= 365", ">= params.days").replace(
    "message:",
    """\
params:
  days:
    about: For how many days.
    type: int
    default: 365
message:""",
)
