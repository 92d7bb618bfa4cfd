"""Policies × inventory → findings. No input or output, and no clock: `now` is an argument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from msgspec.structs import replace as replaced

from policyscan.derivations import Derivations, Derive, too_few
from policyscan.earlier import Earlier
from policyscan.errors import GapReason, InvariantError
from policyscan.findings.fingerprint import fingerprint
from policyscan.findings.hiding import without_secrets
from policyscan.findings.model import Finding, Plane, ScopeAnswer, Verdict, Witness
from policyscan.findings.places import excerpt_of, location_of
from policyscan.inventory import Inventory
from policyscan.language import Members, Outcome, Program
from policyscan.policy import Policy
from policyscan.questions import Questions
from policyscan.resources.base import Gap, Resource
from policyscan.resources.masking import mask
from policyscan.resources.scope import UNCONFIRMED
from policyscan.resources.secret_values import secret_texts
from policyscan.resources.units import set_unit
from policyscan.scoping import (
    Scoping,
    blinded,
    blinded_members,
    if_it_applies,
)
from policyscan.values import Unknown, Why
from policyscan.witnesses import (
    Baseline,
    Subject,
    assumptions_of,
    message_of,
    need_of,
    witnesses_of,
)


@dataclass(frozen=True, slots=True)
class Judging:
    """What judging needs besides policies and resources."""

    now: datetime
    project: str = ""
    environment: str = ""
    """The declared environment: the files that give values to variables."""
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    context: Mapping[str, object] = field(default_factory=dict)
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By account, the regions of it that are in use, where `context` does not say so for all."""
    baselines: tuple[Baseline, ...] = ()
    """Units that are an account, or its baseline: policies of the plane `account` judge them."""
    compares: bool = False
    """Whether resources get digests, by which they are known again under another name."""
    planes: tuple[str, ...] = ("change",)
    """The planes whose policies judge every unit; those of `account` judge the baselines too."""
    explains: str = ""
    """A policy, by its id or slug, or how a fingerprint begins: its passes are derived as well."""


