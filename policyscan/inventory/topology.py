"""What stands in a network, by what it is for: known once every role is decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from policyscan.inventory.links import known_members
from policyscan.inventory.words import ROLES, words_of
from policyscan.resources.base import Resource
from policyscan.values import PartialList, Ref, Unknown, Why, first

_SERVES_TRADING = frozenset({"trading", "gateway", "rotation", "admin"})
_FIRM = frozenset({"declared", "tagged", "derived"})
"""Bases on which something is certainly for another purpose: a name may be that of a part."""
_GUESSED = "default"
_PUBLIC = frozenset(
    {"nat", "dmz", "ingress"} | {word for word, role in ROLES.items() if role == "public"}
)
_INDEX = re.compile(r"\[[^\]]*\]$")


def placed(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """The resources, each VPC with the purposes of what is in it, and each subnet with whether
    workloads that trade stand there."""
    kinds = {resource.kind for resource in resources}
    if not kinds & {"Vpc", "Subnet"}:
        return tuple(resources)
    topology = _Topology(resources)
    return tuple(topology.filled(resource) for resource in resources)


class _Topology:
    def __init__(self, resources: Sequence[Resource]) -> None:
        self._workloads = [each for each in resources if each.kind == "Workload"]
        self._subnets = {
            (each.origin.unit, each.address): each for each in resources if each.kind == "Subnet"
        }
        self._groups = [each for each in resources if each.kind == "SecurityGroup"]

    def filled(self, resource: Resource) -> Resource:
        if resource.kind == "Vpc":
            found = self._purposes(resource)
            return resource.model_copy(update={"purposes": _as_open(resource, found)})
        if resource.kind == "Subnet":
            return resource.model_copy(update={"hosts_trading": self._hosts_trading(resource)})
        return resource

    # -- subnets -------------------------------------------------------------------------------

    def _hosts_trading(self, subnet: Resource) -> bool | Unknown:
        """Whether a workload that trades stands in a subnet. Tags are often those of a whole
        network: of a subnet that faces the internet they prove nothing."""
        doubt: Unknown | None = None
        for workload in self._workloads:
            unit = workload.origin.unit
            here = [_is(each, unit, subnet) for each in _members(workload, "subnets")]
            role: Any = workload.role
            if True in here and isinstance(role, str) and role == "trading":
                return True
            if True in here and isinstance(role, Unknown):
                doubt = first(doubt, role)
        if doubt is not None:
            return doubt
        devices = getattr(subnet, "edge_devices", ())
        if isinstance(devices, tuple) and not devices and not _is_called_public(subnet):
            return True
        if any(True for _ in known_members(devices)):
            return False
        needs = f"whether a workload that trades stands in {subnet.address}"
        return Unknown(Why.OUTSIDE, needs, subnet.origin.span)

    # -- VPCs ----------------------------------------------------------------------------------

    def _purposes(self, vpc: Resource) -> tuple[Any, ...]:
        """The roles in a VPC, each once, and one reason at most why there may be others."""
        roles: dict[str, None] = {}
        doubts: list[Unknown] = []
        for resource, there in self._places(vpc):
            role = _purpose(resource)
            if there is True and isinstance(role, str):
                roles[role] = None
            elif there is True and isinstance(role, Unknown):
                doubts.append(role)
            elif there is None and not (isinstance(role, str) and role in _SERVES_TRADING):
                needs = f"whether {resource.address} stands in {vpc.address}"
                doubts.append(Unknown(Why.OUTSIDE, needs, resource.origin.span))
        if not roles and not doubts:
            needs = f"what stands in {vpc.address}"
            doubts.append(Unknown(Why.NOT_SEEN, needs, vpc.origin.span))
        return (*roles, *doubts[:1])

    def _places(self, vpc: Resource) -> Iterator[tuple[Resource, bool | None]]:
        """Groups and workloads, and whether they are in the VPC."""
        for group in self._groups:
            known = getattr(group, "form", "") != "rules"
            place = getattr(group, "vpc", None) if known else _nowhere(group)
            yield group, _is(place, group.origin.unit, vpc)
        for workload in self._workloads:
            unit = workload.origin.unit
            keys = [
                (unit, each.address)
                for each in _members(workload, "subnets")
                if isinstance(each, Ref)
            ]
            for subnet in (self._subnets[key] for key in keys if key in self._subnets):
                yield workload, _is(getattr(subnet, "vpc", None), unit, vpc)


def _is_called_public(subnet: Resource) -> bool:
    """Whether its label or name says that it faces the internet."""
    tags = subnet.tags if isinstance(subnet.tags, Mapping) else {}
    name = tags.get("Name")
    label = _INDEX.sub("", subnet.address).rpartition(".")[2]
    texts = [label, *([name] if isinstance(name, str) else ())]
    return any(_PUBLIC & {*words_of(text)} for text in texts)


def _members(resource: Resource, field: str) -> Iterable[Any]:
    return known_members(getattr(resource, field, ()))


def _nowhere(group: Resource) -> Unknown:
    return Unknown(Why.OUTSIDE, f"the VPC of {group.address}", group.origin.span)


def _as_open(vpc: Resource, found: tuple[Any, ...]) -> Any:
    """What was found, as open as the collector left the list."""
    before = getattr(vpc, "purposes", ())
    return PartialList(found, before.unknown) if isinstance(before, PartialList) else found


def _is(named: Any, unit: str, network: Resource) -> bool | None:
    """Whether what a resource of `unit` names is this network; None if that cannot be told."""
    if isinstance(named, Ref):
        same_unit = unit == network.origin.unit
        if same_unit and named.address == network.address:
            return True
        return False if named.certain else None
    if named is None:
        is_default = getattr(network, "is_default", False)
        return None if is_default is True else False
    return None


def _purpose(resource: Resource) -> str | Unknown:
    """The role of a resource, if it surely is for that."""
    role: Any = resource.role
    basis = resource.scope.get("role", "")
    if isinstance(role, str) and role in _SERVES_TRADING and basis != _GUESSED:
        return role
    if isinstance(role, str) and role == "other" and basis in _FIRM:
        return role
    if isinstance(role, Unknown):
        return role
    needs = f"whether {resource.address} serves trading"
    return Unknown(Why.UNDECLARED, needs, resource.origin.span, question="role")
