from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.data import policies_directory
from policyscan.policy import load_policies, load_tests
from policyscan.reporters.json_report import JsonReporter
from policyscan.resources.kinds import MODULES, load_kinds
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
    *lines, count = capsys.readouterr().out.splitlines()
    assert lines == sorted(lines)
    assert count == f"{len(lines)} of {len(lines)} policies"
    assert max(map(len, lines)) <= 80
    line = next(line for line in lines if line.startswith("PS-NET-004"))
    assert line.split() == "PS-NET-004 critical SecurityGroup world-open-admin-port".split()


@pytest.mark.parametrize("name", ["PS-NET-004", "ps-net-004", "world-open-admin-port"])
def test_a_policy_is_shown_by_id_and_slug(capsys: Capture, name: str) -> None:
    assert main(["policy", "show", name]) == 0
    out = capsys.readouterr().out
    for label in ("severity critical", "judges   SecurityGroup", "require  ", "why ", "fix "):
        assert f"\n{label}" in out


def test_a_policy_that_is_not_there(capsys: Capture) -> None:
    assert main(["policy", "show", "world-open-admin-prot"]) == 2
    assert "did you mean 'world-open-admin-port'?" in capsys.readouterr().err


def test_a_commit_that_is_not_there(quiet_environment: Path, capsys: Capture) -> None:
    assert main(["scan", "--ref", "nope"]) == 2
    assert "there is no commit nope" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["policy", "list", "--policies", "none"],
        ["policy", "test", "none"],
        ["scan", "--policies", "none"],
    ],
)
def test_a_folder_of_policies_that_is_not_there(arguments: list[str], capsys: Capture) -> None:
    assert main(arguments) == 2
    assert "there is no directory none" in capsys.readouterr().err


def test_collectors_are_listed_with_their_kinds(capsys: Capture) -> None:
    assert main(["collectors", "list"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "dockerfile  files  DockerfileStage" in printed
    assert "tls         live   TlsEndpoint" in printed


ADMIN_PORT = policies_directory() / "network" / "world-open-admin-port.yaml"


def test_the_tests_of_a_policy_pass(quiet_environment: Path, capsys: Capture) -> None:
    (quiet_environment / "p.yaml").write_text(ADMIN_PORT.read_text())
    assert main(["policy", "test", "."]) == 0
    shipped = load_policies(ADMIN_PORT.parent, load_kinds(MODULES)).policies
    total = len(load_tests(next(each for each in shipped if each.id == "PS-NET-004")))
    *cases, count = capsys.readouterr().out.splitlines()
    assert len(cases) == total
    assert count == f"{total} of {total} tests of policies passed"


def test_a_test_that_fails_says_what_was_expected(quiet_environment: Path, capsys: Capture) -> None:
    head, tests = ADMIN_PORT.read_text().split("\ntests:", 1)
    wrong = tests.replace(": fail", ": pass", 1)
    assert wrong != tests
    (quiet_environment / "p.yaml").write_text(f"{head}\ntests:{wrong}")
    assert main(["policy", "test", "."]) == 1
    assert ": expected pass, got fail: " in capsys.readouterr().out


def test_a_folder_without_policies_is_not_a_success(
    quiet_environment: Path, capsys: Capture
) -> None:
    assert main(["policy", "test", "."]) == 2
    assert "there are no tests in ." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('resource "aws_security_group" "a" {\n  ingress {\n    from_port = 22\n', 3),
        ("", 3),
        ('resource "aws_security_group" "a" {}\n', 0),
    ],
)
def test_a_real_scan(quiet_environment: Path, text: str, code: int) -> None:
    (quiet_environment / "main.tf").write_text(text)
    assert main(["scan"]) == code
