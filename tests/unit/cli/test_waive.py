"""`policyscan waive`, and what a scan makes of what it wrote."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from policyscan.cli import main
from policyscan.collectors.terraform import TerraformCollector
from tests.scanning import write
from tests.unit.gate.waiving import group

TODAY = datetime.now(UTC).date()
"""What is run a moment before midnight may differ from it."""


def day(number: int) -> str:
    return (TODAY + timedelta(days=number)).isoformat()


UNTIL = ("--until", day(60))
WHO = ("--reason", "the bastion moves", "--owner", "ana", "--approver", "bo")
FILES: dict[str, str | bytes] = {
    "infra/main.tf": group("open") + group("wide", "198.0.0.0/7") + group("shut", "10.0.0.0/8")
}


def scanned(*options: str) -> dict[str, Any]:
    main(["scan", "infra", "-q", "-o", "json=r.json", *options])
    report: dict[str, Any] = json.loads(Path("r.json").read_bytes())
    return report


def findings(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        one["resource"]["address"].rpartition(".")[2]: one
        for one in report["findings"]
        if one["policy_id"] == "PS-NET-004"
    }


def test_a_failure_is_accepted_by_its_fingerprint(
    quiet_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(quiet_environment, FILES)
    print_ = findings(scanned())["open"]["fingerprint"]
    chosen = ("waive", print_[:8], "--path", "infra", *WHO, *UNTIL, "--ticket", "SEC-12")
    assert main([*chosen]) == 0
    said = capsys.readouterr().out
    assert 'ticket: "SEC-12"' in said
    assert "holds once it is on the trusted side: commit waivers.yaml, have bo review it" in said
    found = findings(scanned())
    assert {name: one["verdict"] for name, one in found.items()} == {
        "open": "waived", "wide": "fail", "shut": "pass"
    }  # fmt: skip
    assert main([*chosen]) == 2
    assert "is already waived by WVR-1" in capsys.readouterr().err


def test_a_report_does_as_well_and_nothing_is_scanned(quiet_environment: Path) -> None:
    write(quiet_environment, FILES)
    report = scanned()
    (quiet_environment / "infra/main.tf").unlink()
    print_ = findings(report)["open"]["fingerprint"]
    assert main(["waive", print_, "--report", "r.json", *WHO, *UNTIL]) == 0
    assert print_ in Path("waivers.yaml").read_text()


def test_an_address_is_one_of_its_own_root(quiet_environment: Path) -> None:
    write(quiet_environment, FILES)
    chosen = ("PS-NET-004", "aws_security_group.open", "--path", "infra")
    assert main(["waive", *chosen, *WHO, *UNTIL]) == 0
    assert 'unit: "."' in Path("waivers.yaml").read_text()
    write(quiet_environment, {"infra/other/main.tf": group("open")})
    found = [
        (one["resource"]["unit"], one["verdict"])
        for one in scanned()["findings"]
        if one["resource"]["address"] == "aws_security_group.open"
        and one["policy_id"] == "PS-NET-004"
    ]
    assert found == [(".", "waived"), ("other", "fail")]


def test_an_address_may_stand_for_many_each_with_its_own_values(quiet_environment: Path) -> None:
    write(quiet_environment, FILES)
    before = b"# our waivers\r\nversion: 1\r\nwaivers:\r\n"
    write(quiet_environment, {"waivers.yaml": before})
    chosen = ("PS-NET-004", "aws_security_group.*", "--path", "infra", *WHO, *UNTIL)
    assert main(["waive", *chosen]) == 0
    written = Path("waivers.yaml").read_bytes()
    assert written.startswith(before)
    assert b"shut" not in written
    found = findings(scanned())
    assert [found[name]["verdict"] for name in ("open", "wide")] == ["waived"] * 2
    text = FILES["infra/main.tf"]
    assert isinstance(text, str)
    write(quiet_environment, {"infra/main.tf": text.replace("198.0.0.0/7", "0.0.0.0/0")})
    report = scanned()
    assert findings(report)["wide"]["verdict"] == "fail"
    assert report["waivers"][0]["status"] == "lapsed"


def test_of_many_that_pass_it_says_that_none_fails(
    quiet_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(quiet_environment, {"infra/main.tf": group("a", "10.0.0.0/8") + group("b", "10.0.0.0/8")})
    assert main(["waive", "PS-NET-004", "*", "--path", "infra", *WHO, *UNTIL]) == 2
    assert "none of the 2 findings that are meant fails" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("PS-NET-004", "aws_security_group.shut"), "shut in . is pass"),
        (("PS-NET-004", "aws_security_group.none"), "there is no finding"),
        (("PS-NET-999", "aws_security_group.open"), "there is no finding"),
        (("PS-NET-004",), "PS-NET-004 is no fingerprint"),
        (("ffffffff",), "there is no finding ffffffff"),
        (("fff",), "fff is no fingerprint"),
        (("OPEN", "--approver", "Ana"), "it would not hold: its owner approved it: ana"),
        (("OPEN", "--until", day(-1)), "it would not hold: its last day was"),
        (("OPEN", "--until", day(367)), "it would not hold: it may last 365 days"),
        (("OPEN", "--until", "soon"), "--until soon is no day"),
        (("OPEN", "--until", "2027-02-30"), "--until 2027-02-30 is no day"),
        (("OPEN", "--reason", " "), "--reason must not be empty"),
        (("OPEN", "--reason", "AKIAIOSFODNN7EXAMPLX is old"), "--reason seems to hold a secret"),
        (("OPEN", "--waivers", "infra"), "infra"),
    ],
)
def test_what_would_not_hold_is_not_written(
    options: tuple[str, ...],
    message: str,
    quiet_environment: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(quiet_environment, FILES)
    named = ("PS-NET-004", "aws_security_group.open")
    first = named if options[0] == "OPEN" else ()
    rest = options[1:] if first else options
    assert main(["waive", *first, "--path", "infra", *WHO, *UNTIL, *rest]) == 2
    assert message in capsys.readouterr().err
    assert not Path("waivers.yaml").exists()


def test_who_mistypes_an_address_is_told_what_fails(
    quiet_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(quiet_environment, FILES)
    asked = ("waive", "PS-NET-004", "aws_security_group.opne", "--path", "infra", *WHO, *UNTIL)
    assert main([*asked]) == 2
    told = capsys.readouterr().err.splitlines()
    named = "PS-NET-004 aws_security_group.opne; PS-NET-004 fails here on"
    assert told[0] == f"policyscan: there is no finding {named}"
    failing = [line.split(" on ")[1].split(" in ")[0] for line in told[1:]]
    assert sorted(failing) == ["aws_security_group.open", "aws_security_group.wide"]


def test_the_remark_names_the_resource_once(
    quiet_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(quiet_environment, FILES)
    main(["waive", "PS-NET-004", "aws_security_group.open", "--path", "infra", *WHO, *UNTIL])
    [remark] = [one for one in Path("waivers.yaml").read_text().splitlines() if "# " in one]
    assert remark.count("aws_security_group.open") == 1


def test_an_ambiguous_name_is_refused(
    quiet_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(quiet_environment, {f"{root}/main.tf": group("open") for root in ("a", "b")})
    named = ("PS-NET-004", "aws_security_group.open")
    assert main(["waive", *named, *WHO, *UNTIL]) == 2
    told = capsys.readouterr().err
    assert "2 findings are meant; name one by its fingerprint" in told
    assert "open in a" in told
    assert "open in b" in told


def test_the_configuration_holds_here_too(
    quiet_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        quiet_environment,
        {**FILES, "policyscan.yaml": "version: 1\nwaivers: {file: sec/w.yaml, approvers: [cy]}\n"},
    )
    write(quiet_environment, {"sec/w.yaml": b"version: 1\nwaivers:\n"})
    named = ("waive", "PS-NET-004", "aws_security_group.open", "--path", "infra", *WHO, *UNTIL)
    assert main([*named]) == 2
    assert "bo is none of the approvers" in capsys.readouterr().err
    assert main([*named, "--approver", "Cy"]) == 0
    assert b"WVR-1" in Path("sec/w.yaml").read_bytes()
    report = scanned()
    assert findings(report)["open"]["verdict"] == "waived"
    assert report["run"]["waivers"] == "sec/w.yaml"


def test_a_secret_is_not_written(quiet_environment: Path) -> None:
    secret = "hunter2-Zx81-correct-horse"
    text = f"""
        resource "aws_secretsmanager_secret" "binance" {{ name = "binance-api-key" }}
        resource "aws_secretsmanager_secret_version" "binance" {{
          secret_id     = aws_secretsmanager_secret.binance.id
          secret_string = "{secret}"
        }}
        """
    write(quiet_environment, {"infra/main.tf": text, "infra/Dockerfile":
          f"FROM debian:12\nENV BINANCE_API_SECRET={secret}\nRUN a\n"})  # fmt: skip
    report = scanned("--profile", "audit")
    failing = [one for one in report["findings"] if one["verdict"] == "fail"]
    assert failing
    for one in failing:
        named = ("waive", one["fingerprint"], "--path", "infra", *WHO, *UNTIL)
        assert main([*named]) == 0
    assert secret not in Path("waivers.yaml").read_text()
    again = scanned("--profile", "audit")
    assert {one["verdict"] for one in again["findings"]}.isdisjoint({"fail"})
    assert secret not in Path("r.json").read_text()


def test_a_malformed_file_judges_nothing(
    quiet_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(quiet_environment, {**FILES, "waivers.yaml": b"version: 1\nwaivers:\n- id: x\n"})
    assert main(["scan", "infra", "-o", "json=r.json"]) == 2
    told = capsys.readouterr().err
    assert "waivers.yaml:3:3" in told
    assert not Path("r.json").exists()
    write(quiet_environment, {"waivers.yaml": b"version: 1\n", "waivers.yml": b""})
    (quiet_environment / "waivers.yaml").unlink()
    assert main(["scan", "infra"]) == 2
    assert "waivers.yml is not read" in capsys.readouterr().err


def test_waivers_in_the_scanned_tree_are_not_looked_for(quiet_environment: Path) -> None:
    write(quiet_environment, FILES)
    named = ("PS-NET-004", "aws_security_group.open")
    inside = ("--waivers", "infra/waivers.yaml")
    assert main(["waive", *named, "--path", "infra", *WHO, *UNTIL, *inside]) == 0
    assert scanned()["run"]["waivers"] == "none"
    assert findings(scanned())["open"]["verdict"] == "fail"
    assert findings(scanned(*inside))["open"]["verdict"] == "waived"


def test_by_half_a_scan_nothing_is_accepted(
    quiet_environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second finding that is meant may be in the other half."""
    write(quiet_environment, FILES)
    read = TerraformCollector.read

    def interrupted(*arguments: Any) -> Iterator[Any]:
        yield from read(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(TerraformCollector, "read", interrupted)
    print_ = findings(scanned())["open"]["fingerprint"]
    assert main(["waive", print_, "--path", "infra", *WHO, *UNTIL]) == 130
    assert main(["waive", print_, "--report", "r.json", *WHO, *UNTIL]) == 2
    assert "r.json: the scan was interrupted" in capsys.readouterr().err
    assert not Path("waivers.yaml").exists()


@pytest.mark.parametrize("command", ["scan --config", "scan --waivers", "scan --baseline", "waive"])
@pytest.mark.parametrize("name", ["pipe", "/dev/zero"])
def test_what_has_no_end_is_not_read(
    quiet_environment: Path, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    write(quiet_environment, FILES)
    os.mkfifo("pipe")
    waive = ["waive", "abcdef", *WHO, *UNTIL, "--report"]
    assert main([*(waive if command == "waive" else command.split()), name]) == 2
    assert "no regular file" in capsys.readouterr().err
