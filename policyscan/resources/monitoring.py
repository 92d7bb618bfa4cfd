"""Trails, detectors and log groups: what records and what watches."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Resource
from policyscan.values import Maybe


class Trail(Resource):
    """A CloudTrail trail."""

    kind: ClassVar[str] = "Trail"

    name: Maybe[str | None] = None
    multi_region: Maybe[bool]
    is_logging: Maybe[bool]
    log_file_validation: Maybe[bool]
    kms_encrypted: Maybe[bool]
    """With a key of the firm's own."""
    management_events: Maybe[Literal["All", "ReadOnly", "WriteOnly", "None"]]


class Detector(Resource):
    """A service that watches an account in one region: GuardDuty, or the Config recorder."""

    kind: ClassVar[str] = "Detector"

    service: Literal["guardduty", "config"]
    enabled: Maybe[bool]
    region: Maybe[str]


class LogGroup(Resource):
    """A CloudWatch log group."""

    kind: ClassVar[str] = "LogGroup"

    name: Maybe[str | None] = None
    kms_encrypted: Maybe[bool]
    """With a key of the firm's own, beyond the service's."""
    retention_days: Maybe[int | None] = None
    """None never expires."""
