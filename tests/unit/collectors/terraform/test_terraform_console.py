"""The answers of `terraform console` 1.11 to a corpus of expressions, recorded in console.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.collectors.terraform.written import expression

CORPUS = json.loads(Path(__file__).with_name("console.json").read_text("utf-8"))
LOOSER = "conditionals whose branches have different types"
"""Terraform converts both branches to one type, or refuses them. The type of a branch that is not
taken is not computed here: the taken one is passed on as it is."""

UNSURE = "a list beside what may be a list"
"""Not every list is known for one: where Terraform says that they differ, the answer is open."""

CASES = [
    (topic, case)
    for topic, cases in CORPUS.items()
    if topic not in (LOOSER, UNSURE)
    for case in cases
]


def as_json(value: Any) -> Any:
    """Sets become lists, as in Terraform's JSON."""
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return {key: as_json(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{topic}: {case['expression']}") for topic, case in CASES]
)
def test_same_answer(case: dict[str, Any]) -> None:
    answer = as_json(expression(case["expression"]))
    if "refused" in case:
        assert str(answer).startswith("<"), answer
    else:
        assert json.dumps(answer, sort_keys=True) == json.dumps(case["value"], sort_keys=True)


@pytest.mark.parametrize("case", CORPUS[UNSURE])
def test_no_other_answer(case: dict[str, Any]) -> None:
    assert str(expression(case["expression"])).startswith("<")
