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
TWO_ROOTS = """
  - name: one address in two roots, each with a network of its own
    files:
      a/main.tf: |
        resource "aws_vpc" "main" { tags = { tier = "a" } }
        resource "aws_security_group" "one_a" { vpc_id = aws_vpc.main.id }
        resource "aws_security_group" "two_a" { vpc_id = aws_vpc.main.id }
      b/main.tf: |
        resource "aws_vpc" "main" { tags = { tier = "b" } }
        resource "aws_vpc" "more" { tags = { tier = "b" } }
        resource "aws_security_group" "one_b" { vpc_id = aws_vpc.main.id }
        resource "aws_security_group" "more_b" { vpc_id = aws_vpc.more.id }
    expect:
      aws_security_group.one_a: fail
      aws_security_group.two_a: fail
      aws_security_group.one_b: unknown
      aws_security_group.more_b: unknown
  - name: the default network is one, whichever root writes to it
    files:
      a/main.tf: |
        resource "aws_default_vpc" "this" {}
        resource "aws_security_group" "one_a" { vpc_id = aws_default_vpc.this.id }
      b/main.tf: |
        resource "aws_default_vpc" "this" {}
        resource "aws_security_group" "one_b" { vpc_id = aws_default_vpc.this.id }
    expect:
      aws_security_group.one_a: unknown
      aws_security_group.one_b: unknown
  - name: what an attribute of another resource means is not known
    files:
      main.tf: |
        data "aws_subnet" "there" {}
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        resource "aws_security_group" "own" { vpc_id = aws_vpc.main.id }
        resource "aws_security_group" "of_subnet" { vpc_id = data.aws_subnet.there.vpc_id }
    expect:
      aws_security_group.own: unknown
      aws_security_group.of_subnet: unknown
"""
OWN_ROOT = """
  - name: every root has a network of this address, and in one it is the default one
    files:
      a/main.tf: |
        resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
        resource "aws_security_group" "own" { vpc_id = aws_vpc.main.id }
      b/main.tf: |
        resource "aws_vpc" "main" { cidr_block = "10.1.0.0/16" }
        resource "aws_subnet" "b" { vpc_id = aws_vpc.main.id }
        resource "aws_security_group" "there" { vpc_id = aws_subnet.b.vpc_id }
        resource "aws_security_group" "none" { vpc_id = aws_vpc.gone.id }
    expect:
      aws_security_group.own: pass
      aws_security_group.there: pass
      aws_security_group.none: unknown
"""
ANSWERS = """
    answers:
      - collector: aws
        unit: 111122223333/eu-west-1
        subject: ec2:DescribeSecurityGroups
        data: {SecurityGroups: [{GroupId: sg-0123456789abcdef0, GroupName: seen}]}
      - collector: aws
        unit: 111122223333/eu-west-1
        subject: cloudtrail:DescribeTrails
        data: {trailList: []}
"""
SEEN = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123456789abcdef0"
COUNTED = f"""
  - name: a trail in another root is one
    files:
      a/main.tf: |
        resource "aws_cloudtrail" "all" {{ s3_bucket_name = "logs" }}
      b/main.tf: |
        resource "aws_security_group" "a" {{}}
    expect: {{aws_security_group.a: pass}}
  - name: files without a trail do not say that there is none
    files:
      main.tf: |
        resource "aws_security_group" "a" {{}}
    expect: {{aws_security_group.a: unknown}}
  - name: an account that was asked does
    {ANSWERS.strip()}
    expect: {{"{SEEN}": fail}}
  - name: an account says nothing of what files declare
    files:
      main.tf: |
        resource "aws_security_group" "a" {{}}
    {ANSWERS.strip()}
    expect: {{aws_security_group.a: unknown, "{SEEN}": fail}}
  - name: a trail that is declared is one of the run, also for an account
    files:
      main.tf: |
        resource "aws_security_group" "a" {{}}
        resource "aws_cloudtrail" "all" {{ s3_bucket_name = "logs" }}
    {ANSWERS.strip()}
    expect: {{aws_security_group.a: pass, "{SEEN}": pass}}
"""
UNREAD = f"""
  - name: a file that was not read may declare a trail
    files:
      main.tf: |
        resource "aws_security_group" "a" {{}}
      broken.tf: |
        resource "aws_cloudtrail" {{
    expect: {{aws_security_group.a: unknown}}
  - name: also for an account
    files:
      a/main.tf: |
        resource "aws_security_group" "a" {{}}
      broken/broken.tf: |
        resource "aws_cloudtrail" {{
    {ANSWERS.strip()}
    expect: {{aws_security_group.a: unknown, "{SEEN}": unknown}}
  - name: a trail that was seen is enough
    files:
      main.tf: |
        resource "aws_security_group" "a" {{}}
        resource "aws_cloudtrail" "all" {{ s3_bucket_name = "logs" }}
      broken.tf: |
        resource "aws_vpc" {{
    expect: {{aws_security_group.a: pass}}
"""
TAGGED = """
  - name: a tag that is the same, another, missing, and not known
    files:
      main.tf: |
        variable "name" {}
        resource "aws_vpc" "bare" { cidr_block = "10.2.0.0/16" }
        resource "aws_vpc" "main" { tags = { Name = "main" } }
        resource "aws_security_group" "same" { tags = { Name = "main" } }
        resource "aws_security_group" "other" { tags = { Name = "other" } }
        resource "aws_security_group" "bare" { tags = { Owner = "desk" } }
        resource "aws_security_group" "open" { tags = { Name = var.name } }
    expect:
      aws_security_group.same: pass
      aws_security_group.other: unknown
      aws_security_group.bare: unknown
      aws_security_group.open: unknown
"""
GUARDED = """
  - name: a name that is taken, free, missing, and not known
    files:
      main.tf: |
        variable "name" {}
        resource "aws_vpc" "bare" { cidr_block = "10.2.0.0/16" }
        resource "aws_vpc" "main" { tags = { Name = "main" } }
        resource "aws_security_group" "same" { tags = { Name = "main" } }
        resource "aws_security_group" "other" { tags = { Name = "other" } }
        resource "aws_security_group" "bare" { tags = { Owner = "desk" } }
        resource "aws_security_group" "open" { tags = { Name = var.name } }
    expect:
      aws_security_group.same: fail
      aws_security_group.other: unknown
      aws_security_group.bare: pass
      aws_security_group.open: unknown
"""
ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret"
ARNS = f"""
  - name: secrets of an account by their ARN, in the files of two roots
    files:
      a/main.tf: |
        resource "aws_ecs_task_definition" "a" {{
          family = "a"
          container_definitions = jsonencode([{{
            name    = "a"
            image   = "a:1"
            secrets = [
              {{ name = "A", valueFrom = "{ARN}:prod/alone-AbCdEf" }},
              {{ name = "B", valueFrom = "{ARN}:prod/shared-AbCdEf:password::" }},
            ]
          }}])
        }}
      b/main.tf: |
        resource "aws_ecs_task_definition" "b" {{
          family = "b"
          container_definitions = jsonencode([{{
            name    = "b"
            image   = "b:1"
            secrets = [{{ name = "B", valueFrom = "{ARN}:prod/shared-AbCdEf" }}]
          }}])
        }}
    answers:
      - collector: aws
        unit: 111122223333/eu-west-1
        subject: secretsmanager:ListSecrets
        data:
          SecretList:
            - {{ARN: "{ARN}:prod/alone-AbCdEf", Name: prod/alone}}
            - {{ARN: "{ARN}:prod/shared-AbCdEf", Name: prod/shared}}
    expect:
      "{ARN}:prod/alone-AbCdEf": unknown
      "{ARN}:prod/shared-AbCdEf": fail
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
    "two roots": HEAD.format(
        id="XX-NET-902",
        slug="group-beside-another",
        title="Security groups stand alone in their networks",
        kind="SecurityGroup",
        require='resources("SecurityGroup").all(g, g.address == resource.address '
        "|| !has(g.vpc) || !has(resource.vpc) || g.vpc != resource.vpc)",
    )
    + TWO_ROOTS,
    "own root": HEAD.format(
        id="XX-NET-903",
        slug="group-in-no-network",
        title="Security groups stand in a network that is declared",
        kind="SecurityGroup",
        require='has(resource.vpc) && resources("Vpc").exists(v, refers_to(resource.vpc, v))',
    )
    + OWN_ROOT,
    "counted": HEAD.format(
        id="XX-NET-904",
        slug="group-without-trail",
        title="There is a trail where there are groups",
        kind="SecurityGroup",
        require='resources("Trail").exists(t, t.address != "")',
    )
    + COUNTED,
    "counted by size": HEAD.format(
        id="XX-NET-804",
        slug="group-without-trail",
        title="There is a trail where there are groups",
        kind="SecurityGroup",
        require='size(resources("Trail")) > 0',
    )
    + COUNTED.replace(": pass", ": unknown"),
    "unread": HEAD.format(
        id="XX-NET-905",
        slug="group-without-known-trail",
        title="There is a trail where there are groups",
        kind="SecurityGroup",
        require='resources("Trail").exists(t, t.address != "")',
    )
    + UNREAD,
    "unread by size": HEAD.format(
        id="XX-NET-805",
        slug="group-without-known-trail",
        title="There is a trail where there are groups",
        kind="SecurityGroup",
        require='size(resources("Trail")) > 0',
    )
    + UNREAD.replace(": pass", ": unknown"),
    "tagged": HEAD.format(
        id="XX-NET-906",
        slug="group-without-namesake",
        title="Groups are called like a network",
        kind="SecurityGroup",
        require='resources("Vpc").exists(v, v.tags["Name"] == resource.tags["Name"])',
    )
    + TAGGED,
    "guarded": HEAD.format(
        id="XX-NET-907",
        slug="group-with-namesake",
        title="Groups are not called like a network",
        kind="SecurityGroup",
        require='!has(resource.tags.Name) || resources("Vpc").all(v, '
        '!has(v.tags.Name) || v.tags["Name"] != resource.tags["Name"])',
    )
    + GUARDED,
    "arns": HEAD.format(
        id="XX-NET-908",
        slug="secret-of-several-workloads",
        title="Every secret is read by one workload",
        kind="Secret",
        require='resources("Workload").exists_one(w, w.secrets.exists(s, refers_to(s, resource)))',
    )
    + ARNS,
}


@pytest.mark.parametrize("name", POLICIES)
def test_it_judges_as_its_tests_say(name: str, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICIES[name])
    results = list(run_policy_tests(tmp_path))
    assert results
    problems = [(result.test, each) for result in results for each in result.problems]
    gaps = {test for test, problem in problems if problem.startswith("gap: ")}
    assert gaps == ({result.test for result in results} if name.startswith("unread") else set())
    assert [each for each in problems if not each[1].startswith("gap: ")] == []
