"""JSON text that is quick to write and still readable and comparable line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from policyscan.text.logsafe import json_without_orders

_encode = json.JSONEncoder(allow_nan=False).encode


def dump(value: Any, depth: int) -> bytes:
    """`value` as JSON in ASCII, with a line for each member down to `depth` levels and each deeper
    structure on one line; ends with a line feed. Any string survives, lone surrogates included.

    An iterator, as a member of an object whose holders are iterators and objects too, is written
    as an array, of which no more than one member at a time has to be there.
    """
    out = BytesIO()  # whose value is no second copy of it
    for part in _layout(value, depth, ""):
        out.write(json_without_orders(part.encode("ascii")))
    out.write(b"\n")
    return out.getvalue()


def _layout(value: Any, depth: int, indent: str) -> Iterator[str]:
    if not _is_lazy(value):
        yield _text(value, depth, indent)
        return
    members: Iterable[tuple[str, Any]]
    if isinstance(value, dict):
        opening, closing = "{", "}"
        members = ((f"{_encode(key)}: ", member) for key, member in value.items())
    else:
        opening, closing = "[", "]"
        members = (("", member) for member in value)
    inner = f"{indent}  "
    before = f"{opening}\n{inner}"
    for name, member in members:
        yield f"{before}{name}"
        yield from _layout(member, depth - 1, inner)
        before = f",\n{inner}"
    yield f"{opening}{closing}" if before.startswith(opening) else f"\n{indent}{closing}"


def _is_lazy(value: Any) -> bool:
    """Whether there is an iterator at the top of it, or right below."""
    return isinstance(value, Iterator) or (
        isinstance(value, dict) and any(isinstance(member, Iterator) for member in value.values())
    )


def _text(value: Any, depth: int, indent: str) -> str:
    if depth == 0 or not value or not isinstance(value, (dict, list)):
        return _encode(value)
    inner = f"{indent}  "
    if isinstance(value, dict):
        rows = [
            f"{_encode(key)}: {_text(member, depth - 1, inner)}" for key, member in value.items()
        ]
        opening, closing = "{", "}"
    else:
        rows = [_text(member, depth - 1, inner) for member in value]
        opening, closing = "[", "]"
    body = f",\n{inner}".join(rows)
    return f"{opening}\n{inner}{body}\n{indent}{closing}"
