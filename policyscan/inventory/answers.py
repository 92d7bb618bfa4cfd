"""Answers to questions of scope, as they are gathered; the first to be given holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from policyscan.resources.base import Chain, Resource
from policyscan.resources.scope import (
    BASES,
    QUESTIONS,
    undeclared_environment,
    undeclared_role,
    undeclared_tier,
)
from policyscan.values import Unknown


class Answer(Struct, frozen=True):
    """One answer: its value, on which basis, and the steps that led to it."""

    value: str
    basis: str
    because: Chain

    @property
    def strength(self) -> int:
        """0 for the strongest basis."""
        return BASES.index(self.basis)


def weakest(*bases: str) -> str:
    """The weakest of some bases: what follows from an answer is no surer than that answer."""
    return max(bases, key=BASES.index)


class Answers:
    """The answers for all resources of a run."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._given: dict[int, dict[str, Answer]] = {}
        self._doubts: dict[int, dict[str, Unknown]] = {}
        for resource in resources:
            own: dict[str, Answer] = {}
            for name, basis in resource.scope.items():
                value = getattr(resource, name)
                if isinstance(value, str):
                    own[name] = Answer(value, basis, resource.chains.get(name, ()))
                elif isinstance(value, Unknown):
                    self.doubt(resource, name, value)
            self._given[id(resource)] = own

    def give(
        self, resource: Resource, question: str, answer: Answer, *, first: bool = False
    ) -> None:
        """Answer a question, unless a stronger basis has answered it; of two that are as strong
        the earlier stands, or the one that is to be `first`."""
        before = self._given[id(resource)].get(question)
        strength = answer.strength - (1 if first else 0)
        if before is None or strength < before.strength:
            self._given[id(resource)][question] = answer

    def doubt(self, resource: Resource, question: str, reason: Unknown) -> None:
        """Keep why a question that a source does answer is not known: the value of a tag."""
        self._doubts.setdefault(id(resource), {}).setdefault(question, reason)

    def of(self, resource: Resource, question: str) -> Answer | None:
        """The answer so far."""
        return self._given[id(resource)].get(question)

    def settled(self, resource: Resource) -> Resource:
        """The resource with its answers, and with what remains open where there is none."""
        given = self._given[id(resource)]
        doubts = self._doubts.get(id(resource), {})
        changed: dict[str, Any] = {name: answer.value for name, answer in given.items()}
        for question in QUESTIONS:
            if question not in given:
                changed[question] = open_answer(question, resource.address, doubts.get(question))
        changed["scope"] = {name: answer.basis for name, answer in given.items()}
        changed["chains"] = {
            **resource.chains,
            **{name: answer.because for name, answer in given.items() if answer.because},
        }
        return resource.model_copy(update=changed)


def open_answer(question: str, address: str, because: Unknown | None = None) -> Any:
    """What a field holds whose question nobody has answered."""
    if question == "role":
        return undeclared_role() if because is None else because
    if question == "environment":
        return undeclared_environment(address, because)
    return undeclared_tier(address, because)
