"""Listeners and the rules that belong to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scanning import scan_files

LISTENER = """
    variable "kind" { type = string }
    resource "aws_lb" "a" {}
    resource "aws_lb_listener" "l" {
      load_balancer_arn = aws_lb.a.arn
      port              = 80
      protocol          = "HTTP"
      default_action {
        type = "redirect"
        redirect {
          protocol    = "HTTPS"
          status_code = "HTTP_301"
        }
      }
    }
    resource "aws_lb_listener_rule" "health" {
      listener_arn = aws_lb_listener.l.arn
      action {
        type = %s
      }
    }
    """


@pytest.mark.parametrize(("kind", "verdict"), [('"forward"', "fail"), ("var.kind", "unknown")])
def test_the_rule_that_does_not_redirect_is_shown(tmp_path: Path, kind: str, verdict: str) -> None:
    report = scan_files(tmp_path, {"main.tf": LISTENER % kind}, select=("PS-TLS-011",))
    (finding,) = report.findings
    assert finding.verdict == verdict
    assert finding.location is not None
    assert finding.location.start_line == 17
    (step,) = finding.witnesses[0].provenance
    assert step.label == "aws_lb_listener_rule.health"
