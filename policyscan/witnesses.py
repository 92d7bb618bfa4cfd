"""What an outcome rests on, as findings show it: witnesses, assumptions, what would decide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from policyscan.findings.hiding import hidden_witness, shown_address
from policyscan.findings.model import ProvenanceStep, ResourceRef, Verdict, Witness
from policyscan.findings.places import excerpt_of, location_of, provenance_of
from policyscan.inventory import Inventory
from policyscan.language import Evidence, Outcome
from policyscan.policy import Policy
from policyscan.resources.base import ProofLevel, Resource, Step, StepKind
from policyscan.resources.masking import mask
from policyscan.resources.secret_values import secret_texts
from policyscan.resources.units import set_unit
from policyscan.text.display import shortened
from policyscan.text.source import Span
from policyscan.values import Unknown

MAX_WITNESSES = 8
_MEMBERS = "members"
MAX_DEFAULT = 120
"""Characters of the default of a variable that are shown."""


class Question(NamedTuple):
    """What was asked of a unit, where, and when the last answer came."""

    subject: str
    unit: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """A unit that is judged as an account even if nothing is in it."""

    unit: str
    collector: str
    target: str
    proof: ProofLevel
    asked: dict[str, list[Question]] = field(default_factory=dict)
    """By kind, the questions that would have shown one."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What one verdict is about: a resource, or the unit of a set policy that has no member."""

    resource: Resource | None
    ref: ResourceRef
    asked: tuple[Question, ...] = ()
    """Of a unit without a member: the questions that were answered and would have shown one."""
    rests_on_defaults: bool = False
    """Whether some value of the resource is the default of a root variable."""

    @classmethod
    def of(cls, resource: Resource) -> Subject:
        """The subject that is this resource."""
        origin = resource.origin
        address = shown_address(resource.address)
        at = origin.observed_at
        ref = ResourceRef(
            resource.kind,
            address,
            origin.unit,
            origin.collector,
            origin.target,
            origin.proof,
            _written(at) if at is not None else "",
            origin.observed_by,
            _name(resource) if origin.proof is ProofLevel.OBSERVED else "",
        )
        defaults = any(
            step.kind is StepKind.ROOT_DEFAULT
            for chain in resource.chains.values()
            for step in chain
        )
        return cls(resource, ref, rests_on_defaults=defaults)

    @classmethod
    def without_members(cls, of: Baseline, kind: str) -> Subject:
        """The subject that is a unit without a resource of this kind."""
        asked = tuple(each for each in of.asked.get(kind, ()) if each.at is not None)
        by = ", ".join(dict.fromkeys(each.subject for each in asked))
        latest = max((_written(each.at) for each in asked if each.at), default="")
        ref = ResourceRef(kind, of.unit, of.unit, of.collector, of.target, of.proof, latest, by)
        return cls(None, ref, asked)

    @property
    def identity(self) -> str:
        """The address that fingerprints use."""
        return self.resource.stable_address() if self.resource is not None else self.ref.address

    @property
    def span(self) -> Span | None:
        """Where it is written."""
        return self.resource.origin.span if self.resource is not None else None

    @property
    def conditional(self) -> Unknown | None:
        """Set if it is not known whether it exists."""
        return self.resource.conditional if self.resource is not None else None


def _name(resource: Resource) -> str:
    """What people call a thing that was seen, where its address does not tell; masked like it."""
    tag = resource.tags.get("Name") if isinstance(resource.tags, Mapping) else None
    names = (getattr(resource, "name", None), tag)
    name = next((one for one in names if isinstance(one, str) and one), "")
    address = resource.address
    own = address.rpartition(":")[2] if address.startswith("arn:") else address
    return "" if name in own else shown_address(name)


