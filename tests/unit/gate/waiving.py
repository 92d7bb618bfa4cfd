"""What tests of waivers use: groups open to ranges, and what is accepted of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from policyscan.config import Configuration
from policyscan.config.waivers import WaiverSettings
from policyscan.findings.model import Finding
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report, Waiver
from policyscan.findings.waivers import parse_waivers
from policyscan.pipeline import ScanRequest, scan
from policyscan.text.yaml import read_settings
from tests.scanning import write

POLICY = "PS-NET-004"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def group(
    name: str, cidr: str = "0.0.0.0/0", port: int = 22, head: str = "", tail: str = ""
) -> str:
    """A security group open to a range at a port."""
    return f"""{head}resource "aws_security_group" "{name}" {{
  ingress {{
    from_port   = {port}
    to_port     = {port}
    protocol    = "tcp"
    cidr_blocks = ["{cidr}"]{tail}
  }}
}}
"""


def accepted(cidr: str = "0.0.0.0/0", port: int = 22) -> str:
    """The values of such a group, as YAML."""
    rule = f'{{cidrs: ["{cidr}"], from_port: {port}, protocol: tcp, to_port: {port}}}'
    return f"{{ingress: [{rule}]}}"


def entry(**changes: str) -> str:
    """One waiver as YAML; a key without text is left out."""
    fields = {
        "id": "WVR-1",
        "policy": POLICY,
        "address": "aws_security_group.open",
        "reason": "the bastion moves in January",
        "owner": "ana",
        "approver": "bo",
        "since": "2026-11-01",
        "expires": "2027-01-31",
        "accepts": accepted(),
    } | changes
    return "  - " + "\n    ".join(f"{key}: {value}" for key, value in fields.items() if value)


def waivers_file(*entries: str) -> bytes:
    """The bytes of a file of waivers."""
    return "\n".join(["version: 1", "waivers:", *entries, ""]).encode()


def scan_waived(
    root: Path,
    files: dict[str, str | bytes],
    *entries: str,
    settings: WaiverSettings | str = "",
    now: datetime = NOW,
    **request: Any,
) -> Report:
    """The report on some files with these waivers in force."""
    if isinstance(settings, str):
        from policyscan.config.waivers import read_waivers

        data = f"version: 1\nwaivers: {settings}\n".encode()
        fields = read_settings("p", data, ("version", "waivers"), version=1)
        settings = read_waivers(fields["waivers"] if settings else None)
    return scan(
        ScanRequest(
            path=write(root, files),
            configuration=Configuration(waivers=settings),
            profile=load_profile("ci", root),
            waivers=parse_waivers("waivers.yaml", waivers_file(*entries)) if entries else None,
            **({"select": (POLICY,)} | request),
        ),
        now=now,
    )


def only(report: Report) -> Waiver:
    """The one waiver of a report."""
    [waiver] = report.waivers
    return waiver


def of(report: Report, name: str = "open") -> Finding:
    """The finding on a group."""
    return next(
        one
        for one in report.findings
        if one.policy_id == POLICY and one.resource.address == f"aws_security_group.{name}"
    )
