"""Each rule of lint: what it finds, where, and what it leaves alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from policyscan.authoring.lint import RULES, Problem, lint
from policyscan.data import policies_directory
from policyscan.errors import UsageError

GOOD = """\
# yaml-language-server: $schema=schema.json
id: DESK-LOG-001
version: 1
slug: short-lived-logs
title: Logs of trading are kept for a year
severity: high
plane: change
resource: LogGroup
when: resource.role == "trading"
require: resource.retention_days != null && resource.retention_days >= params.days
params:
  days:
    about: For how many days.
    type: int
    default: 365
message: "{address} is kept too short a time ({witness.path}: {witness.value})"
why: An incident is often found months after it began, and then its beginning is gone.
fix: Write `retention_in_days = 365`.
control: CTL-AUDIT-LOG
criteria: ["SOC2:CC7.2", "SOC2:CC6.1"]
guide: []
tests:
  - name: kept, not kept, not known, and of something else
    options:
      scope:
        assign:
          - {match: {address: "*.other"}, role: other}
          - {match: {address: "*"}, role: trading}
    files:
      main.tf: |
        variable "unset" {}
        resource "aws_cloudwatch_log_group" "good" { retention_in_days = 365 }
        resource "aws_cloudwatch_log_group" "bad" { retention_in_days = 30 }
        resource "aws_cloudwatch_log_group" "open" { retention_in_days = var.unset }
        resource "aws_cloudwatch_log_group" "other" { retention_in_days = 30 }
    expect:
      aws_cloudwatch_log_group.good: pass
      aws_cloudwatch_log_group.bad: fail
      aws_cloudwatch_log_group.open: unknown
      aws_cloudwatch_log_group.other: not_applicable
"""
LONG = "  Many words that nobody reads to the end of.\n" * 14
LAST = "      aws_cloudwatch_log_group.other: not_applicable\n"
EXPLAINED = f"""\
{LAST}equivalent:
  - mutant: 'params.days: DAYS -> 366'
    because: Nobody keeps them for a year and a day.
