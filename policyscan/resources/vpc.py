"""Networks: VPCs, their subnets and the ways out of them. Other resources are named by their id: a
text, or a `Ref` while they have none yet."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource
from policyscan.resources.scope import Role
from policyscan.values import Many, Maybe

Target = Literal[
    "internet_gateway",
    "egress_only_gateway",
    "nat",
    "firewall",
    "transit_gateway",
    "vpn_gateway",
    "peering",
    "network_interface",
    "local",
    "other",
]
WayOut = Literal["internet_gateway", "egress_only_gateway", "nat", "firewall", "none"]


class Vpc(Resource):
    """A virtual private network."""

    kind: ClassVar[str] = "Vpc"

    is_default: Maybe[bool] = False
    cidr: Maybe[str | None] = None
    """Its first IPv4 range."""
    purposes: Many[Maybe[Role]] = ()
    """The roles of the groups and workloads in it, as the inventory finds them, each once."""


class Route(Part):
    """One route of a subnet besides that to its own VPC."""

    destination: Maybe[str]
    """An IPv4 or IPv6 range."""
    target: Maybe[Target]
    """`firewall` is the endpoint of a firewall or of another appliance that is made for it."""
    way_out: Maybe[WayOut]
    """How packets on it get to the internet: not known of those that go on to another network or
    to a machine; `none` if they cannot."""
    via: Maybe[str | None] = None
    """The gateway, by id."""
    address: str = ""
    """Of a route that is a resource of its own; empty for one written inside its table."""


class Subnet(Resource):
    """A part of a VPC in one zone, with the routes of its table, wherever they are written."""

    kind: ClassVar[str] = "Subnet"

    vpc: Maybe[str | None] = None
    """None for the default VPC."""
    zone: Maybe[str | None] = None
    cidr: Maybe[str | None] = None
    public_ip_on_launch: Maybe[bool] = False
    routes: Many[Route] = ()
    nat_gateways: Many[Maybe[str]] = ()
    """The NAT gateways to which its routes lead."""
    edge_devices: Many[Maybe[str]] = ()
    """NAT gateways and internet-facing load balancers that stand in it, by address. They belong
    into a subnet with a route to the internet."""
    hosts_trading: Maybe[bool] = True
    """Whether workloads that trade stand in it, as far as the inventory can tell: in one that faces
    the internet by its devices or its name, only those that are seen."""
    trades_here: Maybe[bool] = False
    """Whether a workload stands in it that certainly trades, whatever the subnet says of itself."""


class NatGateway(Resource):
    """A gateway through which private subnets open connections."""

    kind: ClassVar[str] = "NatGateway"

    connectivity: Maybe[Literal["public", "private"]] = "public"
    vpc: Maybe[str | None] = None
    subnet: Maybe[str | None] = None
    """None for a regional gateway, which stands in no subnet."""
    zones: Many[Maybe[str]] = ()
    """The zones in which it works: that of its subnet, or those of a regional one."""
    addresses: Many[Maybe[str]] = ()
    """Its fixed public addresses, by allocation id."""
    vpc_zones: Many[Maybe[str]] = ()
    """The zones of all public gateways of its VPC, this one included; one per subnet."""
