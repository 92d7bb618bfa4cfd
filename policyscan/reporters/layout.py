"""JSON text that is quick to write and still readable and comparable line by line."""

from __future__ import annotations

import json
from typing import Any


def dump(value: Any, depth: int) -> bytes:
    """`value` as JSON in ASCII, with a line for each member down to `depth` levels and each deeper
    structure on one line; ends with a line feed. Any string survives, lone surrogates included."""
    return f"{_layout(value, depth, '')}\n".encode("ascii")


def _layout(value: Any, depth: int, indent: str) -> str:
    if depth == 0 or not value or not isinstance(value, (dict, list)):
        return json.dumps(value, allow_nan=False)
    inner = f"{indent}  "
    if isinstance(value, dict):
        rows = [
            f"{json.dumps(key)}: {_layout(member, depth - 1, inner)}"
            for key, member in value.items()
        ]
        opening, closing = "{", "}"
    else:
        rows = [_layout(member, depth - 1, inner) for member in value]
        opening, closing = "[", "]"
    body = f",\n{inner}".join(rows)
    return f"{opening}\n{inner}{body}\n{indent}{closing}"
