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


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("resource", "resource: SecurtyGroup"),
        ("resource", "resource: [Secret]"),
        ("severity", "severity: [high]"),
        ("control", "control: SG"),
        ("scope", "scope: all"),
        ("aliases", "aliases: [old]"),
        ("message", ""),
    ],
)
def test_bad_policies_do_not_fit(key: str, line: str) -> None:
    text = with_line(key, line) if f"\n{key}:" in TEXT else f"{TEXT}{line}\n"
    assert not VALIDATOR.is_valid(data(text))


def test_every_key_is_described_for_editors() -> None:
    properties = policy_schema()["properties"]
    assert isinstance(properties, dict)
    assert [key for key, said in properties.items() if len(said.get("description", "")) < 15] == []


def test_the_first_line_of_every_shipped_policy_leads_editors_to_it() -> None:
    for path in (path for path in POLICIES.rglob("*.yaml") if path.parent.name != "profiles"):
        first = path.read_text("utf-8").split("\n", 1)[0]
        way = first.removeprefix("# yaml-language-server: $schema=")
        assert way != first, path
        assert (path.parent / way).resolve() == (POLICIES / "schema.json").resolve()
