"""Which files are schedules, by their names."""

from __future__ import annotations

import re
from typing import Literal

Form = Literal["crontab", "run_parts", "timer", "workflow"]

_WORKFLOW = re.compile(r"(?:.*/)?\.github/workflows/[^/]+\.ya?ml")
_RUN_PARTS = re.compile(r"(?:.*/)?cron\.(?:hourly|daily|weekly|monthly)/[^/]+")
_CRONTAB = re.compile(
    r"(?:.*/)?(?:crontab|[^/]+\.(?:cron|crontab)|cron\.d/[\w.-]+|(?:cron|crontabs)/[\w-]+(?:\.txt)?)"
)
_OTHER = re.compile(
    r"(?i).*(?:/(?:dockerfile|containerfile|makefile|readme|license|changelog)"
    r"|\.(?:md|rst|py|go|js|ts|tf|java|rb|rs|php|ya?ml|json|toml|html|service|timer|png|placeholder"
    r"|disabled|bak|orig|dpkg-\w+|rpm\w+))"
)
_SYSTEM = re.compile(r"(?:.*/)?(?:etc/crontab|cron\.d/[^/]+)")
"""Crontabs whose lines name the user."""


def form_of(path: str) -> Form | None:
    """What kind of schedule a file is; None if it is none."""
    if path.endswith(".timer"):
        return "timer"
    if ".github/" in path:
        return "workflow" if _WORKFLOW.fullmatch(path) else None
    if "cron" not in path or _OTHER.fullmatch(f"/{path}"):
        return None
    if _RUN_PARTS.fullmatch(path):
        return "run_parts"
    return "crontab" if _CRONTAB.fullmatch(path) else None


def names_users(path: str) -> bool:
    """Whether the lines of a crontab have a column for the user."""
    return _SYSTEM.fullmatch(path) is not None
