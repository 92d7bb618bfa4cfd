"""Which directories are roots, how their files make a module, and where modules come from."""

from __future__ import annotations

import json

import pytest

from policyscan.collectors.interface import Units
from tests.unit.collectors.terraform.written import (
    addresses,
    argument,
    collected,
    gaps,
    local,
    root,
)

R = 'resource "aws_x" "y" {}'


def call(source: str, name: str = "m") -> str:
    return f'module "{name}" {{\nsource = "{source}"\n}}\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ()),
        ({"main.tf": R}, (".",)),
        ({"a/main.tf": R, "b/x.tf": R}, ("a", "b")),
        ({"main.tf": call("./a"), "a/main.tf": R}, (".",)),
        ({"main.tf": call("./a"), "a/main.tf": call("../b"), "b/main.tf": R}, (".",)),
        ({"env/dev/m.tf": call("../../lib"), "lib/m.tf": R}, ("env/dev",)),
        ({"main.tf": R, "examples/full/m.tf": call("../..")}, ("examples/full",)),
        ({"a/m.tf": call("../b"), "b/m.tf": call("../a")}, ("a",)),
        ({"a/m.tf": call("../a")}, ("a",)),
        ({"main.tf": call("../outside")}, (".",)),
        ({"main.tf.json": '{"module": {"m": {"source": "./a"}}}', "a/m.tf": R}, (".",)),
        ({"m.tf": call("./a"), "a/m.tf": 'terraform {\nbackend "s3" {}\n}'}, (".", "a")),
        (
            {"m.tf": call("./a"), "a/m.tf": R, "a/x_override.tf": "terraform {\ncloud {}\n}"},
            (".", "a"),
        ),
        (
            {"m.tf": call("./a"), "a/m.tf.json": '{"terraform": {"backend": {"s3": {}}}}'},
            (".", "a"),
        ),
        ({"m.tf": call("./a"), "a/m.tf": R, "a/x.auto.tfvars": ""}, (".", "a")),
        ({"m.tf": call("./a"), "a/m.tf": 'terraform {\nrequired_version = ">= 1"\n}'}, (".",)),
        ({"main.tf": R, "a/notes.txt": R, "a/.hidden.tf": R}, (".",)),
        ({"main.tf": R, "a/main.tofu": R}, (".", "a")),
        ({"main.tf": R, ".terraform/modules/net/main.tf": R}, (".",)),
    ],
)
def test_roots(files: dict[str, str], expected: tuple[str, ...]) -> None:
    (units,) = (item for item in collected(files) if isinstance(item, Units))
    assert units.names == expected


def test_modules_that_call_each_other_end() -> None:
    files = {"a/m.tf": call("../b") + R, "b/m.tf": call("../a") + R}
    assert ("unparseable", "module.m.module.m") in gaps(files)


REGISTRY = call("acme/net/aws", "net") + "locals {\nx = module.net.out\n}"
INNER = 'output "out" {\nvalue = "here"\n}'


def manifest(**directories: str) -> str:
    modules = [{"Key": key, "Source": "", "Dir": path} for key, path in directories.items()]
    return json.dumps({"Modules": [{"Key": "", "Source": "", "Dir": "."}, *modules]})


def test_a_registry_module_that_is_not_here_is_one_gap_per_call() -> None:
    files = {"main.tf": 'module "net" {\nsource = "acme/net/aws"\ncount = 3\n}'}
    assert gaps(files) == [("not_fetched", "module.net")]


@pytest.mark.parametrize("top", ["", "infra/prod"])
def test_installed_modules_are_read(top: str) -> None:
    prefix = f"{top}/" if top else ""
    files = {
        f"{prefix}main.tf": REGISTRY,
        f"{prefix}.terraform/modules/modules.json": manifest(net=".terraform/modules/net"),
        f"{prefix}.terraform/modules/net/main.tf": INNER,
    }
    found = root(files, top).top
    assert found.local("x", found.module.locals["x"].span).plain == "here"
    assert gaps(files) == []


def test_modules_inside_installed_modules() -> None:
    files = {
        "main.tf": REGISTRY,
        ".terraform/modules/modules.json": manifest(
            **{"net": ".terraform/modules/net", "net.deep": ".terraform/modules/net.deep/sub"}
        ),
        ".terraform/modules/net/main.tf": call("acme/deep/aws", "deep")
        + call("./local", "near")
        + 'output "out" {\nvalue = "${module.deep.out} ${module.near.out}"\n}',
        ".terraform/modules/net/local/main.tf": INNER,
        ".terraform/modules/net.deep/sub/main.tf": 'output "out" {\nvalue = "deep"\n}',
    }
    assert local(files, "x") == "deep here"


