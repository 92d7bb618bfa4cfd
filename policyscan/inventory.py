"""All resources of a run: by kind, by unit and by address, with what configuration says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from policyscan.config import ScopeAssignment
from policyscan.resources.base import Resource, Step, StepKind
from policyscan.values import PartialList, Unknown, Why


class Inventory:
    """The resources of a run in a stable order. Files are an open world: a set of resources that
    was read from files may have members elsewhere."""

    def __init__(
        self, resources: Iterable[Resource], assignments: Iterable[ScopeAssignment] = ()
    ) -> None:
        assigned = tuple(assignments)
        ordered = sorted(resources, key=lambda r: (r.origin.unit, r.address, r.kind))
        self.resources = tuple(_assign(resource, assigned) for resource in ordered)
        self._by_address: dict[str, list[Resource]] = {}
        self._by_kind: dict[str, list[Resource]] = {}
        for resource in self.resources:
            self._by_kind.setdefault(resource.kind, []).append(resource)
            self._by_address.setdefault(resource.address, []).append(resource)

    def of(self, kind: str) -> tuple[Resource, ...]:
        """The resources of one kind."""
        return tuple(self._by_kind.get(kind, ()))

    def find(self, address: str, unit: str) -> Resource | None:
        """The resource of that address in `unit`, or else the only one of that address."""
        found = self._by_address.get(address, [])
        here = [resource for resource in found if resource.origin.unit == unit]
        return here[0] if here else found[0] if len(found) == 1 else None

    def units(self, kind: str) -> dict[str, tuple[Resource, ...]]:
        """The resources of one kind by unit."""
        found: dict[str, list[Resource]] = {}
        for resource in self.of(kind):
            found.setdefault(resource.origin.unit, []).append(resource)
        return {unit: tuple(members) for unit, members in found.items()}

    def members(self, kind: str, unit: str = "") -> PartialList[Resource]:
        """What is known of all resources of one kind, of one unit or of all."""
        known = tuple(r for r in self.of(kind) if not unit or r.origin.unit == unit)
        reason = Unknown(Why.OUTSIDE, f"every {kind}: files do not tell whether there are others")
        return PartialList(known, reason)


def _assign(resource: Resource, assignments: tuple[ScopeAssignment, ...]) -> Resource:
    """The resource with the answers that configuration gives to questions of scope."""
    fields: dict[str, Any] = {}
    for assignment in assignments:
        if not _matches(resource, assignment):
            continue
        answers: dict[str, str | bool] = {"tier": assignment.tier, "purpose": assignment.purpose}
        if assignment.role:
            answers["has_trading_logs"] = assignment.role == "trading"
        step = Step(StepKind.TABLE, f"scope.assign at {assignment.place}")
        for name, answer in answers.items():
            if answer != "" and name in type(resource).model_fields and name not in fields:
                fields[name] = answer
                fields.setdefault("chains", dict(resource.chains))[name] = (step,)
                fields.setdefault("scope", dict(resource.scope))[name] = "declared"
    return resource.model_copy(update=fields) if fields else resource


def _matches(resource: Resource, assignment: ScopeAssignment) -> bool:
    span = resource.origin.span
    if assignment.path and not (span and fnmatchcase(span.source.path, assignment.path)):
        return False
    if assignment.address and not fnmatchcase(resource.address, assignment.address):
        return False
    if assignment.tag is None:
        return True
    name, value = assignment.tag
    tags = resource.tags
    tag = tags.get(name) if isinstance(tags, Mapping) else None
    return isinstance(tag, str) and tag == value
