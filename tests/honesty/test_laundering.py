"""Pull requests that bring a violation and dress it as one that was there, was accepted, or is not
looked at.

Each case is a commit in a real repository, judged as a workflow does it, with `--base origin/main
--trust origin/main`. What it brings blocks, and what it leaves alone does not.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from policyscan.cli import main
from tests.honesty.tampering import BEFORE, SOON, SSH, commit
from tests.scanning import write
from tests.unit.text.repositories import git

Files = Mapping[str, str | bytes]
OPEN = "0.0.0.0/0"
KEPT: Files = {"kept/main.tf": SSH % "10.0.0.0/8"}
"""Something to judge that nobody touches."""


def group(name: str, cidr: str = OPEN, port: int = 22) -> str:
    return (SSH % cidr).replace("bastion", name).replace("22", str(port))


def call(source: str, *more: str) -> str:
    return "\n".join(['module "m" {', f'  source = "{source}"', *more, "}", ""])


def variable(value: str) -> str:
    return f'variable "c" {{\n  default = "{value}"\n}}\n'


def waiver(**selector: str) -> str:
    chosen = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in selector.items())
    return (
        f"version: 1\nwaivers:\n  - id: WVR-1\n{chosen}    reason: it goes next quarter\n"
        f"    owner: ana\n    approver: bo\n    since: '{BEFORE}'\n    expires: '{SOON}'\n"
        "    accepts:\n      ingress:\n        at most:\n"
        '          - {cidrs: ["0.0.0.0/0"], from_port: 22, to_port: 22, protocol: tcp}\n'
    )


class Case(Struct, frozen=True):
    """One request."""

    base: Files
    head: Files
    blocks: tuple[str, ...] = ()
    """The addresses that block."""
    later: Files | None = None
    """What the base branch holds by now, if it went on since."""
    do: Callable[[Path], None] | None = None
    """What is staged besides, for a commit of its own."""
    gaps: tuple[str, ...] = ()
    """What blocks because it cannot be looked at."""
    select: str = ""


def put(root: Path, files: Files) -> None:
    """The work tree holds these files, and what every case has, alone."""
    for path in root.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    write(root, {**KEPT, **files})


def judged(root: Path, case: Case) -> tuple[int, dict[str, Any]]:
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    put(root, case.base)
    commit(root)
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(root, "checkout", "-q", "-b", "pr")
    put(root, case.head)
    commit(root)
    if case.do is not None:
        case.do(root)
        git(root, "commit", "-q", "-m", "more")
    if case.later is not None:
        git(root, "checkout", "-q", "main")
        put(root, case.later)
        commit(root)
        git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
        git(root, "checkout", "-q", "pr")
    return scanned(root, *(("--select", case.select) if case.select else ()))


def scanned(root: Path, *options: str) -> tuple[int, dict[str, Any]]:
    here, file = Path.cwd(), root.parent / "report.json"
    gate = ("--base", "origin/main", "--trust", "origin/main", "-o", f"json={file}", "-q")
    os.chdir(root)
    try:
        code = main(["scan", ".", *gate, *options])
    finally:
        os.chdir(here)
    return code, json.loads(file.read_bytes())


def blocking(report: dict[str, Any]) -> list[str]:
    found = [each["resource"] for each in report["findings"] if each["blocking"]]
    return sorted(f"{each['unit']}:{each['address'].split('.', 1)[-1]}" for each in found)


BACKEND = 'terraform {\n  backend "s3" {}\n}\n'
CALLED = {
    "with no instance": Case(
        {"prod/main.tf": BACKEND + group("web", "10.0.0.0/8")},
        {"prod/main.tf": BACKEND + group("web"), "x/main.tf": call("../prod", "count = 0")},
        ("prod:web",),
    ),
    "with other values": Case(
        {"prod/main.tf": BACKEND + variable("10.0.0.0/8") + group("web", "${var.c}")},
        {
            "prod/main.tf": BACKEND + variable(OPEN) + group("web", "${var.c}"),
            "x/main.tf": call("../prod", 'c = "10.0.0.0/8"'),
        },
        ("prod:web",),
    ),
    "and has values for its variables": Case(
        {
            "prod/main.tf": 'variable "c" {}\n' + group("web", "${var.c}"),
            "prod/terraform.tfvars": 'c = "10.0.0.0/8"',
        },
        {
            "prod/main.tf": 'variable "c" {}\n' + group("web", "${var.c}"),
            "prod/terraform.tfvars": f'c = "{OPEN}"',
            "x/main.tf": call("../prod", 'c = "10.0.0.0/8"'),
        },
        ("prod:web",),
    ),
    "as an example of itself": Case(
        {"prod/main.tf": 'terraform {\n  cloud {\n  }\n}\n' + group("web", "10.0.0.0/8")},
        {
            "prod/main.tf": 'terraform {\n  cloud {\n  }\n}\n' + group("web"),
            "prod/examples/full/main.tf": call("../..", "for_each = {}"),
        },
        ("prod:web",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLED)
def test_a_root_is_judged_whoever_calls_it(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, CALLED[name])


def assert_blocks(tmp_path: Path, case: Case) -> dict[str, Any]:
    code, report = judged(tmp_path / "repo", case)
    assert blocking(report) == sorted(case.blocks)
    gaps = sorted(each["subject"] for each in report["gaps"] if each["blocking"])
    assert gaps == sorted(case.gaps)
    assert code == (1 if case.blocks else 3 if case.gaps else 0)
    return report


ADDRESS = {"policy": "PS-NET-004", "address": "aws_security_group.bastion"}
MOVED = "moved {\n  from = aws_security_group.bastion\n  to   = aws_security_group.%s\n}\n"


def accepted(waivers: str, head: Files, *blocks: str, **more: Any) -> Case:
    base = {"infra/main.tf": group("bastion"), "waivers.yaml": waivers}
    return Case(base | more.pop("base", {}), {**head, "waivers.yaml": waivers}, blocks, **more)


BY_PRINT = "<fingerprint>"
WAIVED = {
    "the same name in another environment": Case(
        {"staging/main.tf": group("bastion"), "waivers.yaml": waiver(**ADDRESS)},
        {"production/main.tf": group("bastion"), "waivers.yaml": waiver(**ADDRESS)},
        ("production:bastion",),
    ),
    "the same name in another root": accepted(
        waiver(**ADDRESS),
        {"infra/main.tf": group("bastion"), "other/main.tf": group("bastion")},
        "other:bastion",
    ),
    "the same name in another root, and the old one mended": accepted(
        waiver(**ADDRESS),
        {"infra/main.tf": group("bastion", "10.0.0.0/8"), "other/main.tf": group("bastion")},
        "other:bastion",
    ),
    "said to have moved, and both are there": accepted(
        BY_PRINT,
        {"infra/main.tf": group("bastion") + group("new") + MOVED % "new"},
        "infra:new",
    ),
    "said to have moved to two": accepted(
        BY_PRINT,
        {"infra/main.tf": group("one") + group("two") + MOVED % "one" + MOVED % "two"},
        "infra:two",
    ),
    "said to have moved to what was there": accepted(
        BY_PRINT,
        {"infra/main.tf": group("bastion", "10.0.0.0/8") + group("web") + MOVED % "web"},
        "infra:web",
        base={"infra/main.tf": group("bastion") + group("web", "10.0.0.0/8")},
    ),
}
STILL_WAIVED = {
    "untouched": accepted(waiver(**ADDRESS), {"infra/main.tf": group("bastion")}),
    "moved to another root": accepted(waiver(**ADDRESS), {"other/main.tf": group("bastion")}),
    "renamed": accepted(waiver(**ADDRESS), {"infra/main.tf": group("jump")}),
    "renamed, and said so": accepted(BY_PRINT, {"infra/main.tf": group("jump") + MOVED % "jump"}),
    "granted before it was written": accepted(
        waiver(**ADDRESS),
        {"infra/main.tf": group("bastion")},
        base={"infra/main.tf": group("bastion", "10.0.0.0/8")},
    ),
    "by a pattern, that is for what comes": accepted(
        waiver(**ADDRESS | {"address": "aws_security_group.b*"}),
        {"infra/main.tf": group("bastion") + group("bridge")},
    ),
}


@pytest.mark.parametrize("name", [*WAIVED, *STILL_WAIVED])
def test_a_waiver_is_for_what_it_was_granted_for(name: str, tmp_path: Path) -> None:
    case = {**WAIVED, **STILL_WAIVED}[name]
    if case.base["waivers.yaml"] == BY_PRINT:
        print_ = _print(tmp_path / "base", case.base)
        waivers = {"waivers.yaml": waiver(fingerprint=print_)}
        case = Case({**case.base, **waivers}, {**case.head, **waivers}, case.blocks)
    assert_blocks(tmp_path, case)


def _print(root: Path, files: Files) -> str:
    _, report = judged(root, Case({**files, "waivers.yaml": ""}, {**files, "waivers.yaml": ""}))
    [found] = [
        each["fingerprint"]
        for each in report["findings"]
        if each["policy_id"] == "PS-NET-004" and each["verdict"] == "fail"
    ]
    return str(found)


PADDING = "# a long story\n" * 40
OLD = {
    "its file is gone on the base, and here": Case(
        {"a/main.tf": group("old")}, {"b/main.tf": PADDING + group("new")}, ("b:new",), later={}
    ),
    "its file is gone on the base, and here it is in another of the root": Case(
        {"a/main.tf": group("old"), "a/web.tf": group("web", "10.0.0.0/8")},
        {"a/web.tf": group("web", "10.0.0.0/8") + PADDING + group("new")},
        ("a:new",),
        later={"a/web.tf": group("web", "10.0.0.0/8")},
    ),
    "it is gone on the base, and here in another file": Case(
        {"a/main.tf": group("old") + group("web", "10.0.0.0/8")},
        {"a/main.tf": group("web", "10.0.0.0/8"), "a/x.tf": group("old")},
        ("a:old",),
        later={"a/main.tf": group("web", "10.0.0.0/8")},
    ),
    "in another file here, and still there": Case(
        {"a/main.tf": group("old") + group("web", "10.0.0.0/8")},
        {"a/main.tf": group("web", "10.0.0.0/8"), "a/x.tf": group("old")},
        later={"a/main.tf": group("old") + group("web", "10.0.0.0/8"), "b/x.tf": "locals {}"},
    ),
    "gone on the base, untouched here": Case(
        {"a/main.tf": group("old")}, {"a/main.tf": group("old"), "b/x.tf": "locals {}"},
        later={},
    ),
    "untouched here": Case(
        {"a/main.tf": group("old")},
        {"a/main.tf": group("old"), "c/main.tf": group("c", "10.0.0.0/8")},
        later={"a/main.tf": group("old", "10.0.0.0/8")},
    ),
    "moved here, and still there": Case(
        {"a/main.tf": group("old")}, {"b/main.tf": group("old")},
        later={"a/main.tf": group("old"), "d/main.tf": group("d", "10.0.0.0/8")},
    ),
    "moved on both sides": Case(
        {"a/main.tf": group("old")}, {"b/main.tf": group("old")},
        later={"b/main.tf": group("old")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OLD)
def test_what_the_base_got_rid_of_does_not_come_back_as_moved(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, OLD[name])


SECRET = """
resource "aws_secretsmanager_secret" "key" {{
  name  = "desk/a"{more}
  tags  = {{ {tags} }}
}}
resource "aws_secretsmanager_secret_rotation" "key" {{
  secret_id           = aws_secretsmanager_secret.key{index}.id
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate"
  rotation_rules {{
    automatically_after_days = {days}
  }}
}}
"""


def secret(days: int, tier: str = "", *, counted: bool = False) -> str:
    tags = {"policyscan:purpose": "exchange_api_key", "policyscan:tier": tier} if tier else {}
    pairs = ", ".join(f'"{key}" = "{value}"' for key, value in tags.items())
    more, index = ("\n  count = 1", "[0]") if counted else ("", "")
    return SECRET.format(days=days, tags=pairs, more=more, index=index)


SCOPE = {
    "less at risk, and rotated less": Case(
        {"a/main.tf": secret(7, "high")}, {"a/main.tf": secret(60, "low")}, ("a:key",)
    ),
    "less at risk, and it failed before": Case(
        {"a/main.tf": secret(60, "high")}, {"a/main.tf": secret(85, "low")}, ("a:key",)
    ),
    "less at risk, and in a list of one": Case(
        {"a/main.tf": secret(7, "high")},
        {"a/main.tf": secret(60, "low", counted=True)},
        ("a:key[0]",),
    ),
    "nobody says what it is for": Case(
        {"a/main.tf": secret(7, "high")}, {"a/main.tf": secret(60)}, ("a:key",)
    ),
    "less at risk, and as it was": Case(
        {"a/main.tf": secret(7, "high")}, {"a/main.tf": secret(7, "low")}
    ),
    "less at risk, and it fails as before": Case(
        {"a/main.tf": secret(60, "high")}, {"a/main.tf": secret(60, "low")}
    ),
    "more at risk, and rotated more": Case(
        {"a/main.tf": secret(60, "low")}, {"a/main.tf": secret(7, "high")}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCOPE)
def test_another_answer_to_what_a_thing_is_for_excuses_nothing(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, SCOPE[name])


def nested(path: str, *, here: bool = False) -> Callable[[Path], None]:
    """A submodule in the place of a directory, as a checkout without submodules has it."""

    def do(root: Path) -> None:
        place = root / path
        place.mkdir()
        git(place, "init", "-q", "-b", "main")
        write(place, {"main.tf": group("inside")})
        commit(place)
        git(root, "add", "-f", path)
        if not here:
            shutil.rmtree(place)
            place.mkdir()

    return do


def linked(path: str, target: str) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        (root / path).symlink_to(target)
        git(root, "add", path)

    return do


WEB = {"infra/main.tf": group("web", "10.0.0.0/8"), "infra/x/Dockerfile": "FROM scratch\nUSER 7\n"}
SHUT = {
    "submodule": Case(WEB, {}, do=nested("infra"), gaps=("infra", "infra")),
    "submodule that is here": Case(WEB, {}, ("infra:inside",), do=nested("infra", here=True)),
    "link out of the tree": Case(WEB, {}, do=linked("infra", "/etc"), gaps=("infra", "infra")),
    "link to nothing": Case(WEB, {}, do=linked("infra", "../x"), gaps=("infra", "infra")),
    "a new submodule beside": Case(WEB, WEB, do=nested("other")),
    "a new link beside": Case(WEB, WEB, do=linked("other", "/etc")),
    "deleted": Case(WEB, {}),
}
MADE = {"prod/main.tf": group("web", "10.0.0.0/8")}
UNMADE = {
    "called with no instance": Case(
        MADE,
        {"prod/main.tf": group("web"), "x/main.tf": call("../prod", "count = 0")},
        gaps=("prod",),
    ),
    "called by one that nothing calls with an instance": Case(
        MADE,
        {
            "prod/main.tf": group("web"),
            "x/main.tf": call("./y", "for_each = {}"),
            "x/y/main.tf": call("../../prod"),
        },
        gaps=("prod",),
    ),
    "called": Case(MADE, {**MADE, "x/main.tf": call("../prod")}),
    "called by two": Case(
        MADE, {**MADE, "x/main.tf": call("../prod"), "y/main.tf": call("../prod")}
    ),
    "empty now": Case(MADE, {"prod/main.tf": "locals {}"}),
    "a module that was none": Case(
        {"x/main.tf": call("../prod", "count = 0"), **MADE},
        {"x/main.tf": call("../prod", "count = 0"), "prod/main.tf": group("web")},
    ),
}


@pytest.mark.parametrize("name", UNMADE)
def test_a_root_that_nothing_is_made_of_any_more_blocks(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, UNMADE[name])


@pytest.mark.parametrize("name", SHUT)
def test_what_was_looked_at_and_cannot_be_any_more_blocks(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, SHUT[name])


IMAGE = "FROM python:3.12-slim@sha256:" + "a" * 64
ONE, OTHER = "sk_live_9999999999jtT1zdp7dcAAABBBCC", "sk_live_51HqLyjWDarjtT1zdp7dcXXYYZZW"


def image(key: str, *more: str) -> str:
    return "\n".join([IMAGE, *more, f"ENV  API_KEY={key}", "USER 7", ""])


def stored(value: str, name: str = "key") -> str:
    return (
        f'resource "aws_secretsmanager_secret" "{name}" {{\n  name = "desk/a"\n}}\n'
        'resource "aws_secretsmanager_secret_version" "v" {\n'
        f"  secret_id     = aws_secretsmanager_secret.{name}.id\n  secret_string = {value}\n}}\n"
    )


def function(value: str, *more: str) -> str:
    return "\n".join([
        'resource "aws_lambda_function" "f" {', '  function_name = "f"', "  environment {",
        "    variables = {", f'      API_KEY = "{value}"', *more, "    }", "  }", "}", "",
    ])  # fmt: skip


def script(key: str, text: str) -> str:
    return (
        'resource "aws_instance" "i" {\n  user_data = <<-EOF\n    #!/bin/sh\n'
        f'    export API_KEY="{key}"\n    echo "{text}"\n  EOF\n}}\n'
    )


def task(key: str, picture: str = "x:1") -> str:
    environment = [{"name": "API_KEY", "value": key}]
    containers = json.dumps([{"name": "a", "image": picture, "environment": environment}])
    return (
        'resource "aws_ecs_task_definition" "t" {\n  family = "t"\n'
        f"  container_definitions = <<EOF\n{containers}\nEOF\n}}\n"
    )


def parameter(value: str, description: str) -> str:
    return (
        'resource "aws_ssm_parameter" "p" {\n  name = "/desk/api_key"\n  type = "SecureString"\n'
        f'  value = "{value}"\n  description = "{description}"\n}}\n'
    )


def given(value: str = "") -> str:
    return variable(value) if value else 'variable "c" {}\n'


def local(value: str) -> str:
    return f'locals {{\n  c = "{value}"\n}}\n'


SECRETS = {
    "in a script": Case({"a/main.tf": script(ONE, "x")}, {"a/main.tf": script(OTHER, "x")}, ("i",)),
    "the same in a script": Case({"a/main.tf": script(ONE, "x")}, {"a/main.tf": script(ONE, "y")}),
    "in a task": Case({"a/main.tf": task(ONE)}, {"a/main.tf": task(OTHER)}, ("t",)),
    "the same in a task": Case({"a/main.tf": task(ONE)}, {"a/main.tf": task(ONE, "x:2")}),
    "in a parameter": Case(
        {"a/main.tf": parameter(ONE, "x")}, {"a/main.tf": parameter(OTHER, "x")}, ("p",)
    ),
    "the same in a parameter": Case(
        {"a/main.tf": parameter(ONE, "x")}, {"a/main.tf": parameter(ONE, "y")}
    ),
    "in a layer": Case({"Dockerfile": image(ONE)}, {"Dockerfile": image(OTHER)}, ("stage-1",)),
    "in place of a made-up one": Case(
        {"Dockerfile": image("changeme")}, {"Dockerfile": image(ONE)}, ("stage-1",)
    ),
    "in a layer, elsewhere": Case(
        {"Dockerfile": image(ONE)}, {"bot/Dockerfile": image(OTHER)}, ("stage-1",)
    ),
    "in a secret": Case(
        {"a/main.tf": stored(f'"{ONE}"')}, {"a/main.tf": stored(f'"{OTHER}"')}, ("key",)
    ),
    "in an environment": Case(
        {"a/main.tf": function(ONE)}, {"a/main.tf": function(OTHER)}, ("f",)
    ),
    "the same in a layer": Case(
        {"Dockerfile": image(ONE)}, {"Dockerfile": image(ONE, "RUN ls", "ENV X=1")}
    ),
    "the same in a layer, elsewhere": Case(
        {"Dockerfile": image(ONE)}, {"bot/Dockerfile": image(ONE)}
    ),
    "the same in a secret of another name": Case(
        {"a/main.tf": stored(f'"{ONE}"')}, {"a/main.tf": stored(f'  "{ONE}"', "keys")}
    ),
    "the same in an environment": Case(
        {"a/main.tf": function(ONE)}, {"a/main.tf": function(ONE, "Q = 1", "HOME = aws_x.y.id")}
    ),
    "behind a variable": Case(
        {"a/main.tf": stored(f'"{ONE}"')}, {"a/main.tf": given(OTHER) + stored("var.c")}, ("key",)
    ),
    "the same behind a variable": Case(
        {"a/main.tf": stored(f'"{ONE}"')}, {"a/main.tf": given(ONE) + stored("var.c")}
    ),
    "taken out of a variable": Case(
        {"a/main.tf": given(ONE) + stored("var.c")}, {"a/main.tf": given() + stored("var.c")}
    ),
    "no text any more": Case(
        {"a/main.tf": stored(f'"{ONE}"')}, {"a/main.tf": given() + stored("var.c")}
    ),
    "written where a variable had none": Case(
        {"a/main.tf": given() + stored("var.c")},
        {"a/main.tf": given() + stored("var.c"), "a/terraform.tfvars": f'c = "{ONE}"\n'},
        ("key",),
    ),
    "in a file of variables": Case(
        {"a/main.tf": given() + stored("var.c"), "a/terraform.tfvars": f'c = "{ONE}"\n'},
        {"a/main.tf": given() + stored("var.c"), "a/terraform.tfvars": f'c = "{OTHER}"\n'},
        ("key",),
    ),
    "in a local": Case(
        {"a/main.tf": local(ONE) + stored("local.c")},
        {"a/main.tf": local(OTHER) + stored("local.c")},
        ("key",),
    ),
    "beside another in a document": Case(
        {"a/main.tf": stored(f'jsonencode({{a = "{ONE}"}})')},
        {"a/main.tf": stored(f'jsonencode({{a = "{ONE}", b = "{OTHER}"}})')},
        ("key",),
    ),
    "one of two in a document, from a local": Case(
        {"a/main.tf": stored(f'jsonencode({{a = "{ONE}", b = "{OTHER}"}})')},
        {"a/main.tf": local(ONE) + stored("jsonencode({a = local.c})")},
    ),
    "in an argument of a module": Case(
        {"a/main.tf": given() + stored("var.c"), "b/main.tf": call("../a", f'c = "{ONE}"')},
        {"a/main.tf": given() + stored("var.c"), "b/main.tf": call("../a", f'c = "{OTHER}"')},
        ("m.aws_secretsmanager_secret.key",),
    ),
    "the same in an environment, from a variable": Case(
        {"a/main.tf": function(ONE)}, {"a/main.tf": given(ONE) + function("${var.c}")}
    ),
    "in an environment, by default": Case(
        {"a/main.tf": given(ONE) + function("${var.c}")},
        {"a/main.tf": given(OTHER) + function("${var.c}")},
        ("f",),
    ),
    "the same in a parameter, from a local": Case(
        {"a/main.tf": parameter(ONE, "x")}, {"a/main.tf": local(ONE) + parameter("${local.c}", "x")}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_another_secret_is_another_failure(name: str, tmp_path: Path) -> None:
    case = SECRETS[name]
    _, report = judged(tmp_path / "repo", case)
    found = {place.partition(":")[2].rpartition("#")[2] for place in blocking(report)}
    assert found == set(case.blocks)
    text = json.dumps(report)
    assert ONE not in text
    assert OTHER not in text


def hidden(value: str, name: str = "db_password") -> Files:
    made = variable(value).replace('"c"', f'"{name}"')
    return {"a/main.tf": made + group("x", f"${{var.{name}}}")}


HIDDEN = {
    "a wider one": Case(hidden("12.0.0.0/7"), hidden("128.0.0.0/1"), ("a:x",)),
    "the same": Case(hidden("12.0.0.0/7"), hidden("12.0.0.0/7", "api_key")),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_masked_is_told_apart(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, HIDDEN[name])


ELSEWHERE = {
    "from staging to production": Case(
        {"staging/main.tf": group("jump"), "production/main.tf": group("web", "10.0.0.0/8")},
        {"production/main.tf": group("web", "10.0.0.0/8") + group("jump")},
        ("production:jump",),
    ),
    "from staging to production, under another name": Case(
        {"staging/main.tf": group("jump")}, {"prod/main.tf": group("front")}, ("prod:front",)
    ),
    "within production": Case(
        {"envs/prod/main.tf": group("jump")}, {"production/main.tf": group("jump")}
    ),
    "to where nothing tells": Case(
        {"envs/prod/main.tf": group("jump")}, {"infra/main.tf": group("jump")}
    ),
    "from where nothing tells": Case(
        {"infra/main.tf": group("jump")}, {"envs/prod/main.tf": group("jump")}
    ),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_same_in_another_environment_is_new(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, ELSEWHERE[name])


ROLE = """
resource "aws_iam_role" "{name}" {{
  assume_role_policy = jsonencode({{
    Statement = [{{
      Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "ec2.amazonaws.com" }}
    }}]
  }})
}}
"""
ADMIN = """
resource "aws_iam_role_policy" "{name}" {{
  role   = aws_iam_role.{role}.id
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "*", Resource = "*" }}] }})
}}
"""


def rights(role: str, name: str = "all", roles: tuple[str, ...] = ("backup", "public")) -> Files:
    made = "".join(ROLE.format(name=each) for each in roles)
    return {"a/main.tf": made + ADMIN.format(name=name, role=role)}


GIVEN = {
    "to another role": Case(rights("backup"), rights("public"), ("a:all#statement-1",)),
    "to another role, in a policy of another name": Case(
        rights("backup"), rights("public", "more"), ("a:more#statement-1",)
    ),
    "to a role that the request brings, beside the one that had them": Case(
        rights("backup", roles=("backup",)), rights("public"), ("a:all#statement-1",)
    ),
    "to a role that the request brings, in a policy of another name": Case(
        rights("backup", roles=("backup",)), rights("public", "more"), ("a:more#statement-1",)
    ),
    "to a role that is called something else": Case(
        rights("backup", roles=("backup",)), rights("archive", roles=("archive",))
    ),
    "to the same role, in a policy of another name": Case(
        rights("backup"), rights("backup", "more")
    ),
}


def opened_to(account: str, secret: str = "one") -> Files:
    """A secret that another account may read."""
    return {
        "a/main.tf": f"""
