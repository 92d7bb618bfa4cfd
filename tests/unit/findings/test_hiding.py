"""Secrets that only the resource tells to be some, kept out of every part of a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.reporters.json_report import plain
from policyscan.reporters.layout import dump
from tests.unit.gate.packs import judged

HELD = "correct-horse-battery"
SENSITIVE = f"""
variable "note" {{
  default   = "{HELD}"
  sensitive = true
}}
resource "aws_security_group" "g" {{
  tags = {{ note = var.note }}
}}
"""
NAMED = f"""
resource "aws_security_group" "g" {{
  tags = {{ DbPassword = "{HELD}", note = "x" }}
}}
"""


@pytest.mark.parametrize(
    ("require", "text"),
    [
        ('has(resource.tags.note) && resource.tags.note == "y"', SENSITIVE),
        ('resource.tags.all(k, resource.tags[k] + "!" == "y")', SENSITIVE),
        ('resources("SecurityGroup").all(g, has(g.tags.note) && g.tags.note == "y")', SENSITIVE),
        ('has(resource.tags.DbPassword) && resource.tags.DbPassword == "y"', NAMED),
        ('resource.tags.all(k, resource.tags[k] == "y")', NAMED),
        ('int(resource.tags["DbPassword"]) == 1', NAMED),
        ('{"a": 1}[resource.tags["DbPassword"]] == 1', NAMED),
        ('resource.tags.map(k, resource.tags[k] + "!") == ["y"]', NAMED),
    ],
)
def test_no_part_of_a_finding_holds_the_secret(tmp_path: Path, require: str, text: str) -> None:
    report = judged(tmp_path / "tree", require, text)

    (finding,) = report.findings
    assert finding.derivation
    assert HELD not in dump(plain(finding), depth=4).decode()
