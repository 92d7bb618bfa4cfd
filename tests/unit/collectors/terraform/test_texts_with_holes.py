"""Texts of which pieces are not known: what is known keeps its place."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.collectors.terraform.documents import document_of
from policyscan.collectors.terraform.value import Value, written_at
from policyscan.text.source import Source
from policyscan.values import Ref, Unknown, Why, glued
from tests.unit.collectors.terraform.plain import python
from tests.unit.collectors.terraform.policies import plain
from tests.unit.collectors.terraform.written import deep_recursion, root, shown

CONTEXT = """
variable "a" {}
variable "b" {}
variable "text" { type = string }
resource "aws_x" "x" { name = "n-${var.a}" }
"""


def value(expression: str, files: dict[str, str] | None = None) -> Value:
    written = {"main.tf": f"locals {{\nx = {expression}\n}}\n", "c.tf": CONTEXT} | (files or {})
    top = root(written).top
    with deep_recursion():
        return top.local("x", top.module.locals["x"].span)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"a-${var.a}-b"', "a-<a value for var.a>-b"),
        ('"${var.a}${var.b}"', "<a value for var.a><a value for var.b>"),
        ('"arn:${aws_x.x.arn}/*"', "arn:&aws_x.x.arn;/*"),
        ('"${aws_x.x.arn}"', "&aws_x.x.arn;"),
        ('"${"p-${var.a}"}-q"', "p-<a value for var.a>-q"),
        ('format("arn:%s:%s", var.a, aws_x.x.id)', "arn:<a value for var.a>:&aws_x.x.id;"),
        ('join("-", ["a", var.a, aws_x.x.arn])', "a-<a value for var.a>-&aws_x.x.arn;"),
        ('upper("a-${var.a}")', "A-<a value for var.a>"),
        ('replace("a.b${var.a}", ".", "-")', "a-b<a value for var.a>"),
        ('"${aws_x.x.name}!"', "n-<a value for var.a>!"),
        ('jsonencode({a = "x${var.a}"})', '{"a":"x<a value for var.a>"}'),
        ("jsonencode([aws_x.x.arn])", '["&aws_x.x.arn;"]'),
        ("jsonencode([var.a])", "[<a value for var.a>]"),
        ('"%{ for s in ["a", "b"] }${s}${var.a}%{ endfor }"', "a<a value for var.a>b<a value"),
    ],
)
def test_pieces_in_order(expression: str, expected: str) -> None:
    found = plain(value(expression).plain)
    assert found.startswith(expected)


@pytest.mark.parametrize(
    "expression",
    [
        "var.a",
        'join("-", var.a)',
        'join("-", concat(["a"], var.a))',
        'substr("abc${var.a}", 0, 2)',
        'replace("abc${var.a}", "bc", "x")',
        'format("%5s", "ab${var.a}")',
        'sha256("a${var.a}")',
        'trimspace(" a${var.a}")',
        'length("a${var.a}")',
        '"a${var.a}" == "b"',
        '!("a${var.a}" == "b")',
    ],
)
def test_where_the_order_is_not_known_there_are_no_pieces(expression: str) -> None:
    found = value(expression).plain
    assert isinstance(found, Unknown)
    assert found.parts == ()


def test_a_reference_that_is_changed_is_no_reference() -> None:
    found = value('upper("a${aws_x.x.arn}")').plain
    assert isinstance(found, Unknown)
    assert not [part for part in found.parts if isinstance(part, Ref)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aws_x.x.name", "aws_x.x.name"),
        ('"${aws_x.x.name}"', "aws_x.x.name"),
        ("aws_x.x.other", "aws_x.x.other"),
        ('"${aws_x.x.name}-a"', None),
        ("upper(aws_x.x.name)", None),
        ("var.a", None),
    ],
)
def test_what_is_not_known_says_which_attribute_it_is(expression: str, expected: Any) -> None:
    found = value(expression).plain
    assert isinstance(found, Unknown)
    assert (None if found.of is None else str(found.of)) == expected


def test_what_follows_from_a_text_has_nothing_of_it() -> None:
    unknown = Unknown(Why.COMPUTED, "x", None, ("a",), parts=("a", Ref("aws_x.x", "arn")))
    derived = unknown.derived
    assert (derived.why, derived.needs) == (unknown.why, unknown.needs)
    assert (derived.fragments, derived.parts, derived.of) == ((), (), None)


def test_glued() -> None:
    hole = Unknown(Why.COMPUTED, "x")
    assert glued(["a", "", "b"]) == "ab"
    inner = glued(["a", hole])
    assert isinstance(inner, Unknown)
    outer = glued([inner, "b", Ref("aws_x.x", "arn")])
    assert isinstance(outer, Unknown)
    assert plain(outer) == "a<x>b&aws_x.x.arn;"
    assert outer.fragments == ("a", "b")


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("a b\n  c", "a b c"),
        ("word " * 40, "word word word word word word word word word word word word …"),
        ("a" + " " * 1300 + "secret", "…"),
        ("a" + " " * 1195 + "secret", "a …"),
        ("x" * 2000, "…"),
    ],
)
def test_the_beginning_of_what_is_written_has_whole_words(text: str, shown_as: str) -> None:
    assert written_at(Source("main.tf", text.encode()).whole(), 60) == shown_as


# --- documents


def heredoc(text: str) -> str:
    return f"<<EOT\n{text}\nEOT"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (heredoc('{"a": "${var.a}"}'), {"a": "<a value for var.a>"}),
        (heredoc('{"a": ${var.a}}'), {"a": "<a value for var.a>"}),
        (heredoc('{"a": "${aws_x.x.arn}"}'), {"a": "&aws_x.x.arn"}),
        (heredoc('{"a": [1, ${var.a}, 2]}'), {"a": [1, 2, ..., "<a value for var.a>"]}),
        (heredoc('{"a": {"${var.a}": 1}}'), {"a": "<a name of the document>"}),
        (heredoc('{"a": ${jsonencode(["x", 1])}}'), {"a": ["x", 1]}),
        (heredoc('{"a": ${jsonencode({b = var.a})}}'), {"a": {"b": "<a value for var.a>"}}),
        (heredoc('{"a": true, "b": null, "c": 1.5}'), {"a": True, "b": None, "c": 1.5}),
        (heredoc('{"a": "\\\\"${var.a}"}'), "<a value for var.a>"),
        ('jsonencode({a = var.a ? "x" : "y"})', None),
        (heredoc('"${var.a}"'), "<a value for var.a>"),
        (heredoc("${var.a}"), "<a value for var.a>"),
        ("var.a", "<a value for var.a>"),
        ("aws_x.x.arn", "<the text of aws_x.x.arn>"),
        ("null", None),
    ],
)
def test_documents(expression: str, expected: Any) -> None:
    found = shown(document_of(value(expression)))
    if expected is None:
        assert found in (None, {"a": ("x", "y")})
    else:
        assert found == expected


def test_a_document_is_what_jsonencode_was_given() -> None:
    found = value('jsonencode({a = ["x", "y"]})')
    assert found.plain == '{"a":["x","y"]}'
    document = document_of(found)
    assert python(document) == {"a": ["x", "y"]}
    items = document.plain["a"].plain  # type: ignore[index, union-attr, call-overload]
    assert [item.trail.step.span.text for item in items] == ['"x"', '"y"']


def test_a_document_that_is_decoded() -> None:
    found = value('jsondecode(jsonencode({a = [var.a], b = "x"})).b')
    assert shown(found) == "x"
    found = value('jsondecode("{\\"a\\": \\"x${var.a}\\", \\"b\\": 1}").b')
    assert shown(found) == 1
