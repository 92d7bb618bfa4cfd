"""The example, as `make demo` scans it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from policyscan.config import load_configuration
from policyscan.findings import Report
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import ScanRequest, scan

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def demo_report() -> Report:
    request = ScanRequest(
        path=EXAMPLES / "trading-desk",
        configuration=load_configuration(Path("policyscan.yaml"), EXAMPLES),
        profile=load_profile("ci", EXAMPLES),
    )
    return scan(request, now=NOW)
