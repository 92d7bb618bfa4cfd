"""Policies of one's own, and values of parameters, end to end through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from log_policies import PACK

from policyscan.cli import main
from policyscan.data import policies_directory

Capture = pytest.CaptureFixture[str]
SCAN = ["scan", "infra", "--profile", "advise", "-q", "-o", "json=r.json"]


@pytest.fixture
def desk(quiet_environment: Path) -> Path:
    """A tree with one log group of 90 days, and a folder with one policy."""
    (quiet_environment / "infra").mkdir()
    (quiet_environment / "infra" / "main.tf").write_text(
        'resource "aws_cloudwatch_log_group" "a" { retention_in_days = 90 }\n'
    )
    (quiet_environment / "house").mkdir()
    (quiet_environment / "house" / "short-lived-logs.yaml").write_text(PACK)
    return quiet_environment


def configure(desk: Path, *lines: str) -> None:
    (desk / "policyscan.yaml").write_text("\n".join(["version: 1", *lines]) + "\n")


def verdicts(desk: Path) -> dict[str, str]:
    report: dict[str, Any] = json.loads((desk / "r.json").read_text())
    return {each["policy_id"]: each["verdict"] for each in report["findings"]}


def test_a_pack_adds_to_what_ships(desk: Path) -> None:
    before = {path: path.read_bytes() for path in policies_directory().rglob("*.yaml")}
    main([*SCAN, "--policies", "house"])
    found = verdicts(desk)
    assert found["DESK-LOG-001"] == "fail"
    assert "PS-LOG-008" in found
    assert {path: path.read_bytes() for path in policies_directory().rglob("*.yaml")} == before


def test_without_its_folder_it_is_not_judged(desk: Path) -> None:
    main(SCAN)
    assert "DESK-LOG-001" not in verdicts(desk)


def test_a_configuration_overrides_a_parameter(desk: Path) -> None:
    configure(desk, "parameters:", "  DESK-LOG-001: {days: 90}")
    main([*SCAN, "--policies", "house"])
    assert verdicts(desk)["DESK-LOG-001"] == "pass"
    [policy] = [
        each
        for each in json.loads((desk / "r.json").read_text())["policies"]
        if each["id"] == "DESK-LOG-001"
    ]
    assert policy["parameters"] == {"days": 90}
    assert policy["changed"] == ["days"]


def test_audit_takes_packs_and_parameters(desk: Path) -> None:
    configure(desk, "targets: [{path: infra}]", "parameters:", "  DESK-LOG-001: {days: 90}")
    main(["audit", "-q", "--policies", "house", "-o", "json=r.json"])
    assert verdicts(desk)["DESK-LOG-001"] == "pass"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (
            ["parameters:", "  DESK-LOG-002: {days: 90}"],
            "policyscan.yaml:3:3: parameters for DESK-LOG-002, which is no policy; did you mean "
            "'DESK-LOG-001'?",
        ),
        (
            ["parameters:", "  DESK-LOG-001: {day: 90}"],
            "policyscan.yaml:3:18: DESK-LOG-001 has no parameter 'day'; did you mean 'days'?",
        ),
        (
            ["parameters:", "  DESK-LOG-001:", '    days: "90"'],
            "policyscan.yaml:4:11: parameter 'days' of DESK-LOG-001: expected int, found '90'",
        ),
        (
            ["parameters:", "  PS-NET-006: {min_zones: two}"],  # a kind of which nothing is here
            "policyscan.yaml:3:27: parameter 'min_zones' of PS-NET-006: expected int, found 'two'",
        ),
        (
            ["parameters:", '  PS-NET-001: {allowed: ["198.51.100.0/33"]}'],
            "policyscan.yaml:3:25: parameter 'allowed' of PS-NET-001: one of its members is not an "
            'address range like "10.0.0.0/8"',
        ),
    ],
)
def test_a_parameter_that_fits_nothing_is_told_with_its_place(
    lines: list[str], complaint: str, desk: Path, capsys: Capture
) -> None:
    configure(desk, *lines)
    assert main([*SCAN, "--policies", "house"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"policyscan: {complaint}\n")
    assert "^" in error
    assert not (desk / "r.json").exists()


def test_parameters_under_a_former_id(desk: Path, capsys: Capture) -> None:
    path = desk / "house" / "short-lived-logs.yaml"
    path.write_text(PACK.replace("\ntitle:", "\naliases: [DESK-OLD-001]\ntitle:"))
    configure(desk, "parameters:", "  DESK-OLD-001: {days: 90}")
    assert main([*SCAN, "--policies", "house"]) == 2
    assert "DESK-OLD-001, which is no policy; it is called DESK-LOG-001 now" in (
        capsys.readouterr().err
    )


CLASHES = {
    "id": ("id: DESK-LOG-001", "id: PS-NET-004", "'PS-NET-004' is already the id of "),
    "former id": (
        "\ntitle:",
        "\naliases: [DESK-LOG-009, PS-NET-004]\ntitle:",
        "'PS-NET-004' is already the id of ",
    ),
    "slug": (
        "slug: short-lived-logs",
        "slug: world-open-admin-port",
        "'world-open-admin-port' is already the slug of ",
    ),
}


@pytest.mark.parametrize("case", CLASHES)
def test_a_name_that_is_taken_is_an_error_that_names_both_files(
    case: str, desk: Path, capsys: Capture
) -> None:
    old, new, complaint = CLASHES[case]
    (desk / "house" / "short-lived-logs.yaml").write_text(PACK.replace(old, new, 1))
    assert main([*SCAN, "--policies", "house"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("policyscan: house/short-lived-logs.yaml:")
    assert complaint in error
    assert "policies/network/world-open-admin-port.yaml, which ships" in error
    assert "^" in error
    assert "Give one of them another" in error
    for command in ("list", "show"):
        arguments = ["PS-NET-004"] if command == "show" else []
        assert main(["policy", command, *arguments, "--policies", "house"]) == 2
        assert complaint in capsys.readouterr().err


def test_two_packs_with_one_former_id(desk: Path, capsys: Capture) -> None:
    other = PACK.replace("DESK-LOG-001", "DESK-LOG-002").replace("short-lived", "brief")
    (desk / "more").mkdir()
    (desk / "more" / "brief-logs.yaml").write_text(
        other.replace("\ntitle:", "\naliases: [DESK-LOG-001]\ntitle:")
    )
    assert main([*SCAN, "--policies", "house", "--policies", "more"]) == 2
    error = capsys.readouterr().err
    assert "more/brief-logs.yaml:5:11: 'DESK-LOG-001' is already the id of " in error
    assert "house/short-lived-logs.yaml" in error


def test_policies_of_a_pack_are_listed_and_shown(desk: Path, capsys: Capture) -> None:
    assert main(["policy", "list", "--policies", "house", "--family", "log"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("DESK-LOG-001  high      LogGroup            short-lived-logs\n")
    assert main(["policy", "show", "desk-log-001", "--policies", "house"]) == 0
    out = capsys.readouterr().out
    assert "param    days: int = 365. For how many days.\n" in out
    assert "  parameters:\n    DESK-LOG-001:\n      days: 365\n" in out
    assert "file     house/short-lived-logs.yaml\n" in out
    assert "sources  terraform, aws\n" in out
    assert main(["policy", "test", "house"]) == 0
    assert main(["policy", "lint", "house"]) == 0


def test_a_pack_that_does_not_load_stops_a_scan(desk: Path, capsys: Capture) -> None:
    (desk / "house" / "broken.yaml").write_text(PACK.replace("retention_days", "retention_day"))
    assert main([*SCAN, "--policies", "house"]) == 2
    error = capsys.readouterr().err
    assert "house/broken.yaml:9:19: unknown field 'retention_day' of LogGroup" in error
    assert "did you mean 'retention_days'?" in error


def test_what_a_pack_says_gives_no_orders(desk: Path, capsys: Capture) -> None:
    hostile = r'"\e[31mLogs\n::error::not kept \u202e"'
    text = PACK.replace("title: Logs are kept for a year", f"title: {hostile}")
    text = text.replace("about: For how many days.", f"about: {hostile}")
    (desk / "house" / "short-lived-logs.yaml").write_text(text)

    assert main(["policy", "show", "DESK-LOG-001", "--policies", "house"]) == 0

    shown = capsys.readouterr().out
    assert shown.replace("\n", "").isprintable()
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
