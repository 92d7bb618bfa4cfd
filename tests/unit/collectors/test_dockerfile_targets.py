"""The stage that is built need not be the last one of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.config import parse_configuration
from tests.scanning import scan_files, verdicts

TWO = "FROM alpine:3.20 AS Runtime\nUSER trader\nFROM runtime AS debug\nUSER root\n"


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("", {"Dockerfile#runtime": "not_applicable", "Dockerfile#debug": "fail"}),
        ("runtime", {"Dockerfile#runtime": "pass", "Dockerfile#debug": "not_applicable"}),
        ("RUNTIME", {"Dockerfile#runtime": "pass", "Dockerfile#debug": "not_applicable"}),
        ("1", {"Dockerfile#runtime": "pass", "Dockerfile#debug": "not_applicable"}),
    ],
)
def test_the_target_is_judged(tmp_path: Path, target: str, wanted: dict[str, str]) -> None:
    targets = f"{{Dockerfile: '{target}'}}" if target else "{}"
    text = f"version: 1\ndockerfile: {{targets: {targets}}}\n"
    configuration = parse_configuration("policyscan.yaml", text.encode())
    report = scan_files(tmp_path, {"Dockerfile": TWO}, configuration=configuration)
    assert verdicts(report, "PS-IMG-001") == wanted
    assert not report.gaps


def test_a_target_that_is_no_stage_is_a_gap_and_the_last_stage_is_judged(tmp_path: Path) -> None:
    text = b"version: 1\ndockerfile: {targets: {Dockerfile: release}}\n"
    configuration = parse_configuration("policyscan.yaml", text)
    report = scan_files(tmp_path, {"Dockerfile": TWO}, configuration=configuration)
    assert verdicts(report, "PS-IMG-001")["Dockerfile#debug"] == "fail"
    (gap,) = report.gaps
    assert "there is no stage release" in gap.message
    assert gap.blocking
