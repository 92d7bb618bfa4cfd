"""Verdicts on groups of which some arguments, or the users, are not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanning import scan_files, verdicts

GROUP = """
    variable "some" { type = list(string) }
    variable "more" { type = list(string) }
    resource "aws_security_group" "g" {
      ingress {
        from_port        = 22
        to_port          = 22
        protocol         = "tcp"
        cidr_blocks      = %s
        ipv6_cidr_blocks = %s
      }
    }
    """


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "verdict"),
    [
        ('["10.0.0.0/8"]', '["::/0"]', "fail"),
        ('["0.0.0.0/0"]', "var.some", "fail"),
        ("var.some", '["::/0"]', "fail"),
        ("var.some", '["fd00::/8"]', "unknown"),
        ("var.some", "var.more", "unknown"),
        ('concat(["10.0.0.0/8"], var.some)', '["::/0"]', "fail"),
        ('concat(["10.0.0.0/8"], var.some)', '["fd00::/8"]', "unknown"),
        ('["10.0.0.0/8"]', 'concat(["fd00::/8"], var.some)', "unknown"),
        ('["10.0.0.0/8"]', "[var.some[0]]", "unknown"),
        ('["10.0.0.0/8"]', "null", "pass"),
    ],
)
def test_both_families_in_one_rule(tmp_path: Path, ipv4: str, ipv6: str, verdict: str) -> None:
    report = scan_files(tmp_path, {"main.tf": GROUP % (ipv4, ipv6)}, select=("PS-NET-004",))
    assert [gap.message for gap in report.gaps] == []
    assert verdicts(report, "PS-NET-004") == {"aws_security_group.g": verdict}


ATTACHED = """
    resource "aws_security_group" "g" {
      ingress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    %s
    """


@pytest.mark.parametrize(
    ("user", "verdict"),
    [
        ('resource "aws_lb" "a" { security_groups = [aws_security_group.g.id] }', "pass"),
        (
            'resource "aws_instance" "a" { vpc_security_group_ids = [aws_security_group.g.id] }',
            "fail",
        ),
        (
            'resource "aws_instance" "a" {\n'
            "  vpc_security_group_ids = [resource.aws_security_group.g.id]\n}",
            "fail",
        ),
        ("", "unknown"),
        ('output "group" { value = aws_security_group.g.id }', "unknown"),
        ('module "lb" {\nsource = "x/y/aws"\ngroup = aws_security_group.g.id\n}', "unknown"),
    ],
)
def test_who_uses_a_group_that_opens_a_web_port(tmp_path: Path, user: str, verdict: str) -> None:
    report = scan_files(tmp_path, {"main.tf": ATTACHED % user}, select=("PS-NET-012",))
    assert verdicts(report, "PS-NET-012") == {"aws_security_group.g": verdict}


def test_who_uses_a_group_that_is_declared_elsewhere(tmp_path: Path) -> None:
    text = """
        variable "group" { type = string }
        resource "aws_vpc_security_group_ingress_rule" "web" {
          security_group_id = var.group
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "0.0.0.0/0"
        }
        """
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-NET-012",))
    (finding,) = report.findings
    assert finding.verdict == "unknown"
    assert finding.needs == (
        "what the group of aws_vpc_security_group_ingress_rule.web is attached to (main.tf:2)",
    )


@pytest.mark.parametrize(
    ("source", "note"),
    [
        (
            "prefix_list_ids = [data.aws_prefix_list.cdn.id]",
            "the entries of the prefix list data.aws_prefix_list.cdn.id",
        ),
        ('cidr_blocks = ["../allowed.txt"]', 'an address range in place of "../allowed.txt"'),
    ],
)
def test_the_rule_that_cannot_be_judged_is_shown(tmp_path: Path, source: str, note: str) -> None:
    text = """
        data "aws_prefix_list" "cdn" { name = "com.amazonaws.global.cloudfront.origin-facing" }
        resource "aws_security_group" "g" {
          ingress {
            from_port = 22
            to_port   = 22
            protocol  = "tcp"
            %s
          }
        }
        """
    report = scan_files(tmp_path, {"main.tf": text % source}, select=("PS-NET-004",))
    (finding,) = report.findings
    assert finding.verdict == "unknown"
    assert [witness.note for witness in finding.witnesses] == [
        f"port 22 (tcp) may be reachable; it needs {note}"
    ]
    assert finding.location is not None
    assert finding.location.start_line in (3, 7)


def test_a_group_that_a_rule_may_belong_to_does_not_pass(tmp_path: Path) -> None:
    text = """
        variable "other" {}
        resource "aws_security_group" "own" {}
        resource "aws_security_group" "apart" {}
        resource "aws_security_group_rule" "ssh" {
          security_group_id = var.other == "" ? aws_security_group.own.id : var.other
          type              = "ingress"
          from_port         = 22
          to_port           = 22
          protocol          = "tcp"
          cidr_blocks       = ["0.0.0.0/0"]
        }
        """
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-NET-004",))
    assert verdicts(report, "PS-NET-004") == {
        "aws_security_group.own": "unknown",
        "aws_security_group.apart": "pass",
        "aws_security_group_rule.ssh": "fail",
    }
