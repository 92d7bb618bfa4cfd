"""References to resources, data sources and modules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.collectors.terraform.written import Cases, expression, local

CONTEXT = """
variable "u" {}
variable "create" {}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "net" }
  name       = null
}
resource "aws_x" "one" {}
resource "aws_x" "two" {
  count = 2
  port  = count.index + 1
}
resource "aws_x" "named" {
  for_each = toset(["a", "b"])
  word     = each.value
}
resource "aws_x" "many" {
  count = var.u
}
resource "aws_x" "each" {
  for_each = var.u
}
resource "aws_x" "maybe" {
  count = var.create ? 1 : 0
}
resource "aws_x" "blocks" {
  count = 1
  inner { port = 1 }
  dynamic "inner" {
    for_each = [2, 3]
    content { port = inner.value }
  }
  label = var.create ? "x" : null
}
data "aws_ami" "image" {
  owner = "self"
}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws_vpc.main.id", "&aws_vpc.main.id"),
        ("aws_vpc.main.arn", "&aws_vpc.main.arn"),
        ("aws_vpc.main.cidr_block", "10.0.0.0/16"),
        ("aws_vpc.main.tags.Name", "net"),
        ("cidrsubnet(aws_vpc.main.cidr_block, 8, 1)", "10.0.1.0/24"),
        ("aws_vpc.main.name", "&aws_vpc.main.name"),
        ("aws_vpc.main.owner", "<aws_vpc.main.owner>"),
        ("aws_vpc.main", "&aws_vpc.main"),
        ("aws_x.two[0].id", "&aws_x.two[0].id"),
        ("aws_x.two[1].port", 2),
        ("aws_x.two[*].port", [1, 2]),
        ("aws_x.two.*.id", ["&aws_x.two[0].id", "&aws_x.two[1].id"]),
        ("aws_x.two[2].id", "<there is no such element>"),
        ("aws_x.two.id", "<this value has no attribute id>"),
        ("length(aws_x.two)", 2),
        ('aws_x.named["a"].word', "a"),
        ('aws_x.named["c"].id', "<there is no such key>"),
        ("values(aws_x.named)[*].word", ["a", "b"]),
        ("{for k, v in aws_x.named : k => v.id}", {k: f'&aws_x.named["{k}"].id' for k in "ab"}),
        ("one(aws_x.one[*].id)", "&aws_x.one.id"),
        ("aws_x.many[0].id", "&aws_x.many[?].id"),
        ("aws_x.many[*].id", ["&aws_x.many[?].id", ..., "<the number of aws_x.many[?]>"]),
        ('aws_x.each["k"].id', "&aws_x.each[?].id"),
        ("aws_x.maybe[0].id", Cases(("&aws_x.maybe[0].id", "<there is no such element>"))),
        ("aws_x.maybe[*].id", Cases((["&aws_x.maybe[0].id"], []))),
        ("one(aws_x.maybe[*].id)", Cases(("&aws_x.maybe[0].id", None))),
        ('try(aws_x.maybe[0].id, "")', Cases(("&aws_x.maybe[0].id", ""))),
        ('concat(aws_x.maybe.*.id, [""])[0]', Cases(("&aws_x.maybe[0].id", ""))),
        ("aws_x.blocks[0].inner[1].port", 2),
        ("aws_x.blocks[0].inner[*].port", [1, 2, 3]),
        ("aws_x.blocks[0].label", Cases(("x", "<aws_x.blocks[0].label>"))),
        ("data.aws_ami.image.id", "&data.aws_ami.image.id"),
        ("data.aws_ami.image.owner", "self"),
        ("data.aws_ami.image.root", "<data.aws_ami.image.root>"),
        ("aws_x.nosuch.id", "<aws_x.nosuch is not declared>"),
        ("var.nosuch", "<variable nosuch is not declared>"),
        ("each.key", "<there is no each.key here>"),
        ("count.index", "<there is no count.index here>"),
        ("terraform.workspace", "<terraform.workspace>"),
        ("path.module", "."),
        ("basename(path.cwd)", "<the directory that Terraform runs in>"),
        ("resource.aws_vpc.main.cidr_block", "10.0.0.0/16"),
        ("resource.aws_x.two[1].port", 2),
        ("aws_x.blocks[0].inner[0].chosen", "<chosen of a block, which the provider may set>"),
        (
            'try(aws_x.blocks[0].inner[0].chosen, "no")',
            "<chosen of a block, which the provider may set>",
        ),
    ],
)
def test_resources(text: str, expected: Any) -> None:
    assert expression(text, CONTEXT) == expected


