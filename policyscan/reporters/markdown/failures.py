"""Failures in Markdown: what, where, why and how to mend it, so that nobody has to look further."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from policyscan.findings.model import (
    Excerpt,
    Finding,
    Location,
    ProvenanceStep,
    ScopeAnswer,
    Witness,
)
from policyscan.findings.report import PolicyRecord, Report
from policyscan.reporters.difference_words import WORDS, became, edit_of
from policyscan.reporters.places import (
    declared,
    in_repository,
    path_from_top,
    path_shown,
    steps_back,
)
from policyscan.reporters.words import MOST_STEPS, is_formula, place_seen, seen, spot_in
from policyscan.text.display import path_text
from policyscan.text.markdown import code, fenced, inline, prose

_LONGEST_LINE = 160
_MOST_LINES = 12
_MOST_BACK = 3
"""Steps back from a value that are told; of more the first two and the last."""


def in_full(findings: Iterable[Finding], report: Report, *, excerpts: bool) -> list[str]:
    """Every failure with all that is needed to mend it, numbered; why and how once for each
    policy."""
    policies = {policy.id: policy for policy in report.policies}
    numbers: dict[str, int] = {}
    by_code = declared(report)
    told = []
    for number, finding in enumerate(findings, 1):
        first = numbers.setdefault(finding.policy_id, number)
        policy = policies.get(finding.policy_id)
        code_place = by_code.get((finding.resource.unit, finding.resource.address))
        told.append(_Told(finding, number, first, policy, code_place, report).text(excerpts))
    return told


def at_a_glance(findings: Iterable[Finding], report: Report) -> list[str]:
    """What fails and where, a line each, numbered as `in_full` does."""
    return [
        f"{number}. {_heading(finding)}: {inline(finding.message, 200)} "
        f"({where(finding, report) if finding.location else _unit(finding)})"
        for number, finding in enumerate(findings, 1)
    ]


def in_brief(finding: Finding, report: Report) -> str:
    """One failure as one item of a list."""
    unwaived = f"; not waived: {inline(finding.unwaived)}" if finding.unwaived else ""
    edits = "".join(f": {inline(edit)}" for edit in map(edit_of, finding.witnesses) if edit)
    return (
        f"- {_heading(finding)}, {code(finding.policy_id)}: {inline(finding.message)}{edits} "
        f"({where(finding, report)}; {code(finding.fingerprint)}{unwaived})"
    )


def where(finding: Finding, report: Report) -> str:
    """The place from the top of the repository, or what was seen running."""
    if finding.location:
        return code(spot_in(path_shown(finding, report), finding.location))
    return f"{code(finding.resource.shown)} in {_unit(finding)}"


def _unit(finding: Finding) -> str:
    """The account and region of what was seen running, or what it was judged in."""
    resource = finding.resource
    unit = place_seen(resource.unit) if resource.observed_at else resource.unit
    return inline(unit or resource.target)


class _Told(Struct, frozen=True):
    """One failure in full."""

    finding: Finding
    number: int
    first: int
    """The number of the first failure of the same policy."""
    policy: PolicyRecord | None
    declared: Location | None
    """Where code declares the same, of what was seen running."""
    report: Report

    @property
    def here(self) -> Finding:
        """The finding with its places in the repository."""
        return in_repository(self.finding, self.report)

    def text(self, excerpts: bool) -> str:
        finding = self.finding
        head = (
            f"**{self.number}. {_heading(finding)}: {inline(finding.title)}** "
            f"({code(finding.policy_id)})"
        )
        lines = (f"- **{label}** {text}" for label, text in self._labelled() if text)
        parts = [head, "\n".join(lines)]
        if excerpts and finding.excerpt:
            parts.append(_excerpt(finding.excerpt))
        return "\n\n".join(parts)

    def _labelled(self) -> Iterator[tuple[str, str]]:
        finding = self.finding
        yield "what", inline(finding.message)
        yield "change", inline(became(finding)) if finding.before else ""
        yield "where", where(finding, self.report)
        if self.declared:
            yield (
                "declared",
                code(spot_in(path_from_top(self.declared.path, self.report), self.declared)),
            )
        for witness in self.here.witnesses[:3]:
            yield "because", _evidence(witness, finding.message)
            yield "from", self._origin(witness)
        if self.number != self.first:
            yield "why and fix", f"as for {self.first}"
        elif self.policy:
            yield "why", prose(self.policy.why)
            yield "fix", prose(self.policy.fix)
        yield "not waived", inline(finding.unwaived)
        yield "seen", inline(seen(finding.resource))
        for answer in finding.scope:
            yield "scope", _scope(answer)
        yield "if", inline(finding.conditional.removeprefix("if "))
        verb = "blocks" if finding.blocking else "does not block"
        yield "gate", inline(f"{verb}: {finding.blocking_reason}")
        yield "finding", code(finding.fingerprint)

    def _origin(self, witness: Witness) -> str:
        """The first steps to what the value comes from, and the last."""
        told = [*map(self._step, steps_back(witness, self.here.location))]
        return " ← ".join(told if len(told) <= _MOST_BACK else [*told[:2], "…", told[-1]])

    def _step(self, step: ProvenanceStep) -> str:
        place = step.location
        path = f" ({spot_in(path_from_top(place.path, self.report), place)})" if place else ""
        return code(f"{step.label[:80]}{path}")


def _heading(finding: Finding) -> str:
    state = _state(finding)
    return f"{finding.severity.value}{f', {state}' if state else ''}"


def _scope(one: ScopeAnswer) -> str:
    """An answer, and the first steps to what says so."""
    steps = [
        f"{step.label} ({path_text(step.location.place)})" if step.location else step.label
        for step in one.because
    ]
    way = [*(code(step, 120) for step in steps[:MOST_STEPS]), *["…"] * (len(steps) > MOST_STEPS)]
    answer = inline(f"{one.question} {one.answer}, {one.basis}")
    return f"{answer}: {' ← '.join(way)}" if way else answer


def _state(finding: Finding) -> str:
    return WORDS[finding.change] if finding.change else ""


def _evidence(witness: Witness, message: str) -> str:
    """A fact, and what about it decides, unless that is said already or is the formula that the
    fact breaks."""
    fact = code(f"{witness.path} = {witness.value}" if witness.path else witness.value)
    note = "" if is_formula(witness.note) or witness.note in message else inline(witness.note)
    return f"{fact}: {note}" if note else fact


def _excerpt(excerpt: Excerpt) -> str:
    digits = len(str(excerpt.first_line + len(excerpt.lines)))
    return fenced(
        [
            f"{number:>{digits}} | {line[:_LONGEST_LINE]}"
            for number, line in enumerate(excerpt.lines[:_MOST_LINES], excerpt.first_line)
        ]
    )
