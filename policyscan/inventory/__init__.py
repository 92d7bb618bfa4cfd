"""All resources of a run: by kind, by unit and by address, with what is known of their scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from policyscan.config import ScopeAssignment
from policyscan.inventory.readers import with_readers
from policyscan.inventory.register import Register
from policyscan.inventory.scope import decide
from policyscan.inventory.topology import placed
from policyscan.resources.base import Resource
from policyscan.resources.units import set_unit
from policyscan.values import PartialList, Unknown, Why

TOLD_BY: Mapping[str, tuple[str, ...]] = {"DockerfileStage": ("ContainerImage",)}
"""By kind, those that tell more of it where something live is asked: an image decides what a
Dockerfile leaves open."""

Members = tuple[Resource, ...] | PartialList[Resource]
_OPEN_WORLD = "files do not tell whether there are others"


class Inventory:
    """The resources of a run in a stable order. Files are an open world: a set of resources that
    was read from files may have members elsewhere, unless a source said that it is `closed`."""

    def __init__(
        self,
        resources: Iterable[Resource],
        assignments: Iterable[ScopeAssignment] = (),
        closed: Collection[tuple[str, str]] = (),
        unseen: Collection[str] = (),
        opened: Mapping[tuple[str, str], str] = {},
    ) -> None:
        """`unseen` are the kinds of which gaps may hide some; `opened` says why a set that was
        asked for may have members that were not seen."""
        ordered = sorted(
            _with_assumers(resources), key=lambda r: (r.origin.unit, r.address, r.kind)
        )
        answers = tuple(assignments)
        decided = with_readers(decide(ordered, answers))
        self.register = Register(decided, closed, unseen)
        self.resources = _with_images(_with_reach(placed(self.register.resources), answers))
        self._closed = frozenset((kind, set_unit(unit)) for kind, unit in closed)
        """Kind and unit of each set that has no members elsewhere."""
        self._opened = opened
        self._unseen = frozenset(unseen)
        self._by_address: dict[str, list[Resource]] = {}
        self._by_kind: dict[str, list[Resource]] = {}
        self._counts: dict[str, Counter[tuple[str, str, str, str]]] = {}
        for resource in self.resources:
            self._by_kind.setdefault(resource.kind, []).append(resource)
            self._by_address.setdefault(resource.address, []).append(resource)
            counter = self._counts.setdefault(resource.kind, Counter())
            origin = resource.origin
            counter[origin.collector, origin.target, origin.unit, resource.kind] += 1

    def of(self, kind: str) -> tuple[Resource, ...]:
        """The resources of one kind."""
        return tuple(self._by_kind.get(kind, ()))

    def counts(self, kind: str) -> Counter[tuple[str, str, str, str]]:
        """How many resources of one kind there are, by collector, target, unit and kind."""
        return self._counts.get(kind, Counter())

    def find(self, address: str, unit: str) -> Resource | None:
        """The resource of that address in `unit`, or else the only one of that address."""
        found = self._by_address.get(address, [])
        here = [resource for resource in found if resource.origin.unit == unit]
        return here[0] if here else found[0] if len(found) == 1 else None

    def units(self, kind: str) -> dict[str, tuple[Resource, ...]]:
        """The resources of one kind by the unit whose set they belong to."""
        found: dict[str, list[Resource]] = {}
        for resource in self.of(kind):
            found.setdefault(set_unit(resource.origin.unit), []).append(resource)
        return {unit: tuple(members) for unit, members in found.items()}

    def members(self, kind: str, unit: str) -> Members:
        """What is known of all resources of one kind in one unit."""
        known = tuple(r for r in self.of(kind) if set_unit(r.origin.unit) == unit)
        if (kind, unit) in self._closed:
            return known
        return PartialList(known, self._others(kind, unit))

    def related(self, kind: str, unit: str) -> Members:
        """What is known of all resources of one kind that something in `unit` may be related to:
        those of the whole run. There are no others if its own set is closed, and every other one
        that was looked at as well."""
        known = self.of(kind)
        units = {set_unit(unit), *(set_unit(each.origin.unit) for each in known)}
        if kind not in self._unseen and all((kind, each) in self._closed for each in units):
            return known
        return PartialList(known, self._others(kind, set_unit(unit)))

    def _others(self, kind: str, unit: str) -> Unknown:
        """Why there may be others than those of a unit that are known."""
        why = self._opened.get((kind, unit))
        needs = f"every {kind} of {unit}: {why}" if why else f"every {kind}: {_OPEN_WORLD}"
        return Unknown(Why.OUTSIDE, needs)


def _with_assumers(resources: Iterable[Resource]) -> Iterable[Resource]:
    """The resources, statements of roles that a workload assumes as those of one."""
    found = tuple(resources)
    if not any(resource.kind == "IamStatement" for resource in found):
        return found
    from policyscan.inventory.assumed import with_assumers

    return with_assumers(found)


def _with_images(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """The resources, images and the stages that they were built from joined, if both are here."""
    if not {"ContainerImage", "DockerfileStage"} <= {resource.kind for resource in resources}:
        return resources
    from policyscan.inventory.images import joined

    return joined(resources)


def _with_reach(
    resources: tuple[Resource, ...], assignments: tuple[ScopeAssignment, ...]
) -> tuple[Resource, ...]:
    """The resources, statements with what they reach; a run without any does not pay for it."""
    if not any(resource.kind == "IamStatement" for resource in resources):
        return resources
    from policyscan.inventory.reach import with_reach

    return with_reach(resources, assignments)
