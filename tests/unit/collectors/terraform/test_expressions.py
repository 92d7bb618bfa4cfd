"""What expressions mean when something in them is not known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.collectors.terraform.written import Cases, expression, local

CONTEXT = """
variable "u" {}
variable "w" {}
variable "texts" { type = list(string) }
variable "none" {
  type    = list(string)
  default = []
}
variable "any" { default = [] }
resource "aws_x" "y" {}
locals {
  pick   = var.u ? "a" : "b"
  refuse = var.u ? {}.a : "b"
}
"""
U = "<a value for var.u>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("var.u", U),
        ("var.u + 1", U),
        ("!var.u", U),
        ("var.u == null", U),
        ("[var.u, 1]", [U, 1]),
        ("{a = var.u}.a", U),
        ("{a = var.u, b = 1}.b", 1),
        ("[var.u, 1][1]", 1),
        ("[1, 2][var.u]", U),
        ("var.u.a.b[0]", U),
        ('"a${var.u}"', U),
        ("[var.u] == []", False),
        ("[var.u, 1] == [1, 2]", False),
        ("{a = var.u} == {b = 1}", False),
        ("[var.u] == [1]", U),
        ("var.u && false", False),
        ("false && var.u", False),
        ("var.u || true", True),
        ("var.u && true", U),
        ("aws_x.y.id == null", False),
        ("aws_x.y.id == aws_x.y.id", True),
        ("length([var.u, var.w])", 2),
    ],
)
def test_unknown(text: str, expected: Any) -> None:
    assert expression(text, CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('var.u ? "a" : "b"', Cases("ab")),
        ("var.u ? 1 : 1", 1),
        ("var.u ? 1 : 2 + var.w", Cases((1, "<a value for var.w>"))),
        ("upper(local.pick)", Cases("AB")),
        ('"x-${local.pick}"', Cases(("x-a", "x-b"))),
        ('local.pick == "a"', Cases((True, False))),
        ('local.pick == "c"', False),
        ("[local.pick, local.pick]", [Cases("ab"), Cases("ab")]),
        ('"${local.pick}${local.pick}"', Cases(("aa", "bb"))),
        ('"${local.pick}${var.u ? 1 : 2}"', Cases(("a1", "b2"))),
        ('"${local.pick}${!var.u ? 1 : 2}"', Cases(("a2", "b1"))),
        ('"${local.pick}${var.w ? 1 : 2}"', Cases(("a1", "a2", "b1", "b2"))),
        ("(var.u ? [1] : [])[0]", Cases((1, "<there is no such element>"))),
        ("try((var.u ? [1] : [])[0], 9)", Cases((1, 9))),
        ("(var.u ? [1, 2] : [3])[*]", Cases(([1, 2], [3]))),
        ("[for x in var.u ? [1] : [2, 3] : x * 2]", Cases(([2], [4, 6]))),
        ("{a = 1, b = 2}[local.pick]", Cases((1, 2))),
        ('local.pick == "a" ? 1 : 2', Cases((1, 2))),
    ],
)
def test_unknown_condition(text: str, expected: Any) -> None:
    assert expression(text, CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[for x in var.texts : x]", "<a value for var.texts>"),
        ("[for x in [1, var.u] : x if x == 1]", [1, ..., U]),
        ("[for x in [1, var.u] : x]", [1, U]),
        ("{for x in [var.u] : x => 1}", U),
        ('{for x in [var.u] : "k" => x}', {"k": U}),
        ("[for x in [1, 2] : var.u ? x : 0]", [Cases((1, 0)), Cases((2, 0))]),
    ],
)
def test_loops(text: str, expected: Any) -> None:
    assert expression(text, CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("try(var.u, 1)", U),
        ("try(var.u.a, 1)", U),
        ("can(var.u)", U),
        ("try([{}.a], 1)", 1),
        ("try({x = [{}.a]}, 1)", 1),
        ("can([{}.a])", False),
        ("can([for x in [{}] : x.a])", False),
        ("try([for x in [{}] : x.a], [])", []),
        ("can([var.u])", True),
        ("local.refuse", Cases(("<there is no attribute a>", "b"))),
    ],
)
def test_try_and_can_tell_an_error_from_an_unknown_value(text: str, expected: Any) -> None:
    assert expression(text, CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("var.none == []", "<the values compared>"),
        ("var.none != []", "<the values compared>"),
        ('var.none == ["a"]', False),
        ("var.any == []", True),
        ("toset([]) == []", False),
    ],
)
def test_a_list_and_a_tuple_are_never_equal(text: str, expected: Any) -> None:
    assert expression(text, CONTEXT) == expected


def test_the_same_condition_is_the_same_question_in_every_iteration() -> None:
    module = """
    variable "u" {}
    locals {
      pairs = [for x in [1, 2] : "${var.u ? "a" : "b"}${x}"]
      x     = "${local.pairs[0]},${local.pairs[1]}"
    }
    """
    assert local(module, "x") == Cases(("a1,a2", "b1,b2"))


def test_a_condition_on_the_member_is_a_question_of_its_own() -> None:
    module = """
    variable "u" {}
    locals {
      flags = [for x in [var.u.a, var.u.b] : x ? "y" : "n"]
      x     = "${local.flags[0]}${local.flags[1]}"
    }
    """
    assert local(module, "x") == Cases(("yy", "yn", "ny", "nn"))


def test_long_conditions_that_begin_alike_are_different_questions() -> None:
    start = "var.u == " + '"' + "a" * 100
    module = f"""
    variable "u" {{}}
    locals {{
      first  = {start}1" ? 1 : 0
      second = {start}2" ? 1 : 0
      x      = local.first + local.second
    }}
    """
    assert local(module, "x") == Cases((2, 1, 1, 0))


def test_conditions_inside_one_json_string_are_different_questions() -> None:
    x = r'"${var.u ? \"a\" : \"b\"}${var.w ? 1 : 2}"'
    text = f'{{"variable": {{"u": {{}}, "w": {{}}}}, "locals": {{"x": {x}}}}}'
    assert local({"main.tf.json": text}, "x") == Cases(("a1", "a2", "b1", "b2"))


def test_more_than_sixteen_cases_are_unknown() -> None:
    names = "abcde"
    variables = "\n".join(f'variable "{name}" {{}}' for name in names)
    parts = "".join(f"${{var.{name} ? 1 : 0}}" for name in names)
    assert expression(f'"{parts}"', variables) == "<more than 16 cases>"


@pytest.mark.parametrize("text", ["local.x", "[local.x]", "local.y", "one([local.y])"])
def test_a_cycle_is_located(text: str) -> None:
    found = expression(text, "locals {\n  y = local.x\n}")
    assert "depends on itself" in str(found)


def test_a_sensitive_value_stays_so() -> None:
    from tests.unit.collectors.terraform.written import root

    top = root(
        """
        variable "secret" {
          sensitive = true
          default   = "s3"
        }
        locals {
          x = upper("a-${var.secret}")
        }
        """
    ).top
    value = top.local("x", top.module.locals["x"].span)
    assert (value.plain, value.sensitive) == ("A-S3", True)
