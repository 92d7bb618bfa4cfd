"""Which call an installed module is for. The forms are those of Terraform's pages on module sources
and on version constraints, and of the modules.json that it writes for them."""

from __future__ import annotations

import json

import pytest

from tests.unit.collectors.terraform.written import gaps


def is_read(source: str, version: str, recorded: str, installed: str) -> bool:
    entry = {"Key": "m", "Source": recorded, "Version": installed, "Dir": ".terraform/modules/m"}
    if not installed:
        del entry["Version"]
    constraint = f'version = "{version}"\n' if version else ""
    found = gaps(
        {
            "main.tf": f'module "m" {{\nsource = "{source}"\n{constraint}}}\n',
            ".terraform/modules/modules.json": json.dumps({"Modules": [entry]}),
            ".terraform/modules/m/main.tf": 'resource "aws_x" "y" {}',
        }
    )
    assert found in ([], [("not_fetched", "module.m")])
    return not found


@pytest.mark.parametrize(
    ("source", "recorded", "expected"),
    [
        ("a/b/aws", "registry.terraform.io/a/b/aws", True),
        ("a/b/aws", "registry.opentofu.org/a/b/aws", True),
        ("a/b/aws", "a/b/aws", True),
        ("a/b/aws//modules/x", "registry.terraform.io/a/b/aws//modules/x", True),
        ("app.terraform.io/a/b/aws", "app.terraform.io/a/b/aws", True),
        ("a/b/aws", "registry.terraform.io/a/c/aws", False),
        ("a/b/aws//modules/x", "registry.terraform.io/a/b/aws//modules/y", False),
        ("app.terraform.io/a/b/aws", "registry.terraform.io/a/b/aws", False),
        ("github.com/a/b", "git::https://github.com/a/b.git", True),
        ("github.com/a/b//sub?ref=v1", "git::https://github.com/a/b.git//sub?ref=v1", True),
        ("github.com/a/b//sub?ref=v1", "git::https://github.com/a/b.git//sub?ref=v2", False),
        ("git@github.com:a/b.git", "git::ssh://git@github.com/a/b.git", True),
        ("git::https://example.com/v.git?ref=1", "git::https://example.com/v.git?ref=1", True),
        ("git::https://example.com/v.git?ref=1", "git::https://example.com/v.git", False),
        ("git::ssh://x@example.com:22/v.git", "git::ssh://x@example.com:22/v.git", True),
        ("git::https://good.example/v.git", "git::https://evil.example/v.git", False),
        ("https://example.com/vpc.zip", "https://example.com/vpc.zip", True),
        ("s3::https://s3.amazonaws.com/b/v.zip", "s3::https://s3.amazonaws.com/b/v.zip", True),
        ("hg::http://example.com/v.hg", "git::http://example.com/v.hg", False),
        ("a/b/aws", "", True),
    ],
)
def test_sources(source: str, recorded: str, expected: bool) -> None:
    assert is_read(source, "", recorded, "") is expected


@pytest.mark.parametrize(
    ("constraint", "version", "expected"),
    [
        ("", "2.1.0", True),
        ("2.1.0", "2.1.0", True),
        ("= 2.1", "2.1.0", True),
        ("2.1.0", "2.1.1", False),
        ("!= 2.1.0", "2.1.0", False),
        (">= 1.2, < 2.0", "1.9.9", True),
        (">= 1.2, < 2.0", "2.0.0", False),
        ("> 1.2, <= 1.3", "1.3.0", True),
        ("~> 1.2", "1.10.0", True),
        ("~> 1.2", "2.0.0", False),
        ("~> 1.2.3", "1.2.10", True),
        ("~> 1.2.3", "1.3.0", False),
        ("~> 1.2.3", "1.2.2", False),
        ("1.0.0-beta1", "1.0.0-beta1", True),
        (">= 1.0.0", "2.0.0-beta1", False),
        ("~> 1.x", "1.2.0", False),
        ("${var.version}", "1.2.0", False),
        ("2.1.0", "", True),
        ("1." + "9" * 5000, "1.2.0", False),
    ],
)
def test_versions(constraint: str, version: str, expected: bool) -> None:
    assert is_read("a/b/aws", constraint, "registry.terraform.io/a/b/aws", version) is expected
