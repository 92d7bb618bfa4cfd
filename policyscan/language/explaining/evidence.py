"""What a proof says to a person: the evidence, the reasons, and the condition that is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from policyscan.language.functions.conversions import to_string
from policyscan.language.functions.networks import Cidr, Ip
from policyscan.language.optionals import Perhaps
from policyscan.language.proving.walk import (
    Frame,
    Proof,
    Table,
    Walk,
    is_list,
    known_members,
    reason,
)
from policyscan.language.syntax.tree import (
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
from policyscan.resources.base import Resource
from policyscan.text.words import count
from policyscan.values import OneOf, PartialList, Ref, Unknown

_MOST = 20
"""Pieces of evidence, and conditions, that are spelt out."""
_LONGEST = 120
"""Characters of a value that are shown."""
_LONGEST_CONDITION = 400
"""Characters of a condition that are shown."""
_DEEPEST = 50
"""Proofs below one another that are looked at; macros can chain more than a tree is high."""


class Evidence(Struct, frozen=True):
    """One thing that decides: where it stands, its value, and what about it decides."""

    path: str
    """Inside the resource: `ingress[3].cidrs[0]`; empty for the resource as a whole."""
    value_text: str
    """As the language writes it: `"0.0.0.0/0"`."""
    note: str = ""
    address: str = ""
    """Of the resource that the path is inside of; empty for the one that is judged."""


def evidence(walk: Walk, proof: Proof) -> tuple[Evidence, ...]:
    """The smallest evidence for an answer, never empty; for an open one the open places."""
    known = isinstance(proof.value, bool)
    tree = _Tree(walk)
    found: dict[tuple[str, str], Evidence] = {}
    for each in tree.deciding(proof, proof, 0) if known else tree.open_places(proof):
        found.setdefault((each.address, each.path), each)
        if len(found) == _MOST:
            break
    if known and not found:
        return (Evidence("", text_of(proof.value), _claim(walk, proof)),)
    return tuple(found.values())


class _Tree:
    """Walks the proofs under an answer, each once: macros may share them."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._seen: set[int] = set()

    def deciding(self, proof: Proof, claim: Proof, depth: int) -> Iterator[Evidence]:
        """What decides `proof`; `claim` is the innermost condition around it."""
        if id(proof) in self._seen or depth > _DEEPEST:
            return
        self._seen.add(id(proof))
        if isinstance(proof.value, bool) and not isinstance(proof.node, (Logic, Unary, Ternary)):
            claim = proof
        parts = proof.parts
        if isinstance(proof.node, Ternary):
            parts = parts[::-1]  # the chosen branch says more than the condition that chose it
        elif proof.path is not None:
            note = _given_note(proof) or _claim(self._walk, claim)
            yield Evidence(proof.path, text_of(proof.value), note, proof.owner)
            return
        either = isinstance(proof.node, Comprehension) and proof.node.macro in ("all", "exists")
        for part in parts:
            found = False
            for each in self.deciding(part, claim, depth + 1):
                found = True
                yield each
            if found and either:
                return

    def open_places(self, proof: Proof) -> Iterator[Evidence]:
        """The places whose values are not known."""
        pending = [proof]
        while pending:
            each = pending.pop()
            if id(each) in self._seen or isinstance(each.value, bool):
                continue
            self._seen.add(id(each))
            if each.path is not None:
                given = _given_note(each)
                for note in [given] if given else [value.needs for value in _opened(each)]:
                    yield Evidence(each.path, text_of(each.value), note, each.owner)
            pending.extend(reversed(each.parts))


def _given_note(proof: Proof) -> str:
    """The note of a lifted function, which stands in the place of the node."""
    note = proof.node.value if isinstance(proof.node, Literal) else None
    return note if isinstance(note, str) else ""


def _claim(walk: Walk, proof: Proof) -> str:
    return f"{_spelt(walk, proof.node, proof.frame)} is {text_of(proof.value)}"


def reasons(proof: Proof) -> tuple[Unknown, ...]:
    """Why an answer is open, each reason once."""
    found: list[Unknown] = []
    seen: set[int] = set()
    pending = [proof]
    while pending:
        each = pending.pop()
        if id(each) not in seen and not isinstance(each.value, (bool, int, float, str)):
            seen.add(id(each))
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
    return _Residual(walk).of(proof, 0)


