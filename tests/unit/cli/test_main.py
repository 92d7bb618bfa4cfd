from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import policyscan
from policyscan.cli import main
from policyscan.errors import InvariantError, PolicyError, UsageError
from tests.unit.cli.conftest import FakePipeline

Capture = pytest.CaptureFixture[str]


def test_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"policyscan {policyscan.__version__}\n"


GATE = [["scan"], ["diff"], ["audit"], ["baseline", "write"], ["waive"]]


@pytest.mark.parametrize("command", [[], ["policy"], ["collectors"], ["report"], *GATE])
def test_every_command_has_help(command: list[str], capsys: Capture) -> None:
    assert main([*command, "--help"]) == 0
    assert "usage: policyscan" in capsys.readouterr().out


def test_help_ends_with_examples_and_exit_codes(capsys: Capture) -> None:
    main(["--help"])
    text = capsys.readouterr().out
    assert text.index("examples:") < text.index("exit codes:")
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "130"):
        assert f"\n  {code}" in text


@pytest.mark.parametrize("command", GATE, ids=" ".join)
def test_help_with_many_options_has_groups_and_examples(
    command: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    main([*command, "--help"])
    text = capsys.readouterr().out
    assert "\nexamples:\n" in text
    options, _, rest = text.partition("\noptions:\n")[2].partition("\n\n")
    assert options.count("\n  -") <= 2
    assert rest.index(":\n  -") < rest.index("examples:")
    prose = text.partition("examples:")[0].splitlines()
    assert max(map(len, prose)) <= 80


@pytest.mark.parametrize("option", [["-o", "json"], ["--baseline", "x.json"]])
def test_a_baseline_is_written_without_options_that_would_do_nothing(
    option: list[str], capsys: Capture
) -> None:
    assert main(["baseline", "write", *option]) == 2
    assert "unrecognized arguments" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["scna"], ["scan", "--profil", "ci"], ["scan", "a", "b"], ["report"]]
)
def test_a_command_line_that_cannot_be_used(arguments: list[str], capsys: Capture) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("policyscan: ")
    assert "--help" in err


def test_an_unknown_option_leads_to_the_help_of_its_command(capsys: Capture) -> None:
    assert main(["audit", "--aws"]) == 2
    assert capsys.readouterr().err == (
        "policyscan: unrecognized arguments: --aws\n  See: policyscan audit --help\n"
    )


def test_a_usage_error_shows_its_next_step(pipeline: FakePipeline, capsys: Capture) -> None:
    pipeline.report = UsageError("this cannot be", hint="Do that.")
    assert main(["scan"]) == 2
    assert capsys.readouterr().err == "policyscan: this cannot be\n  Do that.\n"


def test_a_policy_error_shows_place_and_source(pipeline: FakePipeline, capsys: Capture) -> None:
    pipeline.report = PolicyError("no field x", path="p.yaml", line=3, column=7, snippet="  3 | x")
    assert main(["scan"]) == 2
    assert capsys.readouterr().err == "policyscan: p.yaml:3:7: no field x\n  3 | x\n"


def test_books_that_do_not_balance_are_our_defect(pipeline: FakePipeline, capsys: Capture) -> None:
    pipeline.report = InvariantError("3 found, 2 judged")
    assert main(["scan"]) == 4
    err = capsys.readouterr().err
    assert "3 found, 2 judged" in err
    assert "Please report it: https://" in err


def test_a_defect_ends_without_traceback_and_without_what_was_read(
    pipeline: FakePipeline, capsys: Capture
) -> None:
    pipeline.report = ValueError("hunter2")
    assert main(["scan"]) == 4
    err = capsys.readouterr().err
    assert "ValueError at " in err
    assert "--debug" in err
    assert "https://" in err
    assert "Traceback" not in err
    assert "hunter2" not in err


def test_debug_shows_the_way_there_but_not_what_was_read(
    pipeline: FakePipeline, capsys: Capture
) -> None:
    pipeline.report = ValueError("hunter2")
    assert main(["scan", "--debug"]) == 4
    err = capsys.readouterr().err
    assert "in run" in err
    assert "hunter2" not in err


def test_messages_steer_neither_terminal_nor_ci(pipeline: FakePipeline, capsys: Capture) -> None:
    pipeline.report = UsageError("\x1b[2J\n::error::forged", hint="##[error]")
    main(["scan"])
    assert capsys.readouterr().err == "policyscan: \\x1b[2J\\n::error::forged\n  #\\#[error]\n"


def test_an_interrupt_without_a_report(pipeline: FakePipeline, capsys: Capture) -> None:
    pipeline.report = KeyboardInterrupt()
    assert main(["scan"]) == 130
    assert capsys.readouterr().err == "policyscan: interrupted; no report was written\n"


def test_a_package_in_the_target_is_not_installed(tmp_path: Path) -> None:
    metadata = tmp_path / "evil-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[policyscan.collectors]\nevil = evil:Evil\n")
    (tmp_path / "evil.py").write_text("raise SystemExit('evil ran')\n")
    run = subprocess.run(
        [sys.executable, "-P", "-m", "policyscan", "collectors", "list"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "dockerfile" in run.stdout
    assert "evil" not in run.stdout + run.stderr


def test_a_module_beside_the_target_is_not_imported(tmp_path: Path) -> None:
    for name in ("argparse", "signal", "yaml", "dataclasses", "policyscan_evil"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the target ran')\n")
    run = subprocess.run(
        [sys.executable, "-P", "-m", "policyscan", "scan", "--config", "none.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr.startswith("policyscan: none.yaml: No such file")
    assert run.returncode == 2


def test_a_reader_that_has_seen_enough_is_no_defect() -> None:
    done = subprocess.run(
        f"{sys.executable} -P -m policyscan policy list | true; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.strip() in ("0", "141")
