"""Which failures are accepted, by whom and until when.

A waiver never makes anything of a verdict but `waived` of a failure: what passes, does not apply or
is not known stays what it is. One accepts the values that it names; what is more than these fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyscan.config.waivers import WaiverSettings
from policyscan.findings.model import Finding
from policyscan.findings.report import Waiver
from policyscan.gate.waivers.candidates import STATES
from policyscan.gate.waivers.comments import comments_of

if TYPE_CHECKING:
    from datetime import datetime

    from policyscan.findings.difference import Before
    from policyscan.findings.waivers import WaiverFile
    from policyscan.gate.knowing import Resources
    from policyscan.text.tree import Tree


class Accepted(Struct, frozen=True):
    """What may be accepted, and on whose word."""

    trusted: Before | None = None
    """The findings of the trusted side, on which a waiver in a comment has to be present."""
    trusts_tree: bool = True
    """Whether the scanned tree is trusted itself, so that its comments hold."""
    file: WaiverFile | None = None
    settings: WaiverSettings = field(default_factory=WaiverSettings)
    policies: Collection[str] = ()
    """The ids of all policies; empty if they are not known."""
    tree: Tree | None = None
    """What was read, with its comments."""


def waived(
    accepted: Accepted, findings: Sequence[Finding], resources: Resources, now: datetime
) -> tuple[tuple[Finding, ...], tuple[Waiver, ...]]:
    """The findings, those that are accepted as `waived`, and what became of every waiver."""
    comments = comments_of(accepted.tree.sources()) if accepted.tree is not None else ()
    if not comments and (accepted.file is None or not accepted.file.entries):
        return tuple(findings), ()
    from policyscan.gate.waivers.accepting import accepting  # late: most runs have no waivers

    return accepting(accepted, comments, findings, resources, now)


def counted(waivers: Iterable[Waiver]) -> Mapping[str, int]:
    """How many waivers there are in each state, zeros included."""
    counts = Counter(waiver.status for waiver in waivers)
    return {state: counts[state] for state in STATES}
