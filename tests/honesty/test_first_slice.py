"""One security group in a local module, its address range coming through a variable, a tfvars file
and a module argument: fail, pass, unknown and a gap, from text to exit code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.findings import Verdict
from policyscan.reporters.json_report import load_report
from tests.scanning import scan_files, verdicts, write

FILES = {
    "main.tf": """
        variable "office" {}
        variable "partner" {}
        variable "inside" { default = "10.0.0.0/16" }
        module "open" {
          source = "./group"
          range  = var.office
        }
        module "closed" {
          source = "./group"
          range  = var.inside
        }
        module "undecided" {
          source = "./group"
          range  = var.partner
        }
        module "elsewhere" {
          source = "example/group/aws"
        }
        """,
    "terraform.tfvars": 'office = "0.0.0.0/0"\n',
    "group/main.tf": """
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


def test_verdicts_and_exit_code(tmp_path: Path) -> None:
    report = scan_files(tmp_path, FILES)
    assert verdicts(report, "PS-NET-004") == {
        "module.open.aws_security_group.bot": "fail",
        "module.closed.aws_security_group.bot": "pass",
        "module.undecided.aws_security_group.bot": "unknown",
    }
    assert [(gap.reason.value, gap.subject) for gap in report.gaps] == [
        ("not_fetched", "module.elsewhere")
    ]
    assert report.summary.exit_code == 1
    assert not report.summary.complete


def test_provenance_goes_back_to_the_tfvars_file(tmp_path: Path) -> None:
    report = scan_files(tmp_path, FILES, select=("PS-NET-004",))
    (finding,) = report.of(Verdict.FAIL)
    (witness,) = finding.witnesses
    assert (witness.path, witness.value) == ("ingress[0].cidrs[0]", '"0.0.0.0/0"')
    chain = [
        (step.kind, step.location.place if step.location else "") for step in witness.provenance
    ]
    assert chain == [
        ("attribute", "group/main.tf:7"),
        ("module argument", "main.tf:6"),
        ("reference", "main.tf:6"),
        ("tfvars", "terraform.tfvars:1"),
        ("expression", "terraform.tfvars:1"),
    ]
    assert finding.location is not None
    assert finding.location.place == "group/main.tf:7"


def test_unknown_names_what_would_decide_it_and_pass_what_it_assumes(tmp_path: Path) -> None:
    report = scan_files(tmp_path, FILES, select=("PS-NET-004",))
    (unknown,) = report.of(Verdict.UNKNOWN)
    assert unknown.needs == ("a value for var.partner (main.tf:2)",)
    assert unknown.residual.startswith("PASS iff ")
    assert not unknown.blocking
    (passed,) = report.of(Verdict.PASS)
    assert passed.assumes == ('var.inside = "10.0.0.0/16"',)
    assert report.summary.assumed_passes == 1


@pytest.mark.parametrize(
    ("profile", "code"),
    [("ci", 0), ("audit", 3)],
)
def test_an_unknown_blocks_only_an_audit(tmp_path: Path, profile: str, code: int) -> None:
    files = {**FILES, "terraform.tfvars": 'office = "10.1.0.0/16"\n'}
    files["main.tf"] = FILES["main.tf"].split('module "elsewhere"')[0]
    report = scan_files(tmp_path, files, profile=profile, select=("PS-NET-004",))
    assert report.summary.exit_code == code


def test_what_was_found_equals_blocks_counted_in_the_text(tmp_path: Path) -> None:
    report = scan_files(tmp_path, FILES)
    text = "\n".join(FILES.values())
    blocks = len(re.findall(r'^\s*resource "aws_security_group"', text, re.MULTILINE))
    (books,) = [entry for entry in report.ledger if entry.kind == "SecurityGroup"]
    assert books.found == blocks == 1
    assert books.balanced
    assert books.resources == 3  # one block, three module calls
    assert books.judged == books.resources * books.policies


def test_the_command_writes_json_that_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "repo", FILES)
    monkeypatch.chdir(tmp_path)
    assert main(["scan", "repo", "-o", "json=out/report.json"]) == 1
    report = load_report((tmp_path / "out/report.json").read_bytes())
    assert verdicts(report, "PS-NET-004")["module.open.aws_security_group.bot"] == "fail"
    assert report.summary.exit_code == 1


def test_a_member_of_a_map_comes_by_way_of_the_map(tmp_path: Path) -> None:
    files = {
        "main.tf": """
            variable "bots" {}
            module "bot" {
              source   = "./bot"
              for_each = var.bots
              ranges   = each.value.ranges
            }
            """,
        "terraform.tfvars": 'bots = {\n  maker = {\n    ranges = ["0.0.0.0/0"]\n  }\n}\n',
        "bot/main.tf": """
            variable "ranges" {}
            resource "aws_security_group" "g" {
              dynamic "ingress" {
                for_each = var.ranges
                content {
                  from_port   = 22
                  to_port     = 22
                  protocol    = "tcp"
                  cidr_blocks = [ingress.value]
                }
              }
            }
            """,
    }
    report = scan_files(tmp_path, files, select=("PS-NET-004",))
    (finding,) = report.of(Verdict.FAIL)
    steps = [step.label.split(" = ")[0] for step in finding.witnesses[0].provenance]
    wanted = ["cidr_blocks[0]", "var.ranges", "each.value", "var.bots", "terraform.tfvars: bots"]
    assert [step for step in steps if step in wanted] == wanted
    last = finding.witnesses[0].provenance[-1]
    assert (last.label, last.location and last.location.place) == (
        '"0.0.0.0/0"',
        "terraform.tfvars:3",
    )
