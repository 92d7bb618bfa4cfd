"""`policyscan explain`: what it finds, what it shows, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from policyscan.cli import main
from policyscan.collectors.terraform import TerraformCollector
from policyscan.reporters.json_report import load_report
from tests.scanning import write

Capture = pytest.CaptureFixture[str]

FILES: dict[str, str | bytes] = {
    "infra/main.tf": """
        variable "office" {}
        variable "partner" {}
        module "open" {
          source = "./group"
          range  = var.office
        }
        module "closed" {
          source = "./group"
          range  = "10.0.0.0/16"
        }
        module "undecided" {
          source = "./group"
          range  = var.partner
        }
        """,
    "infra/other.tf": """
        resource "aws_security_group" "other" {
          ingress {
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = ["0.0.0.0/0"]
          }
        }
        """,
    "infra/terraform.tfvars": 'office = "0.0.0.0/0"\n',
    "infra/group/main.tf": """
        variable "range" { type = string }
        resource "aws_security_group" "bot" {
          ingress {
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = [var.range]
          }
        }
        """,
}
OPEN = "module.open.aws_security_group.bot"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> dict[str, str]:
    """Fingerprints of a policy by address; the report of the scan is in `report.json`."""
    write(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    main(["scan", "infra", "-q", "-o", "json=report.json"])
    capsys.readouterr()
    report = load_report(Path("report.json").read_bytes())
    return {
        f.resource.address: f.fingerprint for f in report.findings if f.policy_id == "PS-NET-004"
    }


FAILURE = """\
FAIL  PS-NET-004 world-open-admin-port  critical  BLOCKS
port 22 (tcp) is reachable from 0.0.0.0/0, by module.open.aws_security_group.bot
at group/main.tf:7:20

how it was decided (> leads to the verdict, - was not needed)
  > false    require: !reaches_internet(resource.ingress, params.ports, params.max_public)
  > true       reaches_internet(resource.ingress, params.ports, params.max_public)
  >              resource.ingress[0].cidrs[0] = "0.0.0.0/0"
                   port 22 (tcp) is reachable from 0.0.0.0/0
                 resource.ingress = 1 member
                 params.ports = 36 members
                 params.max_public = {"v4": 8, "v6": 16}

where the values come from
  resource.ingress[0].cidrs[0] = "0.0.0.0/0"
    group/main.tf:7 attribute
        cidr_blocks = [var.range]
    main.tf:5 module argument module.open.range, reference
        range = var.office
    terraform.tfvars:1 tfvars terraform.tfvars: office, expression
        office = "0.0.0.0/0"

