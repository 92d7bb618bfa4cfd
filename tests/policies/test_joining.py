"""Policies that relate resources, from files to verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.selftest import run_policy_tests

HEAD = """
id: {id}
version: 1
slug: {slug}
title: {title}
severity: medium
plane: change
resource: {kind}
require: >-
  {require}
message: "{{address}} is related to something else"
why: >-
  Whoever reads the code of one resource has to know which other one it means, and whether that is
  the only one.
fix: >-
  Relate them by a reference, such as `aws_vpc.main.id`, and let each stand in a network of its own.
control: CTL-SG
criteria: ["SOC2:CC6.6"]
guide: [Network Isolation Requirements]
tests:
"""
NETWORKS = """
  - name: a network of its own, the default one, and one that nobody knows
    files:
      main.tf: |
        variable "vpc" {}
        data "aws_vpc" "shared" {}
        resource "aws_default_vpc" "this" {}
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        resource "aws_security_group" "own" { vpc_id = aws_vpc.main.id }
        resource "aws_security_group" "common" { vpc_id = aws_default_vpc.this.id }
        resource "aws_security_group" "looked_up" { vpc_id = data.aws_vpc.shared.id }
        resource "aws_security_group" "given" { vpc_id = var.vpc }
        resource "aws_security_group" "by_id" { vpc_id = "vpc-0123456789abcdef0" }
    expect:
      aws_security_group.own: pass
      aws_security_group.common: unknown
      aws_security_group.looked_up: unknown
      aws_security_group.given: unknown
      aws_security_group.by_id: unknown
  - name: a network that a module makes
    files:
      main.tf: |
        module "net" { source = "./net" }
        resource "aws_security_group" "own" { vpc_id = module.net.id }
      net/main.tf: |
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        output "id" { value = aws_vpc.main.id }
    expect: {aws_security_group.own: pass}
"""
SECRETS = """
  - name: a secret for one, for two, and for whoever a variable names
    files:
      main.tf: |
        variable "secret" {}
        resource "aws_secretsmanager_secret" "alone" { name = "prod/alone" }
        resource "aws_secretsmanager_secret" "shared" { name = "prod/shared" }
        resource "aws_ecs_task_definition" "a" {
          family = "a"
          container_definitions = jsonencode([{
            name    = "a"
            image   = "a:1"
            secrets = [
              { name = "KEY", valueFrom = aws_secretsmanager_secret.alone.arn },
              { name = "TOKEN", valueFrom = aws_secretsmanager_secret.shared.arn },
            ]
          }])
        }
        resource "aws_ecs_task_definition" "b" {
          family = "b"
          container_definitions = jsonencode([{
            name    = "b"
            image   = "b:1"
            secrets = [{ name = "TOKEN", valueFrom = aws_secretsmanager_secret.shared.arn }]
          }])
        }
        resource "aws_ecs_task_definition" "c" {
          family = "c"
          container_definitions = jsonencode([{
            name    = "c"
            image   = "c:1"
            secrets = [{ name = "TOKEN", valueFrom = var.secret }]
          }])
        }
    expect:
      aws_secretsmanager_secret.alone: unknown
      aws_secretsmanager_secret.shared: fail
"""
POLICIES = {
    "networks": HEAD.format(
        id="XX-NET-901",
        slug="group-in-a-default-network",
        title="Security groups stand in a network of their own",
        kind="SecurityGroup",
        require='has(resource.vpc) && resources("Vpc").exists(v, '
        "refers_to(resource.vpc, v) && !v.is_default)",
    )
    + NETWORKS,
    "secrets": HEAD.format(
        id="XX-KEY-901",
        slug="secret-of-several-workloads",
        title="Every secret is read by one workload",
        kind="Secret",
        require='resources("Workload").exists_one(w, w.secrets.exists(s, refers_to(s, resource)))',
    )
    + SECRETS,
}


@pytest.mark.parametrize("name", POLICIES)
def test_it_judges_as_its_tests_say(name: str, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICIES[name])
    results = list(run_policy_tests(tmp_path))
    assert results
    assert [(result.name, result.problems) for result in results if result.problems] == []
