"""Nested blocks: written, dynamic, or as an argument."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.collectors.terraform.body import View
from tests.unit.collectors.terraform.written import Cases, declared, shown

VARIABLES = """
variable "u" {}
variable "rules" {
  default = {
    b = { port = 2 }
    a = { port = 1 }
  }
}
"""


def ports(body: str) -> list[Any]:
    """The `port` of each `rule` block; at the end why there may be more."""
    found = declared(f'{VARIABLES}\nresource "aws_x" "y" {{\n{body}\n}}')
    (node,) = found.nodes("aws_x")
    views, reason = found.view(node).blocks("rule")
    known = [shown_port(view) for view in views]
    return known if reason is None else [*known, ..., f"<{reason.needs}>"]


def shown_port(view: View) -> Any:
    value = view.get("port")
    return None if value is None else shown(value)


def dynamic(each: str, port: str = "rule.value", more: str = "") -> str:
    return f'dynamic "rule" {{\nfor_each = {each}\n{more}\ncontent {{\nport = {port}\n}}\n}}'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", []),
        ("rule {\nport = 1\n}\nrule {\nport = null\n}", [1, None]),
        (dynamic("[3, 4]"), [3, 4]),
        (dynamic("[]"), []),
        ("rule {\nport = 1\n}\n" + dynamic("[2]") + "\nrule {\nport = 3\n}", [1, 2, 3]),
        (dynamic("[3]", "r.value", "iterator = r"), [3]),
        (dynamic("[3]", "rule.key"), [0]),
        (dynamic('toset(["b", "a"])', "rule.key"), ["a", "b"]),
        (dynamic("var.rules", "rule.value.port"), [1, 2]),
        (dynamic("var.rules", "rule.key"), ["a", "b"]),
        (dynamic("var.u"), [..., "<a value for var.u>"]),
        (dynamic("[1, var.u]"), [1, "<a value for var.u>"]),
        ("rule {\nport = 1\n}\n" + dynamic("var.u"), [1, ..., "<a value for var.u>"]),
        (dynamic("var.u ? [1] : []"), [..., "<whether var.u>"]),
        (dynamic("var.u ? [1, 2] : [1]"), [1, ..., "<whether var.u>"]),
        (dynamic("var.u ? {a = 1, b = 2} : {a = 1, b = 3}"), [1, ..., "<whether var.u>"]),
        (dynamic("var.u ? [1] : [1]"), [1]),
        (dynamic("var.u ? [1] : {}.a"), [1]),
        (dynamic("true ? [5] : []"), [5]),
        (dynamic("null"), [..., "<a list, set or map is required>"]),
        (dynamic("[for r in [1, 2] : r if r > 1]"), [2]),
        (dynamic("[1]", "var.u ? 1 : 2"), [Cases((1, 2))]),
        ("rule = [{port = 1}, {port = 2}]", [1, 2]),
        ("rule = []", []),
        ("rule = null", []),
        ("rule = {port = 1}", [1]),
        ("rule = [{}]", [None]),
        ("rule = var.u", [..., "<a value for var.u>"]),
        ("rule = [var.u]", ["<a value for var.u>"]),
        ("rule = var.u ? [{port = 1}] : []", [..., "<whether var.u>"]),
        ("rule = var.u ? [{port = 1}, {port = 2}] : [{port = 1}]", [1, ..., "<whether var.u>"]),
        ("rule = var.u ? [{port = 1}] : null", [..., "<whether var.u>"]),
        ("rule = [var.u ? {port = 1} : {port = 2}]", [Cases((1, 2))]),
        ("rule = [var.u ? {port = 1} : {}]", [Cases((1, None))]),
        ("rule = concat([{port = 1}], var.u)", [1, ..., "<a value for var.u>"]),
    ],
)
def test_blocks(body: str, expected: list[Any]) -> None:
    assert ports(body) == expected


def test_nested_dynamic_blocks() -> None:
    found = declared(
        """
        resource "aws_x" "y" {
          dynamic "outer" {
            for_each = { k = [1, 2], l = [] }
            content {
              dynamic "inner" {
                for_each = outer.value
                content { label = "${outer.key}${inner.value}" }
              }
            }
          }
        }
        """
    )
    (node,) = found.nodes("aws_x")
    outer, reason = found.view(node).blocks("outer")
    assert reason is None
    labels = [[inner.get("label") for inner in view.blocks("inner")[0]] for view in outer]
    assert [[shown(label) for label in row if label] for row in labels] == [["k1", "k2"], []]


def test_json_blocks() -> None:
    found = declared(
        {
            "main.tf.json": """
            {"resource": {"aws_x": {"y": {
              "rule": [{"port": 1}, {"port": "${1 + 1}"}],
              "dynamic": {"rule": {"for_each": [3], "content": {"port": "${rule.value}"}}}
            }}}}
            """
        }
    )
    (node,) = found.nodes("aws_x")
    views, reason = found.view(node).blocks("rule")
    assert reason is None
    assert sorted(shown_port(view) for view in views) == [1, 2, 3]
