"""What tests of the difference use: trees before and after, and what became of each failure."""

from __future__ import annotations

from pathlib import Path

from policyscan.config import Configuration
from policyscan.findings.difference import BASE, Before, Known
from policyscan.findings.model import Change, Finding, Verdict
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan
from tests.scanning import NOW, write

Files = dict[str, str | bytes]


def group(label: str, *rules: str, text: str = "") -> str:
    return f'resource "aws_security_group" "{label}" {{\n{text}\n{"".join(rules)}\n}}\n'


def ingress(port: int, *cidrs: str, description: str = "") -> str:
    listed = ", ".join(f'"{cidr}"' for cidr in cidrs)
    return f"""
      ingress {{
        from_port   = {port}
        to_port     = {port}
        protocol    = "tcp"
        cidr_blocks = [{listed}]
        description = "{description}"
      }}
    """


WORLD = "0.0.0.0/0"
SSH, RDP = ingress(22, WORLD), ingress(3389, WORLD)


def report_of(
    root: Path, files: Files, before: Before | None = None, profile: str = "ci"
) -> Report:
    """The report on the files alone, in a directory of their own."""
    root.mkdir(parents=True)
    return scanned(write(root, files), before, profile)


def scanned(root: Path, before: Before | None = None, profile: str = "ci") -> Report:
    """The report on a directory."""
    request = ScanRequest(
        path=root,
        configuration=Configuration(),
        profile=load_profile(profile, root),
        baseline=before,
        is_kept=True,
    )
    return scan(request, now=NOW)


def before_of(report: Report) -> Before:
    """A report as what another is compared with."""
    return Before(BASE, "main", "", tuple(map(Known.of, report.findings)), report.gaps)


def compared(tmp_path: Path, old: Files, new: Files, profile: str = "ci") -> Report:
    """The report on `new`, compared with `old`."""
    before = before_of(report_of(tmp_path / "old" / "tree", old))
    return report_of(tmp_path / "new" / "tree", new, before, profile)


def failures(report: Report, policy_id: str) -> dict[str, Change | None]:
    """What became of each failure of a policy, by unit and address."""
    return {
        f"{one.resource.unit}:{one.resource.address}": one.change
        for one in report.of(Verdict.FAIL)
        if one.policy_id == policy_id
    }


def only(report: Report, policy_id: str) -> Finding:
    """The one failure of a policy."""
    (found,) = (one for one in report.of(Verdict.FAIL) if one.policy_id == policy_id)
    return found
