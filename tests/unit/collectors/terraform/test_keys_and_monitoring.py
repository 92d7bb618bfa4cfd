"""Secrets with their rotation, trails, detectors and log groups."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.values import Unknown
from tests.unit.collectors.terraform.written import field, resources

SECRET = 'resource "aws_secretsmanager_secret" "s" {\n%s\n}\n'
S = "aws_secretsmanager_secret.s"


def rotation(target: str, rules: str = "automatically_after_days = 30", more: str = "") -> str:
    return (
        f'resource "aws_secretsmanager_secret_rotation" "r" {{\nsecret_id = {target}\n{more}\n'
        f"rotation_rules {{\n{rules}\n}}\n}}\n"
    )


def facts(module: str, address: str, *names: str) -> tuple[Any, ...]:
    found = resources('variable "u" {}\n' + module)[address]
    return tuple(field(getattr(found, name)) for name in names)


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ('name_prefix = "binance-api-key"', "exchange_api_key"),
        ('name_prefix = "smtp-"', "other"),
        ("name_prefix = var.u", "<a value for var.u>"),
        ('name = null\nname_prefix = "kraken/"', "exchange_api_key"),
    ],
)
def test_the_prefix_of_a_name_tells_what_a_secret_is_for(text: str, purpose: str) -> None:
    assert facts(SECRET % text, S, "purpose") == (purpose,)


def test_of_a_name_with_a_prefix_the_beginning_is_known() -> None:
    group = 'resource "aws_cloudwatch_log_group" "g" {\nname_prefix = "/binance/"\n}\n'
    name = resources(group)["aws_cloudwatch_log_group.g"].name
    assert isinstance(name, Unknown)
    assert name.fragments == ("/binance/",)


@pytest.mark.parametrize(
    ("module", "enabled", "days"),
    [
        (SECRET % "", False, None),
        (SECRET % "" + rotation(f"{S}.id"), True, 30),
        (SECRET % "" + rotation(f"{S}.arn"), True, 30),
        (SECRET % "" + rotation(f"one({S}[*].id)"), True, 30),
        (SECRET % "" + rotation("var.u"), "<a value for var.u>", "<a value for var.u>"),
        (SECRET % "" + rotation(f"{S}.id", more="count = 0"), False, None),
        (SECRET % "" + rotation(f"{S}.id", 'schedule_expression = "rate(10 days)"'), True, 10),
        (
            SECRET % "" + rotation(f"{S}.id", "automatically_after_days = var.u"),
            True,
            "<a value for var.u>",
        ),
        (SECRET % "" + rotation(f"{S}.id", ""), True, "<the interval of the rotation>"),
        (SECRET % 'name = "binance"' + rotation('"binance"'), True, 30),
        (SECRET % 'name = "binance"' + rotation('"other"'), False, None),
        (
            SECRET % "" + rotation(f"{S}.id") + rotation(f"{S}.id").replace('"r"', '"again"'),
            True,
            f"<which rotation of {S} is in force>",
        ),
    ],
)
def test_rotation(module: str, enabled: Any, days: Any) -> None:
    assert facts(module, S, "rotation_enabled", "rotation_interval_days") == (enabled, days)


def test_rotation_of_a_secret_that_is_looked_up_may_be_any() -> None:
    module = (
        'data "aws_secretsmanager_secret" "d" {}\n'
        + SECRET % ""
        + rotation("data.aws_secretsmanager_secret.d.id")
    )
    (enabled,) = facts(module, S, "rotation_enabled")
    assert str(enabled).startswith("<")


def test_rotation_of_each_secret() -> None:
    module = SECRET % 'for_each = toset(["a", "b"])' + rotation(
        "each.value.id", more=f"for_each = {S}"
    )
    assert facts(module, f'{S}["b"]', "rotation_enabled") == (True,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "aws_managed"),
        ("kms_key_id = null", "aws_managed"),
        ('kms_key_id = ""', "aws_managed"),
        ('kms_key_id = "alias/aws/secretsmanager"', "aws_managed"),
        ('kms_key_id = "alias/trading"', "customer"),
        ("kms_key_id = aws_kms_key.k.arn", "customer"),
        ("kms_key_id = data.aws_kms_key.k.arn", "<which key data.aws_kms_key.k.arn is>"),
        ("kms_key_id = var.u", "<a value for var.u>"),
        ("kms_key_id = var.u ? aws_kms_key.k.arn : null", ("customer", "aws_managed")),
    ],
)
def test_the_key_of_a_secret(text: str, expected: Any) -> None:
    module = 'resource "aws_kms_key" "k" {}\ndata "aws_kms_key" "k" {}\n' + SECRET % text
    assert facts(module, S, "kms") == (expected,)


TRAIL = 'resource "aws_cloudtrail" "t" {\n%s\n}\n'
SELECTOR = "event_selector {\n%s\n}\n"
ADVANCED = "advanced_event_selector {\n%s\n}\n"


def fields_of(**table: str) -> str:
    return ADVANCED % "".join(
        f'field_selector {{\nfield = "{name}"\nequals = ["{word}"]\n}}\n'
        for name, word in table.items()
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "All"),
        (SELECTOR % "", "All"),
        (SELECTOR % 'read_write_type = "WriteOnly"', "WriteOnly"),
        (SELECTOR % "include_management_events = false", "None"),
        (
            SELECTOR % 'read_write_type = "ReadOnly"' + SELECTOR % 'read_write_type = "WriteOnly"',
            "All",
        ),
        (SELECTOR % "read_write_type = var.u", "<a value for var.u>"),
        (fields_of(eventCategory="Management"), "All"),
        (fields_of(eventCategory="Management", readOnly="true"), "ReadOnly"),
        (fields_of(eventCategory="Management", readOnly="false"), "WriteOnly"),
        (fields_of(eventCategory="Data"), "None"),
        (
            fields_of(eventCategory="Management", eventName="x")
            + fields_of(eventCategory="Management", readOnly="true"),
            "ReadOnly",
        ),
        (fields_of(eventCategory="Data") + fields_of(eventCategory="Management"), "All"),
        (
            SELECTOR % 'exclude_management_event_sources = ["kms.amazonaws.com"]',
            "<an event selector that leaves out services>",
        ),
        (SELECTOR % "exclude_management_event_sources = []", "All"),
        (
            SELECTOR % 'exclude_management_event_sources = ["kms.amazonaws.com"]' + SELECTOR % "",
            "All",
        ),
    ],
)
def test_management_events(text: str, expected: str) -> None:
    assert facts(TRAIL % text, "aws_cloudtrail.t", "management_events") == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (False, True, False)),
        (
            "is_multi_region_trail = true\nenable_logging = false\n"
            "enable_log_file_validation = true",
            (True, False, True),
        ),
        ('is_multi_region_trail = "true"', (True, True, False)),
        ("enable_logging = var.u", (False, "<a value for var.u>", False)),
        ("enable_logging = var.u ? false : null", (False, (False, True), False)),
    ],
)
def test_trails(text: str, expected: Any) -> None:
    names = ("multi_region", "is_logging", "log_file_validation")
    assert facts(TRAIL % text, "aws_cloudtrail.t", *names) == expected


PROVIDERS = """
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "east"
  region = "us-east-1"
}
"""
DETECTOR = 'resource "aws_guardduty_detector" "d" {\n%s\n}\n'


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (DETECTOR % "", (True, "<the region of the provider>")),
        (PROVIDERS + DETECTOR % "", (True, "eu-west-1")),
        (PROVIDERS + DETECTOR % "provider = aws.east", (True, "us-east-1")),
        (PROVIDERS + DETECTOR % 'region = "eu-central-1"', (True, "eu-central-1")),
        (PROVIDERS + DETECTOR % "enable = false", (False, "eu-west-1")),
        (PROVIDERS + DETECTOR % "enable = null", (True, "eu-west-1")),
        (PROVIDERS + DETECTOR % "enable = var.u ? false : null", ((False, True), "eu-west-1")),
    ],
)
def test_detectors(module: str, expected: Any) -> None:
    assert facts(module, "aws_guardduty_detector.d", "enabled", "region") == expected


def test_a_detector_in_every_region_through_a_module() -> None:
    files = {
        "main.tf": PROVIDERS
        + 'module "here" {\nsource = "./m"\n}\n'
        + 'module "east" {\nsource = "./m"\nproviders = {aws = aws.east}\n}\n',
        "m/main.tf": DETECTOR % "",
    }
    assert {address: item.region for address, item in resources(files).items()} == {
        "module.here.aws_guardduty_detector.d": "eu-west-1",
        "module.east.aws_guardduty_detector.d": "us-east-1",
    }


RECORDER = 'resource "aws_config_configuration_recorder" "c" {\n%s\n}\n'
STATUS = (
    'resource "aws_config_configuration_recorder_status" "s" {\nname = %s\nis_enabled = %s\n}\n'
)
C = "aws_config_configuration_recorder.c"


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (RECORDER % "", False),
        (RECORDER % "" + STATUS % (f"{C}.name", "true"), True),
        (RECORDER % "" + STATUS % (f"{C}.id", "false"), False),
        (RECORDER % 'name = "main"' + STATUS % (f"{C}.name", "true"), True),
        (RECORDER % 'name = "main"' + STATUS % ('"main"', "true"), True),
        (RECORDER % "" + STATUS % ('"default"', "true"), True),
        (RECORDER % "" + STATUS % ('"other"', "true"), False),
        (RECORDER % "" + STATUS % ("var.u", "true"), "<a value for var.u>"),
    ],
)
def test_recorders(module: str, expected: Any) -> None:
    assert facts(module, C, "enabled") == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (False, None)),
        ("retention_in_days = 0", (False, None)),
        ('retention_in_days = "30"', (False, 30)),
        ('kms_key_id = var.u ? "key" : null', ((True, False), None)),
        ("retention_in_days = var.u", (False, "<a value for var.u>")),
        ("retention_in_days = var.u ? 1 : null", (False, (1, None))),
    ],
)
def test_log_groups(text: str, expected: Any) -> None:
    module = f'resource "aws_cloudwatch_log_group" "l" {{\n{text}\n}}'
    names = ("kms_encrypted", "retention_days")
    assert facts(module, "aws_cloudwatch_log_group.l", *names) == expected


VERSION = """
resource "aws_secretsmanager_secret_version" "v" {
  secret_id     = %s
  secret_string = "hunter2-hunter2"
}
"""
V = "aws_secretsmanager_secret_version.v"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:binance-AbCdEf"


@pytest.mark.parametrize("name", ["binance", ARN])
def test_a_version_is_joined_by_the_name_or_arn_of_its_secret(name: str) -> None:
    found = resources(SECRET % 'name = "binance"' + VERSION % f'"{name}"')
    assert list(found) == [S]
    assert found[S].value_from == "literal"


@pytest.mark.parametrize("name", ["binance", ARN])
def test_a_version_of_a_secret_that_is_declared_elsewhere_stands_for_it(name: str) -> None:
    found = resources(VERSION % f'"{name}"')[V]
    assert (found.name, found.purpose, found.value_from) == (
        "binance",
        "exchange_api_key",
        "literal",
    )
    assert isinstance(found.kms, Unknown)
    assert isinstance(found.rotation_enabled, Unknown)
