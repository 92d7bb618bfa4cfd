"""Subnets and their routes in the shapes in which people write them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.collectors.terraform.written import collected, field, resources

VPC = """
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "gw" {
  vpc_id = aws_vpc.v.id
}
resource "aws_nat_gateway" "n" {
  subnet_id     = aws_subnet.front.id
  allocation_id = "eipalloc-1"
}
resource "aws_subnet" "front" {
  vpc_id = aws_vpc.v.id
}
resource "aws_subnet" "s" {
  vpc_id            = aws_vpc.v.id
  availability_zone = "eu-west-1a"
  cidr_block        = "10.0.1.0/24"
}
variable "unset" {}
"""
TABLE = 'resource "aws_route_table" "t" {\n  vpc_id = aws_vpc.v.id\n%s\n}\n'
JOIN = """
resource "aws_route_table_association" "s" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}
"""
ANY = '  route {\n    cidr_block = "0.0.0.0/0"\n    %s\n  }\n'


def subnet(text: str, address: str = "aws_subnet.s") -> Any:
    return resources(VPC + text)[address]


def routes(text: str, address: str = "aws_subnet.s") -> Any:
    """Destination, target and way out of each route; at the end why there may be more."""
    listed = field(subnet(text, address).routes)
    if isinstance(listed, str):
        return listed
    return [
        each
        if isinstance(each, str) or each is ...
        else tuple(field(part) for part in (each.destination, each.target, each.way_out))
        for each in listed
    ]


def test_what_a_subnet_says_itself() -> None:
    found = subnet('resource "aws_subnet" "p" {\n  map_public_ip_on_launch = true\n}\n')
    assert field(found.vpc) == "&aws_vpc.v.id"
    assert (found.zone, found.cidr, found.public_ip_on_launch) == (
        "eu-west-1a",
        "10.0.1.0/24",
        False,
    )
    assert resources('resource "aws_default_subnet" "d" {}')["aws_default_subnet.d"].vpc is None


def test_an_address_on_launch() -> None:
    text = 'resource "aws_subnet" "p" {\n  vpc_id = "vpc-1"\n  map_public_ip_on_launch = %s\n}\n'
    assert subnet(text % "true", "aws_subnet.p").public_ip_on_launch is True
    assert field(subnet(text % "var.unset", "aws_subnet.p").public_ip_on_launch) == (
        "<a value for var.unset>"
    )
    default = resources('resource "aws_default_subnet" "d" {}')["aws_default_subnet.d"]
    assert default.public_ip_on_launch is True


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("gateway_id = aws_internet_gateway.gw.id", ("internet_gateway", "internet_gateway")),
        ('gateway_id = "igw-0a1b"', ("internet_gateway", "internet_gateway")),
        ('gateway_id = "local"', ("local", "none")),
        ("nat_gateway_id = aws_nat_gateway.n.id", ("nat", "nat")),
        ("nat_gateway_id = var.unset", ("nat", "nat")),
        ("egress_only_gateway_id = var.unset", ("egress_only_gateway", "egress_only_gateway")),
        ("vpc_endpoint_id = var.unset", ("firewall", "firewall")),
        ('vpc_peering_connection_id = "pcx-1"', ("peering", "none")),
        (
            "transit_gateway_id = aws_ec2_transit_gateway.t.id",
            ("transit_gateway", "<the way to the internet behind a gateway>"),
        ),
        (
            'network_interface_id = "eni-1"',
            ("network_interface", "<the way to the internet behind eni-1>"),
        ),
        (
            'gateway_id = "vgw-1"',
            ("vpn_gateway", "<the way to the internet behind vgw-1>"),
        ),
        ("gateway_id = var.unset", ("<a value for var.unset>", "<a value for var.unset>")),
        (
            'gateway_id = ""\n    nat_gateway_id = aws_nat_gateway.n.id',
            ("nat", "nat"),
        ),
        (
            "gateway_id = null\n    nat_gateway_id = aws_nat_gateway.n.id",
            ("nat", "nat"),
        ),
        (
            "gateway_id = var.unset ? aws_internet_gateway.gw.id : null\n"
            "    nat_gateway_id = var.unset ? null : aws_nat_gateway.n.id",
            (("internet_gateway", "nat"), ("internet_gateway", "nat")),
        ),
        ("", ("<the target of a route>", "<the target of a route>")),
    ],
)
def test_targets(target: str, expected: tuple[Any, Any]) -> None:
    assert routes(TABLE % (ANY % target) + JOIN) == [("0.0.0.0/0", *expected)]


def test_the_gateway_is_named() -> None:
    found = subnet(TABLE % (ANY % "nat_gateway_id = aws_nat_gateway.n.id") + JOIN)
    assert field(found.routes[0].via) == "&aws_nat_gateway.n.id"
    assert field(found.nat_gateways) == ("&aws_nat_gateway.n.id",)


def test_routes_as_an_argument_and_as_dynamic_blocks() -> None:
    listed = (
        '  route = [{ cidr_block = "0.0.0.0/0", ipv6_cidr_block = "", gateway_id = "igw-1",'
        ' nat_gateway_id = "" }]'
    )
    assert routes(TABLE % listed + JOIN) == [("0.0.0.0/0", "internet_gateway", "internet_gateway")]
    dynamic = (
        '  dynamic "route" {\n    for_each = %s\n    content {\n'
        '      cidr_block = route.value\n      nat_gateway_id = "nat-1"\n    }\n  }'
    )
    known = TABLE % (dynamic % '["0.0.0.0/1", "128.0.0.0/1"]') + JOIN
    assert routes(known) == [("0.0.0.0/1", "nat", "nat"), ("128.0.0.0/1", "nat", "nat")]
    assert routes(TABLE % (dynamic % "var.unset") + JOIN) == [..., "<a value for var.unset>"]


ROUTE = """
resource "aws_route" "%s" {
  route_table_id = %s
  %s
  gateway_id = aws_internet_gateway.gw.id
}
"""
WORLD = 'destination_cidr_block = "0.0.0.0/0"'
OPEN = ("0.0.0.0/0", "internet_gateway", "internet_gateway")


def test_standalone_routes() -> None:
    text = TABLE % "" + JOIN
    six = ROUTE % ("six", "aws_route_table.t.id", 'destination_ipv6_cidr_block = "::/0"')
    assert routes(text + ROUTE % ("r", "aws_route_table.t.id", WORLD)) == [OPEN]
    assert routes(text + six) == [("::/0", "internet_gateway", "internet_gateway")]
    other = 'resource "aws_route_table" "other" {}\n'
    assert routes(text + other + ROUTE % ("r", "aws_route_table.other.id", WORLD)) == []


def test_a_route_whose_table_is_not_known_may_be_of_any() -> None:
    text = TABLE % "" + JOIN
    assert routes(text + ROUTE % ("r", "var.unset", WORLD)) == [..., "<a value for var.unset>"]
    choice = "var.unset ? aws_route_table.t.id : aws_route_table.other.id"
    other = 'resource "aws_route_table" "other" {}\n'
    found = routes(text + other + ROUTE % ("r", choice, WORLD))
    assert found[0] is ...


def test_a_route_that_may_not_exist_is_a_doubt() -> None:
    condition = f"count = var.unset ? 1 : 0\n  {WORLD}"
    text = TABLE % "" + JOIN + ROUTE % ("r", "aws_route_table.t.id", condition)
    assert routes(text) == [..., "<whether var.unset>"]


def test_a_destination_that_is_not_known() -> None:
    table = '  route {\n    cidr_block = %s\n    gateway_id = "igw-1"\n  }\n'
    (found,) = routes(TABLE % (table % "var.unset") + JOIN)
    assert found == ("<a value for var.unset>", "internet_gateway", "internet_gateway")
    listed = '  route {\n    destination_prefix_list_id = "pl-1"\n    gateway_id = "igw-1"\n  }\n'
    (found,) = routes(TABLE % listed + JOIN)
    assert found == ("<the entries of a prefix list>", "internet_gateway", "internet_gateway")


# which table a subnet has


def test_a_subnet_without_a_table_has_the_main_one() -> None:
    assert routes("") == []
    main = ROUTE % ("r", "aws_vpc.v.main_route_table_id", WORLD)
    assert routes(main) == [OPEN]
    assert routes(ROUTE % ("r", "aws_vpc.v.default_route_table_id", WORLD)) == [OPEN]
    adopted = (
        'resource "aws_default_route_table" "d" {\n'
        "  default_route_table_id = aws_vpc.v.default_route_table_id\n"
        + ANY % "gateway_id = aws_internet_gateway.gw.id"
        + "}\n"
    )
    assert routes(adopted) == [OPEN]
    assert routes(adopted + TABLE % "" + JOIN) == []


def test_another_table_may_be_made_the_main_one() -> None:
    text = (
        TABLE
        % (ANY % 'gateway_id = "igw-1"')
        + 'resource "aws_main_route_table_association" "m" {\n'
        "  vpc_id         = aws_vpc.v.id\n  route_table_id = aws_route_table.t.id\n}\n"
    )
    assert routes(text) == [OPEN]


@pytest.mark.parametrize(
    "vpc", ['"vpc-1"', "var.unset", "data.aws_vpc.d.id", "aws_default_vpc.d.id"]
)
def test_the_main_table_of_a_vpc_elsewhere_is_not_known(vpc: str) -> None:
    text = (
        'data "aws_vpc" "d" {}\nresource "aws_default_vpc" "d" {}\n'
        f'resource "aws_subnet" "x" {{\n  vpc_id = {vpc}\n}}\n'
    )
    assert routes(text, "aws_subnet.x").startswith("<the main route table of")


def test_a_table_elsewhere_is_not_known() -> None:
    join = JOIN.replace("aws_route_table.t.id", "%s")
    assert routes(join % '"rtb-1"').startswith("<")
    assert routes(join % "var.unset") == "<a value for var.unset>"
    data = 'data "aws_route_table" "d" {}\n'
    assert routes(data + join % "data.aws_route_table.d.id").startswith("<the routes of")


def test_a_table_for_an_unknown_subnet_may_be_that_of_any_without_one() -> None:
    join = JOIN.replace("aws_subnet.s.id", "var.unset")
    assert routes(TABLE % "" + join) == "<a value for var.unset>"


def test_instances_find_their_tables() -> None:
    text = """
    resource "aws_subnet" "many" {
      for_each = toset(["a", "b"])
      vpc_id   = aws_vpc.v.id
    }
    resource "aws_route_table" "many" {
      for_each = aws_subnet.many
      vpc_id   = aws_vpc.v.id
    }
    resource "aws_route_table_association" "many" {
      for_each       = aws_subnet.many
      subnet_id      = each.value.id
      route_table_id = aws_route_table.many[each.key].id
    }
    resource "aws_route" "b" {
      route_table_id         = aws_route_table.many["b"].id
      destination_cidr_block = "0.0.0.0/0"
      gateway_id             = aws_internet_gateway.gw.id
    }
    """
    assert routes(text, 'aws_subnet.many["a"]') == []
    assert routes(text, 'aws_subnet.many["b"]') == [OPEN]


def test_element_goes_round_and_round() -> None:
    text = """
    resource "aws_subnet" "many" {
      count  = 3
      vpc_id = aws_vpc.v.id
    }
    resource "aws_route_table" "many" {
      count = 2
    }
    resource "aws_route_table_association" "many" {
      count          = 3
      subnet_id      = element(aws_subnet.many.*.id, count.index)
      route_table_id = element(aws_route_table.many[*].id, count.index)
    }
    resource "aws_route" "first" {
      route_table_id         = aws_route_table.many[0].id
      destination_cidr_block = "0.0.0.0/0"
      gateway_id             = aws_internet_gateway.gw.id
    }
    """
    assert [routes(text, f"aws_subnet.many[{n}]") for n in range(3)] == [[OPEN], [], [OPEN]]


def test_what_a_gateway_propagates_is_not_known() -> None:
    text = TABLE % '  propagating_vgws = ["vgw-1"]' + JOIN
    assert routes(text) == [..., "<the routes that gateways propagate to aws_route_table.t>"]
    standalone = (
        'resource "aws_vpn_gateway_route_propagation" "p" {\n'
        '  route_table_id = aws_route_table.t.id\n  vpn_gateway_id = "vgw-1"\n}\n'
    )
    assert routes(TABLE % "" + JOIN + standalone)[0] is ...


def test_routes_that_others_change_are_not_known() -> None:
    text = TABLE % "  lifecycle {\n    ignore_changes = [route, tags]\n  }" + JOIN
    assert routes(text)[0] is ...
    assert routes(TABLE % "  lifecycle {\n    ignore_changes = [tags]\n  }" + JOIN) == []


def test_a_module_that_is_not_here_leaves_absence_open() -> None:
    given = 'module "m" {\n  source = "a/b/c"\n  table = aws_route_table.t.id\n}\n'
    assert routes(TABLE % "" + JOIN + given)[0] is ...
    assert routes('module "m" {\n  source = "a/b/c"\n}\n').startswith("<the route table of")


# what faces the internet


def test_devices_at_the_edge() -> None:
    text = """
    resource "aws_lb" "public" {
      subnets = [aws_subnet.s.id]
    }
    resource "aws_lb" "internal" {
      internal = true
      subnets  = [aws_subnet.front.id]
    }
    resource "aws_nat_gateway" "private" {
      connectivity_type = "private"
      subnet_id         = aws_subnet.s.id
    }
    """
    assert subnet(text).edge_devices == ("aws_lb.public",)
    assert subnet(text, "aws_subnet.front").edge_devices == ("aws_nat_gateway.n",)
    unclear = 'resource "aws_lb" "u" {\n  subnets = var.unset\n}\n'
    assert field(subnet(unclear).edge_devices) == [..., "<a value for var.unset>"]


def test_vpcs() -> None:
    text = 'resource "aws_default_vpc" "d" {}\nresource "aws_vpc" "ipam" {}\n'
    found = resources(VPC + text)
    assert (found["aws_vpc.v"].is_default, found["aws_vpc.v"].cidr) == (False, "10.0.0.0/16")
    assert found["aws_default_vpc.d"].is_default is True
    assert field(found["aws_vpc.ipam"].cidr) == "<aws_vpc.ipam.cidr_block>"


def test_the_books_balance() -> None:
    tallies = {item.kind: item for item in collected(VPC) if hasattr(item, "normalised")}
    for kind, number in (("Vpc", 1), ("Subnet", 2), ("NatGateway", 1)):
        assert (tallies[kind].found, tallies[kind].normalised) == (number, number)