resource "aws_secretsmanager_secret" "one" {{}}
resource "aws_secretsmanager_secret" "other" {{}}
resource "aws_secretsmanager_secret_policy" "p" {{
  secret_arn = aws_secretsmanager_secret.{secret}.arn
  policy = jsonencode({{ Statement = [{{
    Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::{account}:root" }}
    Action = "secretsmanager:GetSecretValue", Resource = "*"
  }}] }})
}}
"""
    }


def built(*stages: tuple[str, str]) -> Files:
    """An image by the names of its stages, and what is written into each."""
    text = "FROM python:3.12-slim AS {0}\nRUN pip install {0}\n{1}USER app\n"
    return {"Dockerfile": "".join(text.format(*stage) for stage in stages)}


LAYER = f"ENV API_SECRET={ONE}\n"
GIVEN |= {
    "to another account": Case(
        opened_to("111122223333"), opened_to("444455556666"), ("a:p#statement-1",),
        select="PS-IAM-004",
    ),
    "to the same account": Case(
        opened_to("111122223333"), opened_to("111122223333"), select="PS-IAM-004"
    ),
    "to readers of another secret": Case(
        opened_to("111122223333"), opened_to("111122223333", "other"), ("a:p#statement-1",),
        select="PS-IAM-004",
    ),
    "to the final image": Case(
        built(("a", LAYER), ("b", "")), built(("b", ""), ("a", LAYER)), ("Dockerfile:Dockerfile#a",)
    ),
    "to a stage that is not the last": Case(
        built(("a", LAYER), ("b", "")), built(("c", ""), ("a", LAYER), ("b", ""))
    ),
}  # fmt: skip


SOURCE = ', Condition = { IpAddress = { "aws:SourceIp" = "192.0.2.7/32" } }'
LIMITED = 'Resource = "*"', f'Resource = "*"{SOURCE}'
LIMITS = {
    "a condition that goes": Case(
        {"a/main.tf": str(rights("backup")["a/main.tf"]).replace(*LIMITED)},
        rights("backup"),
        ("a:all#statement-1",),
    ),
    "a condition that comes": Case(
        rights("backup"), {"a/main.tf": str(rights("backup")["a/main.tf"]).replace(*LIMITED)}
    ),
    "a condition that is another": Case(
        {"a/main.tf": str(rights("backup")["a/main.tf"]).replace(*LIMITED)},
        {
            "a/main.tf": str(rights("backup")["a/main.tf"]).replace(
                LIMITED[0], LIMITED[1].replace("192.0.2.7/32", "0.0.0.0/0")
            )
        },
        ("a:all#statement-1",),
    ),
}


def test_a_listener_that_becomes_public_is_worse(tmp_path: Path) -> None:
    public = balanced("a", "out")
    case = Case(balanced("a", "in"), public, ("a:a",), select="PS-TLS-011")
    assert_blocks(tmp_path, case)


@pytest.mark.parametrize("name", LIMITS)
def test_what_limited_a_failure_and_is_gone_is_worse(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, LIMITS[name])


@pytest.mark.parametrize("name", GIVEN)
def test_rights_that_somebody_else_gets_are_new(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, GIVEN[name])


BEHIND = (
    'Statement = [{ Effect = "Allow", Action = "*"',
    'Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*" }, '
    '{ Sid = "All", Effect = "Allow", Action = "*"',
)
AWAY = "git::https://example.com/net.git"
MODULE = 'module "net" {{\n  source = "{}"\n}}\n'
NAMED = "  ingress", '  name = "q"\n  ingress'
"""An edit of a group that is no part of its failing."""
SLIM = IMAGE + "{}\n" + "".join(f"RUN pip install package-{number}\n" for number in range(9))
RENAMED = {
    "in its file, with another name": Case(
        {"a/main.tf": group("x")}, {"a/main.tf": group("y").replace(*NAMED)}
    ),
    "in its file, with less": Case(
        {"a/main.tf": group("x")}, {"a/main.tf": group("y", "0.0.0.0/1")}
    ),
    "in its file, with another port": Case(
        {"a/main.tf": group("x")}, {"a/main.tf": group("y", port=3389)}, ("a:y",)
    ),
    "in its file, to two": Case(
        {"a/main.tf": group("x")},
        {"a/main.tf": group("y").replace(*NAMED) + group("z").replace(*NAMED)},
        ("a:z",),
    ),
    "with its directory": Case(
        {"a/main.tf": group("x")}, {"b/net.tf": group("x").replace(*NAMED)}
    ),
    "with its directory, into another environment": Case(
        {"staging/main.tf": group("x")},
        {"production/main.tf": group("x").replace(*NAMED)},
        ("production:x",),
    ),
    "from a file that is gone into one that was there": Case(
        {"a/main.tf": group("x"), "b/main.tf": group("z", "10.0.0.0/8")},
        {"b/main.tf": group("z", "10.0.0.0/8") + group("x").replace(*NAMED)},
        ("b:x",),
    ),
    "from a file that is gone into one that is unlike it": Case(
        {"a/main.tf": group("x")}, {"b/main.tf": PADDING + group("x").replace(*NAMED)}, ("b:x",)
    ),
    "mended in one file, written in another": Case(
        {"a/main.tf": group("x"), "b/main.tf": group("z", "10.0.0.0/8")},
        {
            "a/main.tf": group("x", "10.0.0.0/8"),
            "b/main.tf": group("z", "10.0.0.0/8") + group("x").replace(*NAMED),
        },
        ("b:x",),
    ),
    "for what is worth more": Case(
        {"a/main.tf": secret(90, "low")},
        {"a/main.tf": secret(90, "high").replace('"key"', '"own"').replace(".key", ".own")},
        ("a:own",),
    ),
    "a stage that got a name": Case(
        {"Dockerfile": SLIM.format("")}, {"Dockerfile": SLIM.format(" AS bot") + "RUN ls\n"}
    ),
    "a stage that another goes before": Case(
        {"Dockerfile": SLIM.format("")},
        {"Dockerfile": SLIM.format(" AS build") + IMAGE + "\nCOPY --from=build /a /a\n"},
    ),
    "a stage, and its file": Case(
        {"Dockerfile": SLIM.format("")}, {"bot/Dockerfile": SLIM.format(" AS bot") + "RUN ls\n"}
    ),
    "a stage, and another file is there": Case(
        {"Dockerfile": SLIM.format("")},
        {"bot/Dockerfile": "FROM node:22\nRUN npm ci\nCOPY . /bot\nWORKDIR /bot\n"},
        ("bot/Dockerfile:bot/Dockerfile#stage-1",),
    ),
    "a statement that got a name, behind another": Case(
        rights("backup"),
        {"a/main.tf": rights("backup")["a/main.tf"].replace(*BEHIND)},  # type: ignore[union-attr]
    ),
}  # fmt: skip


NETWORKS = """
resource "aws_vpc" "sandbox" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc" "trading" {
  cidr_block = "10.1.0.0/16"
}
data "aws_vpc" "one" {}
data "aws_vpc" "other" {}
variable "one" {}
variable "other" {}
"""


def placed(name: str, vpc: str, more: str = "", before: str = NETWORKS) -> Files:
    inside = f"  vpc_id = {vpc}\n  ingress"
    return {"a/main.tf": before + more + group(name).replace("  ingress", inside)}


def balanced(name: str, internal: str) -> Files:
    """A listener without TLS before one of two load balancers."""
    return {
        "a/main.tf": f"""