def test_resources_that_refer_to_each_other_end() -> None:
    module = """
    resource "aws_x" "a" { port = aws_x.b.port }
    resource "aws_x" "b" { port = aws_x.a.port }
    resource "aws_x" "c" { count = length(aws_x.c) }
    locals {
      x = aws_x.a.port
      y = aws_x.c[0].id
    }
    """
    assert "depends on itself" in local(module, "x")
    assert "&aws_x.c[?].id" in local(module, "y") or "depends on itself" in local(module, "y")


CHILD = """
variable "name" {}
variable "group" { default = null }
resource "aws_x" "inside" {
  label = var.name
}
output "id" { value = aws_x.inside.id }
output "label" { value = upper(var.name) }
output "given" { value = try(var.group.id, "none") }
"""


@pytest.mark.parametrize(
    ("calls", "text", "expected"),
    [
        ('module "m" {\nsource = "./c"\nname = "a"\n}', "module.m.label", "A"),
        (
            'module "m" {\nsource = "./c"\nname = "a"\n}',
            "module.m.id",
            "&module.m.aws_x.inside.id",
        ),
        ('module "m" {\nsource = "./c"\n}', "module.m.label", "<the argument name of module.m>"),
        (
            'module "m" {\nsource = "./c"\nname = "a"\n}',
            "module.m.nosuch",
            "<output nosuch of module.m is not declared>",
        ),
        (
            'module "m" {\nsource = "./c"\ncount = 2\nname = "n${count.index}"\n}',
            "module.m[*].label",
            ["N0", "N1"],
        ),
        (
            'module "m" {\nsource = "./c"\nfor_each = {k = "v"}\nname = each.value\n}',
            'module.m["k"].label',
            "V",
        ),
        (
            'module "m" {\nsource = "./c"\nfor_each = {k = "v"}\nname = each.value\n}',
            'module.m["k"].id',
            '&module.m["k"].aws_x.inside.id',
        ),
        (
            'module "m" {\nsource = "./c"\nfor_each = {k = "v"}\nname = each.value\n}',
            "{for k, m in module.m : k => m.label}",
            {"k": "V"},
        ),
        (
            'module "m" {\nsource = "./c"\nname = "a"\n}\n'
            'module "n" {\nsource = "./c"\nname = "b"\ngroup = module.m\n}',
            "module.n.given",
            "&module.m.aws_x.inside.id",
        ),
        (
            'resource "aws_x" "y" {}\nmodule "n" {\nsource = "./c"\nname = "b"\ngroup = aws_x.y\n}',
            "module.n.given",
            "&aws_x.y.id",
        ),
        (
            'variable "u" {}\nmodule "m" {\nsource = "./c"\ncount = var.u ? 1 : 0\nname = "a"\n}',
            "module.m[0].label",
            Cases(("A", "<there is no such element>")),
        ),
        (
            'variable "u" {}\nmodule "m" {\nsource = "./c"\nfor_each = var.u\nname = each.key\n}',
            'module.m["a"].id',
            "&module.m[?].aws_x.inside.id",
        ),
        (
            'module "m" {\nsource = "acme/net/aws"\n}',
            "module.m.id",
            "<module module.m, which is not here>",
        ),
    ],
)
def test_modules(calls: str, text: str, expected: Any) -> None:
    files = {"main.tf": f"{calls}\nlocals {{\nx = {text}\n}}", "c/main.tf": CHILD}
    assert local(files, "x") == expected
