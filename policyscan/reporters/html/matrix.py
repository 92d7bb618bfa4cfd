"""Controls and criteria, with the evidence that this run holds for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from policyscan.findings import Control, Criterion, Finding, GapRecord, Report, Verdict
from policyscan.reporters.html.tally import Tally
from policyscan.reporters.html.words import count, enumeration, number


class State(Enum):
    """What the evidence of one run says about a control: the look of a verdict, and words."""

    FAILING = (Verdict.FAIL, "with failing evidence")
    UNDETERMINED = (Verdict.UNKNOWN, "incomplete (undetermined verdicts)")
    HIDDEN = (Verdict.UNKNOWN, "incomplete (a gap may hide resources)")
    ACCEPTED = (Verdict.WAIVED, "with waived failures only")
    CLEAN = (Verdict.PASS, "without failing evidence")
    NONE = (Verdict.NOT_APPLICABLE, "without evidence in this run")

    @property
    def look(self) -> Verdict:
        """The verdict whose symbol and colour it wears."""
        return self.value[0]

    @property
    def words(self) -> str:
        """As the matrix writes it."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control and what the run says about it."""

    control: Control
    tally: Tally
    gaps: int
    """Gaps that may hide resources which this control concerns."""

    @property
    def state(self) -> State:
        """The worst that is known; a control with anything undetermined is never called clean."""
        tally = self.tally
        if tally[Verdict.FAIL]:
            return State.FAILING
        if tally[Verdict.UNKNOWN]:
            return State.UNDETERMINED
        if not tally.evidence:
            return State.NONE
        if self.gaps:
            return State.HIDDEN
        return State.ACCEPTED if tally[Verdict.WAIVED] else State.CLEAN


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion and the evidence that is relevant to it."""

    criterion: Criterion
    controls: tuple[str, ...]
    """Ids of the controls that serve it."""
    policies: tuple[str, ...]
    """Ids of the policies that name it. Others of the same control are no evidence for it."""
    tally: Tally

    @property
    def point(self) -> str:
        """The id inside its framework: `CC6.1`."""
        return point(self.criterion.id)


@dataclass(frozen=True, slots=True)
class Framework:
    """The criteria of one framework."""

    name: str
    rows: tuple[CriterionRow, ...]

    @property
    def with_evidence(self) -> int:
        """How many criteria this run holds evidence for."""
        return sum(1 for row in self.rows if row.tally.evidence)


def point(criterion_id: str) -> str:
    """`CC6.1` of `SOC2:CC6.1`."""
    return criterion_id.rpartition(":")[2]


def control_rows(
    report: Report, by_policy: Mapping[str, Sequence[Finding]]
) -> tuple[ControlRow, ...]:
    """A row for every control of the report, in its order."""
    kinds = {policy.id: policy.kind for policy in report.policies}

    def row(control: Control) -> ControlRow:
        concerned = {kinds[policy] for policy in control.policies if policy in kinds}
        hiding = sum(1 for gap in report.gaps if _may_hide(gap, concerned))
        return ControlRow(control, _tally(control.policies, by_policy), hiding)

    return tuple(row(control) for control in report.controls)


def controls_sentence(rows: Sequence[ControlRow]) -> str:
    """How many controls are in which state."""
    if not rows:
        return "No controls are declared."
    states = [row.state for row in rows]
    parts = [f"{number(states.count(s))} {s.words}" for s in State if s in states]
    return f"Of {count(len(rows), 'control')}: {enumeration(parts)}."


def frameworks(report: Report, by_policy: Mapping[str, Sequence[Finding]]) -> tuple[Framework, ...]:
    """Every criterion of the report under its framework, those without evidence included."""
    rows: dict[str, list[CriterionRow]] = {}
    for criterion in report.criteria:
        controls = [c for c in report.controls if criterion.id in c.criteria]
        policies = tuple(p.id for p in report.policies if criterion.id in p.criteria)
        tally = _tally(policies, by_policy)
        row = CriterionRow(criterion, tuple(c.id for c in controls), policies, tally)
        rows.setdefault(criterion.framework, []).append(row)
    return tuple(Framework(name, tuple(members)) for name, members in rows.items())


def _may_hide(gap: GapRecord, kinds: set[str]) -> bool:
    return bool(kinds) and (not gap.hides or not kinds.isdisjoint(gap.hides))


def _tally(policies: Iterable[str], by_policy: Mapping[str, Sequence[Finding]]) -> Tally:
    return Tally.of(f for policy in dict.fromkeys(policies) for f in by_policy.get(policy, ()))
