"""What stands in a network, by what it is for: known once every role is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policyscan.inventory.links import known_members
from policyscan.inventory.words import ROLES
from policyscan.resources.base import Chain, Resource, Step, StepKind
from policyscan.resources.references import is_itself, stands_for_itself
from policyscan.resources.units import in_account
from policyscan.text.words import words_of
from policyscan.values import PartialList, Ref, Unknown, Why, first

_SERVES_TRADING = frozenset({"trading", "gateway", "rotation", "admin"})
_FIRM: Mapping[str, frozenset[str]] = {
    "other": frozenset({"declared", "tagged", "derived"}),
    "public": frozenset({"declared", "tagged"}),
}
"""Bases on which something is certainly for another purpose: a name may be that of a part, and a
load balancer in front of the bots."""
_GUESSED = "default"
_PUBLIC = frozenset(
    {"nat", "dmz", "ingress"} | {word for word, role in ROLES.items() if role == "public"}
)


def placed(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """The resources, each VPC with the purposes of what is in it, and each subnet with whether
    workloads that trade stand there."""
    kinds = {resource.kind for resource in resources}
    if not kinds & {"Vpc", "Subnet"}:
        return tuple(resources)
    topology = _Topology(resources)
    return tuple(topology.filled(resource) for resource in resources)


class _Topology:
    """Groups and workloads by the network in which they stand."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._workloads: dict[tuple[str, str], list[Resource]] = {}
        """By unit and address of their subnets."""
        self._in_vpc: dict[tuple[str, str], list[Resource]] = {}
        """By unit and address of the VPC."""
        self._anywhere: list[Resource] = []
        """What is not for trading and may stand in any VPC."""
        subnets = [each for each in resources if each.kind == "Subnet"]
        for resource in resources:
            if resource.kind == "SecurityGroup":
                self._place(resource, _vpc_of(resource), resource.origin.unit)
            elif resource.kind == "Workload":
                for member in known_members(getattr(resource, "subnets", ())):
                    if isinstance(member, Ref):
                        key = resource.origin.unit, member.address
                        self._workloads.setdefault(key, []).append(resource)
        for subnet in subnets:
            for workload in self._workloads.get((subnet.origin.unit, subnet.address), ()):
                self._place(workload, getattr(subnet, "vpc", None), subnet.origin.unit)

    def _place(self, resource: Resource, vpc: Any, unit: str) -> None:
        if isinstance(vpc, Ref) and is_itself(vpc):
            self._in_vpc.setdefault((unit, vpc.address), []).append(resource)
        meant = isinstance(vpc, Ref) and stands_for_itself(vpc)
        known = vpc is None or meant or in_account(unit)
        if not known and not _serves_trading(_purpose(resource)):
            self._anywhere.append(resource)

    def filled(self, resource: Resource) -> Resource:
        if resource.kind == "Vpc":
            return resource.model_copy(update=self._purposes(resource))
        if resource.kind == "Subnet":
            fields = {
                "hosts_trading": self._hosts_trading(resource),
                "trades_here": self._trades_here(resource),
            }
            return resource.model_copy(update=fields)
        return resource

    def _trades_here(self, subnet: Resource) -> bool:
        """Whether a workload in a subnet trades, on a basis that is no guess."""
        return any(
            isinstance(workload.role, str)
            and workload.role == "trading"
            and workload.scope.get("role", "") in _FIRM["other"]
            for workload in self._workloads.get((subnet.origin.unit, subnet.address), ())
        )

    def _hosts_trading(self, subnet: Resource) -> bool | Unknown:
        """Whether a workload that trades stands in a subnet. Tags are often those of a whole
        network: of a subnet that faces the internet they prove nothing."""
        workloads = self._workloads.get((subnet.origin.unit, subnet.address), ())
        roles: list[Any] = [workload.role for workload in workloads]
        if any(isinstance(role, str) and role == "trading" for role in roles):
            return True
        doubt = next((w for w in workloads if isinstance(w.role, Unknown)), None)
        if doubt is not None:
            return _asked_of(doubt)
        devices = getattr(subnet, "edge_devices", ())
        if isinstance(devices, tuple) and not devices and not _is_called_public(subnet):
            return True
        if isinstance(devices, (tuple, PartialList)) and any(True for _ in known_members(devices)):
            return False
        needs = f"whether a workload that trades stands in {subnet.address}"
        return Unknown(Why.OUTSIDE, needs, subnet.origin.span)

    def _purposes(self, vpc: Resource) -> dict[str, Any]:
        """The roles in a VPC, each once and with what shows it, and one reason at most why there
        may be others."""
        here = self._in_vpc.get((vpc.origin.unit, vpc.address), [])
        shown: dict[str, Resource] = {}
        doubt: Unknown | None = None
        for resource in here:
            role = _purpose(resource)
            if isinstance(role, str):
                shown.setdefault(role, resource)
            else:
                doubt = first(doubt, role)
        doubt = first(doubt, self._stranger(vpc, here))
        if doubt is None and not shown:
            doubt = Unknown(Why.NOT_SEEN, f"what stands in {vpc.address}", vpc.origin.span)
        found = tuple(shown) if doubt is None else (*shown, doubt)
        chains = {f"purposes[{n}]": _shown_by(*pair) for n, pair in enumerate(shown.items())}
        return {"purposes": _as_open(vpc, found), "chains": {**vpc.chains, **chains}}

    def _stranger(self, vpc: Resource, here: Sequence[Resource]) -> Unknown | None:
        """Why something that is not for trading may stand in a VPC unseen."""
        inside = {id(resource) for resource in here}
        stranger = next((each for each in self._anywhere if id(each) not in inside), None)
        if stranger is None:
            return None
        needs = f"whether {stranger.address} stands in {vpc.address}"
        return Unknown(Why.OUTSIDE, needs, stranger.origin.span)


