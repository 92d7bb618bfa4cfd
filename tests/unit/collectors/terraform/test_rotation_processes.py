"""Rules, schedules and functions that rotate keys."""

from __future__ import annotations

import pytest

from policyscan.resources.base import ProofLevel, Tally
from policyscan.resources.rotation.model import RotationProcess
from policyscan.values import PartialList, Unknown
from tests.unit.collectors.terraform.written import Files, collected, field

FUNCTION = """
resource "aws_lambda_function" "f" {
  function_name = "rotate-binance-keys"
  role          = "arn:aws:iam::123456789012:role/r"
}
"""
TARGET = """
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_lambda_function.f.arn
}
"""
ALARM = """
resource "aws_cloudwatch_metric_alarm" "a" {
  namespace     = "AWS/Lambda"
  metric_name   = "Errors"
  dimensions    = { FunctionName = aws_lambda_function.f.function_name }
  alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:oncall"]
}
"""
R = "aws_cloudwatch_event_rule.r"


def rule(text: str = "", schedule: str = '"rate(7 days)"') -> str:
    body = f"schedule_expression = {schedule}\n{text}"
    return f'resource "aws_cloudwatch_event_rule" "r" {{\n{body}\n}}\n'


def process(module: Files, address: str = R) -> RotationProcess:
    text = f'variable "u" {{}}\n{module}' if isinstance(module, str) else module
    found = {each.address: each for each in collected(text) if isinstance(each, RotationProcess)}
    return found[address]


def processes(module: str) -> set[str]:
    return {item.address for item in collected(module) if isinstance(item, RotationProcess)}


def test_a_rule_that_starts_a_function() -> None:
    found = process(rule() + TARGET + FUNCTION + ALARM)
    assert (found.form, found.schedule, found.interval_days) == ("eventbridge", "rate(7 days)", 7)
    assert found.purpose == "exchange_api_key"
    assert found.enabled is True
    assert (found.script, found.script_exists) == ("aws_lambda_function.f", True)
    assert found.notifies_on_failure is True
    assert found.origin.proof is ProofLevel.HEURISTIC
    assert isinstance(found.steps, PartialList)


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ('"rate(30 minutes)"', 1 / 48),
        ('"rate(1 day)"', 1),
        ('"cron(0 2 ? * SUN *)"', 7),
        ('"cron(0 2 1 * ? *)"', 31),
        ('"at(2026-01-01T00:00:00)"', "<how often at(2026-01-01T00:00:00) comes>"),
        ('"cron(0 2 1 * ? 2026)"', "<how often cron(0 2 1 * ? 2026) comes>"),
        ("var.u", "<a value for var.u>"),
        ('"rate(${var.u} days)"', "<a value for var.u>"),
    ],
)
def test_how_often_a_rule_comes(schedule: str, days: object) -> None:
    found = field(process(rule(schedule=schedule) + TARGET + FUNCTION).interval_days)
    assert found == (days if isinstance(days, str) else pytest.approx(days))


