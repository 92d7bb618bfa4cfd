"""Fields that are made from a text: what is known of the text says nothing about the field."""

from __future__ import annotations

from pathlib import Path

from tests.scanning import scan_files, verdicts


def test_the_purpose_of_a_secret_whose_name_is_known_in_part(tmp_path: Path) -> None:
    text = """
        variable "venue" { type = string }
        resource "aws_secretsmanager_secret" "in_name" { name = "${var.venue}/account" }
        resource "aws_secretsmanager_secret" "in_description" {
          name        = "account"
          description = "for ${var.venue}"
        }
        resource "aws_secretsmanager_secret" "told" { name = "binance-api-key-${var.venue}" }
        """
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-ROT-005",))
    assert verdicts(report, "PS-ROT-005") == {
        "aws_secretsmanager_secret.in_name": "unknown",
        "aws_secretsmanager_secret.in_description": "unknown",
        "aws_secretsmanager_secret.told": "fail",
    }


def test_a_verdict_hangs_on_the_purpose_as_well_as_on_the_tier(tmp_path: Path) -> None:
    text = """
        variable "venue" { type = string }
        resource "aws_secretsmanager_secret" "in_name" { name = "${var.venue}/account" }
        """
    (finding,) = scan_files(tmp_path, {"main.tf": text}, select=("PS-SEC-006",)).findings
    assert finding.needs == (
        "a value for var.venue (main.tf:1)",
        "the tier of its account",
    )
    assert finding.residual == (
        "PASS iff the tier of aws_secretsmanager_secret.in_name is low, if "
        'resource.purpose == "exchange_api_key"'
    )


def test_the_owner_of_a_key_whose_arn_is_known_in_part(tmp_path: Path) -> None:
    """A secret may name AWS's own key by an alias; a log group has a key or it has none."""
    text = """
        variable "some" { type = string }
        resource "aws_secretsmanager_secret" "key" {
          name       = "binance-api-key"
          kms_key_id = "arn:aws:kms:eu-west-1:111122223333:${var.some}"
        }
        resource "aws_cloudwatch_log_group" "bot" {
          name       = "/bots/binance"
          kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/${var.some}"
        }
        """
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-SEC-006", "PS-LOG-008"))
    assert verdicts(report, "PS-SEC-006") == {"aws_secretsmanager_secret.key": "unknown"}
    assert verdicts(report, "PS-LOG-008") == {"aws_cloudwatch_log_group.bot": "pass"}


def test_the_protocol_of_a_listener_that_is_known_in_part(tmp_path: Path) -> None:
    text = """
        variable "end" { type = string }
        resource "aws_lb" "a" {}
        resource "aws_lb_listener" "l" {
          load_balancer_arn = aws_lb.a.arn
          protocol          = "HTTP${var.end}"
          default_action { type = "forward" }
        }
        """
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-TLS-001", "PS-TLS-011"))
    for policy in ("PS-TLS-001", "PS-TLS-011"):
        assert verdicts(report, policy) == {"aws_lb_listener.l": "unknown"}
