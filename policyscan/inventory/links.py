"""Which resources refer to which: by a reference inside their root, or by a name or ARN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from policyscan.resources.base import Resource
from policyscan.resources.references import is_itself
from policyscan.values import PartialList, Ref

EDGES: Mapping[str, tuple[str, ...]] = {
    "Workload": ("groups", "subnets", "log_groups", "secrets"),
    "Subnet": ("vpc", "nat_gateways"),
    "SecurityGroup": ("vpc",),
}
"""By kind, the fields that name what serves it, in the order in which scope is handed on."""


def known_members(value: object) -> Iterator[object]:
    """The members of a list that are known, or the value itself."""
    if isinstance(value, PartialList):
        yield from value.known
    elif isinstance(value, tuple):
        yield from value
    else:
        yield value


class Links:
    """Finds resources by what others call them."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._by_address: dict[tuple[str, str], list[Resource]] = {}
        self._by_name: dict[str, list[Resource]] = {}
        for resource in resources:
            key = resource.origin.unit, resource.address
            self._by_address.setdefault(key, []).append(resource)
            name = getattr(resource, "name", None)
            known = (name,) if isinstance(name, str) and name else ()
            for called in dict.fromkeys((*known, *resource.names)):
                self._by_name.setdefault(called, []).append(resource)

    def named(self, source: Resource, fields: Iterable[str]) -> Iterator[tuple[str, Resource]]:
        """What the fields of a resource certainly name: path inside the source, and resource."""
        for field in fields:
            value = getattr(source, field, None)
            several = isinstance(value, (tuple, PartialList))
            for number, member in enumerate(known_members(value)):
                path = f"{field}[{number}]" if several else field
                for target in self.find(member, source.origin.unit):
                    yield path, target

    def find(self, member: object, unit: str) -> Sequence[Resource]:
        """The resources that a reference or a text certainly means."""
        if isinstance(member, Ref):
            meant = member.certain and is_itself(member)
            return self._by_address.get((unit, member.address), []) if meant else []
        if isinstance(member, str):
            return self._by_name.get(member) or self._by_name.get(_name_in_arn(member), [])
        return []


def _name_in_arn(text: str) -> str:
    """The name at the end of an ARN: of a log group, a role, a function."""
    if not text.startswith("arn:"):
        return ""
    last = text.removesuffix(":*").rpartition(":")[2]
    return last.rpartition("role/")[2]


def identity_key(member: object, unit: str) -> tuple[str, str] | None:
    """What two mentions of one role, user or group have in common."""
    if isinstance(member, Ref):
        return (unit, member.address) if member.certain and is_itself(member) else None
    if isinstance(member, str) and member:
        return "", _name_in_arn(member) or member
    return None
