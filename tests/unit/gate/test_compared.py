"""What became of failures and gaps, in whole scans of a tree before and after."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.findings.model import Change, Verdict
from tests.unit.gate.changes import (
    RDP,
    SSH,
    WORLD,
    Files,
    before_of,
    compared,
    failures,
    group,
    ingress,
    only,
    scanned,
)

POLICY = "PS-NET-004"
BOT = "main.tf"
A = "aws_security_group.bot"


def one(*rules: str, label: str = "bot", path: str = BOT, text: str = "") -> Files:
    return {path: group(label, *rules, text=text)}


SAME_GROUP = {
    "nothing": (one(SSH), one(SSH), Change.UNCHANGED),
    "a description": (
        one(SSH),
        one(ingress(22, WORLD, description="x"), text='description = "y"'),
        Change.UNCHANGED,
    ),
    "a comment": (one(SSH), {BOT: f"# new\n\n{group('bot', SSH)}"}, Change.UNCHANGED),
    "another file": (one(SSH), one(SSH, path="b.tf"), Change.UNCHANGED),
    "the order of rules": (one(SSH, RDP), one(RDP, SSH), Change.UNCHANGED),
    "a rule that the policy is not about": (
        one(SSH),
        one(SSH, ingress(443, WORLD), ingress(22, "10.0.0.0/8")),
        Change.UNCHANGED,
    ),
    "another open port": (one(SSH), one(SSH, RDP), Change.WORSE),
    "a wider range": (one(ingress(22, "0.0.0.0/1")), one(SSH), Change.WORSE),
    "a narrower range": (one(SSH), one(ingress(22, "0.0.0.0/1")), Change.BETTER),
    "one of two closed": (one(SSH, RDP), one(SSH), Change.BETTER),
    "one for another": (one(SSH), one(RDP), Change.WORSE),
    "opened": (one(), one(SSH), Change.WORSE),
    "opened to what was private": (one(ingress(22, "10.0.0.0/8")), one(SSH), Change.WORSE),
    "more of a share": (
        one(ingress(22, "0.0.0.0/1")),
        one(ingress(22, "0.0.0.0/1", "130.0.0.0/9")),
        Change.WORSE,
    ),
    "certainly there": (
        {BOT: 'variable "n" {}\n' + group("bot", SSH, text="count = var.n")},
        {BOT: 'variable "n" {}\n' + group("bot", SSH, text="count = 1")},
        Change.WORSE,
    ),
    "added": ({"other.tf": group("other")}, one(SSH), Change.NEW),
}


@pytest.mark.parametrize("case", SAME_GROUP)
def test_a_failure_by_what_was_edited(case: str, tmp_path: Path) -> None:
    old, new, change = SAME_GROUP[case]

    found = only(compared(tmp_path, old, new), POLICY)

    assert found.change is change, found.before
    assert found.blocking is (change in (Change.NEW, Change.WORSE))


def test_what_got_worse_is_said(tmp_path: Path) -> None:
    found = only(compared(tmp_path, one(SSH), one(SSH, RDP)), POLICY)

    assert found.before == "ingress: port 3389 from 0.0.0.0/0 was not there before"


MOVED = {
    "renamed": (one(SSH), one(SSH, label="gate"), f"it was {A}"),
    "another root": (one(SSH, path="a/x.tf"), one(SSH, path="b/x.tf"), f"it was {A} in a"),
    "both": (one(SSH, path="a/x.tf"), one(SSH, path="b/y.tf", label="c"), f"it was {A} in a"),
    "with a moved block": (
        one(SSH),
        {BOT: group("gate", SSH) + f"moved {{\n from = {A}\n to = aws_security_group.gate\n}}\n"},
        f"it was {A}",
    ),
    "with a count": (
        one(SSH),
        {BOT: group("bot", ingress(22, "0.0.0.0/1"), text="count = 1")},
        f"it was {A}; it failed, and with more",
    ),
}


@pytest.mark.parametrize("case", MOVED)
def test_what_moved_is_not_new(case: str, tmp_path: Path) -> None:
    old, new, words = MOVED[case]

    found = only(compared(tmp_path, old, new), POLICY)

    assert (found.blocking, found.before) == (False, words)
    assert found.change in (Change.UNCHANGED, Change.BETTER)


def test_renamed_groups_that_name_each_other_are_still_the_same(tmp_path: Path) -> None:
    def pair(first: str, second: str) -> Files:
        rules = [
            f"""
            resource "aws_security_group_rule" "{here}" {{
              security_group_id        = aws_security_group.{here}.id
              source_security_group_id = aws_security_group.{there}.id
              type      = "ingress"
              from_port = {port}
              to_port   = {port}
              protocol  = "tcp"
            }}
            """
            for here, there, port in ((first, second, 22), (second, first, 80))
        ]
        return {BOT: group(first, SSH) + group(second, RDP) + "".join(rules)}

    found = compared(tmp_path, pair("a", "b"), pair("c", "d"))

    assert failures(found, POLICY) == {
        ".:aws_security_group.c": Change.UNCHANGED,
        ".:aws_security_group.d": Change.UNCHANGED,
    }
    assert found.difference is not None and not found.difference.gone


def test_a_key_that_is_called_something_else_is_the_same(tmp_path: Path) -> None:
    """Of its addresses nothing is known but that they are those of this key."""

    def register(name: str) -> Files:
        entry = f"{{name: {name}, owner: ana, account: a, ip_restricted: false}}"
        return {"keys.yaml": f"version: 1\nkeys:\n  - {entry}\n"}

    report = compared(tmp_path, register("dash"), register("board"))

    assert failures(report, "PS-KEY-005") == {"keys.yaml:keys.yaml#board": Change.UNCHANGED}


def test_a_violation_that_was_mended_here_and_written_again_there_is_new(tmp_path: Path) -> None:
    old = {"a/x.tf": group("bot", SSH), "b/x.tf": group("other")}
    new = {"a/x.tf": group("bot"), "b/x.tf": group("other") + group("bot", SSH)}

    assert failures(compared(tmp_path, old, new), POLICY) == {f"b:{A}": Change.NEW}


def test_a_copy_is_new(tmp_path: Path) -> None:
    new = {"a/x.tf": group("bot", SSH), "b/x.tf": group("bot", SSH)}

    found = failures(compared(tmp_path, {"a/x.tf": group("bot", SSH)}, new), POLICY)

    assert found == {f"a:{A}": Change.UNCHANGED, f"b:{A}": Change.NEW}


def test_one_that_is_gone_stands_for_one_alone(tmp_path: Path) -> None:
    new = {BOT: group("one", SSH) + group("two", SSH)}

    found = failures(compared(tmp_path, one(SSH), new), POLICY)

    assert sorted(filter(None, found.values())) == [Change.NEW, Change.UNCHANGED]


def test_what_is_gone_does_not_stand_for_something_else(tmp_path: Path) -> None:
    """To delete what fails buys no right to another failure."""
    report = compared(tmp_path, one(SSH, label="old"), one(RDP, label="new"))

    assert only(report, POLICY).change is Change.NEW
    assert report.difference is not None
    assert "aws_security_group.old" in {each.address for each in report.difference.gone}


def test_a_strange_dockerfile_does_not_stand_for_one_that_is_gone(tmp_path: Path) -> None:
    old: Files = {"a/Dockerfile": "FROM python:3.12-slim\nRUN make a\n"}
    new: Files = {"b/Dockerfile": "FROM python:3.12-slim\nRUN make b\n"}

    assert only(compared(tmp_path, old, new), "PS-IMG-001").change is Change.NEW


def test_a_dockerfile_that_moved_is_not_new(tmp_path: Path) -> None:
    text = "FROM python:3.12-slim\nRUN make a\n"
    commented = "# bot\nFROM python:3.12-slim\n\n# make it\nRUN   make a\n"

    report = compared(tmp_path, {"a/Dockerfile": text}, {"b/Dockerfile": commented})

    assert only(report, "PS-IMG-001").change is Change.UNCHANGED


def test_a_stage_that_others_stand_before_is_not_new(tmp_path: Path) -> None:
    text = "FROM python:3.12-slim\nENV API_TOKEN=k9Qz7Lw2Xv4Tn8Rb\n"
    before = "FROM golang:1.22\nENV DB_PASSWORD=k9Qz7Lw2Xv4Tn8Rb\n"

    report = compared(tmp_path, {"Dockerfile": text}, {"Dockerfile": before + text})

    assert failures(report, "PS-IMG-005") == {
        "Dockerfile:Dockerfile#stage-1": Change.NEW,
        "Dockerfile:Dockerfile#stage-2": Change.UNCHANGED,
    }


def test_members_of_a_list_are_known_by_what_they_hold(tmp_path: Path) -> None:
    def listed(*cidrs: str) -> Files:
        text = 'count = length(local.all)\nname = "bot"'
        rule = ingress(22, "x").replace('"x"', "local.all[count.index]")
        names = ", ".join(f'"{cidr}"' for cidr in cidrs)
        return {BOT: f"locals {{\n  all = [{names}]\n}}\n" + group("bot", rule, text=text)}

    report = compared(tmp_path, listed(WORLD, "10.0.0.0/8"), listed("10.0.0.0/8", WORLD))

    assert failures(report, POLICY) == {f".:{A}[1]": Change.UNCHANGED}


def test_the_difference_counts_everything(tmp_path: Path) -> None:
    old = {BOT: group("kept", SSH) + group("mended", SSH) + group("gone", RDP)}
    new = {BOT: group("kept", SSH) + group("mended") + group("new", ingress(5432, WORLD))}

    report = compared(tmp_path, old, new)

    assert report.difference is not None
    counts = report.difference.counts
    assert sum(counts.values()) - counts[Change.GONE] == len(report.findings)
    assert {each.address for each in report.difference.gone if each.policy_id == POLICY} == {
        "aws_security_group.gone"
    }
    mended = [f for f in report.findings if f.change is Change.BETTER and f.policy_id == POLICY]
    assert [(f.verdict, f.before) for f in mended] == [(Verdict.PASS, "it failed")]


# -- gaps --------------------------------------------------------------------------------------

BROKEN = 'resource "aws_security_group" "bot" {\n  ingress {\n'


def gap_change(tmp_path: Path, old: Files, new: Files) -> tuple[Change | None, bool]:
    (gap,) = compared(tmp_path, old, new).gaps
    return gap.change, gap.blocking


def test_a_file_that_did_not_parse_and_is_the_same_does_not_block(tmp_path: Path) -> None:
    more = {"b.tf": group("b")}

    found = gap_change(tmp_path, {BOT: BROKEN}, {BOT: BROKEN, **more})

    assert found == (Change.UNCHANGED, False)


def test_a_file_that_did_not_parse_and_was_edited_blocks(tmp_path: Path) -> None:
    edited = f"{group('open', SSH)}{BROKEN}"
    same_place = BROKEN.replace("ingress", "egress")

    assert gap_change(tmp_path / "1", {BOT: BROKEN}, {BOT: edited})[1]
    assert gap_change(tmp_path / "2", {BOT: BROKEN}, {BOT: same_place}) == (Change.WORSE, True)


def test_a_file_that_does_not_parse_any_more_blocks(tmp_path: Path) -> None:
    assert gap_change(tmp_path / "1", one(SSH), {BOT: BROKEN}) == (Change.NARROWED, True)
    assert gap_change(tmp_path / "2", {}, {BOT: BROKEN}) == (Change.NEW, True)


RULE = """
resource "aws_security_group_rule" "more" {
  security_group_id = aws_security_group.bot.id
  type              = "ingress"
  from_port         = 3389
  to_port           = 3389
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
}
"""


def test_what_a_broken_file_hides_makes_no_failure_worse(tmp_path: Path) -> None:
    """The gap blocks, and stands for all that it hides; what is seen to be more is worse."""
    bot, net4 = one(SSH), "PS-NET-004"
    whole, broken = bot | {"z.tf": "locals {}\n"}, bot | {"z.tf": BROKEN}
    opened = one(SSH, RDP) | {"z.tf": BROKEN}

    report = compared(tmp_path / "1", whole, broken)
    assert [finding.change for finding in report.of(Verdict.FAIL)] == [Change.UNCHANGED]
    assert only(report, net4).before == "all that is seen of it failed before"
    assert report.summary.exit_code == 3
    report = compared(tmp_path / "2", whole, opened)
    assert only(report, net4).change is Change.WORSE
    report = compared(tmp_path / "3", broken, bot | {"z.tf": RULE})
    assert only(report, net4).change is Change.WORSE
    assert report.summary.exit_code == 1


def test_a_gap_that_blocks_nothing_stands_for_nothing(tmp_path: Path) -> None:
    whole, broken = one(SSH) | {"z.tf": "locals {}\n"}, one(SSH) | {"z.tf": BROKEN}

    report = compared(tmp_path, whole, broken, "advise")
    assert not any(gap.blocking for gap in report.gaps)
    assert only(report, "PS-NET-004").change is Change.WORSE


def test_a_broken_file_that_moved_is_no_new_gap(tmp_path: Path) -> None:
    report = compared(tmp_path, {"a/x.tf": BROKEN}, {"b/x.tf": BROKEN})

    assert [(gap.change, gap.before) for gap in report.gaps] == [
        (Change.UNCHANGED, "it was a/x.tf")
    ]


def linked(root: Path, *names: str) -> Path:
    root.mkdir(parents=True)
    for name in names:
        (root / name).symlink_to("/etc/hostname")
    return root


def test_a_link_that_leads_out_is_no_new_gap_while_it_is_there(tmp_path: Path) -> None:
    before = before_of(scanned(linked(tmp_path / "old" / "tree", "a.tf", "b.tf")))
    report = scanned(linked(tmp_path / "new" / "tree", "a.tf", "c.tf"), before)

    assert {gap.subject: gap.change for gap in report.gaps} == {
        "a.tf": Change.UNCHANGED,
        "c.tf": Change.NEW,
    }


def test_a_file_that_is_too_large_is_no_new_gap_while_it_is_the_same(tmp_path: Path) -> None:
    large, other = b"#" * 6_000_000, b"#" * 5_999_999 + b"x"

    assert gap_change(tmp_path / "1", {BOT: large}, {BOT: large}) == (Change.UNCHANGED, False)
    assert gap_change(tmp_path / "2", {BOT: large}, {BOT: other}) == (Change.WORSE, True)


def test_a_module_that_is_not_here_is_about_its_own_statement(tmp_path: Path) -> None:
    far = 'module "x" {\n  source = "git::https://git.example/x.git"\n}\n'
    other: Files = {BOT: far.replace("x.git", "y.git")}

    assert gap_change(tmp_path / "1", {BOT: far}, {BOT: group("b") + far})[0] is Change.UNCHANGED
    assert gap_change(tmp_path / "2", {BOT: far}, other)[0] in (Change.NEW, Change.WORSE)
    called: Files = {BOT: far.replace("\n}", '\n  cidr = "0.0.0.0/0"\n}')}
    assert gap_change(tmp_path / "4", {BOT: far}, called)[0] is Change.WORSE
    near: Files = {BOT: far.replace("git::https://git.example/x.git", "./missing")}
    edited: Files = {BOT: f"# edited\n{near[BOT]!s}"}
    assert gap_change(tmp_path / "3", near, edited) == (Change.WORSE, True)
