"""Classic load balancers: each listener is judged, and the policy nobody named is the default."""

from __future__ import annotations

from pathlib import Path

from tests.scanning import scan_files, verdicts

BALANCER = """
    variable "ports" {}
    resource "aws_elb" "web" {
      listener {
        lb_port     = 80
        lb_protocol = "http"
      }
      listener {
        lb_port     = 443
        lb_protocol = "HTTPS"
      }
      listener {
        lb_port     = 9000
        lb_protocol = "tcp"
      }
    }
    """
DYNAMIC = """
    resource "aws_elb" "some" {
      dynamic "listener" {
        for_each = var.ports
        content {
          lb_port     = listener.value
          lb_protocol = "http"
        }
      }
    }
    """
NEGOTIATION = """
    resource "aws_lb_ssl_negotiation_policy" "p" {
      name          = "modern"
      load_balancer = aws_elb.web.id
      lb_port       = 443
    }
    """


def test_each_listener_is_judged(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": BALANCER})
    assert verdicts(report, "PS-TLS-011") == {
        "aws_elb.web#listener-1": "fail",
        "aws_elb.web#listener-2": "fail",
        "aws_elb.web#listener-3": "not_applicable",
    }
    assert verdicts(report, "PS-TLS-001")["aws_elb.web#listener-2"] == "fail"
    (books,) = (entry for entry in report.ledger if entry.kind == "TlsServerConfig")
    assert (books.found, books.normalised, books.resources) == (1, 1, 3)
    assert not report.gaps


def test_listeners_of_unknown_number_are_one_that_is_not_known(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": BALANCER + DYNAMIC})
    assert verdicts(report, "PS-TLS-011")["aws_elb.some#listener-?"] == "unknown"


def test_a_policy_that_is_set_elsewhere_is_not_the_default(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": BALANCER + NEGOTIATION})
    assert verdicts(report, "PS-TLS-011") == {
        "aws_elb.web#listener-1": "fail",
        "aws_elb.web#listener-2": "unknown",
        "aws_elb.web#listener-3": "not_applicable",
    }
