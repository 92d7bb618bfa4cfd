"""`policy new`: the tests in what it writes pass and find every mutant, and lint finds nothing."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from policyscan.authoring.lint import Problem, lint
from policyscan.authoring.loading import load_each
from policyscan.cli import main
from policyscan.mutation.running import mutate
from policyscan.policy import Policy
from policyscan.policy.schema import policy_schema
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.selftest import run_tests_of

Capture = pytest.CaptureFixture[str]


def begin(*arguments: str) -> int:
    return main(["policy", "new", *arguments])


@pytest.mark.parametrize("kind", MODULES)
def test_every_kind_has_a_beginning_that_holds(kind: str, quiet_environment: Path) -> None:
    assert begin("a-bad-thing", "--kind", kind) == 0
    [policy] = load_each([Path("policies")])
    assert isinstance(policy, Policy)
    assert policy.kinds == (kind,)
    assert [result for result in run_tests_of(policy) if result.problems] == []
    mutated = mutate(policy, load_kinds(MODULES))
    assert mutated.is_clean
    assert mutated.killed > 2
    assert [each for each in lint([Path("policies")]) if isinstance(each, Problem)] == []
    validator = jsonschema_rs.validator_for(policy_schema())
    validator.validate(yaml.safe_load(Path("policies/a-bad-thing.yaml").read_text()))


def test_it_says_what_to_do_next(quiet_environment: Path, capsys: Capture) -> None:
    assert begin("short-lived-logs", "--kind", "loggroup", "--policies", "house") == 0
    out = capsys.readouterr().out
    assert out.startswith("wrote house/short-lived-logs.yaml: DESK-LOG-001 on LogGroup, of terra")
    for line in (
        "policyscan policy test house/short-lived-logs.yaml",
        "policyscan policy lint house/short-lived-logs.yaml",
        "policyscan scan PATH --policies house --select DESK-LOG-001",
    ):
        assert line in out


def test_options_are_what_stands_in_the_file(quiet_environment: Path) -> None:
    title = 'Doors: closed, "locked" # and watched'
    options = ["--family", "dr", "--prefix", "acme", "--severity", "low", "--title", title]
    assert begin("open-door", "--kind", "Vpc", *options) == 0
    [policy] = load_each([Path("policies")])
    assert isinstance(policy, Policy)
    assert (policy.id, policy.severity.value, policy.title) == ("ACME-DR-001", "low", title)


def test_numbers_go_on_where_they_ended(quiet_environment: Path) -> None:
    assert begin("bad-one", "--kind", "LogGroup", "--prefix", "ACME") == 0
    first = Path("policies/bad-one.yaml")
    first.write_text(first.read_text().replace("ACME-LOG-001", "ACME-LOG-041"))
    assert begin("bad-two", "--kind", "LogGroup") == 0
    assert "\nid: ACME-LOG-042\n" in Path("policies/bad-two.yaml").read_text()


@pytest.mark.parametrize("aliases", ["[ACME-LOG-007]", "\n  - ACME-LOG-007"])
def test_former_ids_are_not_used_again(aliases: str, quiet_environment: Path) -> None:
    assert begin("bad-one", "--kind", "LogGroup", "--prefix", "ACME") == 0
    first = Path("policies/bad-one.yaml")
    text = first.read_text().replace("\ntitle:", f"\naliases: {aliases}\ntitle:")
    first.write_text(f"{text}\nit: {{does not load")
    assert begin("bad-two", "--kind", "LogGroup") == 0
    assert "\nid: ACME-LOG-008\n" in Path("policies/bad-two.yaml").read_text()


def test_ids_that_ship_are_not_taken(quiet_environment: Path) -> None:
    assert begin("bad-one", "--kind", "SecurityGroup", "--prefix", "PS", "--family", "NET") == 0
    assert "\nid: PS-NET-014\n" in Path("policies/bad-one.yaml").read_text()


def test_a_family_without_a_number_left(quiet_environment: Path, capsys: Capture) -> None:
    assert begin("bad-one", "--kind", "LogGroup") == 0
    first = Path("policies/bad-one.yaml")
    first.write_text(first.read_text().replace("DESK-LOG-001", "DESK-LOG-999"))
    assert begin("bad-two", "--kind", "LogGroup") == 2
    assert "Choose another --family." in capsys.readouterr().err


def test_nothing_is_overwritten(quiet_environment: Path, capsys: Capture) -> None:
    Path("policies").mkdir()
    Path("policies/open-door.yaml").write_text("mine")
    assert begin("open-door", "--kind", "Vpc") == 2
    assert "open-door.yaml is already there" in capsys.readouterr().err
    assert Path("policies/open-door.yaml").read_text() == "mine"


def test_a_schema_above_is_used(quiet_environment: Path) -> None:
    assert begin("bad-one", "--kind", "Vpc", "--policies", "house") == 0
    assert begin("bad-two", "--kind", "Vpc", "--policies", "house/network") == 0
    assert (
        Path("house/network/bad-two.yaml")
        .read_text()
        .startswith("# yaml-language-server: $schema=../schema.json\n")
    )
    assert not Path("house/network/schema.json").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["open-door", "--kind", "SecurityGroups"], "did you mean 'SecurityGroup'?"),
        (["open-door", "--kind", "Zebra"], "There are ApiKey, ContainerImage"),
        (["Open Door", "--kind", "Vpc"], "policyscan policy new open-door --kind"),
        (["door", "--kind", "Vpc"], "policyscan policy new world-open-admin-port"),
        (["world-open-port", "--kind", "Vpc"], "is the slug of policies/network/world-open-port"),
        (["open-door", "--kind", "Vpc", "--family", "NETWORKING"], "must look like NET"),
        (["open-door", "--kind", "Vpc", "--prefix", "p"], "must look like DESK"),
        (["open-door", "--kind", "Vpc", "--policies", "file"], "file is a file"),
        (["open-door", "--kind", "Vpc", "--policies", "file/in"], "Name another folder"),
    ],
)
def test_what_it_refuses(
    arguments: list[str], complaint: str, quiet_environment: Path, capsys: Capture
) -> None:
    Path("file").write_text("")
    assert begin(*arguments) == 2
    assert complaint in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_nothing_is_written_through_a_link(quiet_environment: Path, capsys: Capture) -> None:
    Path("policies").mkdir()
    Path("policies/schema.json").symlink_to(quiet_environment / "elsewhere.json")
    assert begin("open-door", "--kind", "Vpc") == 2
    assert not Path("elsewhere.json").exists()