class Evaluation:
    """The findings of one run, and the gaps that policies left by crashing."""

    def __init__(
        self, inventory: Inventory, judging: Judging, known: Evaluation | None = None
    ) -> None:
        """Findings are taken from `known`, another tree's, where they must be the same; from none
        in which a policy crashed, which has to be told of both."""
        self.inventory = inventory
        self.judging = judging
        self._known: Earlier | None = None
        if known is not None and known.judging == judging and not known.gaps:
            self._known = Earlier(known.made, known.policies, known.inventory.resources)
        self.made: dict[tuple[str, int], Finding] = {}
        """If the run compares, the findings by policy and the identity of the resource."""
        self.policies: tuple[Policy, ...] = ()
        self._parameters: dict[str, Mapping[str, object]] = {}
        self.findings: list[Finding] = []
        self._secret_texts: dict[int, tuple[str, ...]] = {}
        self._subjects: dict[int, Subject] = {}
        self._derivations = Derivations(inventory, self._secrets)
        self.gaps: list[Gap] = []
        self.judged: Counter[tuple[str, str, str, str]] = Counter()
        """Findings on resources of the inventory, by collector, target, unit and kind."""
        self.questions = Questions()

    def judge(self, policies: Sequence[Policy]) -> None:
        """Every policy on every resource of its kind: exactly one finding each. Raises
        `UsageError` for a parameter that does not fit, before anything is judged."""
        self.policies = tuple(policies)
        self._parameters = {
            policy.id: policy.parameters(self.judging.parameters.get(policy.id, {}))
            for policy in policies
        }
        for policy in policies:
            for kind in policy.kinds:
                self._judge_kind(policy, kind)

    def judge_again(self, place: int, policy: Policy, resource: Resource) -> None:
        """Puts the failure of a resource as it is given in the place of a finding on it; no other
        verdict."""
        finding = self._one(policy, Subject.of(resource))
        if finding.verdict is Verdict.FAIL:
            self.findings[place] = finding

    def _judge_kind(self, policy: Policy, kind: str) -> None:
        before = len(self.findings)
        expected = len(self.inventory.of(kind))
        if policy.scope == "set":
            expected += self._judge_sets(policy, kind)
        else:
            for resource in self.inventory.of(kind):
                self.findings.append(self._of_each(policy, resource))
        self.judged.update(self.inventory.counts(kind))
        if len(self.findings) - before != expected:
            raise InvariantError(
                f"{policy.id}: {len(self.findings) - before} findings on {expected} {kind}"
            )

    def _judge_sets(self, policy: Policy, kind: str) -> int:
        """The verdict of each unit stands on its members. A baseline without any is a subject of
        its own; returns how many of those there were."""
        units = self.inventory.units(kind)
        for unit, members in units.items():
            outcome = self._set_outcome(policy, kind, unit)
            for resource in members:
                self.findings.append(self._one(policy, self._subject(resource), outcome))
        empty = [one for one in self.judging.baselines if one.unit not in units]
        for baseline in empty:
            outcome = self._set_outcome(policy, kind, baseline.unit)
            subject = Subject.without_members(baseline, kind)
            self.findings.append(self._one(policy, subject, outcome))
        return len(empty)

    def _set_outcome(self, policy: Policy, kind: str, unit: str) -> Outcome:
        members = self.inventory.members(kind, unit)
        known = members if isinstance(members, tuple) else members.known
        if len(known) < policy.expect_min:
            return too_few(members, policy.expect_min)
        return self._run(policy, policy.require_program, members=members, unit=unit)

    def _of_each(self, policy: Policy, resource: Resource) -> Finding:
        """The finding of a policy that judges each resource by itself."""
        finding = self._known.finding(policy, resource) if self._known is not None else None
        if finding is None:
            finding = self._one(policy, self._subject(resource))
        if self.judging.compares:
            self.made[policy.id, id(resource)] = finding
        return finding

    def _subject(self, resource: Resource) -> Subject:
        """The resource as the subject of every policy on it."""
        if id(resource) not in self._subjects:
            subject = Subject.of(resource)
            if self.judging.compares:
                from policyscan.facts.digest import digest_of  # late: most runs compare nothing

                digest = digest_of(resource, self._secrets(resource))
                subject = replace(subject, ref=replaced(subject.ref, digest=digest))
            self._subjects[id(resource)] = subject
        return self._subjects[id(resource)]

    # -- one pair ------------------------------------------------------------------------------

    def _one(self, policy: Policy, subject: Subject, of_set: Outcome | None = None) -> Finding:
        """The finding on one subject; `of_set` is the outcome of a policy that judges sets."""
        if policy.plane is Plane.ACCOUNT and not self._judges_account(subject.ref.unit):
            reason = "judged by audit: an account owner answers for it, not this repository"
            return self._finding(policy, subject, Verdict.NOT_APPLICABLE, reason=reason)
        resource = subject.resource
        applies, outcome = self._outcomes(policy, resource, of_set)
        looked = tuple(filter(None, (applies, outcome)))
        scoping = Scoping(resource, looked, self.inventory) if resource is not None else None
        scope = scoping.answers() if scoping is not None else ()
        derive = partial(self._derivations.of, subject, applies, outcome, is_set=of_set is not None)
        if outcome is None:
            self._put_aside(policy, scoping)
            said = "".join(f"; its {a.question} is {a.answer} ({a.basis})" for a in scope)
            condition = " ".join(policy.when.split())
            reason = f"it is only about resources for which {condition}{said}"
            return self._finding(
                policy, subject, Verdict.NOT_APPLICABLE, scope, derive, reason=reason
            )
        if outcome.truth is None:
            return self._unknown(policy, subject, scope, outcome, derive)
        if outcome.truth:
            assumes = assumptions_of(subject, outcome, self.inventory)
            return self._finding(policy, subject, Verdict.PASS, scope, derive, assumes=assumes)
        return self._finding(
            policy,
            subject,
            Verdict.FAIL,
            scope,
            derive,
            witnesses=witnesses_of(subject, outcome, self.inventory),
            scope_basis=self._basis(policy, scoping, is_set=of_set is not None),
        )

    def _outcomes(
        self, policy: Policy, resource: Resource | None, of_set: Outcome | None
    ) -> tuple[Outcome | None, Outcome | None]:
        """Whether the policy is about the resource, if it asks, and what it says about it: nothing
        if it is not."""
        if of_set is not None or resource is None:
            return None, of_set
        applies = self._applies(policy, resource)
        if applies is not None and applies.truth is False:
            return applies, None
        outcome = self._run(policy, policy.require_program, resource=resource)
        if applies is not None and applies.truth is None and outcome.truth is not True:
            return applies, if_it_applies(applies, outcome)
        return applies, outcome

    def _basis(self, policy: Policy, scoping: Scoping | None, *, is_set: bool) -> str:
        """The weakest basis of the answers of scope that a failure depends on."""
        if scoping is None:
            return ""

        def fails_without(unaware: Resource) -> bool:
            if is_set:
                unit = set_unit(unaware.origin.unit)
                members = self.inventory.members(unaware.kind, unit)
                blind = blinded_members(members)
                told = self._run(policy, policy.require_program, members=blind, unit=unit)
                return told.truth is False
            applies, outcome = self._outcomes(policy, unaware, None)
            certain = applies is None or applies.truth is True
            return certain and outcome is not None and outcome.truth is False

        basis = scoping.basis(fails_without)
        if basis in UNCONFIRMED and scoping.questions:
            self.questions.unconfirmed(scoping.resource, scoping.questions[0])
        return basis

    def _put_aside(self, policy: Policy, scoping: Scoping | None) -> None:
        """Ask for the answer because of which a policy is not about a resource, if it is only the
        name that gives it."""
        for question in scoping.unconfirmed() if scoping is not None else ():
            assert scoping is not None
            applies = self._applies(policy, blinded(scoping.resource, (question,)))
            if applies is not None and applies.truth is not False:
                self.questions.aside(scoping.resource, question)

    def _judges_account(self, unit: str) -> bool:
        baselines = {baseline.unit for baseline in self.judging.baselines}
        return "account" in self.judging.planes or set_unit(unit) in baselines

    def _applies(self, policy: Policy, resource: Resource) -> Outcome | None:
        program = policy.when_program
        return self._run(policy, program, resource=resource) if program else None

    def _run(
        self,
        policy: Policy,
        program: Program,
        *,
        resource: Resource | None = None,
        members: Members | None = None,
        unit: str = "",
    ) -> Outcome:
        """The outcome of one expression, on a resource or on the members of a unit. This is the
        policy boundary: a defect of the language or of a function costs this pair its answer and
        nothing else."""
        unit = unit if resource is None else resource.origin.unit
        try:
            return program.run(
                params=self._parameters[policy.id],
                context=self._context(unit),
                now=self._clock(resource),
                resources=partial(self.inventory.related, unit=unit),
                resource=resource,
                members=members,
            )
        except Exception as error:
            message = f"policy {policy.id} crashed: {type(error).__name__}"
            gap = Gap(GapReason.CRASHED, policy.id, message, hides=policy.kinds)
            if gap not in self.gaps:
                self.gaps.append(gap)
            needs = f"a policyscan in which {policy.id} does not crash"
            return Outcome(truth=None, reasons=(Unknown(Why.CRASHED, needs),), residual="")

    def _context(self, unit: str) -> Mapping[str, object]:
        """What policies find under `context`: the regions are those of the account."""
        regions = self.judging.regions.get(set_unit(unit))
        context = self.judging.context
        return context if regions is None else {**context, "regions": regions}

    def _clock(self, resource: Resource | None) -> datetime:
        """Until when ages count: of what was observed, until it was, by the clock of its source."""
        observed = resource.origin.observed_at if resource is not None else None
        return self.judging.now if observed is None else observed

    def _unknown(
        self,
        policy: Policy,
        subject: Subject,
        scope: tuple[ScopeAnswer, ...],
        outcome: Outcome,
        derive: Derive,
    ) -> Finding:
        needs = tuple(dict.fromkeys(need_of(reason) for reason in outcome.reasons))
        if subject.resource is not None:
            self.questions.open(subject.resource, outcome.reasons)
        reason = outcome.error or "; ".join(needs) or "its value is not known"
        return self._finding(
            policy,
            subject,
            Verdict.UNKNOWN,
            scope,
            derive,
            reason=mask(reason),
            residual=mask(outcome.residual),
            needs=tuple(mask(need) for need in needs) or (reason,),
            witnesses=witnesses_of(subject, outcome, self.inventory) if outcome.witnesses else (),
        )

    def _finding(
        self,
        policy: Policy,
        subject: Subject,
        verdict: Verdict,
        scope: tuple[ScopeAnswer, ...] = (),
        derive: Derive = tuple,
        *,
        witnesses: tuple[Witness, ...] = (),
        reason: str = "",
        residual: str = "",
        needs: tuple[str, ...] = (),
        assumes: tuple[str, ...] = (),
        scope_basis: str = "",
    ) -> Finding:
        conditional = subject.conditional
        first = witnesses[0] if witnesses else None
        finding = Finding(
            policy_id=policy.id,
            policy_version=policy.version,
            title=policy.title,
            severity=policy.severity,
            plane=policy.plane,
            verdict=verdict,
            message=message_of(policy, subject, verdict, witnesses, reason),
            resource=subject.ref,
            fingerprint=self._fingerprint(policy, subject),
            location=(first.location if first and first.location else None)
            or location_of(subject.span, hashed=verdict is Verdict.FAIL),
            excerpt=(first.excerpt if first and first.excerpt else None)
            or (excerpt_of(subject.span) if verdict in (Verdict.FAIL, Verdict.UNKNOWN) else None),
            witnesses=witnesses,
            reason=reason,
            residual=residual,
            needs=needs,
            assumes=assumes,
            derivation=derive() if self._is_derived(policy, subject, verdict) else (),
            scope=scope,
            scope_basis=scope_basis,
            facts=self._facts(policy, subject) if verdict is Verdict.FAIL else {},
            conditional="" if conditional is None else f"if created: {mask(need_of(conditional))}",
        )
        return without_secrets(finding, self._secrets(subject.resource))

    def _fingerprint(self, policy: Policy, subject: Subject) -> str:
        judging = self.judging
        place = judging.project, subject.ref.unit, judging.environment, subject.identity
        return fingerprint(policy.id, *place)

    def _is_derived(self, policy: Policy, subject: Subject, verdict: Verdict) -> bool:
        """Whether it is told how a verdict came about."""
        wanted, told = self.judging.explains, verdict in (Verdict.FAIL, Verdict.UNKNOWN)
        if told or not wanted or wanted.upper() == policy.id or wanted == policy.slug:
            return told or bool(wanted)
        return self._fingerprint(policy, subject).startswith(wanted)

    def _facts(self, policy: Policy, subject: Subject) -> Mapping[str, Any]:
        from policyscan.facts import Given, facts_of  # late: not everything fails

        given = Given(
            self._parameters[policy.id],
            self._context(subject.ref.unit),
            self._clock(subject.resource),
            partial(self.inventory.related, unit=subject.ref.unit),
        )
        secrets = self._secrets(subject.resource)
        return facts_of(policy, subject, given, secrets, self._secrets)

    def _secrets(self, resource: Resource | None) -> tuple[str, ...]:
        """The texts of a resource that are secrets; every policy on it asks for them."""
        if resource is None:
            return ()
        if id(resource) not in self._secret_texts:
            self._secret_texts[id(resource)] = secret_texts(resource)
        return self._secret_texts[id(resource)]
