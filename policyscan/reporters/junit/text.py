"""The texts inside a test case, for people who see nothing but the case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policyscan.findings.model import Excerpt, Finding, GapRecord, Verdict, Witness
from policyscan.findings.report import Control, PolicyRecord, Waiver
from policyscan.reporters.words import scope_answer, seen, spot, waiver_words
from policyscan.text.display import one_line, visible


def marks(finding: Finding) -> str:
    """What a program needs to tell the cases apart: `name: value`, a line each."""
    lines = [
        f"verdict: {finding.verdict.value}",
        f"fingerprint: {one_line(finding.fingerprint)}",
        f"unit: {one_line(finding.resource.unit)}",
        *(f"assumes: {one_line(assumption)}" for assumption in finding.assumes),
    ]
    if observed := seen(finding.resource):
        lines.append(f"seen: {one_line(observed)}")
    if finding.change:
        lines.append(f"change: {finding.change.value}")
    if finding.conditional:
        lines.append(f"conditional: {one_line(finding.conditional)}")
    return "\n".join(lines)


def gap_marks(gap: GapRecord) -> str:
    """The same for a gap."""
    lines = [
        f"gap: {gap.reason.value}",
        f"subject: {one_line(gap.subject)}",
        f"fingerprint: {one_line(gap.fingerprint)}",
        f"hides: {one_line(', '.join(gap.hides) or 'anything')}",
        f"blocking: {str(gap.blocking).lower()}, {one_line(gap.blocking_reason)}",
    ]
    if gap.unit:
        lines.append(f"unit: {one_line(gap.unit)}")
    if gap.change:
        lines.append(f"change: {gap.change.value}")
    if gap.location:
        lines.append(f"place: {spot(gap.location)}")
    return "\n".join(lines)


def control_facts(control: Control) -> str:
    """A control in one line: its state, the counts of its verdicts, and who answers for it."""
    counts = " ".join(f"{verdict.value}={number}" for verdict, number in control.counts.items())
    owner = "draft" if control.draft else f"owner: {control.owner}"
    parts = [control.state.value, counts, f"gaps={control.gaps}", owner]
    return "; ".join(part for part in parts if part)


def body(finding: Finding, policy: PolicyRecord | None, waivers: Iterable[Waiver]) -> str:
    """The verdict and what it hangs on, the evidence, then why it matters and what to do. Of a
    text that is cut, the beginning stays."""
    hangs_on = {
        "Waiver": _waiver(finding, waivers),
        "Before": finding.before,
        "Reason": finding.reason,
        "Residual": finding.residual,
        "Needs": "; ".join(finding.needs),
        "Condition": finding.conditional,
    }
    rest = {
        "Scope": "\n".join(map(scope_answer, finding.scope)),
        "Why": policy.why if policy else "",
        "Fix": policy.fix if policy else "",
        "Blocks": f"{'yes' if finding.blocking else 'no'}: {finding.blocking_reason}",
        "Fingerprint": finding.fingerprint,
    }
    lines = [f"{finding.verdict.value}: {one_line(finding.message)}"]
    if finding.location:
        lines.append(f"Place: {spot(finding.location)}")
    if observed := seen(finding.resource):
        lines.append(f"Seen: {one_line(observed)}")
    lines += _labelled(hangs_on)
    for witness in finding.witnesses:
        lines += _evidence(witness)
    if finding.excerpt:
        lines += _excerpt(finding.excerpt)
    lines += _labelled(rest)
    return "\n".join(lines)


def _labelled(texts: Mapping[str, str]) -> list[str]:
    return [f"{name}: {_hanging(text)}" for name, text in texts.items() if text]


def _evidence(witness: Witness) -> Iterator[str]:
    where = f"{one_line(witness.path)} = " if witness.path else ""
    note = f" ({one_line(witness.note)})" if witness.note else ""
    yield f"Evidence: {where}{one_line(witness.value)}{note}"
    for step in witness.provenance:
        place = f", {spot(step.location)}" if step.location else ""
        yield f"  from {one_line(step.kind)} {one_line(step.label)}{place}"


def _excerpt(excerpt: Excerpt) -> Iterator[str]:
    """Numbered lines; `>` stands before those that matter."""
    marked = {mark.line for mark in excerpt.marks}
    for number, line in enumerate(excerpt.lines, excerpt.first_line):
        yield f"{'>' if number in marked else ' '} {number:>5} | {one_line(line)}"


def _waiver(finding: Finding, waivers: Iterable[Waiver]) -> str:
    if finding.verdict is not Verdict.WAIVED:
        return finding.unwaived
    named = (waiver_words(waiver) for waiver in waivers if waiver.id == finding.waiver)
    return next(named, finding.waiver)


def _hanging(text: str) -> str:
    """Later lines are set off, so that none looks like a line of ours or like a command."""
    return "\n  | ".join(visible(text).splitlines())
