"""The scope of every resource: each question answered by the strongest basis that has an answer."""

from __future__ import annotations

from collections.abc import Sequence

from policyscan.config import ScopeAssignment
from policyscan.inventory.answers import Answer, Answers
from policyscan.inventory.assigned import assigned
from policyscan.inventory.defaulted import give_default
from policyscan.inventory.derived import Derivation
from policyscan.inventory.named import Names
from policyscan.inventory.tagged import tagged
from policyscan.resources.base import Resource


def decide(
    resources: Sequence[Resource], assignments: tuple[ScopeAssignment, ...]
) -> tuple[Resource, ...]:
    """The resources, each with the answers to the questions of scope and their bases."""
    answers = Answers(resources)
    for resource in resources:
        for question, answer in assigned(resource, assignments).items():
            answers.give(resource, question, answer)
        for question, found in tagged(resource):
            if isinstance(found, Answer):
                answers.give(resource, question, found)
            else:
                answers.doubt(resource, question, found)
    derivation = Derivation(resources, answers, assignments)
    derivation.roles()
    names = Names(resources)
    for resource in resources:
        if resource.kind == "Workload":
            names.give(resource, answers)
    derivation.inherit()
    for resource in resources:
        names.give(resource, answers)
    give_default(resources, answers)
    return tuple(answers.settled(resource) for resource in resources)
