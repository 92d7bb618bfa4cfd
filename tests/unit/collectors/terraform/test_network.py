"""Security groups and the three generations of their rules."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.resources.base import Tally
from tests.unit.collectors.terraform.written import collected, field, resources

GROUP = 'resource "aws_security_group" "g" {}\n'


def side(files: Any, address: str = "aws_security_group.g", name: str = "ingress") -> list[Any]:
    """Protocol, ports, ranges and groups of each rule; at the end why there may be more."""
    found = field(getattr(resources(files)[address], name))
    return [rule if isinstance(rule, str) or rule is ... else summary(rule) for rule in list(found)]


def summary(rule: Any) -> tuple[Any, ...]:
    ranges, groups = field(rule.cidrs), field(rule.groups)
    return (field(rule.protocol), field(rule.from_port), field(rule.to_port), ranges, groups)


ANY = ("0.0.0.0/0",)
SSH = ("tcp", 22, 22, ANY, ())
PORTS = "from_port = 22\nto_port = 22\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (f'ingress {{\n{PORTS}protocol = "tcp"\ncidr_blocks = ["0.0.0.0/0"]\n}}', [SSH]),
        (
            'ingress = [{from_port = 22, to_port = 22, protocol = "tcp", '
            'cidr_blocks = ["0.0.0.0/0"]}]',
            [SSH],
        ),
        (
            'dynamic "ingress" {\nfor_each = [22, 80]\ncontent {\nfrom_port = ingress.value\n'
            'to_port = ingress.value\nprotocol = "TCP"\ncidr_blocks = ["0.0.0.0/0"]\n}\n}',
            [SSH, ("tcp", 80, 80, ANY, ())],
        ),
        (
            'ingress {\nfrom_port = 22.0\nto_port = 2.2e1\nprotocol = "tcp"\n'
            'cidr_blocks = ["0.0.0.0/0"]\n}',
            [SSH],
        ),
        (
            'ingress {\nfrom_port = 0\nto_port = 0\nprotocol = -1\nipv6_cidr_blocks = ["::/0"]\n'
            'cidr_blocks = ["10.0.0.0/8"]\nsecurity_groups = [aws_security_group.g.id]\n}',
            [("-1", 0, 0, ("10.0.0.0/8", "::/0"), ("&aws_security_group.g.id",))],
        ),
        (
            f'ingress {{\n{PORTS}protocol = "6"\ncidr_blocks = var.ranges\n}}',
            [("tcp", 22, 22, "<a value for var.ranges>", ())],
        ),
        (
            f'ingress {{\n{PORTS}protocol = "6"\ncidr_blocks = var.ranges\n'
            'ipv6_cidr_blocks = ["::/0"]\n}',
            [("tcp", 22, 22, ["::/0", ..., "<a value for var.ranges>"], ())],
        ),
        (
            f'ingress {{\n{PORTS}protocol = "tcp"\n'
            'cidr_blocks = var.open ? ["0.0.0.0/0"] : ["10.0.0.0/8"]\n}',
            [("tcp", 22, 22, (ANY, ("10.0.0.0/8",)), ())],
        ),
        (
            f'ingress {{\n{PORTS}protocol = "tcp"\n'
            'cidr_blocks = var.open ? ["0.0.0.0/0"] : null\n}',
            [("tcp", 22, 22, (ANY, ()), ())],
        ),
        (
            f'ingress {{\n{PORTS}protocol = var.open ? "tcp" : null\ncidr_blocks = []\n}}',
            [(("tcp", "-1"), 22, 22, (), ())],
        ),
        (
            'dynamic "ingress" {\nfor_each = var.open ? [1] : []\ncontent {}\n}',
            [..., "<whether var.open>"],
        ),
    ],
)
def test_rules_inside_the_group(text: str, expected: list[Any]) -> None:
    variables = 'variable "ranges" {}\nvariable "open" {}\n'
    group = f'resource "aws_security_group" "g" {{\n{text}\n}}'
    assert side(variables + group) == expected


def rule(body: str, type_: str = "aws_security_group_rule", name: str = "r") -> str:
    return f'resource "{type_}" "{name}" {{\n{body}\n}}\n'


OLD = f'type = "ingress"\n{PORTS}protocol = "tcp"\ncidr_blocks = ["0.0.0.0/0"]\n'
NEW = f'{PORTS}ip_protocol = "tcp"\ncidr_ipv4 = "0.0.0.0/0"\n'
ID = "security_group_id = aws_security_group.g.id\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rule(OLD + ID), [SSH]),
        (rule(NEW + ID, "aws_vpc_security_group_ingress_rule"), [SSH]),
        (rule(NEW + ID, "aws_vpc_security_group_egress_rule"), []),
        (rule(OLD.replace("ingress", "egress") + ID), []),
        (rule(OLD.replace("ingress", "INGRESS") + ID), [..., "<the direction of a rule>"]),
        (rule(OLD + ID + "count = 0"), []),
        (rule(OLD + ID) + rule(NEW + ID, "aws_vpc_security_group_ingress_rule"), [SSH, SSH]),
        (
            rule(
                f'type = "ingress"\n{PORTS}protocol = "tcp"\n'
                "source_security_group_id = aws_security_group.g.id\n" + ID
            ),
            [("tcp", 22, 22, (), ("&aws_security_group.g.id",))],
        ),
        (
            "locals {\nid = aws_security_group.g.id\n}\n"
            + rule(OLD + "security_group_id = local.id\n"),
            [SSH],
        ),
        (rule(OLD + "security_group_id = one(aws_security_group.g[*].id)\n"), [SSH]),
        (rule(OLD + 'security_group_id = "sg-123"\n'), []),
        (rule(OLD.replace('"ingress"', "var.side") + ID), [..., "<the direction of a rule>"]),
    ],
)
def test_standalone_rules(text: str, expected: list[Any]) -> None:
    assert side(f'variable "side" {{}}\n{GROUP}{text}') == expected


def test_rules_of_instances_and_modules() -> None:
    files = {
        "main.tf": """
        variable "create" {}
        module "m" {
          source   = "./m"
          for_each = toset(["a", "b"])
          open     = each.key == "a"
        }
        resource "aws_security_group_rule" "extra" {
          type              = "ingress"
          from_port         = 80
          to_port           = 80
          protocol          = "tcp"
          cidr_blocks       = ["10.0.0.0/8"]
          security_group_id = module.m["b"].id
        }
        """,
        "m/main.tf": """
        variable "open" {}
        resource "aws_security_group" "g" {
          count = 1
        }
        resource "aws_vpc_security_group_ingress_rule" "r" {
          count             = var.open ? 1 : 0
          from_port         = 22
          to_port           = 22
          ip_protocol       = "tcp"
          cidr_ipv4         = "0.0.0.0/0"
          security_group_id = aws_security_group.g[0].id
        }
        output "id" { value = one(aws_security_group.g[*].id) }
        """,
    }
    assert side(files, 'module.m["a"].aws_security_group.g[0]') == [SSH]
    assert side(files, 'module.m["b"].aws_security_group.g[0]') == [
        ("tcp", 80, 80, ("10.0.0.0/8",), ())
    ]


def test_a_group_that_may_not_exist_keeps_its_rules() -> None:
    module = """
    variable "create" {}
    resource "aws_security_group" "g" {
      count = var.create ? 1 : 0
    }
    """ + rule(
        OLD + "count = var.create ? 1 : 0\n" + "security_group_id = one(aws_security_group.g[*].id)"
    )
    assert side(module, "aws_security_group.g[0]") == [SSH]
    assert resources(module)["aws_security_group.g[0]"].conditional.needs == "whether var.create"


@pytest.mark.parametrize(
    "target",
    ['"sg-123"', "var.id", "data.aws_security_group.d.id", "aws_vpc.v.default_security_group_id"],
)
def test_rules_of_groups_elsewhere_stand_together(target: str) -> None:
    module = (
        'variable "id" {}\ndata "aws_security_group" "d" {}\nresource "aws_vpc" "v" {}\n'
        + rule(OLD + f"security_group_id = {target}", name="a")
        + rule(OLD + f"security_group_id = {target}", name="b")
    )
    found = [item for item in resources(module).values() if item.kind == "SecurityGroup"]
    assert {item.form for item in found} == {"rules"}
    assert sum(len(item.ingress) for item in found) == 2


def test_the_default_group() -> None:
    found = resources('resource "aws_default_security_group" "d" {\ningress = []\n}')
    group = found["aws_default_security_group.d"]
    assert (group.form, group.ingress, group.egress) == ("default", (), ())
    # From: https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    assert (group.name, group.description) == ("default", "default VPC security group")


def test_the_books_of_groups() -> None:
    module = GROUP + rule(OLD + ID) + rule(OLD + ID + "count = 0", name="none")
    (tally,) = (
        item
        for item in collected(module)
        if isinstance(item, Tally) and item.kind == "SecurityGroup"
    )
    assert (tally.found, tally.normalised, sum(tally.dropped.values())) == (3, 1, 2)


@pytest.mark.parametrize(
    ("ignored", "open_sides"),
    [("egress", {"egress"}), ("ingress, egress", {"ingress", "egress"}), ("tags", set())],
)
def test_rules_that_others_change_are_not_known(ignored: str, open_sides: set[str]) -> None:
    text = f"lifecycle {{\nignore_changes = [{ignored}]\n}}"
    group = f'resource "aws_security_group" "g" {{\n{text}\n}}\n'
    assert {name for name in ("ingress", "egress") if side(group, name=name)} == open_sides


def test_all_rules_may_be_those_of_others() -> None:
    group = 'resource "aws_security_group" "g" {\nlifecycle {\nignore_changes = all\n}\n}\n'
    assert side(group) == [..., "<ingress of aws_security_group.g, whose changes are ignored>"]
