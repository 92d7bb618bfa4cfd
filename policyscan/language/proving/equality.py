"""Whether two values are equal, as far as they are known: True, False, or why it is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from policyscan.language.functions import arithmetic
from policyscan.language.optionals import Perhaps
from policyscan.language.proving.walk import (
    Frame,
    Proof,
    Walk,
    failure,
    is_list,
    known_members,
    reason,
)
from policyscan.language.syntax.tree import Binary
from policyscan.values import PartialList, Ref, Unknown, reason_of, same_target


def prove_equality(walk: Walk, node: Binary, frame: Frame | None) -> Proof:
    """The proof of `==` or `!=`."""
    left, right = walk.prove(node.left, frame), walk.prove(node.right, frame)
    failed = failure((left, right))
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    value = equal(walk, left.value, right.value)
    if isinstance(value, bool) and node.operator == "!=":
        value = not value
    return Proof(value, node, frame, (left, right))


def prove_membership(walk: Walk, node: Binary, frame: Frame | None) -> Proof:
    """The proof of `in`."""
    left, right = walk.prove(node.left, frame), walk.prove(node.right, frame)
    failed = failure((left, right))
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    return Proof(_contained(walk, node, left, right), node, frame, (left, right))


def equal(walk: Walk, a: object, b: object) -> bool | Unknown:
    """Equality by value; two references are equal if they mean one resource."""
    a, b = walk.settled(a), walk.settled(b)
    for value, other in ((a, b), (b, a)):
        if isinstance(value, Unknown):
            return False if _excluded(value, other) else value
    if is_list(a) and is_list(b):
        return _lists(walk, a, b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return _maps(walk, a, b)
    if isinstance(a, Ref) and isinstance(b, Ref):
        alike = same_target(a, b)
        return reason_of(a) if alike is None else alike
    if isinstance(a, Perhaps) and isinstance(b, Perhaps):
        alike = a.present is b.present
        return equal(walk, a.value, b.value) if alike and a.present else alike
    if a is None or b is None:
        return a is b
    for value in (a, b):
        if isinstance(value, Ref):
            return reason_of(value)
    return arithmetic.equal(a, b)


def _excluded(unknown: Unknown, other: object) -> bool:
    """Whether a text cannot be the unknown one, since it lacks a piece that is certain."""
    return isinstance(other, str) and any(piece not in other for piece in unknown.fragments)


def _lists(walk: Walk, a: Any, b: Any) -> bool | Unknown:
    for some, other in ((a, b), (b, a)):
        if isinstance(some, PartialList):
            return False if _is_more(walk, some, other) else some.unknown
    if len(a) != len(b):
        return False
    walk.charge(len(a))
    return _every(map(partial(equal, walk), a, b))


def _is_more(walk: Walk, some: PartialList[Any], other: Any) -> bool:
    """Whether a list certainly has a member, or a number of them, that the other has not."""
    if isinstance(other, PartialList):
        return False
    if len(some.known) > len(other):
        return True
    walk.charge(len(some.known) * len(other))
    return any(all(equal(walk, member, each) is False for each in other) for member in some.known)


def _maps(walk: Walk, a: Mapping[Any, object], b: Mapping[Any, object]) -> bool | Unknown:
    if a.keys() != b.keys():
        return False
    walk.charge(len(a))
    return _every(equal(walk, a[key], b[key]) for key in a)


def _every(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    opened: Unknown | None = None
    for answer in answers:
        if answer is False:
            return False
        if isinstance(answer, Unknown) and opened is None:
            opened = answer
    return True if opened is None else opened


def _contained(walk: Walk, node: Binary, item: Proof, container: Proof) -> bool | Unknown:
    holder = container.value
    if isinstance(holder, Mapping):
        plain = isinstance(item.value, (str, int))
        return item.value in holder if plain else reason(item.value, node)
    if not is_list(holder):
        return reason(holder, node)
    opened: Unknown | None = None
    walk.charge(len(known_members(holder)))
    for member in walk.members(container, node, None):
        answer = equal(walk, item.value, member.value)
        if answer is True:
            return True
        if isinstance(answer, Unknown) and opened is None:
            opened = answer
    if isinstance(holder, PartialList) and opened is None:
        opened = holder.unknown
    return False if opened is None else opened
