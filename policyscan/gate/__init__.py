"""The gate: what of the findings of a run holds a change up.

In this order: what became of each since the base (`difference`), which failures are accepted
(`waivers`), and what blocks (the profile).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from policyscan.findings.difference import Before, Difference
from policyscan.findings.model import Finding, GapRecord, Verdict
from policyscan.findings.profiles import ProfileRules
from policyscan.findings.report import Waiver
from policyscan.gate.waivers import Accepted, waived
from policyscan.resources.base import Resource


class Gate(Struct, frozen=True):
    """What is in force."""

    profile: ProfileRules
    before: Before | None
    """What the run is compared with."""
    accepted: Accepted
    """The waivers, and what makes those in comments hold."""
    now: datetime


class Settled(Struct, frozen=True):
    """Findings and gaps with all that the gate says of them, in the order in which they came."""

    findings: tuple[Finding, ...]
    gaps: tuple[GapRecord, ...]
    difference: Difference | None
    waivers: tuple[Waiver, ...]


def settle(
    gate: Gate,
    findings: Sequence[Finding],
    gaps: Sequence[GapRecord],
    resources: Mapping[tuple[str, str, str], Resource],
) -> Settled:
    """What holds the change up; `resources` are those of the findings, by kind, unit and address
    as findings show it."""
    difference = None
    if gate.before is not None:
        from policyscan.gate.difference import compared  # late: most runs compare nothing

        trusted = gate.accepted.trusted
        is_tip = trusted is not None and trusted.commit == gate.before.tip
        tip = trusted if is_tip else None
        findings, gaps, difference = compared(
            gate.before,
            findings,
            gaps,
            lambda gap: gate.profile.blocks_gap(gap)[0],
            resources,
            tip,
        )
    findings, waivers = waived(gate.accepted, findings, resources, gate.now)
    return Settled(
        tuple(_blocking(gate.profile, finding) for finding in findings),
        tuple(_blocking_gap(gate.profile, gap) for gap in gaps),
        difference,
        waivers,
    )


def _blocking(profile: ProfileRules, finding: Finding) -> Finding:
    if finding.verdict is Verdict.WAIVED:  # it says already why it does not
        return finding
    blocks, because = profile.blocks_finding(finding)
    if (blocks, because) == (finding.blocking, finding.blocking_reason):
        return finding
    return replace(finding, blocking=blocks, blocking_reason=because)


def _blocking_gap(profile: ProfileRules, gap: GapRecord) -> GapRecord:
    blocks, because = profile.blocks_gap(gap)
    return replace(gap, blocking=blocks, blocking_reason=because)
