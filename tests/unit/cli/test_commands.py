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


def test_policies_are_listed_in_columns(capsys: Capture) -> None:
    assert main(["policy", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == sorted(lines)
    line = next(line for line in lines if line.startswith("PS-NET-004"))
    assert line.split() == "PS-NET-004 critical change SecurityGroup world-open-admin-port".split()


@pytest.mark.parametrize("name", ["PS-NET-004", "ps-net-004", "world-open-admin-port"])
def test_a_policy_is_shown_by_id_and_slug(capsys: Capture, name: str) -> None:
    assert main(["policy", "show", name]) == 0
    out = capsys.readouterr().out
    for label in ("severity critical", "judges   SecurityGroup", "require  ", "why ", "fix "):
        assert f"\n{label}" in out


def test_a_policy_that_is_not_there(capsys: Capture) -> None:
    assert main(["policy", "show", "world-open-admin-prot"]) == 2
    assert "Did you mean 'world-open-admin-port'?" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["list", "--policies", "none"], ["test", "none"]])
def test_a_folder_of_policies_that_is_not_there(arguments: list[str], capsys: Capture) -> None:
    assert main(["policy", *arguments]) == 2
    assert "there is no directory none" in capsys.readouterr().err


def test_collectors_are_listed_with_their_kinds(capsys: Capture) -> None:
    assert main(["collectors", "list"]) == 0
    assert "dockerfile  DockerfileStage" in capsys.readouterr().out
