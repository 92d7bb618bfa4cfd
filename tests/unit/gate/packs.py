"""One policy of a made pack, judged on one file."""

from __future__ import annotations

import textwrap
from pathlib import Path

from policyscan.config import Configuration
from policyscan.findings.difference import Before
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan
from tests.scanning import NOW, write

POLICY = """
    id: USR-NET-100
    version: 1
    slug: made-for-a-test
    title: Made for a test
    severity: high
    plane: change
    resource: SecurityGroup
    require: >-
      {require}
    message: "{{address}} fails"
    why: Because.
    fix: Do it.
    control: CTL-SG
    criteria: ["SOC2:CC6.6"]
    guide: [Network Isolation Requirements]
    tests:
      - name: a group
        files:
          main.tf: |
            resource "aws_security_group" "a" {{}}
        expect: {{aws_security_group.a: fail}}
"""


def judged(root: Path, require: str, text: str, before: Before | None = None) -> Report:
    pack = root.parent / "pack"
    pack.mkdir(exist_ok=True, parents=True)
    policy = textwrap.dedent(POLICY.format(require=require)).lstrip()
    (pack / "USR-NET-100-made-for-a-test.yaml").write_text(policy)
    root.mkdir(parents=True)
    request = ScanRequest(
        path=write(root, {"main.tf": textwrap.dedent(text)}),
        configuration=Configuration(),
        profile=load_profile("ci", root),
        policy_directories=(pack,),
        baseline=before,
        is_kept=True,
        select=("USR-NET-100",),
    )
    return scan(request, now=NOW)