def _shown_by(role: str, resource: Resource) -> Chain:
    label = f"{resource.address} is for {role}"
    step = Step(StepKind.REFERENCE, label, resource.origin.span)
    return (step, *resource.chains.get("role", ()))


def _vpc_of(group: Resource) -> Any:
    if getattr(group, "form", "") == "rules":
        return Unknown(Why.OUTSIDE, f"the VPC of {group.address}", group.origin.span)
    return getattr(group, "vpc", None)


def _serves_trading(role: str | Unknown) -> bool:
    return isinstance(role, str) and role in _SERVES_TRADING


def _as_open(vpc: Resource, found: tuple[Any, ...]) -> Any:
    """What was found, as open as the collector left the list."""
    before = getattr(vpc, "purposes", ())
    return PartialList(found, before.unknown) if isinstance(before, PartialList) else found


def _is_called_public(subnet: Resource) -> bool:
    """Whether its label or name says that it faces the internet."""
    tags = subnet.tags if isinstance(subnet.tags, Mapping) else {}
    name = tags.get("Name")
    address = subnet.address
    label = address[: address.rfind("[")] if address.endswith("]") else address
    texts = [label.rpartition(".")[2], *([name] if isinstance(name, str) else ())]
    return any(_PUBLIC & {*words_of(text)} for text in texts)


def _purpose(resource: Resource) -> str | Unknown:
    """The role of a resource, if it surely is for that."""
    role: Any = resource.role
    basis = resource.scope.get("role", "")
    if isinstance(role, str) and role in _SERVES_TRADING and basis != _GUESSED:
        return role
    if isinstance(role, str) and basis in _FIRM.get(role, ()):
        return role
    return _asked_of(resource)


def _asked_of(resource: Resource) -> Unknown:
    """What is to be asked about a resource whose role is not known, or not sure."""
    role: Any = resource.role
    if isinstance(role, Unknown) and not role.question:
        return role
    needs = f"whether {resource.address} serves trading"
    span = resource.origin.span
    return Unknown(Why.UNDECLARED, needs, span, question="role", about=resource.address)
