"""The instances of blocks: addresses, and what is known about them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.collectors.terraform.written import addresses, argument, declared

VARIABLES = """
variable "create" {}
variable "u" {}
variable "on" { default = true }
"""


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("", ["aws_x.y"]),
        ("count = 0", []),
        ("count = 2", ["aws_x.y[0]", "aws_x.y[1]"]),
        ('count = "1"', ["aws_x.y[0]"]),
        ("count = var.on ? 1 : 0", ["aws_x.y[0]"]),
        ("count = var.create ? 1 : 0", ["aws_x.y[0]"]),
        ("count = var.create ? 1 : 2", ["aws_x.y[0]", "aws_x.y[1]"]),
        ("count = var.u", ["aws_x.y[?]"]),
        ("count = -1", ["aws_x.y[?]"]),
        ("count = 1.5", ["aws_x.y[?]"]),
        ("count = null", ["aws_x.y[?]"]),
        ("count = 10001", ["aws_x.y[?]"]),
        ('for_each = toset(["b", "a"])', ['aws_x.y["a"]', 'aws_x.y["b"]']),
        ("for_each = {b = 1, a = 2}", ['aws_x.y["a"]', 'aws_x.y["b"]']),
        ('for_each = {"q\\"uote" = 1}', ['aws_x.y["q\\"uote"]']),
        ("for_each = {a = var.u}", ['aws_x.y["a"]']),
        ("for_each = toset([var.u])", ["aws_x.y[?]"]),
        ("for_each = var.u", ["aws_x.y[?]"]),
        ("for_each = {}", []),
        ("for_each = var.create ? {a = 1} : {b = 2}", ['aws_x.y["a"]', 'aws_x.y["b"]']),
        ("for_each = var.create ? {a = 1} : {}", ['aws_x.y["a"]']),
    ],
)
def test_addresses(meta: str, expected: list[str]) -> None:
    assert addresses(f'{VARIABLES}\nresource "aws_x" "y" {{\n{meta}\n}}') == expected


@pytest.mark.parametrize(
    ("meta", "needs"),
    [
        ("count = 1", {"[0]": None}),
        ("count = var.u", {"[?]": "a value for var.u"}),
        ("count = var.create ? 1 : 0", {"[0]": "whether var.create"}),
        ("count = var.create ? 1 : 2", {"[0]": None, "[1]": "whether var.create"}),
        (
            "for_each = var.create ? {a = 1, b = 1} : {a = 2}",
            {'["a"]': None, '["b"]': "whether var.create"},
        ),
    ],
)
def test_whether_an_instance_exists(meta: str, needs: dict[str, str | None]) -> None:
    found = declared(f'{VARIABLES}\nresource "aws_x" "y" {{\n{meta}\n}}')
    assert {
        node.address.removeprefix("aws_x.y"): getattr(node.conditional, "needs", None)
        for node in found.nodes("aws_x")
    } == needs


@pytest.mark.parametrize(
    ("meta", "text", "address", "expected"),
    [
        ("count = 2", "count.index * 10", "aws_x.y[1]", 10),
        ('for_each = toset(["a"])', '"${each.key}${each.value}"', 'aws_x.y["a"]', "aa"),
        ("for_each = {a = {p = 1}}", "each.value.p", 'aws_x.y["a"]', 1),
        ("for_each = {a = {p = 1}}", 'lookup(each.value, "q", 2)', 'aws_x.y["a"]', 2),
        ('for_each = {for r in [{n = "a", p = 5}] : r.n => r}', "each.value.p", 'aws_x.y["a"]', 5),
        ("count = var.u", "count.index", "aws_x.y[?]", "<count of aws_x.y: a value for var.u>"),
    ],
)
def test_each_and_count(meta: str, text: str, address: str, expected: Any) -> None:
    module = f'{VARIABLES}\nresource "aws_x" "y" {{\n{meta}\nport = {text}\n}}'
    assert argument(module, address, "port") == expected


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("", ["module.a.module.b.aws_x.y"]),
        ("count = 1", ["module.a[0].module.b.aws_x.y"]),
        ('for_each = toset(["k"])', ['module.a["k"].module.b.aws_x.y']),
        ("count = 0", []),
        ("count = var.u", ["module.a[?].module.b.aws_x.y"]),
    ],
)
def test_module_addresses(meta: str, expected: list[str]) -> None:
    files = {
        "main.tf": f'{VARIABLES}\nmodule "a" {{\nsource = "./a"\n{meta}\n}}',
        "a/main.tf": 'module "b" {\nsource = "./b"\n}',
        "a/b/main.tf": 'resource "aws_x" "y" {}',
    }
    assert addresses(files) == expected


def test_a_module_that_may_not_exist_makes_its_resources_conditional() -> None:
    files = {
        "main.tf": f'{VARIABLES}\nmodule "a" {{\nsource = "./a"\ncount = var.create ? 1 : 0\n}}',
        "a/main.tf": 'resource "aws_x" "y" {}',
    }
    (node,) = declared(files).nodes("aws_x")
    reason = node.scope.instance.conditional
    assert node.address == "module.a[0].aws_x.y"
    assert reason is not None
    assert reason.needs == "whether var.create"
