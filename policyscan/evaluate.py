"""Policies × inventory → findings. No input or output, and no clock: `now` is an argument."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from policyscan.errors import GapReason, InvariantError
from policyscan.findings.hiding import shown_address, without_secrets
from policyscan.findings.model import Finding, Plane, ResourceRef, Verdict, Witness
from policyscan.findings.places import excerpt_of, location_of, provenance_of
from policyscan.findings.profiles import SCOPE_BASES, FindingFacts, ProfileRules
from policyscan.inventory import Inventory
from policyscan.language import Evidence, Outcome
from policyscan.policy import Policy
from policyscan.resources.base import Gap, Origin, ProofLevel, Resource, Step, StepKind
from policyscan.resources.masking import mask
from policyscan.text.display import shortened
from policyscan.values import Unknown, Why

MAX_WITNESSES = 8
ROOT_DEFAULT = StepKind.ROOT_DEFAULT


@dataclass(frozen=True, slots=True)
class Judging:
    """What judging needs besides policies and resources."""

    profile: ProfileRules
    now: datetime
    project: str = ""
    environment: str = ""
    """The declared environment: the files that give values to variables."""
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    context: Mapping[str, object] = field(default_factory=dict)
    baselines: tuple[str, ...] = ()
    """Units that are an account's baseline: policies of the plane `account` judge them."""
    judges_accounts: bool = False
    """True for an audit, which judges every plane."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What one verdict is about: a resource, or the unit of a set policy that has no member."""

    resource: Resource | None
    ref: ResourceRef
    origin: Origin | None
    identity: str

    @classmethod
    def of(cls, resource: Resource) -> Subject:
        """The subject that is this resource."""
        origin = resource.origin
        ref = ResourceRef(
            resource.kind,
            shown_address(resource.address),
            origin.unit,
            origin.collector,
            origin.target,
            origin.proof,
        )
        return cls(resource, ref, origin, resource.stable_address())


