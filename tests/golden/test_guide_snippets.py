"""The snippets of the security guide, each written as a file with what is needed around it, and the
verdicts that were worked out for them by hand.

Policies that do not ship yet are listed in `LATER`. When one of them ships, its row belongs into
`ROWS`, and a test here says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from policyscan.config import parse_configuration
from policyscan.data import policies_directory
from policyscan.findings import Finding
from policyscan.policy import load_policies
from policyscan.resources.kinds import MODULES, load_kinds
from tests.scanning import scan_files


@dataclass(frozen=True)
class Row:
    """A snippet, and the verdict of each policy on what it becomes."""

    name: str
    files: dict[str, str | bytes]
    verdicts: dict[str, str]
    options: dict[str, object] = field(default_factory=dict)


def scope(**answers: str) -> dict[str, object]:
    return {"scope": {"assign": [{"match": {"address": "*"}, **answers}]}}


SECRET_POLICY = """
    resource "aws_secretsmanager_secret" "key" {
      name = "binance-api-key-maker"
      tags = { Environment = "production" }
    }
    resource "aws_secretsmanager_secret_policy" "key" {
      secret_arn = aws_secretsmanager_secret.key.arn
      policy     = <<-JSON
        {
          "Version": "2012-10-17",
          "Statement": [{
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:role/trading-bot-role"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:binance-api-key-*",
            "Condition": {
              "StringEquals": {
                "secretsmanager:ResourceTag/Environment": "production"
              }
            }
          }]
        }
      JSON
    }
    """

EGRESS = """
    resource "aws_security_group" "trading_bot" {
      name = "trading-bot"
      egress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["52.84.25.0/24", "52.84.26.0/24", "54.230.137.0/24"]
      }
    }
    """
RANGES = ["52.84.25.0/24", "52.84.26.0/24", "54.230.137.0/24"]
LIST: dict[str, object] = {"name": "binance", "exchange": "binance", "ranges": RANGES}

CRON = "# Weekly rotation cron job\n0 2 * * 0 /usr/local/bin/rotate-binance-keys.sh"
SCRIPT: dict[str, str | bytes] = {"bin/rotate-binance-keys.sh": "#!/bin/sh\nexec /opt/rotate\n"}

LOGGING = """
    import logging
    import os
    import re

    from binance.client import Client


    class SensitiveDataFilter(logging.Filter):
        def filter(self, record):
            record.msg = re.sub(r'X-MBX-APIKEY=[A-Za-z0-9]+',
                                'X-MBX-APIKEY=[REDACTED]', str(record.msg))
            return True


    logging.basicConfig(level=logging.INFO)
    logging.getLogger().addFilter(SensitiveDataFilter())
    client = Client(os.environ["BINANCE_API_KEY"], os.environ["BINANCE_API_SECRET"])
    logging.info("connected")
    """

DOCKERFILE = """
    FROM alpine:latest
    RUN adduser -D -s /bin/sh trader
    USER trader
    # Secrets mounted at runtime, never in image
    """

SSL_CONTEXT = """
    import ssl
    import urllib.request

    import certifi

    ssl_context = ssl.create_default_context(cafile=certifi.where())
    ssl_context.check_hostname = True
    ssl_context.verify_mode = ssl.CERT_REQUIRED
    ssl_context.minimum_version = ssl.TLSVersion.TLSv1_3
    urllib.request.urlopen("https://api.binance.com/api/v3/time", context=ssl_context)
    """

ROWS = [
    Row(
        "SSL context (396-401)",
        {"bot.py": SSL_CONTEXT},
        {"PS-TLS-004": "pass", "PS-TLS-005": "pass", "PS-TLS-006": "pass"},
    ),
    Row(
        "IAM JSON (100-113)",
        {"main.tf": SECRET_POLICY},
        {
            "PS-IAM-001": "pass",
            "PS-IAM-002": "not_applicable",
            "PS-IAM-003": "pass",
            "PS-IAM-004": "pass",
        },
        scope(role="trading", environment="production"),
    ),
    Row(
        "security group (75-77)",
        {"main.tf": EGRESS},
        {"PS-NET-001": "pass", "PS-NET-003": "pass"},
        scope(role="trading"),
    ),
    Row(
        "its list, which nobody has verified",
        {"main.tf": EGRESS},
        {"PS-NET-002": "fail"},
        {"allow_lists": [LIST]},
    ),
    Row(
        "its list, verified",
        {"main.tf": EGRESS},
        {"PS-NET-002": "pass"},
        {"allow_lists": [{**LIST, "owner": "netops", "verified": "2025-12-20"}]},
    ),
    Row("cron (260)", {"crontab": CRON}, {"PS-ROT-009": "fail"}, scope(tier="high")),
    Row(
        "cron, and somebody is told",
        {"crontab": f"{CRON} || alert\n", **SCRIPT},
        {"PS-ROT-009": "pass"},
        scope(tier="high"),
    ),
    Row(
        "cron, and the keys are of a strategy that rotates daily",
        {"crontab": f"{CRON} || alert\n", **SCRIPT},
        {"PS-ROT-009": "fail"},
        {
            **scope(tier="high"),
            "parameters": {"PS-ROT-009": {"max_by_tier": {"high": 1, "medium": 1, "low": 1}}},
        },
    ),
    Row(
        "logging filter (325-330)",
        {"bot.py": LOGGING, "requirements.txt": "python-binance==1.0.29\n"},
        {"PS-LOG-001": "fail", "PS-LOG-003": "fail"},
    ),
    Row(
        "Dockerfile (343-346)",
        {"Dockerfile": DOCKERFILE},
        {
            "PS-IMG-001": "pass",
            "PS-IMG-003": "pass",
            "PS-IMG-004": "fail",
            "PS-IMG-005": "pass",
        },
    ),
]

LATER = {
    "Vault policy (115-117)": {"PS-VLT-001": "pass", "PS-VLT-002": "fail"},
    "logging filter (325-330)": {"PS-LOG-002": "fail"},
    "SSL context (396-401), pins": {"PS-TLS-007": "fail"},
    "PositionMonitor (153-159)": {
        "PS-RISK-001": "pass",
        "PS-RISK-002": "pass",
        "PS-RISK-003": "fail",
        "PS-RISK-004": "fail",
        "PS-RISK-005": "fail",
    },
    "EmergencyResponse (403-411)": {"PS-IR-003": "fail", "PS-IR-004": "fail"},
    "forensics (413-419)": {"PS-IR-005": "fail"},
}
"""Not judged yet, and what the verdict will be."""

SHIPPED = {
    policy.id for policy in load_policies(policies_directory(), load_kinds(MODULES)).policies
}
NAMES = {row.name: row for row in ROWS}


def findings(name: str, place: Path) -> tuple[Finding, ...]:
    """Those of the policies of a row that ship."""
    row = NAMES[name]
    settings = json.dumps({"version": 1, **row.options}).encode()
    configuration = parse_configuration("options", settings)
    select = tuple(sorted(row.verdicts.keys() & SHIPPED))
    report = scan_files(
        place, row.files, profile="audit", select=select, configuration=configuration
    )
    assert not report.gaps
    return report.findings


@pytest.mark.parametrize("name", [row.name for row in ROWS if row.verdicts.keys() & SHIPPED])
def test_a_snippet_is_judged_as_by_hand(name: str, tmp_path: Path) -> None:
    found: dict[str, set[str]] = {}
    for finding in findings(name, tmp_path):
        found.setdefault(finding.policy_id, set()).add(finding.verdict.value)
    expected = NAMES[name].verdicts
    assert found == {policy: {expected[policy]} for policy in expected.keys() & SHIPPED}


def test_the_cron_line_fails_only_because_nobody_hears_of_a_failure(tmp_path: Path) -> None:
    [finding] = findings("cron (260)", tmp_path)
    assert {witness.path for witness in finding.witnesses} == {"notifies_on_failure"}


def test_a_week_is_too_long_for_a_strategy_that_rotates_daily(tmp_path: Path) -> None:
    name = "cron, and the keys are of a strategy that rotates daily"
    [finding] = findings(name, tmp_path)
    assert ("interval_days", "7.0") in {(w.path, w.value) for w in finding.witnesses}


@pytest.mark.parametrize("snippet", LATER)
def test_what_is_not_judged_yet_does_not_ship(snippet: str) -> None:
    shipped = LATER[snippet].keys() & SHIPPED
    assert not shipped, f"{shipped} ship: give {snippet} a row in ROWS"


def test_a_policy_is_judged_now_or_later() -> None:
    later = {policy for verdicts in LATER.values() for policy in verdicts}
    assert not later & {policy for row in ROWS for policy in row.verdicts}
