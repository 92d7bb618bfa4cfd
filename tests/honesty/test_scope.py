"""From Terraform to what a thing is for, and what that decides: whole scans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policyscan.config import parse_configuration
from policyscan.findings.model import Verdict
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, survey
from tests.scanning import NOW, scan_files, write

DESK = """
    resource "aws_secretsmanager_secret" "k" { name = "binance-api-key-maker" }

    resource "aws_iam_role" "task" {
      assume_role_policy = jsonencode({
        Statement = [{
          Effect    = "Allow"
          Action    = "sts:AssumeRole"
          Principal = { Service = "ecs-tasks.amazonaws.com" }
        }]
      })
    }
    resource "aws_iam_role_policy" "task" {
      role   = aws_iam_role.task.id
      policy = data.aws_iam_policy_document.task.json
    }
    data "aws_iam_policy_document" "task" {
      statement {
        sid       = "Key"
        actions   = ["secretsmanager:GetSecretValue"]
        resources = [aws_secretsmanager_secret.k.arn]
      }
    }

    resource "aws_ecs_task_definition" "m" {
      family        = "m"
      task_role_arn = aws_iam_role.task.arn
      container_definitions = jsonencode([{
        name = "m"
        logConfiguration = {
          logDriver = "awslogs"
          options   = { awslogs-group = aws_cloudwatch_log_group.m.name }
        }
      }])
    }
    resource "aws_ecs_service" "m" {
      task_definition = aws_ecs_task_definition.m.arn
      network_configuration {
        subnets         = [aws_subnet.m.id]
        security_groups = [aws_security_group.m.id]
      }
    }
    resource "aws_cloudwatch_log_group" "m" { name = "/m" }
    resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
    resource "aws_subnet" "m" {
      vpc_id     = aws_vpc.main.id
      cidr_block = "10.0.0.0/24"
    }
    resource "aws_security_group" "m" { vpc_id = aws_vpc.main.id }
    """

DERIVED = {
    "aws_secretsmanager_secret.k",
    "aws_ecs_task_definition.m",
    "aws_iam_role_policy.task#Key",
    "aws_cloudwatch_log_group.m",
    "aws_vpc.main",
    "aws_subnet.m",
    "aws_security_group.m",
}


def resources(root: Path, text: str, configuration: str = "version: 1") -> dict[str, Any]:
    request = ScanRequest(
        path=write(root, {"main.tf": text}),
        configuration=parse_configuration("policyscan.yaml", configuration.encode()),
        profile=load_profile("ci", root),
    )
    found = survey(request, now=NOW).inventory.resources
    return {resource.address: resource for resource in found}


def test_from_a_grant_to_the_network_of_the_task_that_has_it(tmp_path: Path) -> None:
    found = resources(tmp_path, DESK)
    assert {
        address
        for address, one in found.items()
        if one.scope.get("role") == "derived" and one.role == "trading"
    } >= DERIVED
    steps = [step.label for step in found["aws_security_group.m"].chains["role"]]
    assert steps[:3] == [
        "aws_security_group.m serves aws_ecs_task_definition.m",
        "aws_ecs_task_definition.m acts under aws_iam_role.task.arn",
        "task_role_arn = aws_iam_role.task.arn",
    ]
    assert "aws_iam_role_policy.task#Key lets it read aws_secretsmanager_secret.k" in steps


@pytest.mark.parametrize(
    "broken",
    [
        'actions   = ["secretsmanager:DescribeSecret"]',
        'effect    = "Deny"\n        actions   = ["secretsmanager:GetSecretValue"]',
    ],
)
def test_what_does_not_let_it_read_makes_no_trading_role(tmp_path: Path, broken: str) -> None:
    text = DESK.replace('actions   = ["secretsmanager:GetSecretValue"]', broken)
    assert text != DESK
    task = resources(tmp_path, text)["aws_ecs_task_definition.m"]
    assert task.scope.get("role") == "default"


def test_to_be_let_at_everything_tells_nothing(tmp_path: Path) -> None:
    text = DESK.replace("[aws_secretsmanager_secret.k.arn]", '["*"]')
    task = resources(tmp_path, text)["aws_ecs_task_definition.m"]
    assert task.scope.get("role") == "default"


# -- what an answer decides --------------------------------------------------------------------

OPEN = """
    resource "aws_security_group" "LABEL" {
      egress {
        protocol    = "-1"
        from_port   = 0
        to_port     = 0
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_secretsmanager_secret" "k" { name = "binance-api-key" }
    resource "aws_instance" "x" {
      vpc_security_group_ids = [GROUP]
      user_data              = "aws secretsmanager get-secret-value --secret-id SECRET"
    }
    """


def open_egress(
    root: Path, label: str, *, reads: bool, assign: str = "", group: str = ""
) -> Report:
    text = OPEN.replace("LABEL", label).replace("GROUP", group)
    text = text.replace("SECRET", "binance-api-key" if reads else "smtp")
    extra = "" if not assign else f"\nscope: {{assign: [{{match: {{path: '*'}}, {assign}}}]}}"
    lists = (
        "\nallow_lists: [{name: b, exchange: binance, ranges: ['198.51.100.0/24'], owner: ops,"
        " verified: '2025-12-31'}]"
    )
    configuration = parse_configuration("policyscan.yaml", f"version: 1{lists}{extra}".encode())
    return scan_files(root, {"main.tf": text}, configuration=configuration)


@pytest.mark.parametrize(
    ("label", "reads", "assign", "basis", "blocks"),
    [
        ("x", True, "", "derived", True),
        ("x", False, "role: trading", "declared", True),
        ("bot", False, "", "named", False),
        ("x", False, "", "default", False),
    ],
)
def test_only_what_is_certain_to_be_trading_blocks(
    tmp_path: Path, label: str, reads: bool, assign: str, basis: str, blocks: bool
) -> None:
    group = f"aws_security_group.{label}.id" if reads else ""
    report = open_egress(tmp_path, label, reads=reads, assign=assign, group=group)
    (finding,) = (f for f in report.findings if f.policy_id == "PS-NET-013")
    assert (finding.verdict.value, finding.scope_basis) == ("fail", basis)
    assert finding.blocking is blocks
    if not blocks:
        assert finding.blocking_reason == "scope not confirmed"
        assert any("(role)" in question.question for question in report.scope_questions)


def test_what_fails_whatever_it_is_for_needs_no_answer(tmp_path: Path) -> None:
    text = """
        resource "aws_security_group" "bot" {
          ingress {
            protocol    = "tcp"
            from_port   = 22
            to_port     = 22
            cidr_blocks = ["0.0.0.0/0"]
          }
        }
        """
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-NET-004",))
    (finding,) = report.findings
    assert (finding.scope_basis, finding.blocking) == ("", True)


def test_at_most_five_questions_the_weightiest_first(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"r{number}/main.tf": "".join(
            f'resource "aws_cloudwatch_log_group" "l{n}" {{}}\n' for n in range(number)
        )
        for number in range(1, 8)
    }
    report = scan_files(tmp_path, files, select=("PS-LOG-008",))
    assert [question.decides for question in report.scope_questions] == [7, 6, 5, 4, 3]
    first = report.scope_questions[0].entry
    answers = f"version: 1\nscope:\n  assign:\n{_indented(first)}\n"
    configuration = parse_configuration("policyscan.yaml", answers.encode())
    after = scan_files(tmp_path, {}, select=("PS-LOG-008",), configuration=configuration)
    assert len(report.of(Verdict.UNKNOWN)) - len(after.of(Verdict.UNKNOWN)) == 7
    assert len(after.of(Verdict.FAIL)) == 7


def test_a_question_is_asked_of_what_its_answer_is_about(tmp_path: Path) -> None:
    text = """
        resource "aws_vpc" "main" { tags = { Purpose = "trading" } }
        resource "aws_security_group" "bot" {
          vpc_id = aws_vpc.main.id
          tags   = { Purpose = "trading" }
        }
        resource "aws_security_group" "db" { vpc_id = aws_vpc.main.id }
        """
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-NET-007",))
    (question,) = report.scope_questions
    assert question.question == "what aws_security_group.db in . is for (role)"
    answers = f"version: 1\nscope:\n  assign:\n{_indented(question.entry)}\n"
    configuration = parse_configuration("policyscan.yaml", answers.encode())
    after = scan_files(tmp_path, {}, select=("PS-NET-007",), configuration=configuration)
    assert [finding.verdict for finding in after.findings] == [Verdict.PASS]
    assert not after.scope_questions


def test_what_only_a_name_puts_aside_is_asked_about(tmp_path: Path) -> None:
    text = """
        resource "aws_cloudwatch_log_group" "web" {}
        resource "aws_cloudwatch_log_group" "tagged" { tags = { Purpose = "web" } }
        """
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-LOG-008",))
    assert {finding.verdict for finding in report.findings} == {Verdict.NOT_APPLICABLE}
    (question,) = report.scope_questions
    assert question.question == "what aws_cloudwatch_log_group.web in . is for (role)"
    assert question.decides == 1


def test_a_question_about_a_file_is_answered_by_its_path(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "binance-connector==3.7.0\n",
        "bot/log.py": "import logging\nlogging.basicConfig(level=logging.DEBUG)\n",
    }
    report = scan_files(tmp_path, files, select=("PS-LOG-007",))
    (question,) = report.scope_questions
    assert '- match: {path: "bot/log.py"}' in question.entry
    answers = f"version: 1\nscope:\n  assign:\n{_indented(question.entry)}\n"
    configuration = parse_configuration("policyscan.yaml", answers.encode())
    after = scan_files(tmp_path, {}, select=("PS-LOG-007",), configuration=configuration)
    assert [finding.verdict for finding in after.findings] == [Verdict.FAIL]


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def test_the_answer_for_a_file_is_for_that_file(tmp_path: Path) -> None:
    """It can be pasted as it is, and then nothing is asked any more."""
    nginx = "http { server { listen 80; } }\n"
    asked = scan_files(tmp_path, {"nginx.conf": nginx}, select=("PS-LOG-005",))
    (question,) = asked.scope_questions
    assert question.question == "what nginx.conf is for (role)"
    first, second = question.entry.splitlines()
    assert first == '- match: {path: "nginx.conf", address: "nginx.conf"}'
    text = f"version: 1\nscope:\n  assign:\n    {first}\n    {second}\n"
    configuration = parse_configuration("policyscan.yaml", text.encode())
    answered = scan_files(
        tmp_path, {"nginx.conf": nginx}, select=("PS-LOG-005",), configuration=configuration
    )
    assert answered.scope_questions == ()
