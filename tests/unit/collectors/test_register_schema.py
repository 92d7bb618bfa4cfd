"""The schema that editors use says what the reader says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest

from policyscan.collectors.register.fields import table
from policyscan.collectors.register.schema import register_schema, schema_text
from policyscan.data import data_file
from policyscan.errors import FileError
from policyscan.text.yaml import Document, read_yaml
from tests.unit.collectors.register_mistakes import FIELDS, WHOLE
from tests.unit.collectors.test_register import FULL, HEAD, TAIL, read

VALIDATOR = jsonschema_rs.validator_for(register_schema())
CALENDAR = (
    "exists",
    "future",
    "address or network",
    "is inside of",
    "must look like binance-kraken",
    "before it was created",
    "'allowed_ips' lists",
    "custodians'",
    "is there twice",
    "must begin with more",
    "says again",
    "works from everywhere",
)
"""What a schema cannot say: the calendar, arithmetic of networks, what two fields say together."""
YAML = (
    "anchors",
    "tags",
    "a key must be text",
    "one document",
    "not YAML",
    "16 levels",
    "a character",
)
"""What is no data that a schema could judge."""


def fits(text: str) -> bool:
    top = read_yaml(Document("keys.yaml", text))
    assert top
    return bool(VALIDATOR.is_valid(top.data()))


def test_the_shipped_schema_is_the_generated_one() -> None:
    assert data_file("keys.schema.json").read_text("utf-8") == schema_text()


def test_it_describes_every_field() -> None:
    schema: Any = register_schema()
    described = schema["properties"]["keys"]["items"]["properties"]
    assert set(described) == {*table(), "env"}
    for field in described.values():
        assert field["description"].endswith(".")


@pytest.mark.parametrize(
    "entry",
    [
        "{name: a, owner: x}",
        "{fingerprint: 3f9a0c11d2e4, owner: x}",
        "{secret: prod/binance, owner: x}",
        "{secret: [a, b], owner: x}",
        "{name: a, owner: x, permissions: {reading: true}}",
        "{name: a, owner: x, rotated: '2026-01-31T09:00:00+09:00'}",
        "{name: a, owner: x, function: emergency, custodians: 2}",
        "{name: a, owner: x, used_by: [], allowed_ips: []}",
    ],
)
def test_what_is_right_fits(entry: str) -> None:
    text = f"version: 1\nkeys:\n  - {entry}\n"
    assert fits(text)
    assert not read(text)[1]


def test_a_whole_register_fits() -> None:
    assert fits(FULL)
    assert fits("version: 1\nowner: desk\nkeys:\n  - {name: a}\n")
    assert not read("version: 1\nowner: desk\nkeys:\n  - {name: a}\n")[1]


EVERY = [(f"{HEAD}    {line}\n{TAIL}", message) for line, _, message, _ in FIELDS]
EVERY += [(text, message) for text, _, message, _ in WHOLE]


@pytest.mark.parametrize(("text", "message"), EVERY)
def test_what_is_wrong_does_not_fit(text: str, message: str) -> None:
    if any(words in message for words in (*CALENDAR, *YAML)):
        return
    try:
        assert not fits(text)
    except FileError:
        assert any(word in message for word in ("quotes", "twice", "true or false"))


def test_the_clock_changes_nothing_else() -> None:
    """Years later the same register says the same, but for dates that have come."""
    text = FULL.replace('"2026-02-20T09:00:00+09:00"', '"2027-02-20"')
    early, gaps = read(text, datetime(2026, 3, 1, tzinfo=UTC))
    late, none = read(text, datetime(2036, 3, 1, tzinfo=UTC))
    assert [gap.message for gap in gaps] == ["keys[0].rotated lies in the future"]
    assert not none
    assert late["bot-grid"].rotated_at == datetime(2027, 2, 20, tzinfo=UTC)
    assert early["bot-grid"].created_at == late["bot-grid"].created_at