"""
CASES = {
    "no schema line": ("# yaml-language-server: $schema=schema.json\n", "", "schema-line", 1),
    "a wish": ("slug: short-lived-logs", "slug: ensure-logs-are-kept", "slug", 4),
    "one word": ("slug: short-lived-logs", "slug: logs", "slug", 4),
    "a long slug": ("slug: short-lived-logs", f"slug: {'short-' * 9}logs", "slug", 4),
    "a short title": ("title: Logs of trading are kept for a year", "title: Logs", "length", 5),
    "a title with a stop": ("for a year\n", "for a year.\n", "full-stop", 5),
    "a small letter": ("title: Logs", "title: logs", "capital", 5),
    "a long why": ("why: An incident", f"why: >-\n{LONG}  An incident", "length", 18),
    "why without a stop": ("beginning is gone.", "beginning is gone", "full-stop", 17),
    "fix without a stop": ("days = 365`.", "days = 365`", "full-stop", 18),
    "about without a stop": ("many days.", "many days", "full-stop", 13),
    "no address": ('message: "{address} is', 'message: "it is', "message", 16),
    "no value": ("({witness.path}: {witness.value})", "({witness.path})", "message", 16),
    "a long line": ("why: An", f"why: {'An incident ' * 10}An", "line-length", 17),
    "no such control": ("control: CTL-AUDIT-LOG", "control: CTL-NONE", "control", 19),
    "no such criterion": ('"SOC2:CC6.1"', '"SOC2:CC66.1"', "criterion", 20),
    "a criterion twice": ('"SOC2:CC6.1"', '"SOC2:CC7.2"', "criterion", 20),
    "an unused parameter": (">= params.days", ">= 365", "unused-param", 12),
    "always true": (">= params.days", ">= params.days && 1 < 2", "doubtful", 10),
    "no pass": ("_group.good: pass", "_group.good: fail", "missing-pass-test", 22),
    "no fail": ("_group.bad: fail", "_group.bad: pass", "missing-fail-test", 22),
    "no unknown": ("_group.open: unknown", "_group.open: pass", "missing-unknown-test", 22),
    "not about": (": not_applicable", ": fail", "missing-not-applicable-test", 22),
    "a name with a stop": ("something else\n", "something else.\n", "full-stop", 23),
    "tests that are none": ("    expect:", "    expects:", "load", 36),
    "no such mutant": (LAST, EXPLAINED.replace("DAYS", "364"), "equivalent", 42),
    "an explanation of nothing": (LAST, f"{LAST}equivalent: [{{mutants: a}}]\n", "load", 41),
    "an empty comment": ("id: DESK", "# lint: allow\nid: DESK", "allow", 2),
    "a comment without a reason": ("id: DESK", "# lint: allow slug:\nid: DESK", "allow", 2),
    "no such rule": ("id: DESK", "# lint: allow slugs: x\nid: DESK", "allow", 2),
    "nothing to allow": ("id: DESK", "# lint: allow slug: x\nid: DESK", "allow", 2),
}


def problems(folder: Path, text: str, name: str = "") -> list[Problem]:
    folder.mkdir(exist_ok=True)
    slug = next(line for line in text.splitlines() if line.startswith("slug: "))
    (folder / f"{name or slug.removeprefix('slug: ')}.yaml").write_text(text)
    return [each for each in lint([folder]) if isinstance(each, Problem)]


def test_a_policy_without_problems(tmp_path: Path) -> None:
    assert problems(tmp_path / "house", GOOD) == []


def test_a_mutant_that_the_policy_has_may_be_explained(tmp_path: Path) -> None:
    assert problems(tmp_path / "house", GOOD.replace(LAST, EXPLAINED.replace("DAYS", "365"))) == []


def test_a_mutant_that_was_changed_is_named(tmp_path: Path) -> None:
    [found] = problems(tmp_path / "house", GOOD.replace(LAST, EXPLAINED.replace("DAYS", "364")))
    assert found.message == (
        "the policy has no mutant 'params.days: 364 -> 366'; "
        "did you mean 'params.days: 365 -> 366'?"
    )


@pytest.mark.parametrize("case", CASES)
def test_each_rule_finds_one_thing_at_its_place(case: str, tmp_path: Path) -> None:
    old, new, rule, line = CASES[case]
    assert old in GOOD
    [found, *more] = problems(tmp_path / "house", GOOD.replace(old, new, 1))
    assert more == []
    assert (found.rule, found.line) == (rule, line)
    assert found.path.startswith(str(tmp_path))
    assert found.snippet
    assert found.hint or "did you mean" in found.message
    assert rule in RULES


def test_the_file_is_called_like_the_slug(tmp_path: Path) -> None:
    [found] = problems(tmp_path / "house", GOOD, "logs")
    assert (found.rule, found.hint) == ("file-name", "Call the file short-lived-logs.yaml.")


def test_every_rule_has_a_test() -> None:
    tested = {rule for _, _, rule, _ in CASES.values()} | {"file-name", "version"}
    assert set(RULES) - tested == {"kind-without-source"}  # every kind has one today


def test_a_comment_allows_one_rule(tmp_path: Path) -> None:
    text = GOOD.replace("_group.open: unknown", "_group.open: pass")
    allowed = text.replace("id: DESK", "# lint: allow missing-unknown-test: why not\nid: DESK", 1)
    assert problems(tmp_path / "house", allowed) == []
    [found] = problems(tmp_path / "house", allowed.replace("Logs of", "logs of"))
    assert found.rule == "capital"


@pytest.mark.parametrize(
    ("require", "asked"),
    [
        ("resource.retention_days == null", True),
        ('resource.address != ""', False),  # an address is always known
        ('resources("Trail").exists(t, t.address != "")', True),  # there may be others elsewhere
    ],
)
def test_an_unknown_is_asked_for_where_one_may_come(
    require: str, asked: bool, tmp_path: Path
) -> None:
    lines = [
        line if not line.startswith("require: ") else f"require: >-\n  {require}"
        for line in GOOD.splitlines()
        if not line.startswith("when: ")
    ]
    text = "\n".join(lines).replace("_group.open: unknown", "_group.open: pass") + "\n"
    found = {each.rule for each in problems(tmp_path / "house", text)}
    assert ("missing-unknown-test" in found) == asked


def test_a_policy_that_does_not_load_is_one_problem_and_hides_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    assert problems(folder, GOOD) == []
    (folder / "broken.yaml").write_text("id: [")
    (folder / "other.yaml").write_text(GOOD)  # the same id once more
    found = [each for each in lint([folder]) if isinstance(each, Problem)]
    assert [(each.rule, Path(each.path).name) for each in found] == [
        ("load", "broken.yaml"),
        ("file-name", "other.yaml"),
        ("load", "short-lived-logs.yaml"),
    ]


def test_what_ships_has_no_problems() -> None:
    found = [each for each in lint([policies_directory()]) if isinstance(each, Problem)]
    assert [f"{each.path}:{each.line}: {each.rule}: {each.message}" for each in found] == []


def in_git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (">= params.days", "> params.days", "require changed, and the version is still 1"),
        ("default: 365", "default: 90", "params changed, and the version is still 1"),
        ('== "trading"', '!= "other"', "when changed, and the version is still 1"),
        ("version: 1", "version: 2", ""),  # nothing else is asked of who raises it
        ("for a year", "for one year", ""),
        ("&& resource", "&&\n    resource", ""),
    ],
)
def test_a_version_goes_up_when_verdicts_may_change(
    old: str, new: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = GOOD.replace("require: ", "require: >-\n  ")
    assert problems(Path("house"), text) == []
    in_git(tmp_path, "init", "-q")
    in_git(tmp_path, "add", ".")
    in_git(tmp_path, "commit", "-q", "-m", "first")
    assert [each for each in lint([Path("house")], "HEAD") if isinstance(each, Problem)] == []
    path = Path("house/short-lived-logs.yaml")
    path.write_text(text.replace(old, new, 1))
    for place in (Path("house"), path):
        found = [each for each in lint([place], "HEAD") if isinstance(each, Problem)]
        assert [each.message for each in found] == [message] * bool(message)
        assert [(each.rule, each.line) for each in found] == [("version", 3)] * bool(message)
    path.write_text(text.replace("version: 1", "version: 3"))
    in_git(tmp_path, "commit", "-qam", "third")
    path.write_text(text)
    [found] = [each for each in lint([Path("house")], "HEAD") if isinstance(each, Problem)]
    assert (found.message, found.hint) == ("the version was 3 before", "Write version: 4.")


def test_a_folder_that_is_new_and_a_commit_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    in_git(tmp_path, "init", "-q")
    in_git(tmp_path, "commit", "-q", "--allow-empty", "-m", "first")
    assert problems(Path("house"), GOOD) == []
    assert [each for each in lint([Path("house")], "HEAD") if isinstance(each, Problem)] == []
    with pytest.raises(UsageError, match="there is no commit nope"):
        list(lint([Path("house")], "nope"))
