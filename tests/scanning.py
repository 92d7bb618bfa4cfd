"""What tests of the whole use: write files, scan them, look at the report."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from pathlib import Path

from policyscan.config import Configuration
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Writes files below `root`; texts are dedented."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else textwrap.dedent(text).lstrip("\n").encode()
        path.write_bytes(data)
    return root


def scan_files(
    root: Path,
    files: dict[str, str | bytes] | None = None,
    *,
    profile: str = "ci",
    select: tuple[str, ...] = (),
    configuration: Configuration | None = None,
    ref: str = "",
    base: str = "",
    now: datetime = NOW,
) -> Report:
    """The report on `root` after writing `files` there."""
    request = ScanRequest(
        path=write(root, files or {}),
        configuration=configuration or Configuration(),
        profile=load_profile(profile, root),
        select=select,
        ref=ref,
        base=base,
    )
    return scan(request, now=now)


def verdicts(report: Report, policy_id: str) -> dict[str, str]:
    """Verdict by address, of one policy."""
    return {
        finding.resource.address: finding.verdict.value
        for finding in report.findings
        if finding.policy_id == policy_id
    }
