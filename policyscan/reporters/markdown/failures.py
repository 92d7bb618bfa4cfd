"""Failures in Markdown: what, where, why and how to mend it, so that nobody has to look further."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyscan.findings.model import Excerpt, Finding, Witness
from policyscan.findings.report import PolicyRecord, Report
from policyscan.reporters.difference_words import WORDS, became, edit_of
from policyscan.reporters.words import place_seen, scope_answer, seen, spot
from policyscan.text.display import path_text
from policyscan.text.markdown import code, fenced, inline, prose

_LONGEST_LINE = 160
_MOST_LINES = 12


def in_full(findings: Iterable[Finding], report: Report, *, excerpts: bool) -> list[str]:
    """Every failure with all that is needed to mend it; why and how once for each policy."""
    policies = {policy.id: policy for policy in report.policies}
    return [
        _full(number, finding, policies.pop(finding.policy_id, None), report, excerpts)
        for number, finding in enumerate(findings, 1)
    ]


def in_brief(finding: Finding, report: Report) -> str:
    """One failure as one item of a list."""
    state = _state(finding)
    edits = "".join(f": {inline(edit)}" for edit in map(edit_of, finding.witnesses) if edit)
    return (
        f"- {finding.severity.value} {code(finding.policy_id)}{f', {state}' if state else ''}: "
        f"{inline(finding.message)}{edits} ({where(finding, report)}; {code(finding.fingerprint)})"
    )


def where(finding: Finding, report: Report) -> str:
    """The place from the top of the repository, or what was seen running."""
    if finding.location:
        return code(path_text(report.run.prefix) + spot(finding.location))
    resource = finding.resource
    unit = place_seen(resource.unit) if resource.observed_at else resource.unit
    return f"{code(resource.shown)} in {inline(unit or resource.target)}"


def _full(
    number: int, finding: Finding, policy: PolicyRecord | None, report: Report, excerpts: bool
) -> str:
    state = _state(finding)
    head = (
        f"**{number}. {finding.severity.value}{f', {state}' if state else ''}: "
        f"{inline(finding.title)}** ({code(finding.policy_id)})"
    )
    lines = "\n".join(
        f"- **{label}** {text}" for label, text in _labelled(finding, policy, report) if text
    )
    parts = [head, lines]
    if excerpts and finding.excerpt:
        parts.append(_excerpt(finding.excerpt))
    return "\n\n".join(parts)


def _labelled(
    finding: Finding, policy: PolicyRecord | None, report: Report
) -> Iterator[tuple[str, str]]:
    yield "what", inline(finding.message)
    yield "change", inline(became(finding)) if finding.before else ""
    yield "where", where(finding, report)
    for witness in finding.witnesses[:3]:
        yield "because", _evidence(witness)
    yield "seen", inline(seen(finding.resource))
    yield "scope", inline("; ".join(map(scope_answer, finding.scope)), 600)
    yield "if", inline(finding.conditional.removeprefix("if "))
    if policy:
        yield "why", prose(policy.why)
        yield "fix", prose(policy.fix)
    yield "gate", inline(f"{'blocks' if finding.blocking else 'does not block'}: "
                         f"{finding.blocking_reason}")  # fmt: skip
    yield "finding", code(finding.fingerprint)


def _state(finding: Finding) -> str:
    return WORDS[finding.change] if finding.change else ""


def _evidence(witness: Witness) -> str:
    fact = code(f"{witness.path} = {witness.value}" if witness.path else witness.value)
    return f"{fact}: {inline(witness.note)}" if witness.note else fact


def _excerpt(excerpt: Excerpt) -> str:
    digits = len(str(excerpt.first_line + len(excerpt.lines)))
    return fenced(
        [
            f"{number:>{digits}} | {line[:_LONGEST_LINE]}"
            for number, line in enumerate(excerpt.lines[:_MOST_LINES], excerpt.first_line)
        ]
    )
