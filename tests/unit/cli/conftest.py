from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from policyscan.findings import Report
from tests.sample_report import sample_report


class FakePipeline(ModuleType):
    """Stands for `policyscan.pipeline`: keeps the request and returns what a test wants."""

    def __init__(self) -> None:
        super().__init__("policyscan.pipeline")
        self.report: Report | BaseException = sample_report()
        self.request: Any = None

    def scan(self, request: Any, *, now: Any, progress: Any) -> Report:
        assert now.tzinfo is not None
        self.request = request
        progress("reading")
        if isinstance(self.report, BaseException):
            raise self.report
        return self.report

    def ends_with(self, exit_code: int) -> None:
        report = sample_report()
        summary = replace(report.summary, exit_code=exit_code)
        self.report = replace(report, summary=summary)


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    fake = FakePipeline()
    monkeypatch.setitem(sys.modules, "policyscan.pipeline", fake)
    return fake


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory, and no CI system that tells the tool what to do."""
    for name in ("CI", "GITHUB_EVENT_NAME", "GITHUB_ACTOR", "FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work
