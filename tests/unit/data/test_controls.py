"""The tables of controls and criteria: complete, consistent, and in a known form."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from policyscan.config import SOC2_CATEGORIES
from policyscan.data import data_file
from policyscan.findings.controls import load_controls
from policyscan.findings.criteria import PATTERN, load_criteria

FILES = sorted(data_file("criteria").glob("*.yaml"))
ID = re.compile(PATTERN)


def load(path: Any) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


CONTROLS = load(data_file("controls.yaml"))
CRITERIA = {key: title for path in FILES for key, title in load(path)["criteria"].items()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_names_its_framework_and_gives_every_criterion_a_title(path: Any) -> None:
    table = load(path)
    optional = ["categories"] if path.stem == "soc2" else []
    assert list(table) == ["framework", "version", "note", *optional, "criteria"]
    assert isinstance(table["version"], str)
    prefixes = {key.split(":")[0] for key in table["criteria"]}
    assert prefixes == {path.stem.upper()}
    for key, title in table["criteria"].items():
        assert ID.fullmatch(key), key
        assert isinstance(title, str) and 10 <= len(title) <= 100, key
    assert len(set(table["criteria"].values())) == len(table["criteria"])


def test_the_versions_are_the_ones_that_the_mapping_was_made_for() -> None:
    versions = {path.stem: load(path)["version"] for path in FILES}
    assert versions["soc2"] == "Trust Services Criteria 2017, points of focus of 2022"
    assert versions["iso27001"] == "2022"
    assert versions["csf"] == "2.0"
    assert versions["owasp-api"] == "2023"
    assert versions["cis-aws"] == "5.0.0"


def test_no_criterion_is_listed_twice() -> None:
    texts = [path.read_text("utf-8") for path in FILES]
    keys = [key for text in texts for key in re.findall(r'^  "([^"]+)":', text, re.MULTILINE)]
    assert len(keys) == len(set(keys)) == len(CRITERIA)


def listed(framework: str) -> set[str]:
    return {key for key in CRITERIA if key.startswith(f"{framework}:")}


def numbered(framework: str, series: dict[str, int]) -> set[str]:
    """The ids of series that are numbered without a gap."""
    return {f"{framework}:{name}{n}" for name, last in series.items() for n in range(1, last + 1)}


def test_all_criteria_of_soc_2_are_there_but_those_of_privacy() -> None:
    common = {1: 5, 2: 3, 3: 4, 4: 2, 5: 3, 6: 8, 7: 5, 8: 1, 9: 2}
    series = {f"CC{number}.": last for number, last in common.items()}
    assert sum(series.values()) == 33
    assert listed("SOC2") == numbered("SOC2", series | {"A1.": 3, "C1.": 2, "PI1.": 5})


def test_all_controls_of_annex_a_are_there() -> None:
    expected = numbered("ISO27001", {"A.5.": 37, "A.6.": 8, "A.7.": 14, "A.8.": 34})
    assert len(expected) == 93
    assert listed("ISO27001") == expected


# NIST CSWP 29 keeps the numbers of version 1.1, so that they have gaps.
SUBCATEGORIES = """
GV.OC 1 2 3 4 5
GV.RM 1 2 3 4 5 6 7
GV.RR 1 2 3 4
GV.PO 1 2
GV.OV 1 2 3
GV.SC 1 2 3 4 5 6 7 8 9 10
ID.AM 1 2 3 4 5 7 8
ID.RA 1 2 3 4 5 6 7 8 9 10
ID.IM 1 2 3 4
PR.AA 1 2 3 4 5 6
PR.AT 1 2
PR.DS 1 2 10 11
PR.PS 1 2 3 4 5 6
PR.IR 1 2 3 4
DE.CM 1 2 3 6 9
DE.AE 2 3 4 6 7 8
RS.MA 1 2 3 4 5
RS.AN 3 6 7 8
RS.CO 2 3
RS.MI 1 2
RC.RP 1 2 3 4 5 6
RC.CO 3 4
"""


def test_all_subcategories_of_the_csf_are_there() -> None:
    rows = [line.split() for line in SUBCATEGORIES.strip().splitlines()]
    expected = {f"CSF:{name}-{int(n):02}" for name, *numbers in rows for n in numbers}
    assert len(expected) == 106
    assert listed("CSF") == expected


def test_the_ten_of_owasp_are_there() -> None:
    assert listed("OWASP-API") == numbered("OWASP-API", {"API": 10})


def test_categories_of_soc_2_count_where_they_are_declared() -> None:
    def outside(*categories: str) -> set[str]:
        criteria = load_criteria(categories).values()
        return {one.id.split(".")[0] for one in criteria if not one.in_scope}

    assert outside() == {"SOC2:A1", "SOC2:C1", "SOC2:PI1"}
    assert outside("availability") == {"SOC2:C1", "SOC2:PI1"}
    assert outside(*SOC2_CATEGORIES) == set()
    assert {one.category for one in load_criteria().values()} == {"", *SOC2_CATEGORIES}


def test_frameworks_come_in_the_order_in_which_people_ask_for_them() -> None:
    order = list(dict.fromkeys(key.split(":")[0] for key in load_criteria()))
    assert order[:3] == ["SOC2", "ISO27001", "CSF"]
    assert set(order) == {path.stem.upper() for path in FILES}


def test_every_control_of_the_draft_is_whole() -> None:
    assert CONTROLS["draft"] is True
    ids = [control["id"] for control in CONTROLS["controls"]]
    assert len(ids) == len(set(ids)) == 22
    for control in CONTROLS["controls"]:
        assert list(control) == ["id", "statement", "suggested_owner", "frequency", "criteria"]
        assert re.fullmatch(r"CTL(-[A-Z]+)+", control["id"])
        assert control["statement"].endswith(".")
        strengths = list(control["criteria"])
        assert strengths == [s for s in ("direct", "supporting", "partial") if s in strengths]
        assert all(control["criteria"].values())


def test_the_draft_is_read_as_strictly_as_a_file_of_a_firm() -> None:
    rules = load_controls("", None, criteria=CRITERIA, policies=()).rules
    assert [rule.id for rule in rules] == [control["id"] for control in CONTROLS["controls"]]
    assert all(rule.draft and not rule.owner and rule.suggested_owner for rule in rules)
    for rule, control in zip(rules, CONTROLS["controls"], strict=True):
        written = {name: word for word, names in control["criteria"].items() for name in names}
        assert {name: strength.value for name, strength in rule.strengths.items()} == written
