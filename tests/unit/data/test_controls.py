"""The tables of controls and criteria: complete, consistent, and in a known form."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from policyscan.data import data_file

FILES = sorted(data_file("criteria").glob("*.yaml"))
ID = re.compile(r"[A-Z0-9-]+:[A-Z0-9][A-Za-z0-9.-]*")


def load(path: Any) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


CONTROLS = load(data_file("controls.yaml"))
CRITERIA = {key: title for path in FILES for key, title in load(path)["criteria"].items()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_names_its_framework_and_gives_every_criterion_a_title(path: Any) -> None:
    table = load(path)
    assert list(table) == ["framework", "version", "note", "criteria"]
    assert isinstance(table["version"], str)
    prefixes = {key.split(":")[0] for key in table["criteria"]}
    assert prefixes == {path.stem.upper()}
    for key, title in table["criteria"].items():
        assert ID.fullmatch(key), key
        assert isinstance(title, str) and 10 <= len(title) <= 100, key


def test_no_criterion_is_listed_twice() -> None:
    texts = [path.read_text("utf-8") for path in FILES]
    keys = [key for text in texts for key in re.findall(r'^  "([^"]+)":', text, re.MULTILINE)]
    assert len(keys) == len(set(keys)) == len(CRITERIA)


def test_all_common_criteria_of_soc_2_are_there() -> None:
    per_series = {1: 5, 2: 3, 3: 4, 4: 2, 5: 3, 6: 8, 7: 5, 8: 1, 9: 2}
    expected = {f"SOC2:CC{n}.{m}" for n, last in per_series.items() for m in range(1, last + 1)}
    assert len(expected) == 33
    assert {key for key in CRITERIA if key.startswith("SOC2:CC")} == expected


def test_every_control_is_whole_and_names_known_criteria() -> None:
    assert CONTROLS["draft"] is True
    ids = [control["id"] for control in CONTROLS["controls"]]
    assert len(ids) == len(set(ids)) == 22
    for control in CONTROLS["controls"]:
        assert list(control) == ["id", "statement", "owner", "frequency", "criteria"]
        assert re.fullmatch(r"CTL(-[A-Z]+)+", control["id"])
        assert control["statement"].endswith(".")
        assert len(control["criteria"]) == len(set(control["criteria"])) > 0
        assert set(control["criteria"]) <= set(CRITERIA), control["id"]
