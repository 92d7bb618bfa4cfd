"""Whether what is not known may turn out to be an error.

`&&`, `||`, `all` and `exists` absorb errors, as CEL has it. What needs all of its parts (a list, a
map, the condition of `?:`) fails if one of them does: as long as a part may, nothing is said of the
whole, although the other parts may seem to be enough.
"""

from __future__ import annotations

from collections.abc import Iterable

from policyscan.language.proving.walk import Proof
from policyscan.language.syntax.tree import Binary, Call, Index, Select, Ternary, Unary
from policyscan.values import OneOf, PartialList, Ref, Unknown

_OPEN = (Unknown, OneOf, Ref, PartialList)
_MOST = 2_000
"""Proofs below one that are looked at; beyond that an error is taken for possible."""
_ARITHMETIC = frozenset("+-*/%")
_TOTAL = frozenset(
    """
    size startsWith endsWith contains lowerAscii upperAscii trim reverse matches string
    isIP isCIDR family isLoopback isUnspecified isGlobalUnicast isLinkLocalUnicast
    isLinkLocalMulticast masked prefixLength refers_to hasValue or orValue
    """.split()
)
"""Functions that have a result for all arguments of their types; of lifted ones, whose proofs leave
the arguments out, only the one that is asked of values that are merely read."""


def doubtful(parts: Iterable[Proof]) -> Proof | None:
    """The first of these that is not known and may be an error."""
    return next((part for part in parts if _may_fail(part)), None)


def _may_fail(proof: Proof) -> bool:
    pending, seen = [proof], set[int]()
    while pending:
        each = pending.pop()
        if id(each) in seen or not isinstance(each.value, _OPEN):
            continue
        seen.add(id(each))
        if _is_fallible(each) or len(seen) > _MOST:
            return True
        pending.extend(each.parts)
    return False


def _is_fallible(proof: Proof) -> bool:
    """Whether the operation itself may have no result, where its parts have one. What has no parts
    was read, and is no operation."""
    node = proof.node
    if not proof.parts:
        return False
    match node:
        case Call():
            return node.function not in _TOTAL
        case Binary():
            joins = any(isinstance(part.value, (str, tuple, list)) for part in proof.parts)
            return node.operator in _ARITHMETIC and not joins
        case Unary():
            return node.operator == "-"
        case Select() | Index():
            return any(isinstance(part.value, _OPEN) for part in proof.parts)
        case Ternary():
            return True  # what its branches may be was not kept
    return False