def _written(at: datetime) -> str:
    """A time as RFC 3339 in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def witnesses_of(subject: Subject, outcome: Outcome, inventory: Inventory) -> tuple[Witness, ...]:
    """The evidence of an outcome with its places; the resource itself if there is none."""
    found = [
        _witness(subject, evidence, inventory) for evidence in outcome.witnesses[:MAX_WITNESSES]
    ]
    if found:
        return tuple(found)
    return (Witness("", subject.ref.address, _nothing(subject) or "the whole resource"),)


def _nothing(subject: Subject) -> str:
    """That there is no member, in words; empty where there is one."""
    return "" if subject.resource else f"there is no {subject.ref.kind} in {subject.ref.unit}"


def _witness(subject: Subject, evidence: Evidence, inventory: Inventory) -> Witness:
    resource, path = subject.resource, evidence.path
    if evidence.address:
        resource = inventory.find(evidence.address, subject.ref.unit)
        path = f"{shown_address(evidence.address)}.{path}".rstrip(".")
    secrets = secret_texts(resource) if evidence.address and resource else ()
    note = "" if _repeats(evidence) else mask(evidence.note)
    value = mask(evidence.value_text)
    if resource is None:
        if evidence.path == _MEMBERS:
            note = f"{_nothing(subject)}: {note}"
        return Witness(path, value, note, provenance=_answers(subject))
    chain = resource.provenance(evidence.path)
    span = next((step.span for step in chain if step.span is not None), None)
    place = location_of(span, hashed=True)
    found = Witness(path, value, note, place, excerpt_of(span), provenance_of(chain))
    return hidden_witness(found, secrets) if secrets else found


def _answers(subject: Subject) -> tuple[ProvenanceStep, ...]:
    """The questions to which nothing came back."""
    return tuple(
        ProvenanceStep(StepKind.CALL.value, f"{each.subject} in {each.unit} at {_written(each.at)}")
        for each in subject.asked
        if each.at is not None
    )


def _repeats(evidence: Evidence) -> bool:
    """Whether the note says no more than path and value do."""
    return evidence.note == f"resource.{evidence.path} is {evidence.value_text}"


def assumptions_of(subject: Subject, outcome: Outcome, inventory: Inventory) -> tuple[str, ...]:
    """The defaults of root variables that the values which were read rest on."""
    resource = subject.resource
    if resource is None:
        return ()
    chains = []
    if subject.rests_on_defaults:
        chains = [resource.provenance(path) for path in sorted(outcome.touched)]
    for address, path in sorted(outcome.touched_elsewhere):
        other = inventory.find(address, resource.origin.unit)
        chains += [other.provenance(path)] if other is not None else []
    steps = (step for chain in chains for step in chain)
    return tuple(
        dict.fromkeys(_default(step) for step in steps if step.kind is StepKind.ROOT_DEFAULT)
    )


def _default(step: Step) -> str:
    """A default as `var.cidr = "10.0.0.0/8"`."""
    written = step.span.text if step.span is not None else ""
    value = " ".join(written.partition("=")[2].split())
    name = step.label.removeprefix("default of ")
    return shortened(mask(f"{name} = {value}" if value else name), MAX_DEFAULT)


def message_of(
    policy: Policy,
    subject: Subject,
    verdict: Verdict,
    witnesses: tuple[Witness, ...],
    reason: str,
) -> str:
    """The one sentence of a finding."""
    address = subject.ref.shown
    if verdict is Verdict.FAIL:
        is_set = policy.scope == "set"
        return policy.fail_message(set_unit(subject.ref.unit) if is_set else address, witnesses[0])
    if verdict is Verdict.UNKNOWN:
        return f"{address} cannot be judged: it depends on {reason}"
    if verdict is Verdict.NOT_APPLICABLE:
        return f"{address} is not judged: {reason}"
    return f"{address}: {policy.title}"


def need_of(reason: Unknown) -> str:
    """What would decide it, with its place."""
    place = f" ({reason.where.place})" if reason.where is not None else ""
    return reason.needs + (place if place not in reason.needs else "")
