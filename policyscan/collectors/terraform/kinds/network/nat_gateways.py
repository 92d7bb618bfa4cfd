"""NAT gateways, with the zones and fixed addresses of all that serve their VPC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.existence import doubt_beside
from policyscan.collectors.terraform.kinds.network import edge_devices
from policyscan.collectors.terraform.kinds.network.vpcs import SUBNET_TYPES, zone_of
from policyscan.resources.references import is_itself, same_target, stands_for_itself
from policyscan.resources.vpc import NatGateway
from policyscan.values import PartialList, Ref, Unknown, Why, first

_CONNECTIVITY = {"public": "public", "private": "private"}
_BLOCK = "availability_zone_address"
"""Of a regional gateway: the addresses that it has in one zone."""
_MOST_GATEWAYS = 500
"""A hundred times what AWS allows in a zone unless asked for more."""
_SOMEWHERE = object()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gateway stands."""

    node: Node
    vpc: Any
    stands_in: str
    """The address of its subnet, or its own."""
    zones: Any


def nat_gateways(declared: Declared) -> Iterator[NatGateway]:
    """Every NAT gateway of the root."""
    gateways = Gateways(declared)
    for place in gateways.places:
        node = place.node
        declared.note(node.block, "")
        view = declared.view(node)
        built = fields.Fields(node.block.header)
        built.put(
            "connectivity",
            "connectivity_type",
            view.get("connectivity_type"),
            fields.choice(_CONNECTIVITY),
            "public",
            "public by default",
        )
        built.put("subnet", "subnet_id", view.get("subnet_id"), fields.target, None, "regional")
        built.values["vpc"] = place.vpc
        built.values["zones"] = place.zones
        built.values["addresses"] = _addresses(view, node, built)
        built.values["vpc_zones"] = gateways.vpc_zones(place)
        yield NatGateway(**declared.common(node, built), **built.values)


def _addresses(view: View, node: Node, built: fields.Fields) -> Any:
    """The allocations of a gateway, those of its zones if it is regional."""
    value = view.get("allocation_id")
    if value is not None:
        built.chains["addresses"] = fields.chain(value, "allocation_id")
        return (fields.text(value),)
    if view.get("subnet_id") is not None:
        built.chains["addresses"] = fields.implied("allocation_id", node.block.header, "none")
        return ()
    blocks, reason = view.blocks(_BLOCK)
    found: list[Any] = []
    for block in blocks:
        value = block.get("allocation_ids")
        listed: Any = () if value is None else fields.texts(value)
        if isinstance(listed, tuple):
            found.extend(listed)
        else:
            reason = first(reason, listed if isinstance(listed, Unknown) else listed.unknown)
    if not blocks:
        reason = first(
            reason, Unknown(Why.COMPUTED, f"the addresses that AWS gives {node.address}")
        )
    return tuple(found) if reason is None else PartialList(tuple(found), reason)


class Gateways:
    """The NAT gateways of a root and where they stand."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._homes = {node.address: node for node in declared.nodes(*SUBNET_TYPES)}
        self.places = [self._place(node) for node in declared.nodes(*edge_devices.NAT_TYPES)]
        self._of_vpc: dict[object, list[Place]] = {}
        """The public ones by VPC; under `_SOMEWHERE` those whose VPC is not known."""
        for place in self.places:
            if edge_devices.is_public(declared, place.node) is not False:
                self._of_vpc.setdefault(_key(place.vpc), []).append(place)

    def _place(self, node: Node) -> Place:
        value = self._declared.evaluate(node, "subnet_id")
        subnet = None if value is None else fields.target(value)
        home = self._homes.get(subnet.address) if isinstance(subnet, Ref) else None
        if value is None:
            zones = self._regional_zones(node)
        elif home is None:
            zones = (Unknown(Why.OUTSIDE, f"the zone of {node.address}", node.block.header),)
        else:
            zones = (zone_of(self._declared, home)[0],)
        stands_in = subnet.address if isinstance(subnet, Ref) else node.address
        return Place(node, self._vpc(node, home), stands_in, zones)

    def _vpc(self, node: Node, home: Node | None) -> Any:
        """The VPC of a gateway, that of its subnet."""
        value = self._declared.evaluate(node if home is None else home, "vpc_id")
        if value is not None:
            return fields.target(value)
        if home is not None and home.block.labels[0] == "aws_default_subnet":
            return None
        return Unknown(Why.OUTSIDE, f"the VPC of {node.address}", node.block.header)

    def _regional_zones(self, node: Node) -> Any:
        views, reason = self._declared.view(node).blocks(_BLOCK)
        names = ("availability_zone", "availability_zone_id")
        values = [value for view in views for name in names if (value := view.get(name))]
        found = tuple(fields.text(value) for value in values)
        if not views:
            reason = first(reason, Unknown(Why.COMPUTED, f"the zones of {node.address}"))
        return found if reason is None else PartialList(found, reason)

    def vpc_zones(self, place: Place) -> Any:
        """The zones of all public gateways of the VPC of one, each subnet once."""
        if len(self.places) > _MOST_GATEWAYS:
            return Unknown(Why.BUDGET, f"a root of {_MOST_GATEWAYS} NAT gateways at most")
        what = f"another NAT gateway of the VPC of {place.node.address}"
        reason = self._declared.missing(what, place.node)
        own = [place]
        for others in self._of_vpc.values():
            same = _same(others[0].vpc, place.vpc)
            if same is True:
                own = others
            elif same is None and others != [place]:
                reason = first(reason, _unclear(next(o for o in others if o is not place)))
        return _together(own, place, reason)


def _together(own: Sequence[Place], place: Place, reason: Unknown | None) -> Any:
    zones: dict[str, Any] = {}
    for other in own:
        doubt = doubt_beside(other.node, place.node)
        reason = first(reason, doubt)
        listed = other.zones
        if isinstance(listed, PartialList):
            reason = first(reason, listed.unknown)
            listed = listed.known
        if other.node.address.endswith("[?]"):
            reason = first(reason, other.node.conditional)
        for number, zone in enumerate(listed if doubt is None else ()):
            zones[f"{other.stands_in} {number}"] = zone
    found = tuple(zones.values())
    return found if reason is None else PartialList(found, reason)


def _key(vpc: Any) -> object:
    """One key for all that surely stand in one VPC; None is the default one."""
    if isinstance(vpc, Ref) and "[?]" not in vpc.address:
        return ("", vpc.address, "" if is_itself(vpc) else vpc.attribute)
    return vpc if isinstance(vpc, (str, type(None))) else _SOMEWHERE


def _same(one: Any, other: Any) -> bool | None:
    """Whether two VPCs are one; None if that cannot be told."""
    if isinstance(one, Ref) and isinstance(other, Ref):
        return same_target(one, other)
    if all(isinstance(each, (str, type(None))) for each in (one, other)):
        return bool(one == other)
    managed = any(isinstance(each, Ref) and _is_made(each) for each in (one, other))
    told = any(isinstance(each, (str, type(None))) for each in (one, other))
    return False if managed and told else None


def _is_made(vpc: Ref) -> bool:
    """Whether Terraform makes it, so that it is none that stands already: the default one does."""
    return stands_for_itself(vpc) and "aws_default_vpc" not in vpc.address


def _unclear(place: Place) -> Unknown:
    needs = f"the VPC of {place.node.address}"
    return Unknown(Why.COMPUTED, needs, place.node.block.header)
