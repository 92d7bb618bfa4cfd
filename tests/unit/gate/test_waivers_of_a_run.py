"""Waivers in a whole run: what the configuration says of them, and the two sides of a change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policyscan.config import parse_configuration
from policyscan.config.waivers import WaiverSettings
from policyscan.errors import UsageError
from policyscan.findings.model import Change, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.json_report import JsonReporter, load_report
from tests.scanning import write
from tests.unit.gate.waiving import accepted, entry, group, of, only, scan_waived
from tests.unit.text.repositories import repository


def test_every_setting() -> None:
    text = b"""
version: 1
waivers:
  file: security/waivers.yaml
  longest: 180
  soon: 30
  approvers: [bo, cy]
  policies_never: [PS-SEC-001, NET]
  inline: false
"""
    assert parse_configuration("p.yaml", text).waivers == WaiverSettings(
        "security/waivers.yaml", 180, 30, ("bo", "cy"), ("PS-SEC-001", "NET"), inline=False
    )
    assert parse_configuration("p.yaml", b"version: 1\n").waivers == WaiverSettings()
    assert parse_configuration("p.yaml", b"version: 1\nwaivers: {inline: true}\n").waivers.inline


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{longest: 0}", "longest must be a whole number of at least 1"),
        ("{longest: true}", "longest must be a whole number"),
        ("{soon: 1.5}", "soon must be a whole number"),
        ("{approvers: []}", "nobody could approve a waiver"),
        ("{approvers: bo}", "approvers must be a list"),
        ("{inline: no}", "unknown waivers.inline 'no'"),
        ("{file: ''}", "file must not be empty"),
        ("{long: 3}", "unknown key 'long'"),
        ("[]", "waivers must be a mapping"),
    ],
)
def test_what_is_wrong_is_told(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_configuration("p.yaml", f"version: 1\nwaivers: {text}\n".encode())
    assert message in caught.value.message
    assert str(caught.value).startswith("p.yaml:2:")


def test_a_policy_that_is_never_waived_has_to_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="policies_never names PS-NET-040, which is no policy"):
        scan_waived(tmp_path, {}, settings="{policies_never: [PS-NET-040]}")


def changed(root: Path, before: str, after: dict[str, Any], *entries: str) -> Report:
    """The report on a change, with the waivers of the trusted side."""
    repository(root, {"main.tf": before.encode()})
    (root / "main.tf").unlink()
    write(root, after)
    options: dict[str, Any] = {"trust": "HEAD", "base": "HEAD", "trusts_tree": False}
    return scan_waived(root, {}, *entries, **options)


def test_what_got_worse_than_its_waiver_blocks_the_change(tmp_path: Path) -> None:
    narrow = accepted("198.0.0.0/7")
    before, after = group("open", "198.0.0.0/7"), {"main.tf": group("open")}
    report = changed(tmp_path, before, after, entry(accepts=narrow))
    finding = of(report)
    assert (finding.verdict, finding.change, finding.blocking) == (
        Verdict.FAIL, Change.WORSE, True,
    )  # fmt: skip
    assert finding.unwaived.startswith("WVR-1 accepts less")


def test_one_that_ran_out_blocks_no_change_that_did_not_touch_it(tmp_path: Path) -> None:
    before = group("open")
    report = changed(tmp_path, before, {"main.tf": before}, entry(expires="2026-11-27"))
    finding = of(report)
    assert (finding.verdict, finding.change, finding.blocking) == (
        Verdict.FAIL, Change.UNCHANGED, False,
    )  # fmt: skip
    assert only(report).status == "expired"


def test_a_waiver_follows_what_moved(tmp_path: Path) -> None:
    before = group("open")
    print_ = of(scan_waived(tmp_path / "plain", {"main.tf": before})).fingerprint
    for number, selector in enumerate(
        (entry(), entry(policy="", address="", fingerprint=print_), entry(path="main.tf"))
    ):
        root = tmp_path / str(number)
        renamed = {"other.tf": before.replace('"open"', '"renamed"')}
        report = changed(root, before, renamed, selector)
        assert of(report, "renamed").verdict is Verdict.WAIVED, selector
        assert only(report).covers == 1


def test_a_waiver_follows_no_copy(tmp_path: Path) -> None:
    before = group("open")
    copied = {"main.tf": before + before.replace('"open"', '"copy"')}
    report = changed(tmp_path, before, copied, entry())
    assert of(report).verdict is Verdict.WAIVED
    assert (of(report, "copy").verdict, of(report, "copy").blocking) == (Verdict.FAIL, True)


def test_numbers_and_moved_blocks(tmp_path: Path) -> None:
    moved = group("new") + (
        "moved {\n  from = aws_security_group.open\n  to   = aws_security_group.new\n}\n"
    )
    print_ = of(scan_waived(tmp_path / "a", {"main.tf": group("open")})).fingerprint
    by_print = entry(policy="", address="", fingerprint=print_)
    assert of(scan_waived(tmp_path / "b", {"main.tf": moved}, by_print), "new").waiver == "WVR-1"


TRUST = """
resource "aws_secretsmanager_secret" "binance" {
  name = "binance-api-key"
}
resource "aws_secretsmanager_secret_rotation" "binance" {
  secret_id           = aws_secretsmanager_secret.binance.id
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate"
  rotation_rules {
    automatically_after_days = 200
  }
}
"""


def test_a_number_may_move_to_the_right_side_alone(tmp_path: Path) -> None:
    plain = scan_waived(tmp_path, {"main.tf": TRUST}, select=())
    found = [
        one for one in plain.findings if one.verdict is Verdict.FAIL and "200" in str(one.facts)
    ]
    assert found
    for finding in found:
        values = json.dumps(finding.facts)
        waiver = entry(policy=finding.policy_id, address=finding.resource.address, accepts=values)
        for days, verdict in ((200, "waived"), (150, "waived"), (201, "fail")):
            text = {"main.tf": TRUST.replace("200", str(days))}
            report = scan_waived(tmp_path, text, waiver, select=(finding.policy_id,))
            [now] = [
                one for one in report.findings if one.resource.address == finding.resource.address
            ]
            assert now.verdict.value == verdict, (finding.policy_id, days, values)


def test_the_json_report_holds_all_of_it(tmp_path: Path) -> None:
    two = (entry(ticket="SEC-12"), entry(id="B", expires="2026-11-01"))
    report = scan_waived(tmp_path, {"main.tf": group("open")}, *two)
    assert load_report(JsonReporter().render(report)) == report
    assert report.summary.waivers == {
        "in force": 1, "expiring": 0, "lapsed": 0, "expired": 1, "unused": 0, "refused": 0
    }  # fmt: skip
