"""What a person says in `scope.assign` of the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from policyscan.config import ScopeAssignment
from policyscan.inventory.answers import Answer
from policyscan.resources.base import Resource, Step, StepKind
from policyscan.resources.scope import QUESTIONS


def assigned(resource: Resource, assignments: tuple[ScopeAssignment, ...]) -> dict[str, Answer]:
    """The answers for a resource, each by the first assignment that matches and gives it."""
    found: dict[str, Answer] = {}
    for assignment in assignments:
        if not _matches(resource, assignment):
            continue
        step = Step(StepKind.TABLE, f"scope.assign at {assignment.place}")
        for name in (*QUESTIONS, "purpose"):
            value = getattr(assignment, name)
            if value and name in type(resource).model_fields:
                found.setdefault(name, Answer(value, "declared", (step,)))
    return found


def idle(
    assignments: Iterable[ScopeAssignment], resources: Sequence[Resource]
) -> tuple[ScopeAssignment, ...]:
    """The assignments that match no resource."""
    return tuple(
        assignment
        for assignment in assignments
        if not any(_matches(resource, assignment) for resource in resources)
    )


def _is_called(resource: Resource, pattern: str) -> bool:
    """Whether a pattern means this address. One with a key, `module.bot["maker"]`, means itself."""
    return pattern == resource.address or fnmatchcase(resource.address, pattern)


def _paths(resource: Resource) -> tuple[str, ...]:
    """The document that declares a resource, and the root it belongs to: `infra/prod/*` matches
    both what is written there and what the modules called from there declare."""
    span, unit = resource.origin.span, resource.origin.unit
    return (*((span.source.path,) if span else ()), f"{unit}/")


def _matches(resource: Resource, assignment: ScopeAssignment) -> bool:
    if assignment.path and not any(fnmatchcase(p, assignment.path) for p in _paths(resource)):
        return False
    if assignment.address and not _is_called(resource, assignment.address):
        return False
    if assignment.tag is None:
        return True
    name, value = assignment.tag
    tags = resource.tags
    tag = tags.get(name) if isinstance(tags, Mapping) else None
    return isinstance(tag, str) and tag == value
