"""The macros over lists: a known member decides where it can, unknown ones leave the rest open.

`all` and `exists` absorb an error in a body as `&&` and `||` do; it counts less than what is not
known, which may still decide. `exists_one`, `filter` and `map` need every body: an error in one is
the error of the whole, whatever else is not known (cel-spec, doc/langdef.md, Macros).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyscan.language.proving.failing import doubtful
from policyscan.language.proving.walk import (
    Failure,
    Frame,
    Proof,
    Walk,
    failure,
    foremost,
    is_list,
    limited,
    reason,
)
from policyscan.language.syntax.tree import Comprehension
from policyscan.values import PartialList, Unknown

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
    every = list(pairs)
    failed = failure(body for _, body in every)
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    doubt = doubtful(body for _, body in every)
    if doubt is not None:
        return Proof(reason(doubt.value, node), node, frame, (source, doubt))
    if node.macro == "exists_one":
        return _counted(node, frame, source, every)
    if node.macro == "filter":
        return _filtered(node, frame, source, every)
    bodies = limited(tuple(body for _, body in every))
    more = source.value.unknown if isinstance(source.value, PartialList) else None
    return Proof(_list(bodies, more), node, frame, bodies)


def _bodies(walk: Walk, node: Comprehension, source: Proof, frame: Frame | None) -> Iterator[Pair]:
    for member in walk.members(source, node.range, frame):
        yield member, walk.prove(node.body, Frame(node.variable, member, frame))


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
    opened = _why_open(node, source, undecided)
    if opened is not None:
        return Proof(opened, node, frame, (source, *undecided))
    return Proof(not decisive, node, frame, (source,))


def _counted(node: Comprehension, frame: Frame | None, source: Proof, pairs: list[Pair]) -> Proof:
    true, undecided = _sorted(pairs)
    bodies = tuple(body for _, body in true)
    if len(true) > 1:
        return Proof(False, node, frame, bodies)
    opened = _why_open(node, source, undecided)
    if opened is not None:
        return Proof(opened, node, frame, (source, *undecided))
    return Proof(len(true) == 1, node, frame, bodies or (source,))


def _filtered(node: Comprehension, frame: Frame | None, source: Proof, pairs: list[Pair]) -> Proof:
    true, undecided = _sorted(pairs)
    kept = limited(tuple(member for member, _ in true))
    return Proof(_list(kept, _why_open(node, source, undecided)), node, frame, kept)


def _sorted(pairs: list[Pair]) -> tuple[list[Pair], list[Proof]]:
    """The pairs whose body is true, and the bodies that are neither true nor false."""
    true = [pair for pair in pairs if pair[1].value is True]
    return true, [body for _, body in pairs if not isinstance(body.value, bool)]


def _why_open(node: Comprehension, source: Proof, undecided: list[Proof]) -> Unknown | None:
    """The first reason for which a list is not known, or not known to be complete; an error only
    if there is no other."""
    first = foremost(undecided).value if undecided else None
    if isinstance(source.value, PartialList) and (first is None or isinstance(first, Failure)):
        return source.value.unknown
    return reason(first, node) if undecided else None


def _list(members: tuple[Proof, ...], opened: Unknown | None) -> Any:
    values = tuple(member.value for member in members)
    return values if opened is None else PartialList(values, opened)
