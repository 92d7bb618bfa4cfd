"""What a proof says to a person: the evidence, the reasons, and the condition that is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from policyscan.language.syntax import (
    Comprehension,
    Literal,
    Logic,
    Name,
    Node,
    Select,
    Ternary,
    Unary,
    literal_text,
    written,
)
from policyscan.language.walk import Frame, Proof, Table, Walk, is_list, known_members, reason
from policyscan.resources.base import Resource
from policyscan.values import OneOf, PartialList, Ref, Unknown

_MOST = 20
"""Pieces of evidence, and conditions, that are spelt out."""
_LONGEST = 120
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that decides: where it stands, its value, and what about it decides."""

    path: str
    """Inside the resource: `ingress[3].cidrs[0]`; empty for the resource as a whole."""
    value_text: str
    """As the language writes it: `"0.0.0.0/0"`."""
    note: str = ""
    address: str = ""
    """Of the resource that the path is inside of; empty for the one that is judged."""


def evidence(walk: Walk, proof: Proof) -> tuple[Evidence, ...]:
    """The smallest evidence for an answer; never empty for one that is known."""
    found: dict[tuple[str, str], Evidence] = {}
    known = isinstance(proof.value, bool)
    for each in _evidence(walk, proof, "") if known else _open_places(proof):
        found.setdefault((each.address, each.path), each)
        if len(found) == _MOST:
            break
    if known and not found:
        return (Evidence("", text_of(proof.value), _claim(walk, proof)),)
    return tuple(found.values())


def _evidence(walk: Walk, proof: Proof, note: str) -> Iterator[Evidence]:
    """What decides `proof`; `note` is the claim of the innermost condition around it."""
    if isinstance(proof.value, bool) and not isinstance(proof.node, (Logic, Unary, Ternary)):
        note = _claim(walk, proof)
    if proof.path is not None:
        yield Evidence(proof.path, text_of(proof.value), _note(proof, note), proof.owner)
        return
    if isinstance(proof.node, Comprehension) and proof.node.macro in ("all", "exists"):
        first, *rest = proof.parts
        found = list(_evidence(walk, first, note))
        yield from found or (each for part in rest for each in _evidence(walk, part, note))
        return
    for part in proof.parts:
        yield from _evidence(walk, part, note)


def _open_places(proof: Proof) -> Iterator[Evidence]:
    for value in _opened(proof) if proof.path is not None else ():
        note = _note(proof, value.needs)
        yield Evidence(proof.path or "", text_of(proof.value), note, proof.owner)
    for part in proof.parts:
        if not isinstance(part.value, bool):
            yield from _open_places(part)


def _note(proof: Proof, note: str) -> str:
    """The note that a lifted function gave, which stands in place of the node, or else `note`."""
    own = proof.node.value if isinstance(proof.node, Literal) else None
    return own if isinstance(own, str) else note


def _claim(walk: Walk, proof: Proof) -> str:
    return f"{_spelt(walk, proof.node, proof.frame)} is {text_of(proof.value)}"


def reasons(proof: Proof) -> tuple[Unknown, ...]:
    """Why an answer is open, each reason once."""
    found: list[Unknown] = []
    pending = [proof]
    while pending:
        each = pending.pop()
        if not isinstance(each.value, (bool, int, float, str)):
            found.extend(_opened(each))
            pending.extend(reversed(each.parts))
    return unique(found)


def unique(unknowns: Iterable[Unknown]) -> tuple[Unknown, ...]:
    """Each reason once, the same one being what needs the same thing at the same place."""
    found: dict[tuple[object, ...], Unknown] = {}
    for each in unknowns:
        place = each.where and (each.where.source.path, each.where.start)
        found.setdefault((each.why, each.needs, place), each)
    return tuple(found.values())


def _opened(proof: Proof) -> tuple[Unknown, ...]:
    value = proof.value
    if isinstance(value, Unknown):
        return (value,)
    return (reason(value, proof.node),) if isinstance(value, (Ref, PartialList)) else ()


def residual(walk: Walk, proof: Proof) -> str:
    """The condition that decides an open answer."""
    if isinstance(proof.value, bool):
        return text_of(proof.value)
    node, parts = proof.node, proof.parts
    if isinstance(node, Logic):
        return _joined(node.operator, (residual(walk, part) for part in parts))
    if isinstance(node, Unary):
        inner = residual(walk, parts[0])
        return inner.removeprefix("!") if inner.startswith("!(") else f"!({inner})"
    if isinstance(node, Comprehension) and _every_member_known(node, parts):
        operator = "&&" if node.macro == "all" else "||"
        return _joined(operator, (residual(walk, part) for part in parts[1:]))
    if isinstance(node, Ternary) and len(parts) == 2:
        return residual(walk, parts[1])
    return _spelt(walk, node, proof.frame)


def _every_member_known(node: Comprehension, parts: tuple[Proof, ...]) -> bool:
    source = parts[0].value
    return node.macro in ("all", "exists") and isinstance(source, (tuple, list, Mapping))


def _joined(operator: str, conditions: Iterable[str]) -> str:
    unique = list(dict.fromkeys(conditions))
    shown = unique[:_MOST]
    if len(unique) > len(shown):
        shown.append(f"{len(unique) - len(shown)} more conditions")
    if len(shown) == 1:
        return shown[0]
    return f" {operator} ".join(f"({c})" if " && " in c or " || " in c else c for c in shown)


def _spelt(walk: Walk, node: Node, frame: Frame | None) -> str:
    """The node, with places instead of variables and values instead of parameters."""

    def substitute(part: Node) -> str | None:
        if isinstance(part, Select) and isinstance(part.operand, Name):
            table = walk.names.get(part.operand.name)
            if isinstance(table, Table) and table.name == "params":
                return text_of(table.get(part.field))
        return _place(part.name, frame) if isinstance(part, Name) else None

    return written(node, substitute)


def _place(name: str, frame: Frame | None) -> str | None:
    while frame is not None and frame.name != name:
        frame = frame.outer
    if frame is None:
        return None
    proof = frame.proof
    if proof.path is None:
        return text_of(proof.value)
    start = proof.owner or "resource"
    return f"{start}.{proof.path}" if proof.path else start


def text_of(value: object) -> str:
    """A value as the language writes it, cut if it is long."""
    text = _text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _text(value: object) -> str:
    if value is None or isinstance(value, (bool, int, float, str)):
        return literal_text(value)
    if isinstance(value, datetime):
        return f'timestamp("{value.astimezone(UTC).isoformat()}")'.replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return f'duration("{value.total_seconds():g}s")'
    if is_list(value):
        return _list_text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Resource):
        return value.address
    if isinstance(value, Ref):
        return str(value)
    return "unknown" if isinstance(value, (Unknown, OneOf)) else type(value).__name__


def _list_text(value: object) -> str:
    members = known_members(value)
    plain = all(item is None or isinstance(item, (bool, int, float, str)) for item in members)
    more = isinstance(value, PartialList)
    if plain and len(members) <= _MOST:
        return "[" + ", ".join([*map(_text, members), *(["…"] if more else [])]) + "]"
    count = "1 member" if len(members) == 1 else f"{len(members)} members"
    return f"at least {count}" if more else count