class Evaluation:
    """The findings of one run, and the gaps that policies left by crashing."""

    def __init__(self, inventory: Inventory, judging: Judging) -> None:
        self.inventory = inventory
        self.judging = judging
        self.policies: tuple[Policy, ...] = ()
        self._parameters: dict[str, Mapping[str, object]] = {}
        self.findings: list[Finding] = []
        self.gaps: list[Gap] = []
        self.judged: Counter[str] = Counter()
        """Findings on resources of the inventory, by kind."""
        self.undeclared: Counter[str] = Counter()
        """Verdicts that hang on an answer nobody gave, by what is asked."""

    def judge(self, policies: Sequence[Policy]) -> None:
        """Every policy on every resource of its kind: exactly one finding each. Raises
        `UsageError` for a parameter that does not fit, before anything is judged."""
        self.policies = tuple(policies)
        self._parameters = {
            policy.id: policy.parameters(self.judging.parameters.get(policy.id, {}))
            for policy in policies
        }
        for policy in policies:
            before = len(self.findings)
            expected = len(self.inventory.of(policy.resource))
            if policy.scope == "set":
                expected += self._judge_sets(policy)
            else:
                for resource in self.inventory.of(policy.resource):
                    self.findings.append(self._one(policy, Subject.of(resource), resource, None))
            self.judged[policy.resource] += len(self.inventory.of(policy.resource))
            if len(self.findings) - before != expected:
                raise InvariantError(
                    f"{policy.id}: {len(self.findings) - before} findings on {expected} resources"
                )

    def _judge_sets(self, policy: Policy) -> int:
        """The verdict of each unit stands on its members. A baseline without any is a subject of
        its own; returns how many of those there were."""
        units = self.inventory.units(policy.resource)
        for members in units.values():
            outcome = self._set_outcome(policy, members[0].origin.unit)
            for resource in members:
                self.findings.append(self._one(policy, Subject.of(resource), resource, outcome))
        empty = [unit for unit in self.judging.baselines if unit not in units]
        for unit in empty:
            ref = ResourceRef(policy.resource, unit, unit, "terraform", ".", ProofLevel.CONFIGURED)
            subject = Subject(None, ref, None, unit)
            outcome = self._set_outcome(policy, unit)
            self.findings.append(self._one(policy, subject, None, outcome))
        return len(empty)

    def _set_outcome(self, policy: Policy, unit: str) -> Outcome:
        members = self.inventory.members(policy.resource, unit)
        return self._run(policy, members=members)

    # -- one pair ------------------------------------------------------------------------------

    def _one(
        self, policy: Policy, subject: Subject, resource: Resource | None, given: Outcome | None
    ) -> Finding:
        if policy.plane is Plane.ACCOUNT and not self._judges_account(subject.ref.unit):
            reason = "judged by audit: an account owner answers for it, not this repository"
            return self._finding(policy, subject, Verdict.NOT_APPLICABLE, reason=reason)
        outcome = given
        if outcome is None:
            assert resource is not None
            applies = self._applies(policy, resource)
            if applies is not None and applies.truth is False:
                reason = f"it is only about resources for which {policy.when}"
                return self._finding(policy, subject, Verdict.NOT_APPLICABLE, reason=reason)
            outcome = self._run(policy, resource=resource)
            if applies is not None and applies.truth is None and outcome.truth is not True:
                outcome = _if_it_applies(applies, outcome)
        if outcome.truth is None:
            return self._unknown(policy, subject, outcome, outcome.residual)
        if outcome.truth:
            assumes = (
                _assumptions(resource, outcome, self.inventory) if resource is not None else ()
            )
            return self._finding(policy, subject, Verdict.PASS, assumes=assumes)
        basis = self._scope_basis(policy, resource) if resource is not None else ""
        return self._finding(
            policy,
            subject,
            Verdict.FAIL,
            witnesses=_witnesses(subject, outcome, self.inventory),
            scope_basis=basis,
        )

    def _scope_basis(self, policy: Policy, resource: Resource) -> str:
        """The weakest basis of the scope answers that the failure depends on: it would not be one
        if they were unknown. Empty if it depends on none."""
        if not resource.scope:
            return ""
        blind = {
            name: Unknown(Why.UNDECLARED, f"the {name} of {resource.address}")
            for name in resource.scope
        }
        unaware = resource.model_copy(update=blind)
        applies = self._applies(policy, unaware)
        certain = applies is None or applies.truth is True
        if certain and self._run(policy, resource=unaware).truth is False:
            return ""
        return max(resource.scope.values(), key=SCOPE_BASES.index)

    def _judges_account(self, unit: str) -> bool:
        return self.judging.judges_accounts or unit in self.judging.baselines

    def _applies(self, policy: Policy, resource: Resource) -> Outcome | None:
        if not policy.when:
            return None
        return self._run(policy, resource=resource, part="when")

    def _run(self, policy: Policy, *, part: str = "require", **subject: Any) -> Outcome:
        """The outcome of one expression. This is the policy boundary: a defect of the language or
        of a function costs this pair its answer and nothing else."""
        program = policy.require_program if part == "require" else policy.when_program
        assert program is not None
        try:
            return program.run(
                params=self._parameters[policy.id],
                context=self.judging.context,
                now=self.judging.now,
                resources=self.inventory.members,
                **subject,
            )
        except Exception as error:
            message = f"policy {policy.id} crashed: {type(error).__name__}"
            gap = Gap(GapReason.CRASHED, policy.id, message, hides=(policy.resource,))
            if gap not in self.gaps:
                self.gaps.append(gap)
            needs = f"a policyscan in which {policy.id} does not crash"
            return Outcome(truth=None, reasons=(Unknown(Why.CRASHED, needs),), residual="")

    def _unknown(
        self, policy: Policy, subject: Subject, outcome: Outcome, residual: str
    ) -> Finding:
        needs = tuple(dict.fromkeys(_need(reason) for reason in outcome.reasons))
        self.undeclared.update({r.needs for r in outcome.reasons if r.why is Why.UNDECLARED})
        reason = outcome.error or "; ".join(needs) or "its value is not known"
        return self._finding(
            policy,
            subject,
            Verdict.UNKNOWN,
            reason=mask(reason),
            residual=mask(residual),
            needs=tuple(mask(need) for need in needs) or (reason,),
            witnesses=(_witnesses(subject, outcome, self.inventory) if outcome.witnesses else ()),
        )

    def _finding(
        self,
        policy: Policy,
        subject: Subject,
        verdict: Verdict,
        *,
        witnesses: tuple[Witness, ...] = (),
        reason: str = "",
        residual: str = "",
        needs: tuple[str, ...] = (),
        assumes: tuple[str, ...] = (),
        scope_basis: str = "",
    ) -> Finding:
        resource = subject.resource
        conditional = resource.conditional if resource is not None else None
        facts = FindingFacts(
            verdict,
            policy.severity,
            policy.plane,
            subject.ref.proof,
            scope_basis=scope_basis,
            conditional=conditional is not None,
        )
        blocking, because = self.judging.profile.blocks_finding(facts)
        span = subject.origin.span if subject.origin is not None else None
        fails = verdict is Verdict.FAIL
        first = witnesses[0] if witnesses else None
        finding = Finding(
            policy_id=policy.id,
            policy_version=policy.version,
            title=policy.title,
            severity=policy.severity,
            plane=policy.plane,
            verdict=verdict,
            message=_message(policy, subject, verdict, witnesses, reason),
            resource=subject.ref,
            fingerprint=fingerprint(
                policy.id,
                self.judging.project,
                subject.ref.unit,
                self.judging.environment,
                subject.identity,
            ),
            location=(first.location if first and first.location else None)
            or location_of(span, hashed=fails),
            excerpt=(first.excerpt if first and first.excerpt else None)
            or (excerpt_of(span) if verdict in (Verdict.FAIL, Verdict.UNKNOWN) else None),
            witnesses=witnesses,
            reason=reason,
            residual=residual,
            needs=needs,
            blocking=blocking,
            blocking_reason=because,
            assumes=assumes,
            scope_basis=scope_basis,
            conditional="" if conditional is None else f"if created: {mask(_need(conditional))}",
        )
        return without_secrets(finding, resource)


