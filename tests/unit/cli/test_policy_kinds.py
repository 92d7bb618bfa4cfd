"""`policyscan policy kinds` tells what a policy can ask of each kind."""

from __future__ import annotations

import json

import pytest

from policyscan.authoring.kinds import SHARED, described, shared
from policyscan.cli import main
from policyscan.language.types import fields_of
from policyscan.resources.kinds import MODULES, load_kinds

Capture = pytest.CaptureFixture[str]


def test_all_kinds_are_listed_with_what_fills_them(capsys: Capture) -> None:
    assert main(["policy", "kinds"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(MODULES)
    assert "LogGroup           terraform, aws" in lines
    assert last.startswith(f"{len(MODULES)} kinds; ")


def test_one_is_shown_with_its_parts_and_types(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["policy", "kinds", "SecurityGroup"]) == 0
    said = capsys.readouterr().out
    assert "\n  ingress: list(Rule)\n" in said
    assert "\nRule: One rule of a group: who may send what.\n" in said
    assert "\n  from_port: int or null\n" in said
    assert '  environment: one of "production", "staging", "development"\n' in said
    assert max(map(len, said.splitlines())) <= 80


def test_one_for_programs(capsys: Capture) -> None:
    assert main(["policy", "kinds", "LogGroup", "--format", "json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert found["name"] == "LogGroup"
    assert found["fields"][0] == {"name": "name", "type": "string or null", "about": ""}
    assert main(["policy", "kinds", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["ApiKey"] == ["register"]


def test_a_kind_that_is_not_there(capsys: Capture) -> None:
    assert main(["policy", "kinds", "Secrt"]) == 2
    assert "there is no kind 'Secrt'; did you mean 'Secret'?" in capsys.readouterr().err


@pytest.mark.parametrize("kind", MODULES)
def test_every_field_is_there_once_and_speaks_of_null(kind: str) -> None:
    model = load_kinds(MODULES)[kind]
    first, *_ = described(model)
    names = [each.name for each in (*shared(), *first.fields)]
    assert sorted(names) == sorted(fields_of(model))
    assert names[: len(SHARED)] == list(SHARED)
    assert not any("None" in each.about for each in first.fields)
