"""The same files give the same report, whatever the order, the locale, the time zone, the hash."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from tests.honesty.test_first_slice import FILES
from tests.scanning import write

TREE: dict[str, str | bytes] = {
    **FILES,
    "broken.tf": 'resource "aws_x" "y" {\n',
    "b/main.tf": 'resource "aws_security_group" "b" {}\nresource "aws_foo" "f" {}\n',
    "a/main.tf": 'module "m" { source = "./none" }\nvariable "u" {}\n'
    'resource "aws_security_group" "a" {\n  for_each = toset(["é", "z", "A"])\n}\n'
    'resource "aws_security_group" "c" {\n  count = var.u ? 2 : 1\n}\n',
    "Dockerfile": "FROM debian AS a\nFROM a\nENV TOKEN=abc123def PASSWORD=xyz\nEVN\n",
    "z.md": "x",
    "é.md": "x",
}
ENVIRONMENTS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LANG": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "3", "PYTHONUTF8": "0", "LC_ALL": "POSIX", "COLUMNS": "37"},
)


def test_the_report_depends_on_the_files_alone(tmp_path: Path) -> None:
    reports = []
    for number, environment in enumerate(ENVIRONMENTS):
        names = list(TREE)
        random.Random(number).shuffle(names)
        folder = tmp_path / str(number)
        write(folder / "tree", {name: TREE[name] for name in names})
        done = subprocess.run(
            [sys.executable, "-P", "-m", "policyscan", "scan", "tree", "-o", "json=-"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        report = json.loads(done.stdout)
        report.pop("run")
        reports.append(json.dumps(report))
    assert len(set(reports)) == 1
