"""What a policy looked at, as plain data: to tell worse from unchanged, and what is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyscan.policy import Policy
from policyscan.resources.base import Resource
from policyscan.witnesses import Subject


def facts_of(policy: Policy, subject: Subject) -> Mapping[str, Any]:  # noqa: ARG001
    """The values of the fields that the condition of the policy names, without secrets."""
    return {}


def digest_of(resource: Resource) -> str:  # noqa: ARG001
    """16 hex digits over what it holds, whatever it is called and wherever it is written."""
    return ""
