from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.reporters.json_report import JsonReporter
from tests.sample_report import sample_report

Capture = pytest.CaptureFixture[str]


def test_a_report_can_be_written_again(quiet_environment: Path, capsys: Capture) -> None:
    data = JsonReporter().render(sample_report())
    (quiet_environment / "r.json").write_bytes(data)
    assert main(["report", "render", "r.json", "-o", "json=-"]) == 0
    assert capsys.readouterr().out.encode() == data
    assert main(["report", "render", "r.json"]) == 0
    assert "exit 1: at least one blocking failure" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "other"}'])
def test_what_is_not_a_report(quiet_environment: Path, text: str) -> None:
    (quiet_environment / "r.json").write_text(text)
    assert main(["report", "render", "r.json"]) == 2


def test_a_report_that_is_not_there(capsys: Capture) -> None:
    assert main(["report", "render", "none.json"]) == 2
    assert "policyscan scan -o json=FILE" in capsys.readouterr().err
