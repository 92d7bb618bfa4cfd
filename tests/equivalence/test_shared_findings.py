"""A run beside its base says what two runs say that share nothing, whatever a change does."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from policyscan.config import Configuration
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan
from tests.scanning import NOW, write
from tests.unit.text.repositories import git, repository

TIMES = int(os.environ.get("POLICYSCAN_EDITS", "10"))

VALUES = ('"10.0.0.0/8"', '"0.0.0.0/0"', "null", "1", "1.0", "true", "var.other", '"true"', "[]")
GROUP = """
resource "aws_security_group" "{name}" {{
  description = "{name}"
  tags        = {{ role = {role} }}
  ingress {{
    from_port   = {port}
    to_port     = {port}
    protocol    = "tcp"
    cidr_blocks = [{value}]
  }}
}}
"""
OTHERS = (
    'resource "aws_s3_bucket" "b" {{\n  bucket = {value}\n}}\n',
    'resource "aws_db_instance" "d" {{\n  storage_encrypted = {value}\n}}\n',
    'resource "aws_cloudwatch_log_group" "l" {{\n  retention_in_days = {value}\n}}\n',
    'resource "aws_iam_role" "r" {{\n  name = {value}\n}}\n',
)


def a_group(number: random.Random) -> str:
    return GROUP.format(
        name=f"g{number.randrange(4)}",
        role=number.choice(('"trading"', '"bastion"', "var.role", "null")),
        port=number.choice((22, 443, "var.port")),
        value=number.choice((*VALUES, "var.cidr")),
    )


def a_variable(number: random.Random) -> str:
    name = number.choice(("cidr", "port", "role", "other"))
    return f'variable "{name}" {{\n  default = {number.choice(VALUES)}\n}}\n'


def another(number: random.Random) -> str:
    return number.choice(OTHERS).format(value=number.choice((*VALUES, "var.cidr")))


def a_stage(number: random.Random) -> str:
    user = number.choice(("USER 10001", "USER root", "USER $WHO", "", "# no user"))
    return f"ARG WHO={number.choice((0, 7))}\nFROM python:3.12 AS a\n{user}\nCOPY . /app\n"


MADE: dict[str, Callable[[random.Random], str]] = {
    "main.tf": a_group,
    "inner/main.tf": a_group,
    "inner/deep/more.tf": another,
    "other.tf": another,
    "variables.tf": a_variable,
    "Dockerfile": a_stage,
    "bot/Dockerfile": a_stage,
    "bot/bot.py": lambda number: f"import {number.choice(('ccxt', 'requests', 'os'))}\n",
}


def edit(root: Path, number: random.Random) -> None:
    """One file written, moved or taken away."""
    path, make = number.choice([*MADE.items()])
    target = root / path
    match number.randrange(5):
        case 0 if target.exists():
            target.unlink()
        case 1 if target.exists():
            (root / "moved").mkdir(exist_ok=True)
            target.rename(root / "moved" / target.name)
        case 2 if target.exists():
            target.write_text("# moved down\n" + target.read_text())
        case _:
            write(root, {path: make(number)})


def judge(root: Path) -> Report:
    request = ScanRequest(
        path=root, configuration=Configuration(), profile=load_profile("ci", root), base="HEAD~1"
    )
    return scan(request, now=NOW)


@pytest.mark.parametrize("seed", range(TIMES))
def test_findings_that_are_taken_over(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = random.Random(seed)
    repository(tmp_path, {path: make(number).encode() for path, make in MADE.items()})
    for _ in range(2):
        edit(tmp_path, number)
        git(tmp_path, "add", "-A", ".")
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", "edited")
    shared = judge(tmp_path)
    monkeypatch.setattr("policyscan.collecting.Memory.recall", lambda *_: None)
    monkeypatch.setattr("policyscan.evaluate.Earlier.finding", lambda *_: None)
    monkeypatch.setattr("policyscan.text.source.Source.once", lambda source, make: make(source))
    apart = judge(tmp_path)
    assert shared.findings == apart.findings
    assert shared.gaps == apart.gaps
    assert shared.difference == apart.difference
    assert shared.waivers == apart.waivers
