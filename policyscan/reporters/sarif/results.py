"""A failure as a SARIF result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from policyscan.findings.derivation import Derivation, Link, deciding_values, place_and_value
from policyscan.findings.model import Finding, Location, ProvenanceStep, Severity, Witness
from policyscan.reporters.places import is_file, origin
from policyscan.reporters.sarif.places import MAX_TEXT, Artifacts, plain
from policyscan.reporters.words import is_formula
from policyscan.text.display import one_line
from policyscan.text.words import field_words, value_words

MAX_PLACES = 100
"""Of related places and of steps in a flow; GitHub shows as many."""

MAX_FLOWS = 4
"""Of one result: values whose ways are shown."""

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
    others = {} if brief else _others(finding, place)
    source = _source(finding, place, list(others), artifacts)
    made: dict[str, Any] = {
        "ruleId": one_line(finding.policy_id),
        "level": LEVELS[finding.severity],
        "kind": "fail",
        "message": {"text": plain(_message(finding), MAX_TEXT - len(source)) + source},
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
    if others:
        made["relatedLocations"] = [
            artifacts.location(other, text, number)
            for number, (other, text) in enumerate(others.items(), 1)
        ]
    if flows := list(_flows(finding, place, artifacts)):
        made["codeFlows"] = flows
    return made


def _message(finding: Finding) -> str:
    """One sentence first, since GitHub shows no more where space is tight."""
    unwaived = f"Not waived: {finding.unwaived}" if finding.unwaived else ""
    only = f"Only {finding.conditional}" if finding.conditional else ""
    parts = (finding.message, _proof(finding), only, unwaived)
    return ". ".join(part for part in parts if part)


def _proof(finding: Finding) -> str:
    """What decides, unless the message says it already."""
    if not finding.witnesses:
        return ""
    first = finding.witnesses[0]
    fact, value = _fact(first), value_words(first.value)
    broken = is_formula(first.note)
    proof = fact if broken or not first.note else first.note
    spoken = value if broken else f"{field_words(first.path)}: {value}"
    told = proof in finding.message or (proof == fact and spoken in finding.message)
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


def _others(finding: Finding, place: Location | None) -> dict[Location, str]:
    """Every other place that the evidence mentions, once, with what is there."""
    texts: dict[Location, str] = {}
    for other, text in _mentioned(finding):
        if other != place and is_file(other):
            texts.setdefault(other, text)
    return dict(islice(texts.items(), MAX_PLACES))


def _source(
    finding: Finding, place: Location | None, others: list[Location], artifacts: Artifacts
) -> str:
    """A link to where the value that decides comes from: GitHub shows no related place that is not
    linked to."""
    start = origin(finding, place)
    if start is None or start not in others:
        return ""
    return f". From {artifacts.link(start, others.index(start) + 1)}"


def _mentioned(finding: Finding) -> Iterator[tuple[Location, str]]:
    for witness in finding.witnesses:
        if witness.location:
            yield witness.location, _fact(witness)
        for step in witness.provenance:
            if step.location:
                yield step.location, f"{step.kind} {step.label}"
    for value in deciding_values(finding.derivation):
        for link in value.provenance:
            if link.location:
                yield link.location, f"{link.kind} {link.label}: {_said(value)}"


def _flows(
    finding: Finding, place: Location | None, artifacts: Artifacts
) -> Iterator[dict[str, Any]]:
    """For each value that decides, the way from where it is written to the place of the result;
    none for one that is written on that line."""
    if place is None:
        return
    seen = set()
    for steps in islice(_ways(finding, place), MAX_FLOWS):
        places = tuple(where for where, _ in steps)
        lines = {(where.path, where.start_line) for where in places}
        if len(lines) > 1 and places not in seen:
            seen.add(places)
            locations = [{"location": artifacts.location(*step)} for step in steps]
            yield {"threadFlows": [{"locations": locations}]}


def _ways(finding: Finding, place: Location) -> Iterator[list[tuple[Location, str]]]:
    for witness in finding.witnesses[:1]:
        yield _way(witness.provenance, place, _fact(witness))
    for value in deciding_values(finding.derivation):
        yield _way(value.provenance, place, _said(value))


def _way(
    chain: Iterable[ProvenanceStep | Link], place: Location, end: str
) -> list[tuple[Location, str]]:
    """From the last step of a chain to its first, then to the place of the result."""
    steps = [
        (step.location, f"{step.kind} {step.label}")
        for step in reversed(tuple(chain))
        if is_file(step.location)
    ][-MAX_PLACES // MAX_FLOWS + 1 :]
    return steps if steps and steps[-1][0] == place else [*steps, (place, end)]


def _fact(witness: Witness) -> str:
    """What a witness says: `ingress[0].cidrs[0] = "0.0.0.0/0"`."""
    return f"{witness.path} = {witness.value}" if witness.path else witness.value


def _said(value: Derivation) -> str:
    """The same of a value in a derivation."""
    path, said = place_and_value(value)
    return ".".join(filter(None, (value.owner, path))) + said
