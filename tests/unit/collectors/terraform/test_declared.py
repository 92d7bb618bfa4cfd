"""What every resource has: tags, provider, moves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.collectors.terraform.written import field, resources

LOGS = 'resource "aws_cloudwatch_log_group" "l" {\n%s\n}\n'
ADDRESS = "aws_cloudwatch_log_group.l"


def provider(tags: str, more: str = "") -> str:
    return f'provider "aws" {{\n{more}\ndefault_tags {{\ntags = {tags}\n}}\n}}\n'


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (LOGS % "", {}),
        (LOGS % 'tags = {a = "b"}', {"a": "b"}),
        (provider('{a = "p", c = "d"}') + LOGS % 'tags = {a = "b"}', {"a": "b", "c": "d"}),
        (provider('{a = "east"}', 'alias = "east"') + LOGS % "", {}),
        (provider('{a = "east"}', 'alias = "east"') + LOGS % "provider = aws.east", {"a": "east"}),
        (LOGS % "tags = var.u", "<a value for var.u>"),
        (LOGS % "tags = {a = var.u}", {"a": "<a value for var.u>"}),
        (LOGS % 'tags = merge({a = "b"}, {c = 1})', {"a": "b", "c": "1"}),
        (LOGS % 'tags = var.u ? {a = "b"} : {}', "<whether var.u>"),
        (provider("var.u") + LOGS % 'tags = {a = "b"}', "<a value for var.u>"),
    ],
)
def test_tags(module: str, expected: Any) -> None:
    assert field(resources('variable "u" {}\n' + module)[ADDRESS].tags) == expected


@pytest.mark.parametrize(
    ("call", "inside", "expected"),
    [
        ("", "", {"a": "default"}),
        ("providers = {aws = aws.east}", "", {"a": "east"}),
        ("providers = {aws.inner = aws.east}", "provider = aws.inner", {"a": "east"}),
        ("providers = {aws.inner = aws.east}", "", {"a": "default"}),
        ("providers = {aws = aws}", "", {"a": "default"}),
    ],
)
def test_tags_of_providers_that_are_passed_on(call: str, inside: str, expected: Any) -> None:
    files = {
        "main.tf": provider('{a = "default"}')
        + provider('{a = "east"}', 'alias = "east"')
        + f'module "m" {{\nsource = "./m"\n{call}\n}}',
        "m/main.tf": LOGS % inside,
    }
    assert field(resources(files)[f"module.m.{ADDRESS}"].tags) == expected


def test_the_provider_in_json() -> None:
    files = {
        "main.tf.json": """
        {"provider": {"aws": [{"alias": "east", "default_tags": [{"tags": {"a": "east"}}]}]},
         "resource": {"aws_cloudwatch_log_group": {"l": {"provider": "aws.east"}}}}
        """
    }
    assert resources(files)[ADDRESS].tags == {"a": "east"}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (provider('{a = "new"}'), {"a": "new"}),
        (provider('{a = "new"}', 'alias = "east"'), {"a": "old"}),
        ('provider "aws" {\nregion = "eu-west-1"\n}', {"a": "old"}),
    ],
)
def test_override_of_providers(override: str, expected: Any) -> None:
    files = {"main.tf": provider('{a = "old"}') + LOGS % "", "override.tf": override}
    assert resources(files)[ADDRESS].tags == expected


def moved(before: str, after: str) -> str:
    return f"moved {{\nfrom = {before}\nto = {after}\n}}\n"


@pytest.mark.parametrize(
    ("moves", "address", "identity"),
    [
        ("", ADDRESS, ""),
        (moved(f"{ADDRESS}_old", ADDRESS), ADDRESS, f"{ADDRESS}_old"),
        (
            moved("aws_cloudwatch_log_group.a", "aws_cloudwatch_log_group.b")
            + moved("aws_cloudwatch_log_group.b", ADDRESS),
            ADDRESS,
            "aws_cloudwatch_log_group.a",
        ),
        (moved(ADDRESS, "aws_cloudwatch_log_group.other"), ADDRESS, ""),
        (moved(ADDRESS, ADDRESS), ADDRESS, ""),
        (
            moved(ADDRESS, "aws_cloudwatch_log_group.x")
            + moved("aws_cloudwatch_log_group.x", ADDRESS),
            ADDRESS,
            None,
        ),
    ],
)
def test_moved(moves: str, address: str, identity: str | None) -> None:
    found = resources(moves + LOGS % "")[address].identity
    assert identity is None or found == identity


def test_moved_instances_and_modules() -> None:
    files = {
        "main.tf": moved("module.old", "module.new")
        + moved(f"{ADDRESS}", f'{ADDRESS}["my key"]')
        + 'module "new" {\nsource = "./m"\n}\n'
        + LOGS % 'for_each = toset(["my key", "b"])',
        "m/main.tf": moved("aws_cloudwatch_log_group.first", ADDRESS) + LOGS % "count = 1",
    }
    found = {address: item.identity for address, item in resources(files).items()}
    assert found == {
        f'{ADDRESS}["my key"]': ADDRESS,
        f'{ADDRESS}["b"]': "",
        f"module.new.{ADDRESS}[0]": "module.old.aws_cloudwatch_log_group.first[0]",
    }


@pytest.mark.parametrize(
    ("files", "address", "expected"),
    [
        ("", ADDRESS, ""),
        ('provider "aws" {\nregion = "eu-west-1"\n}', ADDRESS, "eu-west-1"),
        ('provider "aws" {\nregion = var.region\n}\nvariable "region" {}', ADDRESS, ""),
        ('provider "aws" {\nalias = "east"\nregion = "us-east-1"\n}', ADDRESS, ""),
    ],
)
def test_the_region_of_the_provider(files: str, address: str, expected: str) -> None:
    assert resources(files + "\n" + LOGS % "")[address].origin.region == expected


def test_the_region_of_one_resource_is_its_own() -> None:
    provider = 'provider "aws" {\nregion = "eu-west-1"\n}\n'
    east = 'provider "aws" {\nalias = "east"\nregion = "us-east-1"\n}\n'
    two = 'resource "aws_cloudwatch_log_group" "m" {\nprovider = aws.east\n}\n'
    three = 'resource "aws_cloudwatch_log_group" "n" {\nregion = "eu-north-1"\n}\n'
    found = resources(provider + east + LOGS % "" + two + three)
    assert {address: one.origin.region for address, one in found.items()} == {
        ADDRESS: "eu-west-1",
        "aws_cloudwatch_log_group.m": "us-east-1",
        "aws_cloudwatch_log_group.n": "eu-north-1",
    }


@pytest.mark.parametrize(
    ("block", "names"),
    [
        (f'import {{\nto = {ADDRESS}\nid = "/desk/bot"\n}}\n', ("/desk/bot",)),
        (f"import {{\nto = {ADDRESS}\nid = var.id\n}}\n", ()),
        (f'import {{\nto = {ADDRESS}\nid = "${{var.id}}"\n}}\n', ()),
        (f'import {{\nfor_each = toset(["a"])\nto = {ADDRESS}\nid = "a"\n}}\n', ()),
        ("import {\n}\n", ()),
    ],
)
def test_an_import_says_what_a_resource_is_called(block: str, names: tuple[str, ...]) -> None:
    assert resources(block + LOGS % "")[ADDRESS].names == names
