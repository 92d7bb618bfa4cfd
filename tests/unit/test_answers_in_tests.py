"""Tests of policies with answers of live sources, and policies that judge several kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.selftest import run_policy_tests

POLICY = """\
id: DESK-LOG-001
version: 1
slug: unnamed
title: Groups of logs and of packets have a name of ours
severity: low
plane: change
resource: [LogGroup, SecurityGroup]
require: resource.name != null && resource.name.startsWith("desk")
message: "{address} is called {witness.value}"
why: To find it.
fix: Call it so.
control: CTL-AUDIT-LOG
criteria: ["SOC2:CC7.2"]
guide: [House rules]
tests:
  - name: both kinds, in files and in an account
    files:
      main.tf: |
        resource "aws_cloudwatch_log_group" "ours" { name = "desk/bot" }
        resource "aws_security_group" "other" { name = "web" }
    answers:
      - collector: aws
        unit: 111122223333/eu-west-1
        subject: ec2:DescribeSecurityGroups
        data: {SecurityGroups: [{GroupId: sg-1, GroupName: desk, IpPermissions: [],
                                 IpPermissionsEgress: []}]}
      - collector: aws
        unit: 111122223333/eu-west-1
        subject: ec2:DescribeSecurityGroups
        data: {SecurityGroups: [{GroupId: sg-2, GroupName: web, IpPermissions: [],
                                 IpPermissionsEgress: []}]}
      - collector: aws
        unit: 111122223333/eu-west-1
        subject: logs:DescribeLogGroups
        data: {logGroups: [{logGroupName: gateway,
                            arn: "arn:aws:logs:eu-west-1:111122223333:log-group:gateway:*"}]}
    expect:
      aws_cloudwatch_log_group.ours: pass
      aws_security_group.other: fail
      arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1: pass
      arn:aws:ec2:eu-west-1:111122223333:security-group/sg-2: fail
      arn:aws:logs:eu-west-1:111122223333:log-group:gateway: fail
"""


def problems(tmp_path: Path, text: str = POLICY) -> tuple[str, ...]:
    folder = tmp_path / "house"
    folder.mkdir()
    (folder / "unnamed.yaml").write_text(text)
    [result] = run_policy_tests(folder)
    return result.problems


def test_files_and_answers_are_judged_together(tmp_path: Path) -> None:
    assert problems(tmp_path) == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "security-group/sg-2: fail",
            "security-group/sg-2: pass",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-2: expected pass, got fail: it "
            '(web) is called "web"',
        ),
        (
            "      arn:aws:ec2:eu-west-1:111122223333:security-group/sg-2: fail\n",
            "",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-2: fail, "
            'which the test does not expect: it (web) is called "web"',
        ),
        (
            "security-group/sg-1: pass",
            "security-group/sg-9: pass",
            "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-9: expected pass, "
            "and nothing was judged",
        ),
    ],
)
def test_what_an_answer_shows_has_two_sides(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in POLICY
    assert told in problems(tmp_path, POLICY.replace(old, new))


def test_answers_alone_are_enough(tmp_path: Path) -> None:
    start, end = POLICY.index("    files:"), POLICY.index("    answers:")
    alone = POLICY[:start] + POLICY[end:]
    for line in (
        "      aws_cloudwatch_log_group.ours: pass\n",
        "      aws_security_group.other: fail\n",
    ):
        alone = alone.replace(line, "")
    assert problems(tmp_path, alone) == ()


def test_an_answer_to_a_question_that_is_never_asked_is_told(tmp_path: Path) -> None:
    wrong = POLICY.replace("logs:DescribeLogGroups", "logs:ListLogGroups")
    assert "gap: the aws collector asks no such question" in problems(tmp_path, wrong)
