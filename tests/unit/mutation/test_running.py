"""Mutants of a whole policy: who finds them, where they are, what is said of those that live."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.errors import PolicyError
from policyscan.mutation import Mutated, mutants_of, mutate
from policyscan.policy import Policy, load_equivalents
from policyscan.policy.reader import read_policy
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.text.yaml import Document

KINDS = load_kinds(MODULES)
HEAD = """\
id: DESK-LOG-001
version: 1
slug: short-lived-logs
title: Logs are kept
severity: low
plane: change
resource: LogGroup
when: resource.name != null
require: >-
  resource.retention_days == null
  || resource.retention_days >= params.min_days
params:
  min_days:
    about: Days.
    type: int
    default: 90
message: "{address} is kept for {witness.value} days"
why: To look at them.
fix: Keep them.
control: CTL-AUDIT-LOG
criteria: ["SOC2:CC7.2"]
guide: [House rules]
tests:
  - name: kept, at the limit, a day less, and for ever
    files:
      main.tf: |
        resource "aws_cloudwatch_log_group" "long" {
          name              = "a"
          retention_in_days = 365
        }
        resource "aws_cloudwatch_log_group" "limit" {
          name              = "b"
          retention_in_days = 90
        }
        resource "aws_cloudwatch_log_group" "for_ever" { name = "d" }
"""
LESS = """\
        resource "aws_cloudwatch_log_group" "less" {
          name              = "c"
          retention_in_days = 89
        }
        resource "aws_cloudwatch_log_group" "unnamed" { retention_in_days = 1 }
"""
EXPECT = """\
    expect:
      aws_cloudwatch_log_group.long: pass
      aws_cloudwatch_log_group.limit: pass
      aws_cloudwatch_log_group.for_ever: pass
"""
EXPECT_LESS = """\
      aws_cloudwatch_log_group.less: fail
      aws_cloudwatch_log_group.unnamed: not_applicable
