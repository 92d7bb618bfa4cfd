"""Our evaluator with the laziness taken out that CEL has not.

In policies a member of a list that has no value is one more thing that is not known: it leaves open
what looks at it and nothing else. In CEL it is an error of the whole list. Here it is so too, which
shows that where ours and CEL differ this is all there is to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from policyscan.language import Program
from policyscan.language.proving.evaluator import PROVERS
from policyscan.language.proving.walk import MAX_STEPS, Frame, Proof, Prover, Walk, is_list
from policyscan.language.proving.worlds import World
from policyscan.language.syntax.tree import (
    Binary,
    Comprehension,
    ListLiteral,
    MapLiteral,
    Node,
    Ternary,
)
from policyscan.values import Unknown, Why

_LONGEST = (2**63 - 1) // 1000
"""Microseconds of the longest duration that has a number of nanoseconds in 64 bits, 292 years."""


class TooLong(Exception):  # noqa: N818 - no fault of the expression
    """The expression makes a duration that the oracle cuts to 292 years without saying so."""


def strict_value(program: Program, values: Mapping[str, Any]) -> object:
    """What the expression is in CEL. Raises TooLong."""
    return Walk(STRICT, values, None, World(), MAX_STEPS).prove(program.root).value


def _error(value: object) -> bool:
    return isinstance(value, Unknown) and value.why is Why.EVALUATION_ERROR


def _first_error(proofs: list[Proof]) -> Proof | None:
    return next((proof for proof in proofs if _error(proof.value)), None)


def _literal(walk: Walk, node: ListLiteral | MapLiteral, frame: Frame | None) -> Proof:
    nodes: list[Node] = []
    for item in node.items if isinstance(node, ListLiteral) else node.entries:
        nodes += item if isinstance(item, tuple) else (item,)
    failed = _first_error([walk.prove(each, frame) for each in nodes])
    return failed or PROVERS[node.__class__](walk, node, frame)


def _ternary(walk: Walk, node: Ternary, frame: Frame | None) -> Proof:
    condition = walk.prove(node.condition, frame)
    return condition if _error(condition.value) else PROVERS[Ternary](walk, node, frame)


def _comprehension(walk: Walk, node: Comprehension, frame: Frame | None) -> Proof:
    source = walk.prove(node.range, frame)
    listed = is_list(source.value) or isinstance(source.value, Mapping)
    if listed and node.macro not in ("all", "exists"):
        members = walk.members(source, node.range, frame)
        frames = [Frame(node.variable, member, frame) for member in members]
        failed = _first_error([walk.prove(node.body, each) for each in frames])
        if failed is not None:
            return failed
    return PROVERS[Comprehension](walk, node, frame)


def _binary(walk: Walk, node: Binary, frame: Frame | None) -> Proof:
    made = PROVERS[Binary](walk, node, frame)
    left, right = (part.value for part in made.parts)
    if node.operator == "in" and _error(left):
        return made.parts[0]
    times = isinstance(right, (timedelta, datetime)) and isinstance(left, type(right))
    sums = times and node.operator in ("+", "-")
    if sums and abs(_combined(node.operator, left, right)) > _LONGEST:
        raise TooLong
    return made


def _combined(operator: str, left: Any, right: Any) -> int:
    """The length of the duration that comes out, in microseconds."""
    start = datetime(1, 1, 1, tzinfo=UTC)
    one, other = (
        (each - start if isinstance(each, datetime) else each) // timedelta(microseconds=1)
        for each in (left, right)
    )
    return one + other if operator == "+" else one - other


STRICT: Mapping[type[Node], Prover] = MappingProxyType(
    {
        **PROVERS,
        Binary: _binary,
        ListLiteral: _literal,
        MapLiteral: _literal,
        Ternary: _ternary,
        Comprehension: _comprehension,
    }
)
