"""The macros over lists: a known member decides where it can, unknown ones leave the rest open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyscan.language.syntax import Comprehension
from policyscan.language.walk import Frame, Proof, Walk, is_list, reason
from policyscan.values import PartialList, Unknown, Why

Pair = tuple[Proof, Proof]
"""A member and the body for it."""


def prove_comprehension(walk: Walk, node: Comprehension, frame: Frame | None) -> Proof:
    """The proof of `all`, `exists`, `exists_one`, `filter` or `map`."""
    source = walk.prove(node.range, frame)
    if not is_list(source.value) and not isinstance(source.value, Mapping):
        return Proof(reason(source.value, node), node, frame, (source,))
    pairs = _bodies(walk, node, source, frame)
    if node.macro in ("all", "exists"):
        return _quantified(node, frame, source, pairs)
    if node.macro == "exists_one":
        return _counted(node, frame, source, list(pairs))
    if node.macro == "filter":
        return _filtered(node, frame, source, list(pairs))
    return _mapped(node, frame, source, [body for _, body in pairs])


def _bodies(walk: Walk, node: Comprehension, source: Proof, frame: Frame | None) -> Iterator[Pair]:
    for member in walk.members(source, node.range, frame):
        yield member, walk.prove(node.body, Frame(node.variable, member, frame))


def _rest(source: Proof) -> Unknown | None:
    return source.value.unknown if isinstance(source.value, PartialList) else None


def _quantified(
    node: Comprehension, frame: Frame | None, source: Proof, pairs: Iterator[Pair]
) -> Proof:
    decisive = node.macro == "exists"
    undecided: list[Proof] = []
    for member, body in pairs:
        if body.value is decisive:
            return Proof(decisive, node, frame, (body, member))
        if body.value is not (not decisive):
            undecided.append(body)
    opened = reason(undecided[0].value, node) if undecided else _rest(source)
    if opened is not None:
        return Proof(opened, node, frame, (source, *undecided))
    return Proof(not decisive, node, frame, (source,))


def _counted(node: Comprehension, frame: Frame | None, source: Proof, pairs: list[Pair]) -> Proof:
    true = [body for _, body in pairs if body.value is True]
    undecided = [body for _, body in pairs if body.value is not True and body.value is not False]
    error = _first_error(undecided)
    if len(true) > 1 and error is None:
        return Proof(False, node, frame, tuple(true))
    opened = reason(undecided[0].value, node) if undecided else _rest(source)
    if opened is not None:
        return Proof(error or opened, node, frame, (source, *undecided))
    return Proof(len(true) == 1, node, frame, tuple(true) or (source,))


def _filtered(node: Comprehension, frame: Frame | None, source: Proof, pairs: list[Pair]) -> Proof:
    kept = tuple(member for member, body in pairs if body.value is True)
    undecided = [body for _, body in pairs if body.value is not True and body.value is not False]
    error = _first_error(undecided)
    if error is not None:
        return Proof(error, node, frame, (source,))
    opened = reason(undecided[0].value, node) if undecided else _rest(source)
    return Proof(_list(kept, opened), node, frame, kept)


def _mapped(node: Comprehension, frame: Frame | None, source: Proof, bodies: list[Proof]) -> Proof:
    error = _first_error(bodies)
    if error is not None:
        return Proof(error, node, frame, (source,))
    return Proof(_list(tuple(bodies), _rest(source)), node, frame, tuple(bodies))


def _list(members: tuple[Proof, ...], opened: Unknown | None) -> Any:
    values = tuple(member.value for member in members)
    return values if opened is None else PartialList(values, opened)


def _first_error(bodies: list[Proof]) -> Unknown | None:
    """The error among them that CEL lets through `exists_one`, `filter` and `map`."""
    for body in bodies:
        if isinstance(body.value, Unknown) and body.value.why is Why.EVALUATION_ERROR:
            return body.value
    return None