resource "aws_lb" "in" {{
  internal = true
}}
resource "aws_lb" "out" {{}}
resource "aws_lb_listener" "{name}" {{
  load_balancer_arn = aws_lb.{internal}.arn
  protocol          = "HTTP"
  port              = 80
  default_action {{
    type = "forward"
  }}
}}
"""
    }


def called(name: str, vpc: str) -> Files:
    module = f'module "{name}" {{\n  source = "../m"\n  v      = {vpc}\n}}\n'
    inside = 'variable "v" {}\n' + placed("x", "var.v", before="")["a/main.tf"]  # type: ignore[operator]
    return {"a/main.tf": NETWORKS + module, "m/main.tf": inside}


def in_region(name: str, region: str) -> Files:
    providers = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
    providers += 'provider "aws" {\n  alias = "far"\n  region = "us-east-1"\n}\n'
    inside = f"  provider = {region}\n{NAMED[1]}"
    return {"a/main.tf": providers + group(name).replace(NAMED[0], inside)}


ELSE = {
    "in another network": Case(
        placed("x", "aws_vpc.sandbox.id"), placed("y", "aws_vpc.trading.id"), ("a:y",)
    ),
    "in another network, edited": Case(
        placed("x", "aws_vpc.sandbox.id"),
        {"a/main.tf": str(placed("y", "aws_vpc.trading.id")["a/main.tf"]).replace(*NAMED)},
        ("a:y",),
    ),
    "in another network that is new": Case(
        placed("x", "aws_vpc.sandbox.id"),
        placed("y", "aws_vpc.more.id", 'resource "aws_vpc" "more" {}\n'),
        ("a:y",),
    ),
    "in another network, by a module": Case(
        called("one", "aws_vpc.sandbox.id"),
        called("other", "aws_vpc.trading.id"),
        ("a:other.aws_security_group.x",),
    ),
    "in another network, by its id": Case(placed("x", '"vpc-1"'), placed("y", '"vpc-2"'), ("a:y",)),
    "in another network that is asked for": Case(
        placed("x", "data.aws_vpc.one.id"), placed("y", "data.aws_vpc.other.id"), ("a:y",)
    ),
    "in another network that a variable names": Case(
        placed("x", "var.one"), placed("y", "var.other"), ("a:y",)
    ),
    "in the network of another root": Case(
        {**placed("x", "aws_vpc.sandbox.id"), "b/main.tf": NETWORKS},
        {"a/main.tf": NETWORKS, "b/main.tf": placed("x", "aws_vpc.sandbox.id")["a/main.tf"]},
        ("b:x",),
    ),
    "in the network of its root, which was moved": Case(
        placed("x", "aws_vpc.sandbox.id"),
        {"b/main.tf": placed("x", "aws_vpc.sandbox.id")["a/main.tf"]},
    ),
    "in its network, which is called something else": Case(
        placed("x", "aws_vpc.sandbox.id"),
        placed("y", "aws_vpc.main.id", before=NETWORKS.replace('"sandbox"', '"main"')),
    ),
    "in its network, by a module that is called something else": Case(
        called("one", "aws_vpc.sandbox.id"), called("other", "aws_vpc.sandbox.id")
    ),
    "in another region": Case(in_region("x", "aws"), in_region("y", "aws.far"), ("a:y",)),
    "in its region": Case(in_region("x", "aws"), in_region("y", "aws")),
    "of another type": Case(
        {"a/main.tf": group("x").replace("aws_", "aws_default_")},
        {"a/main.tf": group("y")},
        ("a:y",),
    ),
    "behind another balancer": Case(
        balanced("a", "in"), balanced("b", "out"), ("a:b",), select="PS-TLS-011"
    ),
}


@pytest.mark.parametrize("name", ELSE)
def test_what_is_somewhere_else_under_another_name_is_new(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, ELSE[name])


@pytest.mark.parametrize("name", RENAMED)
def test_what_was_renamed_and_edited_is_new_only_with_more(name: str, tmp_path: Path) -> None:
    assert_blocks(tmp_path, RENAMED[name])


LOST: dict[str, tuple[Files, Files]] = {
    "a module that is somewhere else now": (
        {"net/main.tf": group("bot"), "main.tf": MODULE.format("./net")},
        {"main.tf": MODULE.format(AWAY)},
    ),
    "a Dockerfile that is a template now": (
        {"bot/Dockerfile": "FROM python:3.12\n"},
        {"bot/Dockerfile.j2": "FROM python:3.12\n"},
    ),
    "a file of another name": (
        {"main.tf": group("bot"), "more.tf": group("other", "10.0.0.0/8")},
        {"main.tofu": group("bot"), "more.tf": group("other", "10.0.0.0/8")},
    ),
}


@pytest.mark.parametrize("name", LOST)
def test_a_gap_that_hides_what_was_judged_blocks(name: str, tmp_path: Path) -> None:
    base, head = LOST[name]
    code, report = judged(tmp_path / "r", Case(base, head))
    assert [gap["change"] for gap in report["gaps"] if gap["blocking"]] == ["narrowed"]
    assert code == 3


def test_a_gap_beside_what_is_judged_does_not(tmp_path: Path) -> None:
    narrow = group("bot", "10.0.0.0/8")
    head = {"main.tf": narrow + MODULE.format(AWAY), "bot/Dockerfile.j2": "FROM x:1\n"}
    code, report = judged(tmp_path / "r", Case({"main.tf": narrow}, head))
    assert len(report["gaps"]) == 2
    assert (code, [gap for gap in report["gaps"] if gap["blocking"]]) == (0, [])


def installed(folder: str) -> Files:
    entry = {"Key": "net", "Source": AWAY, "Dir": f"{folder}/modules/net"}
    manifest = json.dumps({"Modules": [entry]})
    narrow = group("bot", "10.0.0.0/8")
    return {f"{folder}/modules/modules.json": manifest, f"{folder}/modules/net/main.tf": narrow}


@pytest.mark.parametrize("way", ["committed", "behind a link", "installed"])
def test_a_module_that_the_request_brings_is_not_what_terraform_fetches(
    way: str, tmp_path: Path
) -> None:
    """What it looks like is for its author to say, unless it was installed for the call."""
    main = {"main.tf": MODULE.format(AWAY)}
    link = {".gitignore": ".terraform\n"} if way == "installed" else {}
    head = {**main, **installed("kept/x" if way == "behind a link" else ".terraform"), **link}

    def do(root: Path) -> None:
        if way == "installed":
            git(root, "rm", "-r", "-q", "--cached", ".terraform")
        elif way == "behind a link":
            (root / ".terraform").symlink_to("kept/x")
            git(root, "add", "-A")

    _, report = judged(tmp_path / "r", Case(main, head, do=None if way == "committed" else do))
    seen = any(one["resource"]["address"].startswith("module.net.") for one in report["findings"])
    assert seen is (way == "installed")
    assert bool(report["gaps"]) is (way != "installed")