def fingerprint(*parts: str) -> str:
    """Who is meant, whatever moves around it: 32 hex digits over policy, project, unit, environment
    and address. Each part carries its length, so that no two lists of parts give the same text."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _if_it_applies(applies: Outcome, outcome: Outcome) -> Outcome:
    """What remains of an outcome that is no pass, where it is not known whether the policy is
    about the resource at all."""
    condition = applies.residual.removeprefix("PASS iff ")
    if outcome.truth is False:
        return replace(applies, residual=f"FAIL iff {condition}")
    return replace(
        outcome,
        reasons=(*applies.reasons, *outcome.reasons),
        look=lambda: (*applies.witnesses, *outcome.witnesses),
        residual=f"{outcome.residual}, if {condition}",
    )


def _need(reason: Unknown) -> str:
    place = f" ({reason.where.place})" if reason.where is not None else ""
    return reason.needs + (place if place and place not in reason.needs else "")


def _message(
    policy: Policy,
    subject: Subject,
    verdict: Verdict,
    witnesses: tuple[Witness, ...],
    reason: str,
) -> str:
    address = subject.ref.address
    if verdict is Verdict.FAIL:
        return policy.fail_message(address, witnesses[0])
    if verdict is Verdict.UNKNOWN:
        return f"{address} cannot be judged: it depends on {reason}"
    if verdict is Verdict.NOT_APPLICABLE:
        return f"{address} is not judged: {reason}"
    return f"{address}: {policy.title}"


def _witnesses(subject: Subject, outcome: Outcome, inventory: Inventory) -> tuple[Witness, ...]:
    """The evidence of an outcome with its places; the resource itself if there is none."""
    found: list[Witness] = []
    for evidence in outcome.witnesses[:MAX_WITNESSES]:
        resource = subject.resource
        path = evidence.path
        if evidence.address:
            resource = inventory.find(evidence.address, subject.ref.unit)
            path = f"{evidence.address}.{path}" if path else evidence.address
        note = "" if _repeats(evidence) else mask(evidence.note)
        value = mask(evidence.value_text)
        if resource is None:
            found.append(Witness(path, value, note))
            continue
        chain = resource.provenance(evidence.path)
        span = next((step.span for step in chain if step.span is not None), None)
        found.append(
            Witness(
                path,
                value,
                note,
                location_of(span, hashed=True),
                excerpt_of(span),
                provenance_of(chain),
            )
        )
    return tuple(found) or (Witness("", subject.ref.address, "the whole resource"),)


def _repeats(evidence: Evidence) -> bool:
    """Whether the note says no more than path and value do."""
    return evidence.note == f"resource.{evidence.path} is {evidence.value_text}"


def _assumptions(resource: Resource, outcome: Outcome, inventory: Inventory) -> tuple[str, ...]:
    """The defaults of root variables that the values which were read rest on."""
    chains = [resource.provenance(path) for path in sorted(outcome.touched)]
    for address, path in sorted(outcome.touched_elsewhere):
        other = inventory.find(address, resource.origin.unit)
        chains += [other.provenance(path)] if other is not None else []
    return tuple(
        dict.fromkeys(
            _default(step) for chain in chains for step in chain if step.kind is ROOT_DEFAULT
        )
    )


def _default(step: Step) -> str:
    """A default as `var.cidr = "10.0.0.0/8"`."""
    written = step.span.text if step.span is not None else ""
    value = " ".join(written.partition("=")[2].split())
    name = step.label.removeprefix("default of ")
    return shortened(mask(f"{name} = {value}" if value else name), 120)
