"""`policyscan init`: what it writes is valid, says nothing by itself, and replaces nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from policyscan.cli import main
from tests.architecture.source import ROOT
from tests.scanning import write

Capture = pytest.CaptureFixture[str]
FILES = ("policyscan.yaml", "keys.yaml", "controls.yaml")


@pytest.fixture
def desk(quiet_environment: Path) -> Path:
    """The example as the working directory, before it had a register."""
    shutil.copytree(ROOT / "examples" / "trading-desk", quiet_environment, dirs_exist_ok=True)
    (quiet_environment / "keys.yaml").unlink()
    return quiet_environment


def scanned(capsys: Capture) -> dict[str, Any]:
    """The report on the working directory, without what differs between any two runs."""
    assert main(["scan", "-q", "-o", "json=-"]) in (0, 1, 3)
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {
        name: report[name]
        for name in ("findings", "gaps", "summary", "controls", "criteria", "profile")
    }


def test_what_it_writes_loads_and_changes_nothing(desk: Path, capsys: Capture) -> None:
    before = scanned(capsys)
    assert before["findings"]
    assert main(["init"]) == 0
    capsys.readouterr()
    assert scanned(capsys) == before


def test_it_says_what_it_wrote_and_what_is_next(desk: Path, capsys: Capture) -> None:
    main(["init"])
    first, next_, *steps = capsys.readouterr().out.splitlines()
    assert first == "wrote policyscan.yaml, keys.yaml, controls.yaml"
    assert next_ == "next:"
    assert 3 <= len(steps) <= 5
    assert "  fill in 8 exchange secrets in keys.yaml" in steps
    assert "  mind what could not be read and is not in them: 1 gap" in steps
    assert steps[-1] == "  run: policyscan scan"
    assert all((desk / name).is_file() for name in FILES)


def test_after_an_interruption_nothing_is_written(
    desk: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from policyscan import proposal

    propose = proposal.propose

    def interrupted(*arguments: Any, **options: Any) -> proposal.Proposal:
        found = propose(*arguments, **options)
        report = replace(found.facts.report, run=replace(found.facts.report.run, interrupted=True))
        return replace(found, facts=replace(found.facts, report=report))

    monkeypatch.setattr(proposal, "propose", interrupted)
    assert main(["init"]) == 130
    assert capsys.readouterr().err == "policyscan: interrupted; nothing was written\n"
    assert not any((desk / name).exists() for name in FILES)


def test_what_holds_of_it_is_next_to_nothing(desk: Path) -> None:
    main(["init"])
    loaded = {name: yaml.safe_load((desk / name).read_text()) for name in FILES}
    assert loaded == {
        "policyscan.yaml": {"version": 1, "controls": "controls.yaml"},
        "keys.yaml": {"version": 1},
        "controls.yaml": {"version": 1, "extends": "draft"},
    }


def test_what_is_there_stays_and_the_others_are_written(desk: Path, capsys: Capture) -> None:
    (desk / "keys.yaml").write_text("ours")
    (desk / "controls.yaml").symlink_to(desk / "nowhere")
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    assert "keys.yaml is there already and stays as it is\n" in out
    assert "controls.yaml is there already and stays as it is\n" in out
    assert "wrote policyscan.yaml\n" in out
    assert (desk / "keys.yaml").read_text() == "ours"
    assert not (desk / "nowhere").exists()
    text = (desk / "policyscan.yaml").read_text()
    assert yaml.safe_load(text) == {"version": 1}, "a file of others is not put in force"
    assert "# controls: controls.yaml\n" in text


def test_a_second_time_nothing_is_written(desk: Path, capsys: Capture) -> None:
    main(["init"])
    before = {name: (desk / name).read_bytes() for name in FILES}
    capsys.readouterr()
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    assert out.count("is there already and stays as it is") == 3
    assert "wrote" not in out
    assert {name: (desk / name).read_bytes() for name in FILES} == before


@pytest.mark.parametrize("option", ["-n", "--dry-run"])
def test_a_dry_run_prints_and_writes_nothing(desk: Path, capsys: Capture, option: str) -> None:
    assert main(["init", option]) == 0
    out = capsys.readouterr().out
    assert not any((desk / name).exists() for name in FILES)
    main(["init"])
    for name in FILES:
        assert f"==> {name} <==\n{(desk / name).read_text()}" in out


def test_another_directory_can_be_looked_at(quiet_environment: Path, capsys: Capture) -> None:
    write(
        quiet_environment / "repo", {"a.tf": 'resource "aws_secretsmanager_secret" "kraken" {}\n'}
    )
    assert main(["init", "repo"]) == 0
    assert capsys.readouterr().out.endswith("  run: policyscan scan repo\n")
    assert not (quiet_environment / "repo" / "keys.yaml").exists()
    assert "aws_secretsmanager_secret.kraken (a.tf:1)" in Path("keys.yaml").read_text()


def test_an_empty_directory_gets_the_files_too(quiet_environment: Path, capsys: Capture) -> None:
    assert main(["init"]) == 0
    assert "exchange secret" not in capsys.readouterr().out
    assert "No secret here looks like one" in Path("keys.yaml").read_text()


def test_a_directory_that_is_not_there(quiet_environment: Path, capsys: Capture) -> None:
    assert main(["init", "nowhere"]) == 2
    assert "there is no directory nowhere" in capsys.readouterr().err
    assert not any(Path(name).exists() for name in FILES)
