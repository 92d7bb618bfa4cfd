"""Jobs that rotate keys; what finds them is imported where something can be one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.kinds.rotation.types import (
    FUNCTIONS,
    RULES,
    SCHEDULES,
    SECRETS,
)

if TYPE_CHECKING:
    from policyscan.resources.rotation.model import RotationProcess


def rotation_processes(declared: Declared) -> Iterator[RotationProcess]:
    """Every schedule and function of the root that rotates keys."""
    rotated = any(declared.nodes(*FUNCTIONS)) and any(declared.nodes(*SECRETS))
    if rotated or any(declared.nodes(*RULES, *SCHEDULES)):
        from policyscan.collectors.terraform.kinds.rotation.processes import find_all

        yield from find_all(declared)