"""
WHOLE = HEAD + LESS + EXPECT + EXPECT_LESS
HALF = HEAD + EXPECT
TO_89 = "params.min_days: 90 -> 89"
WRONG = "require: resource.retention_days >= 90 -> true"


def explained(*mutants: str) -> str:
    entries = (f"  - mutant: '{name}'\n    because: Nothing is kept so long.\n" for name in mutants)
    return "equivalent:\n" + "".join(entries)


def policy(text: str) -> Policy:
    document = Document("house/short-lived-logs.yaml", text, PolicyError)
    return read_policy(document, hashlib.sha256(text.encode()).hexdigest(), KINDS)


def mutated(text: str) -> Mutated:
    return mutate(policy(text), KINDS)


def test_good_tests_find_every_mutant() -> None:
    found = mutated(WHOLE)
    assert (found.survivors, found.stale, found.failing, found.is_clean) == ((), (), (), True)
    assert found.killed == len(list(mutants_of(policy(WHOLE), KINDS))) > 8


def test_a_missing_case_lets_a_mutant_live() -> None:
    found = mutated(HALF)
    assert TO_89 in [mutant.name for mutant in found.survivors]
    assert "params.min_days: 90 -> 91" not in [mutant.name for mutant in found.survivors]
    assert not found.is_clean


def test_mutants_say_where_they_are() -> None:
    places = {m.name: (m.place.line, m.place.column) for m in mutants_of(policy(WHOLE), KINDS)}
    assert places[TO_89] == (16, 14)
    limit = "resource.retention_days >= params.min_days"
    assert places[f"require: {limit} -> {limit.replace('>=', '>')}"] == (11, 6)
    assert places["when: the condition -> true"] == (8, 7)


def test_the_least_number_of_members_is_one_more_and_one_less() -> None:
    text = (
        WHOLE.replace("when: resource.name != null\n", "scope: set\n")
        .replace("  resource.retention_days == null\n  || resource.", "  members.all(m, m.")
        .replace("m.retention_days >= params.min_days", "m.name != null && m.name != params.name)")
        .replace("  min_days:\n", "  name:\n")
        .replace("type: int\n    default: 90\n", "type: string\n    default: a\nexpect_min: 1\n")
    )
    found = {m.name: m for m in mutants_of(policy(text), KINDS)}
    less, more = found["expect_min: 1 -> 0"], found["expect_min: 1 -> 2"]
    assert (less.policy.expect_min, more.policy.expect_min) == (0, 2)
    assert (less.place.line, less.place.column) == (16, 13)


def test_a_mutant_that_is_explained_is_no_survivor() -> None:
    found = mutated(HALF + explained(TO_89))
    assert TO_89 not in [mutant.name for mutant in found.survivors]
    assert (found.equivalent, found.stale) == (1, ())


def test_what_is_explained_and_found_is_a_mistake() -> None:
    found = mutated(WHOLE + explained(TO_89))
    [(entry, why)] = found.stale
    assert (entry.mutant, why) == (
        TO_89,
        "a test finds this mutant, so that it is not equivalent",
    )
    assert entry.place == f"house/short-lived-logs.yaml:{len(WHOLE.splitlines()) + 2}:5"
    assert not found.is_clean


def test_what_is_explained_and_not_there_is_a_mistake() -> None:
    [(entry, why)] = mutated(WHOLE + explained(WRONG)).stale
    assert (entry.mutant, why) == (WRONG, "there is no such mutant")


def test_of_a_policy_that_fails_its_tests_nothing_is_said() -> None:
    found = mutated(WHOLE.replace("less: fail", "less: pass"))
    assert found.failing == ("kept, at the limit, a day less, and for ever",)
    assert (found.killed, found.survivors, found.is_clean) == (0, (), False)


def test_options_that_no_configuration_could_have_fail_a_test() -> None:
    text = WHOLE.replace(
        "    files:", "    options: {parameters: {DESK-LOG-001: {days: 1}}}\n    files:"
    )
    assert mutated(text).failing


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("equivalent:\n  - mutant: a\n", "lacks 'because'"),
        ("equivalent:\n  - {mutant: a, because: b, until: c}\n", "unknown key 'until'"),
        (explained("a", "a"), "'a' stands here twice"),
        ("equivalent: a\n", "must be a list"),
    ],
)
def test_what_is_wrong_with_an_explanation(text: str, complaint: str) -> None:
    with pytest.raises(PolicyError, match=complaint):
        load_equivalents(policy(WHOLE + text))


# -- the command -------------------------------------------------------------------------------


def run(tmp_path: Path, text: str, *options: str) -> int:
    (tmp_path / "short-lived-logs.yaml").write_text(text)
    return main(["policy", "test", str(tmp_path), "--mutate", *options])


def test_the_command_is_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, WHOLE) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("DESK-LOG-001  ok  ")
    assert "mutants of 1 policy in" in last
    assert last.endswith("0 equivalent, 0 survive")


def test_the_command_shows_the_difference_the_place_and_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, HALF) == 1
    out = capsys.readouterr().out
    told = f"""\
  {tmp_path}/short-lived-logs.yaml:16:14
    - params.min_days: 90
    + params.min_days: 89
    it is found with a resource exactly at the limit, and one just beyond it
    mutant: params.min_days: 90 -> 89
"""
    assert told in out
    assert "under `equivalent`" in out


def test_the_command_tells_what_is_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, WHOLE + explained(WRONG), "--quiet") == 1
    assert "there is no such mutant\n    mutant: " + WRONG in capsys.readouterr().out


def test_the_command_says_which_policy_does_not_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, WHOLE.replace("min_days\n", "max_days\n")) == 2
    assert "unknown name 'max_days'" in capsys.readouterr().out


def test_the_command_writes_junit(tmp_path: Path) -> None:
    assert run(tmp_path, HALF, "--junit", str(tmp_path / "mutants.xml")) == 1
    assert f"{TO_89} survives".replace(">", "&gt;") in (tmp_path / "mutants.xml").read_text()
