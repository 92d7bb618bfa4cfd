"""Controls and criteria with the evidence that a run holds for each: the matrix of every report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from policyscan.findings.controls import ControlRule
from policyscan.findings.model import GapRecord, Verdict
from policyscan.findings.report import Control, ControlState, Criterion, PolicyRecord, Strength

_BY_STRENGTH = list(Strength)


def with_controls(
    policies: Iterable[PolicyRecord], rules: Sequence[ControlRule]
) -> tuple[PolicyRecord, ...]:
    """The policies, each with the controls in force that it is evidence for."""
    return tuple(
        replace(
            policy,
            controls=tuple(rule.id for rule in rules if rule.holds(policy.id, policy.control)),
        )
        for policy in policies
    )


def controls_of(
    rules: Iterable[ControlRule], policies: Sequence[PolicyRecord], gaps: Sequence[GapRecord]
) -> tuple[Control, ...]:
    """Every control with its policies and what they say; `policies` know their controls."""
    return tuple(_control(rule, policies, gaps) for rule in rules)


def criteria_of(
    criteria: Mapping[str, Criterion],
    rules: Sequence[ControlRule],
    controls: Sequence[Control],
    policies: Sequence[PolicyRecord],
) -> tuple[Criterion, ...]:
    """Every criterion with the evidence that is relevant to it: the verdicts of the policies that
    name it. Others of the same control are none, unless the firm itself wrote what it serves."""
    about: dict[str, set[str]] = {}
    for policy in policies:
        for name in policy.criteria:
            about.setdefault(name, set()).add(policy.id)
    for rule, control in zip(rules, controls, strict=True):
        for name in rule.strengths if rule.own_criteria else ():
            about.setdefault(name, set()).update(control.policies)
    serving: dict[str, dict[str, Strength]] = {}
    for control in controls:
        for name, strength in control.strengths.items():
            serving.setdefault(name, {})[control.id] = strength
    none = _counts(())
    return tuple(
        _with_evidence(criterion, serving.get(name, {}), about[name], policies)
        if name in about
        else replace(criterion, controls=serving.get(name, {}), counts=none)
        for name, criterion in criteria.items()
    )


def state_of(counts: Mapping[Verdict, int], gaps: int) -> ControlState:
    """What these verdicts say of a control, if so many gaps may hide resources from it."""
    some = {verdict for verdict, number in counts.items() if number}
    if Verdict.FAIL in some:
        return ControlState.FAILING
    if Verdict.UNKNOWN in some:
        return ControlState.UNDETERMINED
    if not some - {Verdict.NOT_APPLICABLE}:
        return ControlState.NO_EVIDENCE
    if gaps:
        return ControlState.HIDDEN
    return ControlState.WAIVED if Verdict.WAIVED in some else ControlState.CLEAN


def _with_evidence(
    criterion: Criterion,
    controls: Mapping[str, Strength],
    about: set[str],
    policies: Iterable[PolicyRecord],
) -> Criterion:
    """A criterion with the verdicts of the policies that are `about` it."""
    own = [policy for policy in policies if policy.id in about]
    return replace(
        criterion,
        controls=controls,
        policies=tuple(policy.id for policy in own),
        counts=_counts(own),
    )


def _control(
    rule: ControlRule, policies: Sequence[PolicyRecord], gaps: Sequence[GapRecord]
) -> Control:
    own = [policy for policy in policies if rule.id in policy.controls]
    kinds = {policy.kind for policy in own}
    hiding = sum(1 for gap in gaps if kinds and (not gap.hides or kinds & {*gap.hides}))
    strengths = _strengths(rule, own)
    counts = _counts(own)
    return Control(
        id=rule.id,
        statement=rule.statement,
        owner=rule.owner,
        frequency=rule.frequency,
        policies=tuple(policy.id for policy in own),
        criteria=tuple(strengths),
        draft=rule.draft,
        strengths=strengths,
        suggested_owner=rule.suggested_owner,
        counts=counts,
        gaps=hiding,
        state=state_of(counts, hiding),
    )


def _strengths(rule: ControlRule, policies: Iterable[PolicyRecord]) -> dict[str, Strength]:
    """The strongest first. A criterion that a policy alone names is served in part, unless the
    firm has said what its control serves."""
    found = dict(rule.strengths)
    for policy in policies:
        for name in () if rule.own_criteria else policy.criteria:
            found.setdefault(name, Strength.PARTIAL)
    return dict(sorted(found.items(), key=lambda item: _BY_STRENGTH.index(item[1])))


def _counts(policies: Iterable[PolicyRecord]) -> dict[Verdict, int]:
    counts = dict.fromkeys(Verdict, 0)
    for policy in policies:
        for verdict, number in policy.counts.items():
            counts[verdict] += number
    return counts
