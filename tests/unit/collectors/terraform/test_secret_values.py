"""Where the values of secrets come from, and that they are never shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policyscan.collectors.interface import Reading
from policyscan.collectors.terraform import TerraformCollector
from policyscan.collectors.terraform.kinds.keys.secret_values import SAFE
from tests.scanning import scan_files
from tests.unit.collectors.terraform.written import WrittenTree, field, resources

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
CONTEXT = (
    'variable "u" {}\nvariable "d" { default = "hunter2" }\nvariable "s" { sensitive = true }\n'
    'variable "c" { default = "change me" }\n'
    'resource "random_password" "r" { length = 20 }\nresource "random_id" "i" {}\n'
    'resource "tls_private_key" "k" {}\nresource "aws_iam_access_key" "a" { user = "x" }\n'
    'data "external" "e" {}\nresource "aws_db_instance" "db" {}\n'
)
SECRET = 'resource "aws_secretsmanager_secret" "s" { name = "x" }\n'
IGNORED = "lifecycle { ignore_changes = [secret_string] }"


def version(body: str, secret: str = "aws_secretsmanager_secret.s.id") -> str:
    return (
        f'resource "aws_secretsmanager_secret_version" "v" {{\nsecret_id = {secret}\n{body}\n}}\n'
    )


def source(body: str) -> Any:
    found = resources({"main.tf": CONTEXT + SECRET + version(body), "key.txt": "hunter2"})
    return field(found["aws_secretsmanager_secret.s"].value_from)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"hunter2"', "literal"),
        (f'"{KEY}"', "literal"),
        ("<<EOT\nhunter2\nEOT", "literal"),
        ("var.d", "literal"),
        ("var.u", "variable"),
        ("var.s", "variable"),
        ('"prefix-${var.u}"', "variable"),
        ("sensitive(var.u)", "variable"),
        ("random_password.r.result", "generated"),
        ("random_id.i.hex", "generated"),
        ("tls_private_key.k.private_key_pem", "generated"),
        ("uuid()", "generated"),
        ('"${random_password.r.result}${random_id.i.hex}"', "generated"),
        ("aws_iam_access_key.a.secret", "resource"),
        ("data.external.e.result", "resource"),
        ('file("${path.module}/key.txt")', "file"),
        ('file("nowhere.txt")', "file"),
        ('"change me"', "placeholder"),
        ("var.c", "variable"),
        ('jsonencode({api_key = "change me", other = var.u})', "variable"),
        ('jsonencode({key = var.u, secret = ""})', "variable"),
        ('jsonencode({host = aws_db_instance.db.address, password = "change me"})', "placeholder"),
        ('<<EOT\n{"api_key": "change me", "api_secret": "hunter2"}\nEOT', "literal"),
        ('<<EOT\n{"api_key": "change me", "url": "https://x"}\nEOT', "placeholder"),
        ('<<EOT\n{"api_key": "${var.u}"}\nEOT', "variable"),
        ('<<EOT\n{"api_key": "change me", broken\nEOT', "literal"),
        ("<<EOT\nAPI_KEY=change me\nAPI_SECRET=hunter2\nEOT", "literal"),
        ('jsonencode({for n in range(900) : "k${n}" => "change me"})', "placeholder"),
        ('jsonencode([for n in range(1024) : n > 0 ? "change me" : "hunter2"])', None),
        ('""', "placeholder"),
        ("jsonencode({})", "placeholder"),
        ('jsonencode({api_key = "hunter2"})', "literal"),
        ("jsonencode({api_key = var.u})", "variable"),
        ('jsonencode({url = "https://x", api_key = "change me"})', "placeholder"),
        ("jsonencode({host = aws_db_instance.db.address, password = var.u})", "variable"),
        ("jsonencode({password = random_password.r.result, api_key = var.u})", "variable"),
        ("jsonencode({port = 5432, enabled = true})", "placeholder"),
        ('var.u == "x" ? "hunter2" : "change me"', "literal"),
        ("null", "outside"),
    ],
)
def test_what_puts_the_value_there(value: str, expected: str | None) -> None:
    found = source(f"secret_string = {value}")
    assert found == expected or (expected is None and found not in SAFE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"change me"', "placeholder"),
        ('"initial"', "placeholder"),
        ("var.c", "placeholder"),
        (f'"{KEY}"', "literal"),
        ("random_password.r.result", "placeholder"),
        ("var.u", "<whether the first value is only a placeholder>"),
        ('file("key.txt")', "placeholder"),
        ('jsonencode({key = "tbd", secret = ""})', "placeholder"),
    ],
)
def test_a_first_value_whose_changes_are_ignored(value: str, expected: str) -> None:
    assert source(f"secret_string = {value}\n{IGNORED}") == expected
    everything = "lifecycle { ignore_changes = all }"
    assert source(f"secret_string = {value}\n{everything}") == expected


def test_ignoring_another_argument_is_nothing() -> None:
    other = "lifecycle { ignore_changes = [version_stages] }"
    assert source(f"secret_string = var.u\n{other}") == "variable"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("secret_string_wo = var.u", "write_only"),
        ("secret_string_wo = ephemeral.random_password.p.result", "write_only"),
        (f'secret_string_wo = "{KEY}"', "literal"),
        ("secret_binary = var.u", "variable"),
        ("", "outside"),
    ],
)
def test_other_arguments(body: str, expected: str) -> None:
    assert source(body) == expected


def test_without_a_version_the_value_is_outside() -> None:
    assert resources(SECRET)["aws_secretsmanager_secret.s"].value_from == "outside"


def test_a_version_may_be_in_what_was_not_read() -> None:
    module = SECRET + 'module "m" { source = "registry/x/y" }\n'
    found = resources(module)["aws_secretsmanager_secret.s"]
    assert str(field(found.value_from)).startswith("<a version of this secret")


def test_a_version_of_a_secret_that_is_not_known() -> None:
    module = CONTEXT + SECRET + version("secret_string = var.u", "var.u")
    found = resources(module)["aws_secretsmanager_secret.s"]
    assert field(found.value_from) == "<a value for var.u>"


def test_the_worst_version_counts() -> None:
    module = CONTEXT + SECRET + version('secret_string = "change me"')
    module += version("secret_string = var.u").replace('"v"', '"w"')
    assert resources(module)["aws_secretsmanager_secret.s"].value_from == "variable"


def test_a_value_from_a_file_of_variables() -> None:
    files = {
        "main.tf": CONTEXT + SECRET + version("secret_string = var.u"),
        "terraform.tfvars": 'u = "hunter2"\n',
    }
    assert resources(files)["aws_secretsmanager_secret.s"].value_from == "variable"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("value = var.u", "variable"),
        ('value = "hunter2"', "literal"),
        ('value = "change me"', "placeholder"),
        ('value = "change me"\nlifecycle { ignore_changes = [value] }', "read_back"),
        ("value_wo = var.u", "write_only"),
        ("", "outside"),
    ],
)
def test_parameters(body: str, expected: str) -> None:
    module = (
        f'resource "aws_ssm_parameter" "p" {{\nname = "/x"\ntype = "SecureString"\n{body}\n}}\n'
    )
    found = resources(CONTEXT + module)["aws_ssm_parameter.p"]
    assert (found.store, field(found.value_from)) == ("ssm", expected)
    assert found.kms == "aws_managed"


def test_parameters_that_are_no_secrets() -> None:
    module = (
        'resource "aws_ssm_parameter" "p" {\nname = "/x"\ntype = "String"\nvalue = "eu-west-1"\n}\n'
    )
    assert "aws_ssm_parameter.p" not in resources(module)
    module = module.replace('"String"', "var.u")
    found = resources(CONTEXT + module)["aws_ssm_parameter.p"]
    assert field(found.value_from) == "<a value for var.u>"


VALUES = ["hunter2hunter2", KEY, "correct horse battery staple"]


@pytest.mark.parametrize("value", VALUES)
def test_no_value_is_shown_anywhere(value: str, tmp_path: Path) -> None:
    files = {
        "main.tf": (
            SECRET
            + version(f'secret_string = "{value}"')
            + f'resource "aws_ssm_parameter" "p" {{\nname = "/x"\ntype = "SecureString"\n'
            f'value = "{value}"\n}}\n'
        ),
        "more.tf.json": json.dumps(
            {
                "resource": {
                    "aws_ssm_parameter": {
                        "q": {"name": "/y", "type": "SecureString", "value": value},
                        "r": {"value": value, "type": "SecureString", "name": "/z"},
                    }
                }
            }
        ),
    }
    report = scan_files(tmp_path, dict(files))
    found = [f for f in report.findings if f.policy_id == "PS-SEC-010"]
    assert len(found) == 4
    assert value not in repr(report)
    tree = WrittenTree(files)
    items = list(TerraformCollector().read(tree, ["main.tf"], Reading(".", {})))
    chains = [getattr(item, "chains", {}) for item in items]
    labels = [step.label for each in chains for chain in each.values() for step in chain]
    assert not [label for label in labels if value in label]


def test_a_placeholder_by_default_is_an_assumption(tmp_path: Path) -> None:
    module = CONTEXT + SECRET + version(f"secret_string = var.c\n{IGNORED}")
    report = scan_files(tmp_path, {"main.tf": module}, select=("PS-SEC-010",))
    (finding,) = report.findings
    assert finding.verdict.value == "pass"
    assert finding.assumes