how to mend it
"""


def test_a_failure_from_the_condition_to_the_line(tree: dict[str, str], capsys: Capture) -> None:
    assert main(["explain", tree[OPEN][:8], "infra"]) == 0
    scanned = capsys.readouterr().out
    assert scanned.startswith(FAILURE)
    assert scanned.endswith(f"fingerprint {tree[OPEN]}\n")
    assert main(["explain", tree[OPEN][:8], "--report", "report.json"]) == 0
    assert capsys.readouterr().out == scanned


def test_what_is_accepted_says_by_whom_and_until_when(
    tree: dict[str, str], capsys: Capture
) -> None:
    """And what is accepted no more, why."""
    who = ("--owner", "ana", "--approver", "bo", "--reason", "the office moves", "--ticket", "T-1")
    day = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    assert main(["waive", tree[OPEN], "--path", "infra", *who, "--until", day]) == 0
    capsys.readouterr()
    assert main(["explain", tree[OPEN][:8], "infra"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("WAIVED  PS-NET-004")
    people = "owner ana, approver bo, ticket T-1"
    assert f"\naccepted by WVR-1 until {day}: the office moves ({people})\n" in told
    file = Path("waivers.yaml")
    file.write_text(file.read_text().replace("0.0.0.0/0", "10.0.0.0/8"))
    assert main(["explain", tree[OPEN][:8], "infra"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("FAIL  PS-NET-004")
    assert "\nWVR-1 accepts less: " in told


def test_what_is_not_known_says_what_would_decide_it(tree: dict[str, str], capsys: Capture) -> None:
    assert main(["explain", tree[OPEN.replace("open", "undecided")], "infra"]) == 0
    out = capsys.readouterr().out
    assert "  > unknown      resource.ingress[0].cidrs[0]\n" in out
    assert "may be reachable; it needs a value for var.partner\n" in out
    assert "what would decide it\n  a value for var.partner (main.tf:2)\n" in out


def test_a_policy_on_a_directory_tells_every_verdict(tree: dict[str, str], capsys: Capture) -> None:
    for name in ("PS-NET-004", "ps-net-004", "world-open-admin-port"):
        assert main(["explain", name, "--on", "infra"]) == 0
        out = capsys.readouterr().out
        verdicts = [line.split()[0] for line in out.splitlines() if "PS-NET-004 world" in line]
        assert verdicts == ["FAIL", "FAIL", "UNKNOWN", "PASS"]
        assert "> true     require: !reaches_internet(" in out


def test_a_policy_on_a_file_tells_of_what_stands_in_it(
    tree: dict[str, str], capsys: Capture
) -> None:
    assert main(["explain", "PS-NET-004", "--on", "infra/other.tf"]) == 0
    out = capsys.readouterr().out
    assert out.count("fingerprint ") == 1 and "aws_security_group.other" in out
    assert main(["explain", "PS-NET-004", "infra", "--on", "infra/group/main.tf"]) == 0
    assert capsys.readouterr().out.count("fingerprint ") == 3


def test_what_does_not_apply_tells_why(tree: dict[str, str], capsys: Capture) -> None:
    write(Path("elsewhere"), {"Dockerfile": "FROM scratch\nCOPY x /\n"})
    assert main(["explain", "PS-IMG-004", "--on", "elsewhere"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("NOT APPLICABLE  PS-IMG-004 moving-base-image")
    assert '> false      resource.base_image != "scratch"' in out


def test_for_programs(tree: dict[str, str], capsys: Capture) -> None:
    assert main(["explain", tree[OPEN], "infra", "--format", "json"]) == 0
    [one] = json.loads(capsys.readouterr().out)["explained"]
    assert one["policy"]["slug"] == "world-open-admin-port"
    [root] = one["finding"]["derivation"]
    assert (root["label"], root["value"], root["decides"]) == ("require", "false", True)
    [clue, *arguments] = root["parts"][0]["parts"]
    assert clue["path"] == "ingress[0].cidrs[0]"
    assert clue["provenance"][-1]["location"]["path"] == "terraform.tfvars"
    assert [each["expression"] for each in arguments] == [
        "resource.ingress", "params.ports", "params.max_public",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["0000beef", "infra"], "none begins with 0000beef\n  The nearest is "),
        (["PS-NET-04", "infra"], "no fingerprint and no policy; did you mean 'PS-NET-004'?"),
        (["abc", "infra"], "'abc' is no fingerprint"),
        (["PS-KEY-001", "infra"], "PS-KEY-001 has no verdict to explain in infra\n  It judged"),
        (["PS-NET-004", "nowhere"], "there is no directory nowhere"),
        (["PS-NET-004", "--on", "nowhere"], "there is no nowhere"),
        (["PS-NET-004", "infra", "--on", "infra"], "PATH and --on name two directories"),
        (["PS-NET-004", "infra", "--report", "report.json"], "--report explains what is in"),
        (["PS-NET-004", "--report", "none.json"], "none.json: No such file or directory"),
    ],
)  # fmt: skip
def test_what_is_not_there(
    tree: dict[str, str], capsys: Capture, arguments: list[str], complaint: str
) -> None:
    assert main(["explain", *arguments]) == 2
    told = capsys.readouterr()
    assert complaint in told.err and not told.out


def test_the_beginning_of_several_lists_them(tree: dict[str, str], capsys: Capture) -> None:
    data = json.loads(Path("report.json").read_text())
    for number, finding in enumerate(data["findings"]):
        finding["fingerprint"] = f"abcd{number:028x}"
    Path("report.json").write_text(json.dumps(data))
    assert main(["explain", "abcd", "--report", "report.json"]) == 2
    err = capsys.readouterr().err
    assert f"{len(data['findings'])} findings begin with abcd" in err
    assert "Write more of one: abcd0000" in err


def test_a_report_tells_nothing_of_what_passes(tree: dict[str, str], capsys: Capture) -> None:
    passing = tree[OPEN.replace("open", "closed")]
    assert main(["explain", passing, "--report", "report.json"]) == 2
    assert "does not say how pass PS-NET-004 on module.closed" in capsys.readouterr().err
    assert main(["explain", passing, "infra"]) == 0


def test_a_report_without_derivations(tree: dict[str, str], capsys: Capture) -> None:
    data = json.loads(Path("report.json").read_text())
    for finding in data["findings"]:
        del finding["derivation"]
    Path("report.json").write_text(json.dumps(data))
    assert main(["explain", tree[OPEN], "--report", "report.json"]) == 2
    assert "does not say how fail PS-NET-004" in capsys.readouterr().err


def test_the_console_says_how_to_ask(tree: dict[str, str], capsys: Capture) -> None:
    main(["scan", "infra", "--select", "PS-NET-004"])
    assert f"    more     policyscan explain {tree[OPEN][:12]} infra\n" in capsys.readouterr().out


def test_of_half_a_scan_nothing_is_explained(
    tree: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """What is meant may be in the other half."""
    read = TerraformCollector.read

    def interrupted(*arguments: Any) -> Iterator[Any]:
        yield from read(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(TerraformCollector, "read", interrupted)

    assert tree
    assert main(["explain", "PS-NET-004", "infra"]) == 130
    assert capsys.readouterr().out == ""
