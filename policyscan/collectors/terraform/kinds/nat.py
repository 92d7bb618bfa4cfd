"""NAT gateways, with the zones and fixed addresses of all that serve their VPC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds import edges
from policyscan.collectors.terraform.kinds.routes import doubt_beside
from policyscan.collectors.terraform.kinds.vpc import SUBNET_TYPES, zone_of
from policyscan.resources.vpc import NatGateway
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first, same_target

_CONNECTIVITY = {"public": "public", "private": "private"}
_BLOCK = "availability_zone_address"
"""Of a regional gateway: the addresses that it has in one zone."""


def nat_gateways(declared: Declared) -> Iterator[NatGateway]:
    """Every NAT gateway of the root."""
    gateways = Gateways(declared)
    for node in gateways.nodes:
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
        built.values["vpc"] = gateways.vpc(node)
        built.values["zones"] = gateways.zones(node)
        built.values["addresses"] = _addresses(view, node, built)
        built.values["vpc_zones"] = gateways.vpc_zones(node)
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
        self.nodes = tuple(declared.nodes(*edges.NAT_TYPES))
        self._subnets = {node.address: node for node in declared.nodes(*SUBNET_TYPES)}

    def vpc(self, node: Node) -> Any:
        """The VPC of a gateway, that of its subnet."""
        subnet = self._subnet(node)
        value = self._declared.evaluate(node if subnet is None else subnet, "vpc_id")
        if value is not None:
            return fields.target(value)
        if subnet is not None and subnet.block.labels[0] == "aws_default_subnet":
            return None
        return Unknown(Why.OUTSIDE, f"the VPC of {node.address}", node.block.header)

    def zones(self, node: Node) -> Any:
        """The zones in which a gateway works."""
        if self._declared.evaluate(node, "subnet_id") is not None:
            return (self._zone(node),)
        views, reason = self._declared.view(node).blocks(_BLOCK)
        names = ("availability_zone", "availability_zone_id")
        values = [value for view in views for name in names if (value := view.get(name))]
        found = tuple(fields.text(value) for value in values)
        if not views:
            reason = first(reason, Unknown(Why.COMPUTED, f"the zones of {node.address}"))
        return found if reason is None else PartialList(found, reason)

    def vpc_zones(self, node: Node) -> Any:
        """The zones of all public gateways of the VPC of one, each subnet once."""
        vpc = self.vpc(node)
        places: dict[str, Any] = {}
        reason = self._declared.missing(f"another NAT gateway of the VPC of {node.address}", node)
        for other in self.nodes:
            belongs = other is node or self._same(vpc, self.vpc(other))
            if belongs is False or edges.is_public(self._declared, other) is False:
                continue
            doubt = doubt_beside(other, node)
            if belongs is None or doubt is not None:
                which = Unknown(Why.COMPUTED, f"the VPC of {other.address}", other.block.header)
                reason = first(reason, doubt, which)
                continue
            reason = self._add(places, other, reason)
        found = tuple(places.values())
        return found if reason is None else PartialList(found, reason)

    def _add(self, places: dict[str, Any], node: Node, reason: Unknown | None) -> Unknown | None:
        """Adds the zones of a gateway; returns why there may be more."""
        zones = self.zones(node)
        if isinstance(zones, PartialList):
            reason = first(reason, zones.unknown)
            zones = zones.known
        if node.address.endswith("[?]"):
            reason = first(reason, node.conditional)
        subnet = self._target(node, "subnet_id")
        for number, zone in enumerate(zones):
            key = subnet.address if isinstance(subnet, Ref) else f"{node.address} {number}"
            places[key] = zone
        return reason

    @staticmethod
    def _same(one: Any, other: Any) -> bool | None:
        if isinstance(one, Ref) and isinstance(other, Ref):
            return same_target(one, other)
        if isinstance(one, (str, type(None))) and isinstance(other, (str, type(None))):
            return one == other
        return None

    def _zone(self, node: Node) -> Any:
        subnet = self._subnet(node)
        if subnet is None:
            return Unknown(Why.OUTSIDE, f"the zone of {node.address}", node.block.header)
        return zone_of(self._declared, subnet)[0]

    def _subnet(self, node: Node) -> Node | None:
        target = self._target(node, "subnet_id")
        return self._subnets.get(target.address) if isinstance(target, Ref) else None

    def _target(self, node: Node, name: str) -> Any:
        value = self._declared.evaluate(node, name)
        target = None if value is None else fields.target(value)
        return target.unknown if isinstance(target, OneOf) else target
