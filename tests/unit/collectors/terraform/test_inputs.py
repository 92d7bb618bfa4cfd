"""Values of variables: where they come from and what types make of them."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.resources.base import Gap, StepKind
from tests.unit.collectors.terraform.written import collected, gaps, local, root

VARIABLE = 'variable "v" {\ndefault = "default"\n}\nlocals {\nx = var.v\n}'
ORDER = [
    ("terraform.tfvars", 'v = "tfvars"', "tfvars"),
    ("terraform.tfvars.json", '{"v": "json"}', "json"),
    ("a.auto.tfvars", 'v = "a"', "a"),
    ("b.auto.tfvars.json", '{"v": "b"}', "b"),
    ("c.auto.tfvars", 'v = "c"', "c"),
]


@pytest.mark.parametrize("count", range(len(ORDER) + 1))
def test_the_strongest_file_wins(count: int) -> None:
    files = {"main.tf": VARIABLE, **{name: text for name, text, _ in ORDER[:count]}}
    expected = ORDER[count - 1][2] if count else "default"
    assert local(files, "x") == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "c"),
        ({"var_files": ["env/prod.tfvars"]}, "prod"),
        ({"var_files": ["env/prod.tfvars", "env/dev.tfvars"]}, "dev"),
        ({"var_files": ["env/prod.tfvars"], "variables": {"v": "given"}}, "given"),
    ],
)
def test_configured_values_are_stronger(options: dict[str, Any], expected: str) -> None:
    files = {
        "main.tf": VARIABLE,
        **{name: text for name, text, _ in ORDER},
        "env/prod.tfvars": 'v = "prod"',
        "env/dev.tfvars": 'v = "dev"',
    }
    assert local(files, "x", **options) == expected


def test_other_tfvars_files_give_nothing() -> None:
    assert local({"main.tf": VARIABLE, "prod.tfvars": 'v = "prod"'}, "x") == "default"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("prod.tfvars", 'v = "prod"'),
        ("prod.tfvars.json", '{"v": "prod"}'),
        ("env/prod.tfvars", 'v = "prod"\nunknown = 1'),
        ("env/prod/terraform.tfvars", 'v = "prod"'),
        ("env/a.auto.tfvars", "v = null"),
    ],
)
def test_other_values_than_those_that_are_judged_are_a_gap(path: str, text: str) -> None:
    assert gaps({"main.tf": VARIABLE, path: text}) == [("unsupported", path)]


@pytest.mark.parametrize(
    ("files", "options"),
    [
        ({"prod.tfvars": 'v = "default"'}, {}),
        ({"prod.tfvars": 'w = "prod"'}, {}),
        ({"env/prod.tfvars": 'v = "p"', "dev.tfvars": 'v = "d"'}, {"var_files": ["dev.tfvars"]}),
        ({"prod.tfvars": 'v = "prod"'}, {"variables": {"v": "prod"}}),
        ({"other/main.tf": "", "other/prod.tfvars": 'v = "prod"'}, {}),
        ({"prod.tfvars.example": 'v = "prod"'}, {}),
    ],
)
def test_values_that_are_told_or_the_same_are_none(
    files: dict[str, str], options: dict[str, Any]
) -> None:
    assert gaps({"main.tf": VARIABLE, **files}, **options) == []


def test_a_file_of_other_values_that_does_not_parse_is_a_gap() -> None:
    assert gaps({"main.tf": VARIABLE, "prod.tfvars": 'v = "'}) == [("unparseable", "prod.tfvars")]


def test_a_file_of_other_values_is_another_when_any_of_them_changes() -> None:
    main = {"main.tf": 'variable "a" {\ndefault = 1\n}\nvariable "b" {\ndefault = 1\n}\n'}
    one, other = (main | {"prod.tfvars": f"a = 2\nb = {value}\n"} for value in (2, 3))
    [then], [now] = (
        [item for item in collected(files) if isinstance(item, Gap)] for files in (one, other)
    )
    assert then.message == now.message
    assert then.digest != now.digest


def test_a_file_of_other_values_is_told_with_the_variables_and_never_a_value() -> None:
    files = {
        "main.tf": "".join(f'variable "v{n}" {{\ndefault = 1\n}}\n' for n in range(6)),
        "prod.tfvars": "".join(f'v{n} = "hunter{n}"\n' for n in range(6)),
    }
    [gap] = [item for item in collected(files) if isinstance(item, Gap)]
    assert "var.v0, var.v1, var.v2, var.v3 and 2 more" in gap.message
    assert "hunter" not in gap.message
    assert gap.span is not None
    assert gap.span.line == 1


@pytest.mark.parametrize(
    ("body", "given", "expected"),
    [
        ("", None, "<a value for var.v>"),
        ("default = null", None, None),
        ("default = 1", "v = null", None),
        ("default = 1\nnullable = false", "v = null", 1),
        ("type = string", "v = 5", "5"),
        ("type = string\ndefault = true", None, "true"),
        ("type = number", 'v = "5"', 5),
        ("type = number", 'v = "x"', "<a number is required>"),
        ("type = bool", 'v = "true"', True),
        ("type = list(string)", "v = [1, true]", ["1", "true"]),
        ("type = set(string)", 'v = ["b", "a", "b"]', ("a", "b")),
        ("type = map(number)", 'v = {a = "1"}', {"a": 1}),
        ("type = tuple([string, number])", 'v = [1, "2"]', ["1", 2]),
        ("type = any", "v = [1]", [1]),
        ("type = object({a = string})", "v = {a = 1, b = 2}", {"a": "1"}),
        ("type = object({a = string})", "v = {}", "<the attribute a is required>"),
        (
            "type = object({a = optional(string), b = optional(number, 5)})",
            "v = {}",
            {"a": None, "b": 5},
        ),
        (
            'type = list(object({p = optional(list(string), ["10.0.0.0/8"])}))',
            "v = [{}, {p = null}, {p = []}]",
            [{"p": ["10.0.0.0/8"]}, {"p": ["10.0.0.0/8"]}, {"p": []}],
        ),
        (
            "type = object({o = optional(object({a = optional(number, 1)}), {})})",
            "v = {}",
            {"o": {"a": 1}},
        ),
        ("type = map(object({a = optional(number, 1)}))", "v = {k = {}}", {"k": {"a": 1}}),
    ],
)
def test_types(body: str, given: str | None, expected: Any) -> None:
    files = {"main.tf": f'variable "v" {{\n{body}\n}}\nlocals {{\nx = var.v\n}}'}
    if given is not None:
        files["terraform.tfvars"] = given
    assert local(files, "x") == expected


def test_configured_values_may_be_structures() -> None:
    text = 'variable "v" { type = list(map(number)) }\nlocals {\nx = var.v\n}'
    assert local(text, "x", variables={"v": [{"a": 1}, {"b": "2"}]}) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("v = 5", "5"),
        ("", "d"),
        ("v = null", None),
        ("v = var.top", "T"),
    ],
)
def test_module_arguments(argument: str, expected: Any) -> None:
    files = {
        "main.tf": 'variable "top" { default = "T" }\n'
        f'module "m" {{\nsource = "./m"\n{argument}\n}}\nlocals {{\nx = module.m.v\n}}',
        "m/main.tf": 'variable "v" {\ntype = string\ndefault = "d"\n}\n'
        'output "v" {\nvalue = var.v\n}',
        "m/terraform.tfvars": 'v = "not read in a child module"',
    }
    assert local(files, "x") == expected


def test_the_way_of_a_value() -> None:
    files = {
        "main.tf": """
        variable "office" {}
        module "m" {
          source = "./m"
          range  = var.office
        }
        locals {
          x = module.m.range
        }
        """,
        "m/main.tf": """
        variable "range" {}
        output "range" { value = var.range }
        """,
        "terraform.tfvars": 'office = "10.0.0.0/8"\n',
    }
    top = root(files).top
    chain = top.local("x", top.module.locals["x"].span).trail.chain()
    kinds = [step.kind for step in chain]
    assert kinds[0] is StepKind.LOCAL
    assert [kind for kind in kinds if kind not in (StepKind.REFERENCE, StepKind.EXPRESSION)] == [
        StepKind.LOCAL,
        StepKind.MODULE_OUTPUT,
        StepKind.MODULE_ARGUMENT,
        StepKind.TFVARS,
    ]
    last = next(step for step in chain if step.kind is StepKind.TFVARS)
    assert last.label == "terraform.tfvars: office"
    assert last.span is not None
    assert last.span.place == "terraform.tfvars:1"


def test_configured_values_say_where_they_come_from() -> None:
    top = root(VARIABLE, variables={"v": "given"}).top
    chain = top.local("x", top.module.locals["x"].span).trail.chain()
    assert "policyscan.yaml: v" in [step.label for step in chain]
