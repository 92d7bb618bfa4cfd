"""Tests of policies are prepared once, and then judge any policy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from policyscan.authoring.loading import load_each
from policyscan.errors import PolicyError
from policyscan.policy import Policy, load_tests
from policyscan.selftest import prepare, run_tests_of

TEXT = """\
id: DESK-LOG-001
version: 1
slug: short-lived-logs
title: Logs are kept for a year
severity: high
plane: change
resource: LogGroup
require: resource.retention_days != null && resource.retention_days >= 365
message: "{address} is kept too short a time"
why: Because.
fix: Do it.
control: CTL-AUDIT-LOG
criteria: ["SOC2:CC7.2"]
guide: []
tests:
  - name: kept, not kept, and one that is waived
    files:
      main.tf: |
        resource "aws_cloudwatch_log_group" "good" { retention_in_days = 365 }
        resource "aws_cloudwatch_log_group" "bad" { retention_in_days = 30 }
    expect:
      aws_cloudwatch_log_group.good: pass
      aws_cloudwatch_log_group.bad: fail
  - name: kept
    files:
      main.tf: |
        resource "aws_cloudwatch_log_group" "good" { retention_in_days = 365 }
    expect: {aws_cloudwatch_log_group.good: pass}
"""


def policy_of(folder: Path, text: str) -> Policy:
    (folder / "short-lived-logs.yaml").write_text(text)
    [policy] = load_each([folder])
    assert isinstance(policy, Policy)
    return policy


def test_a_changed_copy_is_told_from_the_policy(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, TEXT)
    changed = policy_of(tmp_path, TEXT.replace(">= 365", "> 365"))
    prepared = [prepare(policy, test) for test in load_tests(policy)]
    assert [each.problems for each in prepared] == [(), ()]
    assert [each.problems_of(policy) for each in prepared] == [(), ()]
    said = ("aws_cloudwatch_log_group.good: expected pass, got fail: it is kept too short a time",)
    assert [each.problems_of(changed) for each in prepared] == [said, said]


def test_a_copy_that_changes_nothing_is_not_told_from_it(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, TEXT)
    same = policy_of(tmp_path, TEXT.replace(">= 365", "> 364"))
    assert [prepare(policy, test).problems_of(same) for test in load_tests(policy)] == [(), ()]


def test_results_carry_place_and_time(tmp_path: Path) -> None:
    results = list(run_tests_of(policy_of(tmp_path, TEXT)))
    assert [(each.policy_id, each.line) for each in results] == [
        ("DESK-LOG-001", 16),
        ("DESK-LOG-001", 24),
    ]
    assert all(each.path.endswith("short-lived-logs.yaml") for each in results)
    assert all(0 < each.seconds < 60 for each in results)


def test_options_that_no_configuration_has_are_a_problem_of_their_test(tmp_path: Path) -> None:
    text = TEXT.replace("  - name: kept\n", "  - name: kept\n    options: {scop: {}}\n")
    first, second = run_tests_of(policy_of(tmp_path, text))
    assert first.problems == ()
    assert "unknown key 'scop'" in second.problems[0]


def test_parameters_of_another_policy_are_a_problem_of_their_test(tmp_path: Path) -> None:
    options = "    options: {parameters: {PS-NET-004: {}}}\n"
    text = TEXT.replace("  - name: kept\n", f"  - name: kept\n{options}")
    _, second = run_tests_of(policy_of(tmp_path, text))
    assert "parameters for PS-NET-004, which is no policy" in second.problems[0]


def test_a_file_outside_of_its_folder_is_refused(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, TEXT)
    test = replace(load_tests(policy)[0], files={"../../out.tf": ""})
    with pytest.raises(PolicyError, match="writes outside its folder"):
        prepare(policy, test)
