"""Waivers in comments: what they are about, and on whose word they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policyscan.findings.model import Verdict
from policyscan.findings.report import Report
from tests.scanning import write
from tests.unit.gate.waiving import NOW, group, of, only, scan_waived
from tests.unit.text.repositories import git, repository

REST = "waive PS-NET-004 until 2027-01-31 because the bastion moves"
WAIVER = f"policyscan: {REST}"
ABOVE = f"# {WAIVER}\n"
PLACES = {
    "above the block": group("open", head=ABOVE),
    "above others": group("open", head=f"{ABOVE}# more\n/* and\n more */\n"),
    "of the line": group("open", tail=f"  // {WAIVER}"),
    "above the line": group("open").replace("    cidr", f"    /* {WAIVER} */\n    cidr"),
    "of the block": group("open").replace("{\n", "{ # " + WAIVER + "\n", 1),
    "among lines": group("open", head=f"/*\n * why:\n * {WAIVER}\n */\n"),
}
NOT_THERE = {
    "with a gap": group("open", head=f"{ABOVE}\n"),
    "below": group("open") + ABOVE,
    "of another policy": group("open", head=ABOVE.replace("004", "003")),
    "in a string": group("open").replace("{\n", '{\n  name = "# ' + WAIVER + '"\n', 1),
    "in a heredoc": group("open", head=f"locals {{\n  a = <<EOF\n{ABOVE}EOF\n}}\n"),
    "as other words": group("open", head=ABOVE.replace("waive", "ignore")),
}


def test_what_is_beside_is_waived_in_a_tree_that_is_trusted(tmp_path: Path) -> None:
    for name, text in PLACES.items():
        report = scan_waived(tmp_path, {"main.tf": text})
        assert of(report).verdict is Verdict.WAIVED, name
        waiver = only(report)
        assert (waiver.status, waiver.inline, waiver.covers) == ("in force", True, 1)
        assert waiver.because == "this tree is trusted"
        assert waiver.id == of(report).waiver == waiver.place
        assert (waiver.reason, waiver.expires) == ("the bastion moves", "2027-01-31")
        assert (waiver.owner, waiver.approver) == ("", "the scanned tree")


def test_what_is_elsewhere_is_not(tmp_path: Path) -> None:
    for name, text in NOT_THERE.items():
        report = scan_waived(tmp_path, {"main.tf": text})
        assert of(report).verdict is Verdict.FAIL, name
        assert all(one.status in ("refused", "unused") for one in report.waivers), name


@pytest.mark.parametrize(
    ("comment", "because"),
    [
        ("# policyscan: waive PS-NET-004", "it is not of the form `policyscan: waive POLICY until"),
        ("# policyscan: waive PS-NET-004 until 2027-01-31", "it is not of the form"),
        ("# policyscan: waive PS-NET-004 until 2027-02-30 because x", "there is no day 2027-02-30"),
        ("# policyscan: waive PS-NET-004 until 2028-01-31 because x", "it may last 365 days"),
        ("# policyscan: waive PS-NET-040 until 2027-01-31 because x", "there is no policy"),
    ],
)
def test_what_is_wrong_is_refused(comment: str, because: str, tmp_path: Path) -> None:
    report = scan_waived(tmp_path, {"main.tf": group("open", head=f"{comment}\n")})
    assert (only(report).status, of(report).verdict) == ("refused", Verdict.FAIL)
    assert because in only(report).because


def test_one_that_is_over_is_expired(tmp_path: Path) -> None:
    text = group("open", head=ABOVE.replace("2027-01-31", "2026-11-27"))
    report = scan_waived(tmp_path, {"main.tf": text})
    assert (only(report).status, of(report).verdict) == ("expired", Verdict.FAIL)


def test_a_configuration_may_turn_them_off(tmp_path: Path) -> None:
    text = {"main.tf": PLACES["above the block"]}
    report = scan_waived(tmp_path, text, settings="{inline: false}")
    assert of(report).verdict is Verdict.FAIL
    assert only(report).because.startswith("waivers.inline is false in the configuration")
    report = scan_waived(tmp_path, text, settings="{policies_never: [NET]}")
    assert (only(report).status, of(report).verdict) == ("refused", Verdict.FAIL)


def test_a_pull_request_without_a_trusted_side_accepts_nothing(tmp_path: Path) -> None:
    report = scan_waived(tmp_path, {"main.tf": PLACES["above the block"]}, trusts_tree=False)
    assert (of(report).verdict, of(report).blocking) == (Verdict.FAIL, True)
    assert "name one (--trust with the base branch)" in only(report).because
    assert "--trust" in of(report).unwaived


class Sides:
    """A repository with a trusted commit, and files of a change to it."""

    def __init__(self, root: Path, **trusted: str) -> None:
        files = {f"{name}.tf": text for name, text in trusted.items()}
        self.root = repository(root / "r", {k: v.encode() for k, v in files.items()})

    def scan(self, **files: str) -> Report:
        for path in self.root.glob("*.tf"):
            path.unlink()
        written: dict[str, Any] = {f"{name}.tf": text for name, text in files.items()}
        write(self.root, written)
        options: dict[str, Any] = {"trust": "HEAD", "trusts_tree": False, "base": "HEAD"}
        return scan_waived(self.root, {}, now=NOW, **options)


ACCEPTED = PLACES["above the block"]


def test_it_holds_if_the_trusted_side_has_it(tmp_path: Path) -> None:
    report = Sides(tmp_path, main=ACCEPTED).scan(main=ACCEPTED)
    assert of(report).verdict is Verdict.WAIVED
    assert only(report).approver == "the trusted side (HEAD)"
    assert only(report).because == ""
    assert report.summary.exit_code == 0


def test_a_change_cannot_write_its_own(tmp_path: Path) -> None:
    report = Sides(tmp_path, main=group("other", "10.0.0.0/8")).scan(main=ACCEPTED)
    assert (of(report).verdict, of(report).blocking) == (Verdict.FAIL, True)
    assert only(report).status == "refused"
    assert only(report).because.startswith("HEAD does not have it at this finding")


def test_one_for_an_old_failure_holds_after_it_is_merged_only(tmp_path: Path) -> None:
    sides = Sides(tmp_path, main=group("open"))
    report = sides.scan(main=ACCEPTED)
    assert (of(report).verdict, only(report).status) == (Verdict.FAIL, "refused")
    assert report.summary.exit_code == 0, "the failure is not new"
    git(sides.root, "commit", "-qam", "accept it")
    assert of(sides.scan(main=ACCEPTED)).verdict is Verdict.WAIVED


@pytest.mark.parametrize(
    ("old", "new"), [("2027-01-31", "2027-02-28"), ("the bastion moves", "we want it")]
)
def test_it_has_to_read_as_on_the_trusted_side(old: str, new: str, tmp_path: Path) -> None:
    report = Sides(tmp_path, main=ACCEPTED).scan(main=ACCEPTED.replace(old, new))
    assert (of(report).verdict, only(report).status) == (Verdict.FAIL, "refused")


def test_it_accepts_what_fails_on_the_trusted_side(tmp_path: Path) -> None:
    narrow = group("open", "198.0.0.0/7", head=ABOVE)
    sides = Sides(tmp_path, main=narrow)
    assert of(sides.scan(main=narrow)).verdict is Verdict.WAIVED
    report = sides.scan(main=ACCEPTED)
    assert (of(report).verdict, of(report).blocking) == (Verdict.FAIL, True)
    assert only(report).status == "lapsed"
    assert "198.0.0.0/7" in of(report).unwaived


def test_one_laid_ready_beside_what_passes_accepts_nothing(tmp_path: Path) -> None:
    report = Sides(tmp_path, main=group("open", "10.0.0.0/8", head=ABOVE)).scan(main=ACCEPTED)
    assert (of(report).verdict, of(report).blocking) == (Verdict.FAIL, True)
    assert "does not fail, and nothing is accepted" in of(report).unwaived


def test_it_moves_with_what_it_is_about(tmp_path: Path) -> None:
    sides = Sides(tmp_path, main=ACCEPTED)
    assert of(sides.scan(moved="\n\n" + ACCEPTED)).verdict is Verdict.WAIVED
    renamed = sides.scan(main=ACCEPTED.replace('"open"', '"renamed"'))
    assert of(renamed, "renamed").verdict is Verdict.WAIVED


def test_it_is_for_one_thing_alone(tmp_path: Path) -> None:
    copied = ACCEPTED + ACCEPTED.replace('"open"', '"copy"')
    report = Sides(tmp_path, main=ACCEPTED).scan(main=copied)
    assert of(report).verdict is Verdict.WAIVED
    assert (of(report, "copy").verdict, of(report, "copy").blocking) == (Verdict.FAIL, True)
    assert [one.status for one in report.waivers] == ["in force", "refused"]


def test_git_says_who_changed_the_file(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"main.tf": ACCEPTED.encode()})
    author = git(root, "log", "-1", "--format=%an").decode().strip()
    assert only(scan_waived(root, {})).owner == author


def test_a_dockerfile_has_them_as_well(tmp_path: Path) -> None:
    text = f"# {WAIVER.replace('PS-NET-004', 'PS-IMG-001')}\nFROM scratch\nCOPY a /a\n"
    report = scan_waived(tmp_path, {"Dockerfile": text}, select=("PS-IMG-001",))
    [finding] = report.findings
    assert finding.verdict is Verdict.WAIVED


def test_a_file_that_is_full_of_them_accepts_a_part(tmp_path: Path) -> None:
    text = ABOVE * 600 + group("open")
    report = scan_waived(tmp_path, {"main.tf": text})
    assert len(report.waivers) == 501
    assert "more than 500 waivers in one document" in report.waivers[-1].because


@pytest.mark.parametrize(
    "change",
    [
        {"a/other.tf": "locals {}\n"},
        {"b/main.tf": group("elsewhere", "10.0.0.0/8")},
        {"Dockerfile": "FROM scratch\n"},
        {"a/main.tf": "# touched\n" + ACCEPTED},
        {"bot.py": "import ccxt\n"},
    ],
)
def test_it_holds_whatever_else_changed(change: dict[str, str | bytes], tmp_path: Path) -> None:
    image = f"# {WAIVER.replace('PS-NET-004', 'PS-IMG-001')}\nFROM debian:12\nRUN a\n"
    files = {"a/main.tf": ACCEPTED, "b/main.tf": group("far", "10.0.0.0/8"), "c/Dockerfile": image}
    root = repository(tmp_path / "r", {name: text.encode() for name, text in files.items()})
    options: dict[str, Any] = {"trust": "HEAD", "trusts_tree": False, "select": ()}
    for base in ("HEAD", ""):
        report = scan_waived(root, change, base=base, **options)
        assert of(report).verdict is Verdict.WAIVED
        assert {one.status for one in report.waivers} == {"in force"}
        assert [one.covers for one in report.waivers] == [1, 1]
