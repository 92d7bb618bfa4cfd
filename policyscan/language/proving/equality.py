"""Whether two values are equal, as far as they are known: True, False, or why it is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyscan.language.functions import arithmetic
from policyscan.language.optionals import Perhaps
from policyscan.language.proving.failing import doubtful
from policyscan.language.proving.units import one_root
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
from policyscan.resources.references import is_itself, same_target
from policyscan.values import PartialList, Ref, Unknown, reason_of


def prove_equality(walk: Walk, node: Binary, frame: Frame | None) -> Proof:
    """The proof of `==` or `!=`."""
    left, right = walk.prove(node.left, frame), walk.prove(node.right, frame)
    failed = failure((left, right))
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    value = Comparison(walk, frame, left, right).equal(left.value, right.value)
    if isinstance(value, bool) and node.operator == "!=":
        value = not value
    return Proof(value, node, frame, (left, right))


def prove_membership(walk: Walk, node: Binary, frame: Frame | None) -> Proof:
    """The proof of `in`."""
    left, right = walk.prove(node.left, frame), walk.prove(node.right, frame)
    failed = failure((left, right))
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    value = _contained(walk, node, frame, left, right)
    return Proof(_unless_doubtful(value, node, left, right), node, frame, (left, right))


def _unless_doubtful(
    value: bool | Unknown, node: Binary, left: Proof, right: Proof
) -> bool | Unknown:
    doubt = doubtful((left, right)) if isinstance(value, bool) else None
    return value if doubt is None else reason(doubt.value, node)


class Comparison:
    """One comparison of two values, or of one with the members of another."""

    def __init__(self, walk: Walk, frame: Frame | None, left: Proof, right: Proof) -> None:
        self._walk = walk
        self._frame = frame
        self._sides = (left, right)

    def equal(self, a: object, b: object) -> bool | Unknown:
        """Equality by value; two references are equal if they mean one resource."""
        a, b = self._walk.settled(a), self._walk.settled(b)
        if a is None or b is None:
            other = b if a is None else a
            if isinstance(other, (Unknown, Ref)) and is_null(other) is None:
                return reason_of(other)
            return is_null(other) is True
        for value, other in ((a, b), (b, a)):
            if isinstance(value, Unknown):
                return False if _excluded(value, other) else value
        if is_list(a) and is_list(b):
            return self._lists(a, b)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            return self._maps(a, b)
        if isinstance(a, Ref) and isinstance(b, Ref):
            return self._references(a, b)
        if isinstance(a, Perhaps) and isinstance(b, Perhaps):
            alike = a.present is b.present
            return self.equal(a.value, b.value) if alike and a.present else alike
        for value in (a, b):
            if isinstance(value, Ref):
                return reason_of(value)
        return arithmetic.equal(a, b)

    def _references(self, a: Ref, b: Ref) -> bool | Unknown:
        alike = same_target(a, b, one_root(self._walk, self._frame, *self._sides))
        return reason_of(a) if alike is None else alike

    def _lists(self, a: Any, b: Any) -> bool | Unknown:
        for some, other in ((a, b), (b, a)):
            if isinstance(some, PartialList):
                return False if self._is_more(some, other) else some.unknown
        if len(a) != len(b):
            return False
        self._walk.charge(len(a))
        return _every(map(self.equal, a, b))

    def _is_more(self, some: PartialList[Any], other: Any) -> bool:
        """Whether a list certainly has a member, or a number of them, that the other has not."""
        if isinstance(other, PartialList):
            return False
        if len(some.known) > len(other):
            return True
        self._walk.charge(len(some.known) * len(other))
        return any(
            all(self.equal(member, each) is False for each in other) for member in some.known
        )

    def _maps(self, a: Mapping[Any, object], b: Mapping[Any, object]) -> bool | Unknown:
        if a.keys() != b.keys():
            return False
        self._walk.charge(len(a))
        return _every(self.equal(a[key], b[key]) for key in a)


def is_null(value: object) -> bool | None:
    """Whether a value is null; None if that is not known. A text of which pieces are known is none,
    nor is the name of a resource itself; another attribute of it may be."""
    if isinstance(value, Unknown):
        return False if value.fragments else None
    if isinstance(value, Ref):
        return False if is_itself(value) else None
    return value is None


def _excluded(unknown: Unknown, other: object) -> bool:
    """Whether a text cannot be the unknown one, since it lacks a piece that is certain."""
    return isinstance(other, str) and any(piece not in other for piece in unknown.fragments)


def _every(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    opened: Unknown | None = None
    for answer in answers:
        if answer is False:
            return False
        if isinstance(answer, Unknown) and opened is None:
            opened = answer
    return True if opened is None else opened


def _contained(
    walk: Walk, node: Binary, frame: Frame | None, item: Proof, container: Proof
) -> bool | Unknown:
    holder = container.value
    if isinstance(holder, Mapping):
        plain = isinstance(item.value, (str, int, float))  # 80.0 is the key 80, and exactly that
        return item.value in holder if plain else reason(item.value, node)
    if not is_list(holder):
        return reason(holder, node)
    opened: Unknown | None = None
    walk.charge(len(known_members(holder)))
    for member in walk.members(container, node, frame):
        comparison = Comparison(walk, frame, item, member)
        answer = comparison.equal(item.value, member.value)
        if answer is True:
            return True
        if isinstance(answer, Unknown) and opened is None:
            opened = answer
    if isinstance(holder, PartialList) and opened is None:
        opened = holder.unknown
    return False if opened is None else opened
