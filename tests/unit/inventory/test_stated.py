"""What a configuration states becomes resources and context, with its places."""

from __future__ import annotations

from pathlib import Path

from policyscan.config import Configuration, parse_configuration
from policyscan.inventory import stated
from tests.scanning import scan_files, verdicts

LISTS = parse_configuration(
    "p.yaml",
    b"""\
version: 1
context: {regions: [eu-west-1]}
scope:
  assign: [{match: {address: "aws_security_group.*"}, role: trading}]
allow_lists:
  - {name: spot, exchange: venue, ranges: [9.9.9.0/24], owner: netops, verified: "2025-12-20"}
  - name: futures
    exchange: venue
    ranges: [9.9.9.0/24, 52.84.0.0/15]
""",
)
GROUP = """
    resource "aws_security_group" "bot" {
      egress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
"""


def test_only_lists_with_an_owner_and_a_date_are_verified() -> None:
    assert stated.context(LISTS) == {
        "regions": ("eu-west-1",),
        "allow_list": ("9.9.9.0/24", "52.84.0.0/15"),
        "verified_allow_list": ("9.9.9.0/24",),
    }
    nothing = stated.context(Configuration())
    assert nothing == {"allow_list": (), "verified_allow_list": ()}


def test_lists_are_judged_where_they_are_written(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": GROUP}, configuration=LISTS)
    assert verdicts(report, "PS-NET-002") == {
        "allow_lists.spot": "pass",
        "allow_lists.futures": "fail",
    }
    (failed,) = (f for f in report.findings if f.resource.address == "allow_lists.futures")
    assert (failed.location.path, failed.location.start_line) == ("p.yaml", 7)
    assert failed.resource.proof == "asserted"
    assert not failed.blocking
    (entry,) = (each for each in report.ledger if each.kind == "NetworkAllowList")
    assert (entry.found, entry.normalised, entry.judged, entry.balanced) == (2, 2, 2, True)
    assert report.gaps == ()


def test_a_verified_list_makes_open_egress_a_failure_that_blocks(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": GROUP}, configuration=LISTS)
    assert verdicts(report, "PS-NET-001") == {"aws_security_group.bot": "not_applicable"}
    assert verdicts(report, "PS-NET-013") == {"aws_security_group.bot": "fail"}
    assert [f.policy_id for f in report.findings if f.blocking] == ["PS-NET-013"]


def test_a_list_alone_is_something_to_judge(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"readme.txt": "x"}, configuration=LISTS)
    assert len(report.findings) == 2
