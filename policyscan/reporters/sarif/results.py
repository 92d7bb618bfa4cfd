"""A failure as a SARIF result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.findings.model import Finding, Location, Severity
from policyscan.reporters.sarif.places import Artifacts, place_of, plain
from policyscan.text.display import one_line

MAX_PLACES = 100
"""Of related places and of steps in a flow; GitHub shows as many."""

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}


def result(finding: Finding, rule_index: int | None, artifacts: Artifacts) -> dict[str, Any]:
    """The result of a failure that has a place."""
    place = place_of(finding)
    assert place is not None
    made: dict[str, Any] = {
        "ruleId": one_line(finding.policy_id),
        "level": LEVELS[finding.severity],
        "kind": "fail",
        "message": {"text": plain(_message(finding))},
        "locations": [artifacts.location(place)],
        "partialFingerprints": _fingerprints(finding, place),
        "properties": _properties(finding),
    }
    if rule_index is not None:
        made["ruleIndex"] = rule_index
    if related := _related(finding, place, artifacts):
        made["relatedLocations"] = related
    if steps := _flow(finding, place, artifacts):
        made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return made


def _message(finding: Finding) -> str:
    """One sentence first, since GitHub shows no more where space is tight."""
    first = finding.witnesses[0]
    evidence = f"{first.path} = {first.value}" if first.path else first.value
    formula = first.note.startswith(("resource.", "now "))
    proof = evidence if formula or not first.note else first.note
    spoken = first.path.replace("_", " ") + ": " + first.value
    told = (
        proof in finding.message
        or (formula and first.value in finding.message)
        or (proof == evidence and spoken in finding.message)
    )
    parts = (finding.message, "" if told else proof, finding.conditional)
    return ". ".join(part for part in parts if part)


def _fingerprints(finding: Finding, place: Location) -> dict[str, str]:
    fingerprints = {"policyscan/v1": one_line(finding.fingerprint)}
    other = finding.location
    same_line = other and (other.path, other.start_line) == (place.path, place.start_line)
    line_hash = place.line_hash or (other.line_hash if other and same_line else "")
    if line_hash:
        fingerprints["primaryLocationLineHash"] = one_line(line_hash)
    return fingerprints


def _properties(finding: Finding) -> dict[str, Any]:
    return {
        "address": one_line(finding.resource.address),
        "kind": one_line(finding.resource.kind),
        "unit": one_line(finding.resource.unit),
        "proof": finding.resource.proof.value,
        "severity": finding.severity.value,
        "blocking": finding.blocking,
        "blockingReason": one_line(finding.blocking_reason),
        "scopeBasis": one_line(finding.scope_basis),
        "scope": [
            {"question": one.question, "answer": one_line(one.answer), "basis": one.basis}
            for one in finding.scope
        ],
        "witnesses": [
            {"path": one_line(one.path), "value": one_line(one.value), "note": one_line(one.note)}
            for one in finding.witnesses[:MAX_PLACES]
        ],
    }


def _related(finding: Finding, place: Location, artifacts: Artifacts) -> list[dict[str, Any]]:
    """Every other place that the evidence mentions, once, numbered from 1."""
    texts: dict[Location, str] = {}
    for other, text in _mentioned(finding):
        if other != place and other.path.strip("/"):
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


def _flow(finding: Finding, place: Location, artifacts: Artifacts) -> list[dict[str, Any]]:
    """From where the first witness's value is written to the place of the result; empty if that
    is one place."""
    steps = [
        (step.location, f"{step.kind} {step.label}")
        for step in reversed(finding.witnesses[0].provenance)
        if step.location and step.location.path.strip("/")
    ][-MAX_PLACES + 1 :]
    if not steps or steps[-1][0] != place:
        steps.append((place, finding.witnesses[0].path or "here"))
    if len(steps) < 2:
        return []
    return [{"location": artifacts.location(*step)} for step in steps]
