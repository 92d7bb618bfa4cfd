from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from msgspec.structs import replace

from policyscan.cli import main
from policyscan.config import Configuration
from policyscan.text.interrupts import listening
from tests.sample_report import sample_report
from tests.unit.cli.conftest import FakePipeline

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("code", [0, 1, 3])
def test_the_exit_code_is_that_of_the_report(pipeline: FakePipeline, code: int) -> None:
    pipeline.ends_with(code)
    assert main(["scan"]) == code


def test_without_configuration_the_defaults_hold(pipeline: FakePipeline) -> None:
    main(["scan"])
    request = pipeline.request
    assert request.path == Path()
    assert request.configuration == Configuration()
    assert request.profile.name == "ci"
    assert request.policy_directories == ()
    assert request.select == ()
    assert request.ref == ""
    assert request.arguments == ("scan",)
    assert request.trigger == "manual"
    assert request.actor


def test_every_option_arrives(pipeline: FakePipeline, quiet_environment: Path) -> None:
    for name in ("tree", "a", "b"):
        (quiet_environment / name).mkdir()
    (quiet_environment / "mine.yaml").write_text("version: 1\nproject: desk\n")
    arguments = [
        *("scan", "tree", "--profile", "audit", "--policies", "a", "--policies", "b"),
        *("--select", "NET", "--select", "PS-KEY-001", "--config", "mine.yaml", "--ref", "HEAD~1"),
    ]
    main(arguments)
    request = pipeline.request
    assert request.path == Path("tree")
    assert request.profile.name == "audit"
    assert request.policy_directories == (Path("a"), Path("b"))
    assert request.select == ("NET", "PS-KEY-001")
    assert request.configuration.project == "desk"
    assert request.ref == "HEAD~1"
    assert request.arguments == tuple(arguments)


def test_the_configuration_chooses_a_profile_and_the_command_line_wins(
    pipeline: FakePipeline, quiet_environment: Path
) -> None:
    (quiet_environment / "policyscan.yaml").write_text("version: 1\nprofile: advise\n")
    main(["scan"])
    assert pipeline.request.profile.name == "advise"
    main(["scan", "--profile", "audit"])
    assert pipeline.request.profile.name == "audit"


def test_a_configuration_in_the_scanned_tree_is_not_looked_up(
    pipeline: FakePipeline, quiet_environment: Path
) -> None:
    tree = quiet_environment / "tree"
    tree.mkdir()
    (tree / "policyscan.yaml").write_text("version: 1\nprofile: advise\n")
    main(["scan", "tree"])
    assert pipeline.request.configuration == Configuration()


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_tree_that_is_not_there(
    pipeline: FakePipeline, capsys: Capture, quiet_environment: Path, name: str
) -> None:
    (quiet_environment / "file").write_text("")
    assert main(["scan", name]) == 2
    problem = {"nowhere": "there is no directory nowhere", "file": "file is a file"}[name]
    assert capsys.readouterr().err.startswith(f"policyscan: {problem}\n")
    assert pipeline.request is None


def test_without_o_the_console_view_goes_to_stdout(pipeline: FakePipeline, capsys: Capture) -> None:
    main(["scan"])
    out, err = capsys.readouterr()
    assert out.endswith("exit 1: at least one blocking failure\n")
    assert err == ""


def test_json_to_stdout_is_nothing_but_json(pipeline: FakePipeline, capsys: Capture) -> None:
    main(["scan", "-o", "json=-"])
    out, err = capsys.readouterr()
    assert json.loads(out)["summary"]["exit_code"] == 1
    assert err == "policyscan: exit 1: at least one blocking failure\n"


def test_files_are_written_and_named(
    pipeline: FakePipeline, capsys: Capture, quiet_environment: Path
) -> None:
    main(["scan", "-o", "json=out/a.json", "-o", "console=b.txt"])
    err = capsys.readouterr().err
    assert json.loads((quiet_environment / "out/a.json").read_bytes())["tool"]
    assert "\x1b" not in (quiet_environment / "b.txt").read_text()
    assert f"wrote {quiet_environment / 'out/a.json'}" in err


def test_quiet_prints_nothing_but_reports(pipeline: FakePipeline, capsys: Capture) -> None:
    assert main(["scan", "-q", "-o", "json=a.json"]) == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "json", "-o", "sarif=-"], "json and sarif cannot share standard output"),
        (["-o", "pdf"], "there is no format 'pdf'"),
        (["-o", "=x"], "'=x' is not FORMAT or FORMAT=FILE"),
        (["-o", "json="], "'json=' is not FORMAT or FORMAT=FILE"),
        (["-o", "json=x", "-o", "sarif=./x"], "two reports would go to"),
        (["-o", "json=."], "is a directory"),
        (["--profile", "strict"], "there is no profile 'strict'"),
        (["--config", "none.yaml"], "none.yaml: No such file"),
    ],
)
def test_what_cannot_work_is_said_before_any_work(
    pipeline: FakePipeline, capsys: Capture, arguments: list[str], message: str
) -> None:
    assert main(["scan", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert pipeline.request is None


def test_on_a_pull_request_a_configuration_in_the_tree_ends_the_run(
    pipeline: FakePipeline,
    capsys: Capture,
    quiet_environment: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    assert main(["scan"]) == 1
    assert pipeline.request.trigger == "pull_request"
    (quiet_environment / "policyscan.yaml").write_text("version: 1\nprofile: advise\n")
    assert main(["scan"]) == 2
    assert "Add --trust origin/BRANCH" in capsys.readouterr().err


def test_on_a_pull_request_controls_in_the_tree_end_the_run(
    pipeline: FakePipeline,
    capsys: Capture,
    quiet_environment: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    (quiet_environment / "head").mkdir()
    (quiet_environment / "head" / "controls.yaml").write_text("version: 1\n")
    (quiet_environment / "base.yaml").write_text("version: 1\ncontrols: head/controls.yaml\n")
    assert main(["scan", "head", "--config", "base.yaml"]) == 2
    assert "the controls head/controls.yaml lies inside" in capsys.readouterr().err
    assert pipeline.request is None


def test_a_partial_report_is_written_and_the_code_says_interrupted(
    pipeline: FakePipeline, capsys: Capture
) -> None:
    report = sample_report()
    pipeline.report = replace(report, run=replace(report.run, interrupted=True))
    assert main(["scan"]) == 130
    out = capsys.readouterr().out
    assert "INTERRUPTED" in out
    assert out.endswith("\nat least one blocking failure\n")


def test_a_termination_has_its_own_code(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = signal.getsignal(signal.SIGTERM)

    def scan(*_: object, **__: object) -> None:
        with listening():
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()

    monkeypatch.setattr(pipeline, "scan", scan)
    assert main(["scan"]) == 143
    assert signal.getsignal(signal.SIGTERM) is former
