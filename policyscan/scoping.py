"""How a verdict hangs on scope: the answers it looked at, and what it would be without them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from policyscan.findings.difference import Scopes
from policyscan.findings.model import ScopeAnswer
from policyscan.findings.places import provenance_of
from policyscan.inventory import Inventory
from policyscan.inventory.answers import open_answer, weakest
from policyscan.language import Members, Outcome
from policyscan.resources.base import Resource, Step, StepKind
from policyscan.resources.scope import QUESTIONS, UNCONFIRMED
from policyscan.values import PartialList, Unknown, Why, same


class Scoping:
    """The questions that some outcomes on one resource looked at and that have an answer."""

    def __init__(
        self, resource: Resource, outcomes: Collection[Outcome], inventory: Inventory
    ) -> None:
        self.resource = resource
        self._outcomes = outcomes
        self.questions = tuple(
            name for name in resource.scope if any(each.touches(name) for each in outcomes)
        )
        self._inventory = inventory

    def answers(self) -> tuple[ScopeAnswer, ...]:
        """The answers with what led to them."""
        return tuple(
            ScopeAnswer(
                question,
                str(getattr(self.resource, question)),
                self.resource.scope[question],
                provenance_of(self.resource.chains.get(question, ())),
            )
            for question in self.questions
        )

    def unconfirmed(self) -> tuple[str, ...]:
        """The questions whose answers nobody has confirmed."""
        return tuple(name for name in self.questions if self.resource.scope[name] in UNCONFIRMED)

    def basis(self, fails_without: Callable[[Resource], bool]) -> str:
        """The weakest basis of the answers that a failure depends on: `fails_without` tells whether
        it would be one with the questions open. Empty if it depends on none."""
        bases = [self.resource.scope[question] for question in self.questions]
        if bases and fails_without(blinded(self.resource, self.questions)):
            bases = []
        bases += self._bases_elsewhere()
        return weakest(*bases) if bases else ""

    def _bases_elsewhere(self) -> list[str]:
        """The bases of answers about other resources that were looked at."""
        found = []
        elsewhere = frozenset[tuple[str, str]]().union(
            *(outcome.touched_elsewhere for outcome in self._outcomes)
        )
        for address, path in sorted(elsewhere):
            other = self._inventory.find(address, self.resource.origin.unit)
            if other is not None and path in other.scope:
                found.append(other.scope[path])
        return found


def blinded(resource: Resource, questions: Collection[str]) -> Resource:
    """The resource as if nobody had answered these questions."""
    fields: dict[str, object] = {}
    for question in questions:
        if question in QUESTIONS:
            fields[question] = open_answer(question, resource.address)
        else:
            needs = f"the {question} of {resource.address}"
            fields[question] = Unknown(Why.UNDECLARED, needs, question=question)
    return resource.model_copy(update=fields)


def scopes_of(resources: Iterable[Resource]) -> Scopes:
    """The confirmed answers about all of them."""
    found = {}
    for one in resources:
        answers = {
            question: answer
            for question, basis in one.scope.items()
            if basis not in UNCONFIRMED and isinstance(answer := getattr(one, question), str)
        }
        if answers:
            found[scope_key(one)] = answers
    return found


def scope_key(resource: Resource) -> tuple[str, str, str]:
    """By which a resource is known again. One that becomes the only member of a list stays what it
    is."""
    address = resource.stable_address().replace("[0]", "")
    return resource.kind, resource.origin.unit, address


def as_before(resource: Resource, answers: Mapping[str, str], name: str) -> Resource | None:
    """The resource with the answers that were known of it on `name`; None if they are its own, on
    no weaker basis."""
    changed = {
        question: answer
        for question, answer in answers.items()
        if not same(getattr(resource, question), answer)
        or resource.scope.get(question) in UNCONFIRMED
    }
    if not changed:
        return None
    steps = {
        question: (Step(StepKind.BEFORE, f"{answer} on {name}, which this change takes away"),)
        for question, answer in changed.items()
    }
    bases = dict.fromkeys(changed, "declared")
    return resource.model_copy(
        update={
            **changed,
            "scope": {**resource.scope, **bases},
            "chains": {**resource.chains, **steps},
        }
    )


def blinded_members(members: Members) -> Members:
    """A set of resources as if nobody had answered any question about them."""
    if isinstance(members, Unknown):
        return members
    if isinstance(members, PartialList):
        return PartialList(tuple(map(_blind, members.known)), members.unknown)
    return tuple(map(_blind, members))


def _blind(resource: Resource) -> Resource:
    return blinded(resource, tuple(resource.scope))


def if_it_applies(applies: Outcome, outcome: Outcome) -> Outcome:
    """What remains of an outcome that is no pass, where it is not known whether the policy is
    about the resource at all."""
    condition = applies.residual.removeprefix("PASS iff ")
    if outcome.truth is False:
        return replace(applies, derive=outcome.derive, residual=f"FAIL iff {condition}")
    return replace(
        outcome,
        reasons=(*applies.reasons, *outcome.reasons),
        look=lambda: (*applies.witnesses, *outcome.witnesses),
        residual=f"{outcome.residual}, if {condition}",
    )
