"""The JSON schema of a firm's controls, for editors."""

from __future__ import annotations

import json

from policyscan.data import load_table
from policyscan.findings.controls import BASES, ID, KEYS, TAKEN_OVER, TOP
from policyscan.findings.criteria import PATTERN
from policyscan.findings.report import Strength

_TEXT = {"type": "string", "minLength": 1}
_POLICY = r"^[A-Z][A-Z0-9]{1,9}(?:-[A-Z]{2,5}-[0-9]{3})?$"
_STRENGTHS = {
    Strength.DIRECT: "Its verdicts test what these ask for.",
    Strength.SUPPORTING: "Its verdicts make it likelier that these hold.",
    Strength.PARTIAL: "Its verdicts touch a part of these.",
}


def _texts(about: str, pattern: str) -> dict[str, object]:
    items = {**_TEXT, "pattern": pattern}
    return {"type": "array", "items": items, "description": about}


def _control() -> dict[str, object]:
    properties: dict[str, object] = {
        "id": {**_TEXT, "pattern": f"^{ID}$", "description": "That of a draft takes its place."},
        "statement": {**_TEXT, "description": "What holds, in one sentence."},
        "owner": {**_TEXT, "description": "The person or role that answers for it."},
        "frequency": {**_TEXT, "description": "How often it is exercised: daily, on every change."},
        "policies": _texts(
            "Ids and families; without it, the policies that name the control.", _POLICY
        ),
        "criteria": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                strength.value: _texts(about, f"^{PATTERN}$")
                for strength, about in _STRENGTHS.items()
            },
            "description": "Points of external frameworks for which it yields evidence.",
        },
    }
    draft = [control["id"] for control in load_table("controls.yaml")["controls"]]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "owner"],
        "anyOf": [
            {"properties": {"id": {"enum": draft}}},
            {"required": list(TAKEN_OVER)},
        ],
        "properties": {key: properties[key] for key in KEYS},
    }


def controls_schema() -> dict[str, object]:
    """The schema, keys in the order in which the file writes them."""
    properties: dict[str, object] = {
        "version": {"const": 1},
        "extends": {
            "enum": list(BASES),
            "description": "The draft that ships (default), or nothing.",
        },
        "controls": {"type": "array", "items": _control()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The controls of a firm, for policyscan",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {key: properties[key] for key in TOP},
    }


def schema_text() -> str:
    """The content of `data/schemas/controls.json`."""
    return json.dumps(controls_schema(), indent=2, ensure_ascii=False) + "\n"
