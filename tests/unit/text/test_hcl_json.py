"""Terraform's JSON syntax gives the same tree as its native syntax."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.errors import GapReason
from policyscan.text.hcl import read_hcl_json
from policyscan.text.hcl import syntax as hcl
from policyscan.text.hcl.syntax import File
from policyscan.text.source import Source
from tests.unit.text.hcl_shape import shape


def parse(text: str | bytes, path: str = "main.tf.json") -> File:
    return read_hcl_json(Source(path, text.encode() if isinstance(text, str) else text))


def headers(file: File) -> list[tuple[str, ...]]:
    return [(block.type, *block.labels) for block in file.body.blocks]


def test_blocks_by_label() -> None:
    file = parse(
        json.dumps(
            {
                "//": "a comment",
                "terraform": {"required_version": ">= 1"},
                "provider": {"aws": [{"region": "a"}, {"region": "b", "alias": "west"}]},
                "variable": {"env": {}, "size": {"default": 3}},
                "locals": {"x": 1},
                "resource": {
                    "aws_s3_bucket": {"logs": {"bucket": "b"}, "data": {"bucket": "c"}},
                    "aws_sns_topic": [{"t": {}}, {"u": {}}],
                },
                "data": [{"aws_region": {"r": None}}],
                "module": {"m": {"source": "./m"}},
                "output": {"o": {"value": 1}},
                "moved": [{"from": "a.b", "to": "a.c"}],
                "check": {"c": {}},
            }
        )
    )
    assert file.errors == ()
    assert headers(file) == [
        ("terraform",),
        ("provider", "aws"),
        ("provider", "aws"),
        ("variable", "env"),
        ("variable", "size"),
        ("locals",),
        ("resource", "aws_s3_bucket", "logs"),
        ("resource", "aws_s3_bucket", "data"),
        ("resource", "aws_sns_topic", "t"),
        ("resource", "aws_sns_topic", "u"),
        ("module", "m"),
        ("output", "o"),
        ("moved",),
        ("check", "c"),
    ]
    moved = file.body.blocks[-2].body.arguments
    assert [shape(argument.value) for argument in moved.values()] == ["a.b", "a.c"]


def test_arguments_of_a_resource_are_expressions() -> None:
    file = parse(
        '{"resource": {"aws_x": {"y": {\n'
        '  "//": "why",\n'
        '  "name": "a-${var.env}",\n'
        '  "count": 2, "on": true, "none": null, "plain": "text",\n'
        '  "ingress": [{"ports": ["${local.p[0]}"]}],\n'
        '  "tags": {"${var.k}": "v", "//": "kept"},\n'
        '  "provider": "aws.west", "depends_on": ["aws_z.w"]\n'
        "}}}}"
    )
    assert file.errors == ()
    (block,) = file.body.blocks
    assert {name: shape(argument.value) for name, argument in block.body.arguments.items()} == {
        "name": "T('a-' var.env)",
        "count": "2",
        "on": "True",
        "none": "None",
        "plain": "'text'",
        "ingress": "[{'ports': [T(local.p[0])]}]",
        "tags": "{T(var.k): 'v', '//': 'kept'}",
        "provider": "aws.west",
        "depends_on": "[aws_z.w]",
    }


def test_places_reach_into_strings() -> None:
    file = parse('{"locals": {\n "a": "é${var.x}", "b": "\\"${var.y}"}}')
    (block,) = file.body.blocks
    assert block.header.text == '"locals"'
    assert block.span.text.startswith('"locals": {\n')
    first, second = block.body.arguments.values()
    assert (first.name_span.text, first.span.text) == ('"a"', '"a": "é${var.x}"')
    assert isinstance(first.value, hcl.Template)
    assert [part.span.text for part in first.value.parts] == ["é", "var.x"]
    # With an escape in the JSON string, places inside it are those of the whole string.
    assert shape(second.value) == "T('\"' var.y)"
    assert isinstance(second.value, hcl.Template)
    assert {part.span.text for part in second.value.parts} == {'"\\"${var.y}"'}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$${a}", "'${a}'"),
        ('${a ? "x" : b}', "T((? a 'x' b))"),
        ("%{ if a }b%{ endif }", "T(If(a T('b') T()))"),
        ("a\nEND\n${b}", "T('a\\nEND\\n' b)"),
        ("100%", "'100%'"),
    ],
)
def test_strings_are_templates(text: str, expected: str) -> None:
    file = parse(json.dumps({"locals": {"x": text}}))
    assert file.errors == ()
    assert shape(file.body.blocks[0].body.arguments["x"].value) == expected


def test_the_type_of_a_variable_is_an_expression() -> None:
    file = parse('{"variable": {"v": {"type": "list(object({a = string}))", "default": "string"}}}')
    arguments = file.body.blocks[0].body.arguments
    assert shape(arguments["type"].value) == "list(object({'a': string}))"
    assert shape(arguments["default"].value) == "'string'"


def test_variable_files_hold_plain_values() -> None:
    file = parse('{"resource": {"a": "${b}"}, "data": [1]}', "prod.auto.tfvars.json")
    assert file.errors == ()
    assert file.body.blocks == ()
    values = [shape(argument.value) for argument in file.body.arguments.values()]
    assert values == ["{'a': '${b}'}", "[1]"]


@pytest.mark.parametrize(
    ("text", "place", "message", "left"),
    [
        ('{"locals": {"a": "${"}}', "${", "`locals` not read: this is not a valid template", 0),
        (
            '{"variable": {"v": {"type": "a) + (b"}, "w": {}}}',
            "a) + (b",
            '`variable "v"` not read: this is not one expression',
            1,
        ),
        (
            '{"locals": {"a": "${{b = 1 c = 2}}"}}',
            "c = 2",
            "`locals` not read: a comma or a line break is missing before",
            0,
        ),
        ('{"locals": 1}', "1", "expected an object, or a list of objects", 0),
        ('{"resource": {"a": ["b"]}}', '"b"', "expected an object, or a list of objects", 0),
        ('[{"locals": {}}, 2]', "2", "expected an object, or a list of objects", 1),
        ('{"locals": {"a": 1, "a": 2}}', '"a"', "set before", 1),
        ('{"locals": {}', "", "expected `,` or `}`", 0),
    ],
)
def test_errors(text: str, place: str, message: str, left: int) -> None:
    file = parse(text)
    (error,) = file.errors
    assert message in error.message
    assert error.span is not None
    assert error.span.text == place
    assert len(file.body.blocks) == left


def test_limits() -> None:
    deep = '{"locals": {"a": ' + "[" * 100 + "]" * 100 + "}}"
    assert "nested more than 100" in parse(deep).errors[0].message
    deep = '{"locals": {"a": ' + "[" * 98 + "]" * 98 + "}}"
    assert parse(deep).errors == ()
    assert parse(b" " * 5_000_001).errors[0].reason is GapReason.TOO_LARGE


@settings(max_examples=200, deadline=2000)
@given(
    st.binary(max_size=80)
    | st.recursive(
        st.text("${}%a.\"'\n~", max_size=8) | st.integers() | st.none(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["resource", "locals", "a", "//", "type"]), inner)
        ),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_text(data: bytes) -> None:
    file = parse(data)
    for error in file.errors:
        assert error.span is not None
        assert 0 <= error.span.start <= error.span.end <= len(data)
