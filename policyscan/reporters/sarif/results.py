"""A failure as a SARIF result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.findings.model import Finding, Location, Severity
from policyscan.reporters.places import is_file
from policyscan.reporters.sarif.places import Artifacts, plain
from policyscan.reporters.words import is_formula
from policyscan.text.display import one_line

MAX_PLACES = 100
"""Of related places and of steps in a flow; GitHub shows as many."""

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}


def result(
    finding: Finding,
    place: Location | None,
    line_hash: str,
    rule_index: int | None,
    artifacts: Artifacts,
    *,
    brief: bool = False,
) -> dict[str, Any]:
    """The result of a failure, at `place` if it has one; `line_hash` is what GitHub is to know it
    by. A `brief` one has no other places, and no evidence but what its message says."""
    made: dict[str, Any] = {
        "ruleId": one_line(finding.policy_id),
        "level": LEVELS[finding.severity],
        "kind": "fail",
        "message": {"text": plain(_message(finding))},
        "locations": [artifacts.location(place)] if place else [],
        "partialFingerprints": {"policyscan/v1": one_line(finding.fingerprint)},
        "properties": _properties(finding) | ({} if brief else _evidence(finding)),
    }
    if line_hash:
        made["partialFingerprints"]["primaryLocationLineHash"] = line_hash
    if rule_index is not None:
        made["ruleIndex"] = rule_index
    if brief:
        return made
    if related := _related(finding, place, artifacts):
        made["relatedLocations"] = related
    if steps := _flow(finding, place, artifacts):
        made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return made


def _message(finding: Finding) -> str:
    """One sentence first, since GitHub shows no more where space is tight."""
    unwaived = f"Not waived: {finding.unwaived}" if finding.unwaived else ""
    parts = (finding.message, _proof(finding), finding.conditional, unwaived)
    return ". ".join(part for part in parts if part)


def _proof(finding: Finding) -> str:
    """What decides, unless the message says it already."""
    if not finding.witnesses:
        return ""
    first = finding.witnesses[0]
    evidence = f"{first.path} = {first.value}" if first.path else first.value
    formula = is_formula(first.note)
    proof = evidence if formula or not first.note else first.note
    spoken = first.path.replace("_", " ") + ": " + first.value
    told = (
        proof in finding.message
        or (formula and first.value in finding.message)
        or (proof == evidence and spoken in finding.message)
    )
    return "" if told else proof


def _properties(finding: Finding) -> dict[str, Any]:
    made = {
        "address": one_line(finding.resource.address),
        "kind": one_line(finding.resource.kind),
        "unit": one_line(finding.resource.unit),
        "proof": finding.resource.proof.value,
        "severity": finding.severity.value,
        "blocking": finding.blocking,
        "blockingReason": one_line(finding.blocking_reason),
        "scopeBasis": one_line(finding.scope_basis),
    }
    if finding.change:
        made["change"] = finding.change.value
    if finding.unwaived:
        made["unwaived"] = one_line(finding.unwaived)
    return made


def _evidence(finding: Finding) -> dict[str, Any]:
    return {
        "scope": [
            {
                "question": one_line(one.question),
                "answer": one_line(one.answer),
                "basis": one_line(one.basis),
            }
            for one in finding.scope
        ],
        "witnesses": [
            {"path": one_line(one.path), "value": one_line(one.value), "note": one_line(one.note)}
            for one in finding.witnesses[:MAX_PLACES]
        ],
    }


def _related(
    finding: Finding, place: Location | None, artifacts: Artifacts
) -> list[dict[str, Any]]:
    """Every other place that the evidence mentions, once, numbered from 1."""
    texts: dict[Location, str] = {}
    for other, text in _mentioned(finding):
        if other != place and is_file(other):
            texts.setdefault(other, text)
    return [
        artifacts.location(other, text, number)
        for number, (other, text) in enumerate(list(texts.items())[:MAX_PLACES], 1)
    ]


def _mentioned(finding: Finding) -> Iterator[tuple[Location, str]]:
    for witness in finding.witnesses:
        if witness.location:
            yield witness.location, f"{witness.path} = {witness.value}"
        for step in witness.provenance:
            if step.location:
                yield step.location, f"{step.kind} {step.label}"


def _flow(finding: Finding, place: Location | None, artifacts: Artifacts) -> list[dict[str, Any]]:
    """From where the first witness's value is written to the place of the result; empty if that
    is one place."""
    if not (place and finding.witnesses):
        return []
    steps = [
        (step.location, f"{step.kind} {step.label}")
        for step in reversed(finding.witnesses[0].provenance)
        if is_file(step.location)
    ][-MAX_PLACES + 1 :]
    if not steps or steps[-1][0] != place:
        steps.append((place, finding.witnesses[0].path or "here"))
    if len(steps) < 2:
        return []
    return [{"location": artifacts.location(*step)} for step in steps]
