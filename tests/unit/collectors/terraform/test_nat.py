"""NAT gateways: where they stand and which others share their VPC."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.collectors.terraform.written import expression, field, resources

VPC = """
resource "aws_vpc" "v" {}
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.v.id
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.v.id
  availability_zone = "eu-west-1b"
}
variable "unset" {}
resource "aws_nat_gateway" "a" {
  subnet_id     = aws_subnet.a.id
  allocation_id = aws_eip.a.id
}
resource "aws_eip" "a" {}
"""
SECOND = 'resource "aws_nat_gateway" "b" {\n  allocation_id = "eipalloc-2"\n  %s\n}\n'


def gateway(text: str, address: str = "aws_nat_gateway.a") -> Any:
    return resources(VPC + text)[address]


def test_a_gateway_alone() -> None:
    found = gateway("")
    assert (found.connectivity, field(found.subnet)) == ("public", "&aws_subnet.a.id")
    assert (field(found.vpc), found.zones, found.vpc_zones) == (
        "&aws_vpc.v.id",
        ("eu-west-1a",),
        ("eu-west-1a",),
    )
    assert field(found.addresses) == ("&aws_eip.a.id",)


@pytest.mark.parametrize(
    ("second", "zones"),
    [
        ("subnet_id = aws_subnet.b.id", ("eu-west-1a", "eu-west-1b")),
        ("subnet_id = aws_subnet.a.id", ("eu-west-1a",)),
        ('subnet_id = aws_subnet.b.id\n  connectivity_type = "private"', ("eu-west-1a",)),
        ('subnet_id = "subnet-1"', ["eu-west-1a", ..., "<the VPC of aws_nat_gateway.b>"]),
        ("subnet_id = var.unset", ["eu-west-1a", ..., "<the VPC of aws_nat_gateway.b>"]),
        (
            "count = var.unset ? 1 : 0\n  subnet_id = aws_subnet.b.id",
            ["eu-west-1a", ..., "<whether var.unset>"],
        ),
        (
            "count = var.unset\n  subnet_id = aws_subnet.b.id",
            ["eu-west-1a", ..., "<a value for var.unset>"],
        ),
    ],
)
def test_others_in_the_same_vpc(second: str, zones: Any) -> None:
    assert field(gateway(SECOND % second).vpc_zones) == zones


def test_those_of_another_vpc_are_others() -> None:
    other = (
        'resource "aws_vpc" "w" {}\nresource "aws_subnet" "w" {\n  vpc_id = aws_vpc.w.id\n'
        '  availability_zone = "eu-west-1c"\n}\n' + SECOND % "subnet_id = aws_subnet.w.id"
    )
    assert gateway(other).vpc_zones == ("eu-west-1a",)
    looked_up = other.replace("aws_vpc.w.id", "data.aws_vpc.w.id").replace(
        'resource "aws_vpc" "w"', 'data "aws_vpc" "w"'
    )
    assert field(gateway(looked_up).vpc_zones)[1] is ...


def test_a_gateway_without_a_fixed_address() -> None:
    bare = 'resource "aws_nat_gateway" "c" {\n  subnet_id = aws_subnet.b.id\n}\n'
    assert gateway(bare, "aws_nat_gateway.c").addresses == ()


def test_a_regional_gateway() -> None:
    manual = """
    resource "aws_vpc" "r" {}
    resource "aws_nat_gateway" "r" {
      vpc_id            = aws_vpc.r.id
      availability_mode = "regional"
      availability_zone_address {
        availability_zone = "eu-west-1a"
        allocation_ids    = ["eipalloc-1"]
      }
      availability_zone_address {
        availability_zone = "eu-west-1b"
        allocation_ids    = ["eipalloc-2"]
      }
    }
    """
    found = gateway(manual, "aws_nat_gateway.r")
    assert found.subnet is None
    assert (found.addresses, found.vpc_zones) == (
        ("eipalloc-1", "eipalloc-2"),
        ("eu-west-1a", "eu-west-1b"),
    )


# zones that a data source lists

ZONES = 'data "aws_availability_zones" "z" {}\nvariable "unset" {}\n'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("data.aws_availability_zones.z.names[1]", "<data.aws_availability_zones.z.names[1]>"),
        (
            "element(data.aws_availability_zones.z.names, 1)",
            "<data.aws_availability_zones.z.names[1]>",
        ),
        (
            "element(data.aws_availability_zones.z.names, 2)",
            "<data.aws_availability_zones.z.names>",
        ),
        (
            "slice(data.aws_availability_zones.z.names, 1, 3)",
            [
                "<data.aws_availability_zones.z.names[1]>",
                "<data.aws_availability_zones.z.names[2]>",
            ],
        ),
        ("length(slice(data.aws_availability_zones.z.names, 0, 3))", 3),
        ("slice(data.aws_availability_zones.z.names, 0, var.unset)", "<a value for var.unset>"),
        ("length(slice(var.unset, 0, 2))", 2),
        ("slice(var.unset, 0, 2)", ["<a value for var.unset>", "<a value for var.unset>"]),
        ("length(data.aws_availability_zones.z.names)", "<data.aws_availability_zones.z.names>"),
    ],
)
def test_a_place_in_a_list_that_is_not_known(text: str, shown: Any) -> None:
    assert expression(text, ZONES) == shown


@pytest.mark.parametrize(
    ("vpc", "zones"),
    [
        ("aws_vpc.other.id", ("eu-west-1a",)),
        # the network interface may stand in the same VPC
        ("aws_network_interface.n.vpc_id", ["eu-west-1a", ..., "<the VPC of aws_nat_gateway.b>"]),
    ],
)
def test_a_vpc_that_another_resource_names_may_be_the_same(vpc: str, zones: object) -> None:
    text = f"""
resource "aws_vpc" "other" {{}}
resource "aws_network_interface" "n" {{ subnet_id = "subnet-1" }}
resource "aws_subnet" "c" {{
  vpc_id            = {vpc}
  availability_zone = "eu-west-1c"
}}
"""
    assert field(gateway(text + SECOND % "subnet_id = aws_subnet.c.id").vpc_zones) == zones


def test_default_networks_may_be_one() -> None:
    text = """
resource "aws_default_vpc" "one" {}
resource "aws_default_vpc" "two" {}
resource "aws_subnet" "c" {
  vpc_id            = aws_default_vpc.one.id
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "d" {
  vpc_id            = aws_default_vpc.two.id
  availability_zone = "eu-west-1c"
}
resource "aws_nat_gateway" "d" { subnet_id = aws_subnet.d.id }
"""
    text += SECOND % "subnet_id = aws_subnet.c.id"
    assert field(gateway(text, "aws_nat_gateway.b").vpc_zones) == [
        "eu-west-1a",
        ...,
        "<the VPC of aws_nat_gateway.d>",
    ]