def test_an_installed_module_may_be_the_directory_above() -> None:
    files = {
        "main.tf": INNER,
        "use/main.tf": REGISTRY,
        "use/.terraform/modules/modules.json": manifest(net=".."),
    }
    found = root(files, "use").top
    assert found.local("x", found.module.locals["x"].span).plain == "here"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"Modules": [{"Key": "net"}]}',
        '{"Modules": [{"Key": "net", "Dir": "/etc"}]}',
    ],
)
def test_a_manifest_that_is_not_one(text: str) -> None:
    files = {"main.tf": REGISTRY, ".terraform/modules/modules.json": text}
    assert gaps(files) == [("not_fetched", "module.net")]


def test_a_local_module_that_is_not_there() -> None:
    assert gaps({"main.tf": call("./nowhere")}) == [("unreadable", "module.m")]


@pytest.mark.parametrize(
    ("override", "port"),
    [
        ('resource "aws_x" "y" {\nport = 2\n}', 2),
        ('resource "aws_x" "y" {\nother = 2\n}', 1),
    ],
)
def test_override_files(override: str, port: int) -> None:
    files = {"main.tf": 'resource "aws_x" "y" {\nport = 1\n}'}
    for name in ("override.tf", "b_override.tf"):
        assert argument({**files, name: override}, "aws_x.y", "port") == port


@pytest.mark.parametrize(
    ("base", "override", "expected"),
    [
        ("rule {\np = 1\n}\nrule {\np = 2\n}", "rule {\np = 3\n}", [3]),
        (
            "rule {\np = 1\n}",
            'dynamic "rule" {\nfor_each = [4, 5]\ncontent {\np = rule.value\n}\n}',
            [4, 5],
        ),
        ('dynamic "rule" {\nfor_each = [4]\ncontent {\np = 4\n}\n}', "rule {\np = 3\n}", [3]),
        (
            'dynamic "rule" {\nfor_each = [4]\ncontent {\np = 4\n}\n}',
            'dynamic "other" {\nfor_each = [5]\ncontent {\np = 5\n}\n}',
            [4],
        ),
    ],
)
def test_override_blocks(base: str, override: str, expected: list[int]) -> None:
    files = {
        "main.tf": f'resource "aws_x" "y" {{\n{base}\n}}\nlocals {{\nx = aws_x.y.rule[*].p\n}}',
        "override.tf": f'resource "aws_x" "y" {{\n{override}\n}}',
    }
    assert local(files, "x") == expected


def test_override_of_locals_and_variables() -> None:
    files = {
        "main.tf": 'variable "v" {\ndefault = 1\n}\nlocals {\nx = "${var.v}${local.y}"\ny = 1\n}',
        "override.tf": 'variable "v" {\ndefault = 2\n}\nlocals {\ny = 2\n}',
    }
    assert local(files, "x") == "22"


def test_declared_twice_is_a_gap() -> None:
    assert gaps({"a.tf": R, "b.tf": R}) == [("unparseable", "b.tf")]


def test_json_configuration() -> None:
    files = {
        "main.tf.json": """
        {
          "variable": {"v": {"default": ["a", "b"]}},
          "locals": {"x": "${[for w in var.v : upper(w)]}"},
          "resource": {"aws_x": {"y": {"count": 2}}}
        }
        """
    }
    assert local(files, "x") == ["A", "B"]
    assert addresses(files) == ["aws_x.y[0]", "aws_x.y[1]"]


def test_paths_and_files() -> None:
    files = {
        "main.tf": call("./m") + "locals {\nx = module.m.all\n}",
        "m/main.tf": 'output "all" {\nvalue = [path.module, path.root, '
        'file("${path.module}/note.txt"), fileexists("m/none"), '
        'templatefile("${path.module}/t.tpl", {who = ["a", "b"]})]\n}',
        "m/note.txt": "hello",
        "m/t.tpl": "%{ for w in who ~}\n${upper(w)}\n%{ endfor ~}\n",
    }
    assert local(files, "x") == ["m", ".", "hello", False, "A\nB\n"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('file("../secret")', "<../secret, which lies outside the tree>"),
        ('file("/etc/passwd")', "</etc/passwd, which lies outside the tree>"),
        ('file("nowhere")', "<the file nowhere>"),
        ('templatefile("t", {})', "<there is no a here>"),
        ('templatefile("t", {a = var.u})', "<a value for var.u>"),
        ('templatefile("t", var.u)', "<a value for var.u>"),
        ('templatefile("bad", {})', "<the template bad, which cannot be read>"),
        ('templatefile("self", {})', "<a template does not read others>"),
        ('templatefile("one", {})', "1"),
        ('filesha256("t")', "<the result of filesha256()>"),
    ],
)
def test_files(text: str, expected: str) -> None:
    files = {
        "main.tf": f'variable "u" {{}}\nlocals {{\nx = {text}\n}}',
        "t": "x${a}y",
        "bad": "${",
        "self": '${templatefile("self", {})}',
        "one": "${1}",
    }
    assert local(files, "x") == expected
