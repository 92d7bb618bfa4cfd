"""Controls and criteria, with the evidence that this run holds for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policyscan.findings import Control, ControlState, Criterion, Finding, Report, Strength, Verdict
from policyscan.reporters.html.tally import Tally
from policyscan.reporters.html.words import count, enumeration, number

_STATES: Mapping[ControlState, tuple[Verdict, str]] = {
    ControlState.FAILING: (Verdict.FAIL, "with failing evidence"),
    ControlState.UNDETERMINED: (Verdict.UNKNOWN, "incomplete (undetermined verdicts)"),
    ControlState.HIDDEN: (Verdict.UNKNOWN, "incomplete (a gap may hide resources)"),
    ControlState.WAIVED: (Verdict.WAIVED, "with waived failures only"),
    ControlState.CLEAN: (Verdict.PASS, "without failing evidence"),
    ControlState.NO_EVIDENCE: (Verdict.NOT_APPLICABLE, "without evidence in this run"),
}
"""By state, the verdict whose symbol and colour it wears, and how the matrix writes it."""


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control and what the run says about it."""

    control: Control
    tally: Tally
    served: tuple[tuple[Strength, tuple[str, ...]], ...]
    """Criteria by the strength of the evidence for them, the strongest first."""
    judging: tuple[str, ...]
    """Those of its policies that judged something."""
    idle: tuple[str, ...]
    """The others."""

    @property
    def look(self) -> Verdict:
        """The verdict whose symbol and colour the state wears."""
        return _STATES[self.control.state][0]

    @property
    def words(self) -> str:
        """The state as the matrix writes it."""
        return _STATES[self.control.state][1]


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion and the evidence that is relevant to it."""

    criterion: Criterion
    tally: Tally
    controls: tuple[tuple[str, Strength], ...]
    """Those with evidence for it in this run, the strongest first."""
    silent: tuple[str, ...]
    """The other controls that serve it."""

    @property
    def point(self) -> str:
        """The id inside its framework: `CC6.1`."""
        return point(self.criterion.id)

    @property
    def strength(self) -> str:
        """That of the strongest evidence in this run; empty without any, or if no control rates
        it."""
        return self.controls[0][1].value if self.controls else ""


@dataclass(frozen=True, slots=True)
class Framework:
    """The criteria of one framework."""

    name: str
    version: str
    rows: tuple[CriterionRow, ...]
    """Those that a control or a policy names."""
    rest: tuple[CriterionRow, ...]
    """Those that nothing automated is about."""

    @property
    def size(self) -> int:
        """How many criteria are in scope."""
        return sum(1 for row in (*self.rows, *self.rest) if row.criterion.in_scope)

    @property
    def with_evidence(self) -> int:
        """How many of them this run holds evidence for."""
        return sum(1 for row in self.rows if row.criterion.in_scope and row.tally.evidence)


def point(criterion_id: str) -> str:
    """`CC6.1` of `SOC2:CC6.1`."""
    return criterion_id.rpartition(":")[2]


def control_rows(
    report: Report, by_policy: Mapping[str, Sequence[Finding]]
) -> tuple[ControlRow, ...]:
    """A row for every control of the report, in its order."""
    idle = {policy.id for policy in report.policies if policy.idle}
    return tuple(
        ControlRow(
            control,
            _tally(control.policies, by_policy),
            _by_strength(control),
            tuple(policy for policy in control.policies if policy not in idle),
            tuple(policy for policy in control.policies if policy in idle),
        )
        for control in report.controls
    )


def controls_sentence(rows: Sequence[ControlRow]) -> str:
    """How many controls are in which state."""
    if not rows:
        return "No controls are declared."
    states = [row.control.state for row in rows]
    parts = [
        f"{number(states.count(state))} {text}"
        for state, (_, text) in _STATES.items()
        if state in states
    ]
    return f"Of {count(len(rows), 'control')}: {enumeration(parts)}."


def frameworks(report: Report, by_policy: Mapping[str, Sequence[Finding]]) -> tuple[Framework, ...]:
    """Every criterion of the report under its framework, those without evidence included."""
    groups: dict[tuple[str, str], list[CriterionRow]] = {}
    speaking = {policy for policy, found in by_policy.items() if Tally.of(found).evidence}
    for criterion in report.criteria:
        row = CriterionRow(
            criterion,
            _tally(criterion.policies, by_policy),
            *_serving(report, criterion, speaking),
        )
        groups.setdefault((criterion.framework, criterion.version), []).append(row)

    def is_named(row: CriterionRow) -> bool:
        return bool(row.criterion.policies or row.criterion.controls)

    return tuple(
        Framework(
            name,
            version,
            tuple(row for row in rows if is_named(row)),
            tuple(row for row in rows if not is_named(row)),
        )
        for (name, version), rows in groups.items()
    )


def _serving(
    report: Report, criterion: Criterion, speaking: set[str]
) -> tuple[tuple[tuple[str, Strength], ...], tuple[str, ...]]:
    """The controls that serve a criterion: those of which a policy that is about it is among the
    `speaking`, the strongest first, and the others."""
    heard = speaking.intersection(criterion.policies)
    evident = [
        (control.id, criterion.controls[control.id])
        for control in report.controls
        if control.id in criterion.controls and not heard.isdisjoint(control.policies)
    ]
    order = list(Strength)
    evident.sort(key=lambda pair: order.index(pair[1]))
    names = {name for name, _ in evident}
    return tuple(evident), tuple(name for name in criterion.controls if name not in names)


def _by_strength(control: Control) -> tuple[tuple[Strength, tuple[str, ...]], ...]:
    groups = (
        (strength, tuple(name for name, given in control.strengths.items() if given is strength))
        for strength in Strength
    )
    return tuple((strength, names) for strength, names in groups if names)


def _tally(policies: Iterable[str], by_policy: Mapping[str, Sequence[Finding]]) -> Tally:
    return Tally.of(f for policy in dict.fromkeys(policies) for f in by_policy.get(policy, ()))
