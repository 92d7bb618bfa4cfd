"""`policyscan collectors doctor` and `permissions`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.collectors.code.semgrep import engines

Capture = pytest.CaptureFixture[str]


def permissions(capsys: Capture, *arguments: str) -> list[str]:
    assert main(["collectors", "permissions", *arguments]) == 0
    policy = json.loads(capsys.readouterr().out)
    (statement,) = policy["Statement"]
    assert policy["Version"] == "2012-10-17"
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")
    actions = statement["Action"]
    assert actions == sorted(set(actions))
    return list(actions)


def test_fewer_policies_need_fewer_permissions(quiet_environment: Path, capsys: Capture) -> None:
    everything = permissions(capsys)
    log_groups = permissions(capsys, "--select", "PS-LOG-008")
    assert log_groups == ["logs:DescribeLogGroups", "sts:GetCallerIdentity", "tag:GetResources"]
    assert set(log_groups) < set(everything)


def test_nothing_is_allowed_that_reads_a_value_or_writes(
    quiet_environment: Path, capsys: Capture
) -> None:
    for action in permissions(capsys):
        verb = action.partition(":")[2]
        assert verb.startswith(("Describe", "List", "Get")), action
        assert not verb.startswith(("GetSecretValue", "GetParameter", "GetObject")), action


def test_policies_that_ask_nothing_of_an_account(quiet_environment: Path, capsys: Capture) -> None:
    assert main(["collectors", "permissions", "--select", "KEY"]) == 2
    assert "the selected policies ask nothing of aws" in capsys.readouterr().err


def test_others_have_permissions_in_words(quiet_environment: Path, capsys: Capture) -> None:
    assert main(["collectors", "permissions", "docker"]) == 0
    assert "GET " in capsys.readouterr().out


def test_a_collector_that_is_not_there(quiet_environment: Path, capsys: Capture) -> None:
    assert main(["collectors", "permissions", "azure"]) == 2
    assert "Installed: aws, docker, tls" in capsys.readouterr().err
    assert main(["collectors", "doctor", "azure"]) == 2
    assert "Known: code, aws, docker, tls" in capsys.readouterr().err


def test_the_doctor_names_what_is_installed(quiet_environment: Path, capsys: Capture) -> None:
    assert main(["collectors", "doctor", "code"]) == 0
    assert [line.partition(": ok")[0] for line in capsys.readouterr().out.splitlines()] == [
        "code  semgrep, native",
        "code  semgrep, plain",
    ]


def test_the_doctor_tells_how_to_install_what_is_missing(
    quiet_environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(engines, "_distribution", lambda: None)
    assert main(["collectors", "doctor", "code"]) == 3
    printed = capsys.readouterr().out
    assert printed.startswith("code  semgrep: missing: ")
    assert 'pip install --upgrade "policyscan[code]"' in printed


def test_the_doctor_examines_configured_targets(quiet_environment: Path, capsys: Capture) -> None:
    (quiet_environment / "policyscan.yaml").write_text(
        'version: 1\ntargets:\n  - tls: {name: desk, endpoints: ["desk.example:443"]}\n'
    )
    main(["collectors", "doctor", "tls"])
    assert all(line.startswith("tls:desk  ") for line in capsys.readouterr().out.splitlines())
