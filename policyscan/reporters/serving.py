"""What the verdicts of each policy are evidence for, as several formats tell it."""

from __future__ import annotations

from collections.abc import Mapping

from policyscan.findings.report import Control, Criterion, PolicyRecord, Report, Strength

_ORDER = list(Strength)


def served(report: Report) -> Mapping[str, Mapping[str, Strength]]:
    """By policy, the criteria in scope for which it gives evidence, the strongest first; each with
    the greatest strength that a control of the policy gives it, `partial` if none does."""
    controls = {control.id: control for control in report.controls}
    outside = {criterion.id for criterion in report.criteria if not criterion.in_scope}
    further: dict[str, list[str]] = {}
    for criterion in report.criteria:
        for policy in criterion.policies:
            further.setdefault(policy, []).append(criterion.id)
    return {
        policy.id: _rated(policy, further.get(policy.id, []), controls, outside)
        for policy in report.policies
    }


def facts_of(control: Control) -> dict[str, object]:
    """One control in plain words: its state, owner, counts and policies."""
    return {
        "state": control.state.value,
        "draft": control.draft,
        "owner": control.owner,
        "frequency": control.frequency,
        "policies": list(control.policies),
        "verdicts": {verdict.value: number for verdict, number in control.counts.items()},
        "gaps": control.gaps,
    }


def without_evidence(criteria: tuple[Criterion, ...]) -> list[str]:
    """The criteria in scope for which nothing automated is evidence."""
    return [one.id for one in criteria if one.in_scope and not one.policies]


def _rated(
    policy: PolicyRecord,
    further: list[str],
    controls: Mapping[str, Control],
    outside: set[str],
) -> dict[str, Strength]:
    own = [controls[name] for name in policy.controls if name in controls]
    rated = {}
    for name in (*policy.criteria, *further):
        given = [one.strengths[name] for one in own if name in one.strengths]
        if name not in outside:
            rated[name] = min(given or [Strength.PARTIAL], key=_ORDER.index)
    return dict(sorted(rated.items(), key=lambda item: _ORDER.index(item[1])))
