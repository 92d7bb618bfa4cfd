"""The schema that editors use says what the loader says."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest
from policy_files import TEXT, with_line

from policyscan.policy.model import KEYS
from policyscan.policy.schema import policy_schema, schema_text
from policyscan.text.yaml import Document, read_yaml

POLICIES = Path(__file__).parents[3] / "policies"
VALIDATOR = jsonschema_rs.validator_for(policy_schema())


def data(text: str) -> object:
    top = read_yaml(Document("p.yaml", text))
    assert top
    return top.data()


def test_the_shipped_schema_is_the_generated_one() -> None:
    assert (POLICIES / "schema.json").read_text("utf-8") == schema_text()


def test_its_keys_are_those_of_a_policy_in_order() -> None:
    properties = policy_schema()["properties"]
    assert isinstance(properties, dict)
    assert tuple(properties) == KEYS


def test_a_policy_fits_it() -> None:
    VALIDATOR.validate(data(TEXT))


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("id", "id: ps-1"),
        ("id", ""),
        ("title", "titel: x"),
        ("version", "version: 0"),
        ("severity", "severity: worst"),
        ("criteria", "criteria: []"),
        ("params", "params:\n  other: {type: int}"),
        ("guide", "guide: text"),
    ],
)
def test_what_the_loader_refuses_does_not_fit(key: str, line: str) -> None:
    assert not VALIDATOR.is_valid(data(with_line(key, line)))


def test_every_shipped_policy_fits() -> None:
    files = [path for path in POLICIES.rglob("*.yaml") if path.parent.name != "profiles"]
    assert files
    for path in files:
        VALIDATOR.validate(data(path.read_text("utf-8")))