@pytest.mark.parametrize(
    ("text", "enabled"),
    [
        ("", True),
        ('state = "ENABLED"', True),
        ('state = "DISABLED"', False),
        ("is_enabled = false", False),
        ("is_enabled = true", True),
        ("state = var.u", "<a value for var.u>"),
        ('state = "OFF"', "<ENABLED or DISABLED>"),
    ],
)
def test_whether_a_rule_is_enabled(text: str, enabled: object) -> None:
    assert field(process(rule(text) + TARGET + FUNCTION).enabled) == enabled


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", False),
        (ALARM, True),
        (ALARM.replace('"Errors"', '"Duration"'), False),
        (ALARM.replace('"AWS/Lambda"', '"AWS/EC2"'), False),
        (ALARM.replace('["arn:aws:sns:eu-west-1:123456789012:oncall"]', "[]"), False),
        (ALARM.replace("alarm_actions", "ok_actions"), False),
        (ALARM.replace("aws_lambda_function.f.function_name", '"another"'), False),
        (ALARM.replace("aws_lambda_function.f.function_name", '"rotate-binance-keys"'), True),
        (ALARM.replace("aws_lambda_function.f.function_name", "var.u"), None),
        (ALARM.replace('"Errors"', "var.u"), None),
        (ALARM.replace('["arn:aws:sns:eu-west-1:123456789012:oncall"]', "var.u"), None),
        (
            ALARM.replace(
                "dimensions    = { FunctionName = aws_lambda_function.f.function_name }", ""
            ),
            True,
        ),
        (ALARM.replace("alarm_actions", "actions_enabled = false\nalarm_actions"), False),
        (ALARM.replace("alarm_actions", "actions_enabled = var.u\nalarm_actions"), None),
        (ALARM.replace("namespace ", "count = var.u\nnamespace "), None),
        (ALARM.replace("namespace ", "count = 0\nnamespace "), False),
        ('module "alarms" {\nsource = "elsewhere/alarms/aws"\n}\n', None),
    ],
)
def test_who_hears_of_an_error(more: str, told: bool | None) -> None:
    found = process(rule() + TARGET + FUNCTION + more).notifies_on_failure
    assert (None if isinstance(found, Unknown) else found) is told


def test_a_failed_run_may_go_somewhere() -> None:
    config = """
        resource "aws_lambda_function_event_invoke_config" "c" {
          function_name = aws_lambda_function.f.function_name
          destination_config {
            on_failure { destination = "arn:aws:sns:eu-west-1:123456789012:oncall" }
          }
        }
        """
    assert process(rule() + TARGET + FUNCTION + config).notifies_on_failure is True
    success = config.replace("on_failure", "on_success")
    assert process(rule() + TARGET + FUNCTION + success).notifies_on_failure is False
    queue = FUNCTION.replace("role ", 'dead_letter_config { target_arn = "arn:q" }\nrole ')
    assert isinstance(process(rule() + TARGET + queue).notifies_on_failure, Unknown)


def test_what_a_rule_starts() -> None:
    named = rule('name = "rotate-keys"')
    assert process(named).script_exists is False
    by_name = TARGET.replace("aws_cloudwatch_event_rule.r.name", '"rotate-keys"')
    assert process(named + by_name + FUNCTION).script_exists is True
    elsewhere = TARGET.replace("aws_lambda_function.f.arn", '"arn:aws:ecs:x:1:cluster/rotate-keys"')
    assert isinstance(process(named + elsewhere).script_exists, Unknown)
    unclear = TARGET.replace("aws_cloudwatch_event_rule.r.name", "var.u")
    assert isinstance(process(named + unclear + FUNCTION).script_exists, Unknown)
    nameless = rule('name = "rotate-keys-${var.u}"')
    either = processes(f'variable "u" {{}}\n{nameless}{by_name}{FUNCTION}')
    assert either <= {R, "aws_lambda_function.f"}
    perhaps = TARGET.replace("rule =", "count = var.u\nrule =")
    assert isinstance(process(named + perhaps + FUNCTION).script_exists, Unknown)
    module = 'module "m" {\nsource = "elsewhere/m/aws"\n}\n'
    assert isinstance(process(named + module).script_exists, Unknown)


def test_of_several_functions_the_one_that_rotates_keys_counts() -> None:
    other = (TARGET + FUNCTION).replace("rotate-binance-keys", "report")
    other = other.replace('"t"', '"a"').replace('"f"', '"a"').replace("function.f", "function.a")
    found = process(rule() + other + TARGET + FUNCTION + ALARM)
    assert found.script == "aws_lambda_function.f"
    assert found.notifies_on_failure is True


def test_what_rotates_no_keys_is_none() -> None:
    other = FUNCTION.replace("rotate-binance-keys", "report")
    assert processes(rule() + TARGET + other) == set()
    assert processes(rule('event_pattern = "{}"').replace("schedule_expression", "#")) == set()
    logs = FUNCTION.replace("rotate-binance-keys", "rotate-logs")
    assert processes(rule() + TARGET + logs) == set()


