"""Prefix lists in rules: entries declared here, endpoints of AWS, and what is elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.collectors.terraform.written import field, resources

LIST = """
resource "aws_ec2_managed_prefix_list" "l" {
  %s
}
"""
USES = """
resource "aws_security_group" "g" {
  egress {
    protocol        = "-1"
    cidr_blocks     = ["10.0.0.0/8"]
    prefix_list_ids = [%s]
  }
}
"""
ENTRY = 'entry {\n    cidr = "52.84.25.0/24"\n  }'
STANDALONE = """
resource "aws_ec2_managed_prefix_list_entry" "e" {
  prefix_list_id = aws_ec2_managed_prefix_list.l.id
  cidr           = "52.84.26.0/24"
}
"""


DYNAMIC = """
  dynamic "entry" {
    for_each = var.x
    content {
      cidr = entry.value
    }
  }
"""
GIVEN_AWAY = """
module "m" {
  source = "a/b/c"
  list   = aws_ec2_managed_prefix_list.l.id
}
"""


def sent_to(text: str) -> Any:
    """Ranges, prefix lists that are not known, and those of gateway endpoints."""
    (rule,) = resources(text)["aws_security_group.g"].egress
    return field(rule.cidrs), field(rule.prefix_lists), field(rule.gateway_endpoints)


def test_the_entries_of_a_prefix_list_are_ranges_of_the_rule() -> None:
    uses = USES % "aws_ec2_managed_prefix_list.l.id"
    known = LIST % ENTRY + uses
    assert sent_to(known) == (("10.0.0.0/8", "52.84.25.0/24"), (), ())
    assert sent_to(known + STANDALONE)[0] == ("10.0.0.0/8", "52.84.25.0/24", "52.84.26.0/24")
    assert sent_to(LIST % "" + STANDALONE + uses)[0] == ("10.0.0.0/8", "52.84.26.0/24")


@pytest.mark.parametrize(
    "text",
    [
        LIST % "",
        LIST % "lifecycle {\n    ignore_changes = [entry]\n  }",
        LIST % DYNAMIC,
        LIST % "" + STANDALONE.replace("aws_ec2_managed_prefix_list.l.id", "var.x"),
        LIST % "" + GIVEN_AWAY,
    ],
)
def test_a_prefix_list_that_may_have_other_entries(text: str) -> None:
    ranges, rest, _ = sent_to(
        'variable "x" {}\n' + text + USES % "aws_ec2_managed_prefix_list.l.id"
    )
    assert ranges[:2] == ["10.0.0.0/8", ...]
    assert rest == ()


@pytest.mark.parametrize(
    ("use", "inside"),
    [
        ("aws_vpc_endpoint.s3.prefix_list_id", True),
        ("data.aws_vpc_endpoint.s3.prefix_list_id", True),
        ("data.aws_prefix_list.s3.id", True),
        ("data.aws_ec2_managed_prefix_list.ddb.id", True),
        ("data.aws_prefix_list.cdn.id", False),
        ("data.aws_prefix_list.filtered.id", False),
        ("data.aws_ec2_managed_prefix_list.ours.id", False),
        ('"pl-63a5400a"', False),
        ("var.x", False),
    ],
)
def test_lists_of_gateway_endpoints(use: str, inside: bool) -> None:
    text = """
    variable "x" {}
    resource "aws_vpc_endpoint" "s3" {}
    data "aws_vpc_endpoint" "s3" {}
    data "aws_region" "r" {}
    data "aws_prefix_list" "s3" { name = "com.amazonaws.eu-west-1.s3" }
    data "aws_prefix_list" "cdn" { name = "com.amazonaws.global.cloudfront.origin-facing" }
    data "aws_prefix_list" "filtered" {}
    data "aws_ec2_managed_prefix_list" "ddb" {
      name = "com.amazonaws.${data.aws_region.r.name}.dynamodb"
    }
    data "aws_ec2_managed_prefix_list" "ours" { name = "s3" }
    """
    _, rest, endpoints = sent_to(text + USES % use)
    assert (len(rest), len(endpoints)) == ((0, 1) if inside else (1, 0))
