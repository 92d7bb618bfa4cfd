"""VPCs, their subnets with routes, and NAT gateways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.network.edge_devices import EdgeDevices
from policyscan.collectors.terraform.kinds.network.route_tables import RouteTables
from policyscan.resources.vpc import Route, Subnet, Vpc
from policyscan.values import PartialList, Ref, Unknown, Why

VPC_TYPES = ("aws_vpc", "aws_default_vpc")
SUBNET_TYPES = ("aws_subnet", "aws_default_subnet")


def vpcs(declared: Declared) -> Iterator[Vpc]:
    """Every VPC of the root."""
    for node in declared.nodes(*VPC_TYPES):
        declared.note(node.block, "")
        view = declared.view(node)
        built = fields.Fields(node.block.header)
        is_default = node.block.labels[0] == "aws_default_vpc"
        unchosen = _own_range(node)
        built.put("cidr", "cidr_block", view.get("cidr_block"), fields.text, unchosen, "AWS's")
        unseen = declared.missing(f"what stands in {node.address}", node)
        yield Vpc(
            **declared.common(node, built),
            **built.values,
            is_default=is_default,
            purposes=() if unseen is None else PartialList((), unseen),
        )


def subnets(declared: Declared) -> Iterator[Subnet]:
    """Every subnet of the root with its routes."""
    nodes = tuple(declared.nodes(*SUBNET_TYPES))
    if not nodes:
        return
    tables, devices = RouteTables(declared), EdgeDevices(declared)
    for node in nodes:
        declared.note(node.block, "")
        yield _subnet(declared, node, tables, devices)


def _subnet(declared: Declared, node: Node, tables: RouteTables, devices: EdgeDevices) -> Subnet:
    view = declared.view(node)
    built = fields.Fields(node.block.header)
    is_default = node.block.labels[0] == "aws_default_subnet"
    built.put("vpc", "vpc_id", view.get("vpc_id"), fields.target, None, "the default VPC")
    zone, chain = zone_of(declared, node)
    built.set("zone", zone, chain)
    unchosen = _own_range(node)
    built.put("cidr", "cidr_block", view.get("cidr_block"), fields.text, unchosen, "AWS's")
    built.put(
        "public_ip_on_launch",
        "map_public_ip_on_launch",
        view.get("map_public_ip_on_launch"),
        fields.boolean,
        is_default,
        f"{str(is_default).lower()} by default",
    )
    routes, chains = tables.routes(node, built.values["vpc"])
    built.values["routes"] = routes
    built.chains.update(chains)
    built.values["nat_gateways"] = _nat_gateways(routes)
    built.values["edge_devices"] = devices.of(node)
    return Subnet(**declared.common(node, built), **built.values)


def _own_range(node: Node) -> Any:
    """The range that AWS chooses where none is written."""
    of = Ref(node.address, "cidr_block", node.block.header)
    return Unknown(Why.COMPUTED, f"{node.address}.cidr_block", node.block.header, of=of)


def _nat_gateways(routes: Any) -> Any:
    """The gateways of those routes that lead to one, each once."""
    if not isinstance(routes, (tuple, PartialList)):
        return routes
    known: tuple[Route, ...] = routes.known if isinstance(routes, PartialList) else routes
    named: dict[str, Any] = {}
    for number, route in enumerate(known):
        if isinstance(route.target, str) and route.target == "nat":
            named.setdefault(
                str(route.via) if isinstance(route.via, Ref) else str(number), route.via
            )
    found = tuple(named.values())
    return found if not isinstance(routes, PartialList) else PartialList(found, routes.unknown)


def zone_of(declared: Declared, subnet: Node) -> tuple[Any, Any]:
    """The zone of a subnet, by name or id, and its provenance."""
    view = declared.view(subnet)
    doubt: Any = None
    for name in ("availability_zone", "availability_zone_id"):
        value = view.get(name)
        zone = None if value is None else fields.target(value)
        if isinstance(zone, str) and zone and value is not None:
            return zone, fields.chain(value, name)
        doubt = zone if doubt is None and value is not None else doubt
    implied = fields.implied("availability_zone", subnet.block.header, "AWS chooses one")
    if doubt is not None:
        return doubt, implied
    return Unknown(Why.COMPUTED, f"the zone of {subnet.address}", subnet.block.header), implied