class _Residual:
    """Spells what is left of a condition, each proof once."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._known: dict[int, str] = {}

    def of(self, proof: Proof, depth: int) -> str:
        """The part of the condition that is still open; the whole of it where that is shorter."""
        text = self._known.get(id(proof))
        if text is None:
            text = self._simplified(proof, depth) if depth < _DEEPEST else ""
            if not text or len(text) > _LONGEST_CONDITION:
                text = _spelt(self._walk, proof.node, proof.frame)
            self._known[id(proof)] = text
        return text

    def _simplified(self, proof: Proof, depth: int) -> str:
        node, parts = proof.node, proof.parts
        if isinstance(node, Logic):
            return self._joined(node.operator, parts, depth)
        if isinstance(node, Unary):
            return f"!({self.of(parts[0], depth + 1)})"
        if isinstance(node, Comprehension) and _every_member_known(node, parts):
            return self._joined("&&" if node.macro == "all" else "||", parts[1:], depth)
        if isinstance(node, Ternary) and len(parts) == 2:
            return self.of(parts[1], depth + 1)
        return ""

    def _joined(self, operator: str, parts: tuple[Proof, ...], depth: int) -> str:
        unique = list(dict.fromkeys(self.of(part, depth + 1) for part in parts[:_MOST]))
        if len(parts) > _MOST:
            unique.append(f"{len(parts) - _MOST} more conditions")
        if len(unique) == 1:
            return unique[0]
        mixed = ("&&", "||", "?")
        return f" {operator} ".join(
            f"({each})" if any(sign in each for sign in mixed) else each for each in unique
        )


def _every_member_known(node: Comprehension, parts: tuple[Proof, ...]) -> bool:
    source = parts[0].value
    return node.macro in ("all", "exists") and isinstance(source, (tuple, list, Mapping))


def _spelt(walk: Walk, node: Node, frame: Frame | None) -> str:
    """The node, with places instead of variables and values instead of parameters."""

    def substitute(part: Node) -> str | None:
        if isinstance(part, Select) and isinstance(part.operand, Name):
            table = walk.names.get(part.operand.name)
            if isinstance(table, Table) and table.name == "params":
                return text_of(table.get(part.field))
        return _place(part.name, frame) if isinstance(part, Name) else None

    return _cut(written(node, substitute), _LONGEST_CONDITION)


def _place(name: str, frame: Frame | None) -> str | None:
    while frame is not None and frame.name != name:
        frame = frame.outer
    if frame is None:
        return None
    proof = frame.proof
    if proof.path is None:
        return text_of(proof.value) if _is_plain(proof.value) else None
    start = proof.owner or "resource"
    return f"{start}.{proof.path}" if proof.path else start


def text_of(value: object) -> str:
    """A value as the language writes it, cut if it is long."""
    return _cut(_text(value), _LONGEST)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _text(value: object) -> str:
    if value is None or isinstance(value, (bool, int, float, str)):
        return literal_text(value[: _LONGEST + 1] if isinstance(value, str) else value)
    if isinstance(value, datetime):
        return f'timestamp("{value.astimezone(UTC).isoformat()}")'.replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return f'duration("{to_string(value)}")'
    if isinstance(value, Perhaps):
        return f"optional.of({_text(value.value)})" if value.present else "optional.none()"
    if isinstance(value, (Ip, Cidr)):
        return f'{type(value).__name__.lower()}("{value}")'
    if is_list(value):
        return _list_text(value)
    if isinstance(value, Mapping):
        return _map_text(value)
    if isinstance(value, Resource):
        return value.address
    if isinstance(value, Ref):
        return str(value)
    return "unknown" if isinstance(value, (Unknown, OneOf)) else type(value).__name__


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _map_text(value: Mapping[object, object]) -> str:
    if len(value) > _MOST or not all(map(_is_plain, value.values())):
        return count(len(value), "entry", "entries")
    return "{" + ", ".join(f"{_text(key)}: {_text(each)}" for key, each in value.items()) + "}"


def _list_text(value: object) -> str:
    members = known_members(value)
    plain = all(map(_is_plain, members))
    more = isinstance(value, PartialList)
    if plain and len(members) <= _MOST:
        return "[" + ", ".join([*map(_text, members), *(["…"] if more else [])]) + "]"
    told = count(len(members), "member")
    return f"at least {told}" if more else told