def test_a_schedule_of_the_scheduler() -> None:
    schedule = """
        resource "aws_scheduler_schedule" "s" {
          schedule_expression = "rate(14 days)"
          state               = "DISABLED"
          target {
            arn = aws_lambda_function.f.arn
          }
        }
        """
    found = process(schedule + FUNCTION, "aws_scheduler_schedule.s")
    assert (found.form, found.interval_days, found.enabled) == ("scheduler", 14, False)
    assert found.script_exists is True


SECRET = """
resource "aws_secretsmanager_secret" "s" { name = "prod/%s" }
resource "aws_secretsmanager_secret_rotation" "r" {
  secret_id           = aws_secretsmanager_secret.s.id
  rotation_lambda_arn = aws_lambda_function.f.arn
}
"""
PLAIN = FUNCTION.replace("rotate-binance-keys", "rotate")


@pytest.mark.parametrize(
    ("name", "purpose"), [("binance/maker", "exchange_api_key"), ("postgres", "other")]
)
def test_a_function_is_for_what_the_secrets_are_that_it_rotates(name: str, purpose: str) -> None:
    found = process(SECRET % name + PLAIN, "aws_lambda_function.f")
    assert (found.form, found.schedule, found.purpose) == ("lambda", None, purpose)


def test_a_function_may_rotate_a_secret_that_is_elsewhere() -> None:
    text = (SECRET % "x").replace("aws_secretsmanager_secret.s.id", "var.u") + PLAIN
    assert isinstance(process(text, "aws_lambda_function.f").purpose, Unknown)


ROTATION = (
    SECRET % "binance/maker"
    + """
data "archive_file" "z" {
  type        = "zip"
  %s
  output_path = "z.zip"
}
resource "aws_lambda_function" "f" {
  function_name = "rotate"
  role          = "arn:aws:iam::123456789012:role/r"
  filename      = data.archive_file.z.output_path
  handler       = "%s"
}
"""
)
PROGRAM = 'store.update_secret_version_stage(VersionStage="AWSCURRENT")\n'


@pytest.mark.parametrize(
    ("source", "handler"),
    [
        ('source_file = "${path.module}/code/steps.py"', "steps.handler"),
        ('source_dir = "${path.module}/code"', "steps.handler"),
        ('source_dir = "code/../code/"', "steps.handler"),
    ],
)
def test_the_program_of_a_function_is_read_from_its_archive(source: str, handler: str) -> None:
    files = {"infra/main.tf": ROTATION % (source, handler), "infra/code/steps.py": PROGRAM}
    assert process(files, "aws_lambda_function.f").steps == ("promote",)


@pytest.mark.parametrize(
    ("source", "handler"),
    [
        ('source_dir = "${path.module}/code"', "other.handler"),
        ('source_dir = "../../../code"', "steps.handler"),
        ('source_dir = "/code"', "steps.handler"),
        ("source_dir = var.u", "steps.handler"),
        ('source_dir = "code"', "${var.u}"),
    ],
)
def test_a_program_that_is_not_found_is_not_known(source: str, handler: str) -> None:
    text = 'variable "u" {}\n' + ROTATION % (source, handler)
    steps = process(
        {"infra/main.tf": text, "infra/code/steps.py": PROGRAM}, "aws_lambda_function.f"
    )
    assert isinstance(steps.steps, PartialList)
    assert steps.steps.known == ()


def test_the_books_balance() -> None:
    more = rule().replace('"r"', '"nightly"') + FUNCTION.replace('"f"', '"report"').replace(
        "rotate", "x"
    )
    found = collected(
        rule() + TARGET + FUNCTION + more + 'resource "aws_lambda_function" "g" { count = 0 }\n'
    )
    [tally] = [i for i in found if isinstance(i, Tally) and i.kind == "RotationProcess"]
    assert tally.found == tally.normalised + sum(tally.dropped.values()) == 2
    assert tally.normalised == 1
