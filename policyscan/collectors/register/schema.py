"""The JSON schema of a register, for editors and for `policyscan/data/keys.schema.json`."""

from __future__ import annotations

import json

from policyscan.collectors.register.fields import ALIASES, DEFAULTS, table


def register_schema() -> dict[str, object]:
    """The schema, made of the table of fields by which registers are read."""
    fields = {name: {**field.schema, "description": field.about} for name, field in table().items()}
    aliases = {word: fields[name] for word, name in ALIASES.items()}
    entry = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**fields, **aliases},
        "anyOf": [{"required": [name]} for name in ("name", "fingerprint", "secret")],
    }
    defaults = {
        name: {**fields[name], "description": f"For all entries that do not say. {about}"}
        for name, about in ((name, table()[name].about) for name in DEFAULTS)
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A register of exchange API keys",
        "description": "Never the keys themselves: at most the first 12 digits of their SHA-256.",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "keys"],
        "properties": {
            "version": {"const": 1, "description": "The version of this format."},
            "complete": {"type": "boolean", "description": "Whether it lists every key there is."},
            **defaults,
            **{word: defaults[name] for word, name in ALIASES.items()},
            "keys": {"type": "array", "items": entry, "description": "One entry for each key."},
        },
        "if": {"required": ["owner"]},
        "then": True,
        "else": {"properties": {"keys": {"items": {"required": ["owner"]}}}},
    }


def schema_text() -> str:
    """The content of `policyscan/data/keys.schema.json`."""
    return json.dumps(register_schema(), indent=2, ensure_ascii=False) + "\n"
