"""Security groups from blocks of which some arguments are not known."""

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
