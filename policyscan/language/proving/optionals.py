"""Optionals: a part that may be absent is looked for, and used only by saying what then.

The proof of an optional carries the place of what it holds, so that evidence names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from policyscan.language.optionals import ABSENT, Perhaps, is_zero
from policyscan.language.proving.failing import doubtful
from policyscan.language.proving.walk import (
    Failure,
    Frame,
    Proof,
    Table,
    Walk,
    failure,
    fault,
    key_text,
    reason,
)
from policyscan.language.syntax.parser import OPTIONALS
from policyscan.language.syntax.tree import (
    Call,
    Index,
    Node,
    OptionalIndex,
    OptionalSelect,
    Select,
)
from policyscan.values import PartialList, Ref, Unknown

METHODS = frozenset({"hasValue", "value", "or", "orValue"})


def prove_optional_select(walk: Walk, node: OptionalSelect, frame: Frame | None) -> Proof:
    """The proof of `operand.?field`."""
    return field_of(walk, node, frame, walk.prove(node.operand, frame))


def prove_optional_index(walk: Walk, node: OptionalIndex, frame: Frame | None) -> Proof:
    """The proof of `operand[?index]`."""
    owner, index = walk.prove(node.operand, frame), walk.prove(node.index, frame)
    return member_of(walk, node, frame, owner, index)


def field_of(walk: Walk, node: OptionalSelect | Select, frame: Frame | None, owner: Proof) -> Proof:
    """The field of what `owner` is or holds, as an optional."""
    inner = _opened(owner)
    holder = inner.value
    if isinstance(holder, BaseModel):
        part = walk.read(getattr(holder, node.field, None), "." + node.field, inner, node, frame)
        return _perhaps(node, frame, part, (owner,))
    if isinstance(holder, Table):
        return _perhaps(node, frame, Proof(walk.settled(holder.get(node.field)), node, frame), ())
    if isinstance(holder, Mapping):
        return _entry(walk, node, frame, (owner,), inner, node.field)
    return _none_of(node, frame, (owner,), holder)


def member_of(
    walk: Walk, node: OptionalIndex | Index, frame: Frame | None, owner: Proof, index: Proof
) -> Proof:
    """The member of what `owner` is or holds, as an optional."""
    inner, parts, key = _opened(owner), (owner, index), index.value
    holder = inner.value
    failed = failure((owner, index))
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    if isinstance(key, (Unknown, Ref)):
        return Proof(reason(key, node), node, frame, parts)
    if isinstance(holder, Mapping):
        return _entry(walk, node, frame, parts, inner, key)
    if isinstance(holder, (tuple, list, PartialList)) and isinstance(key, int) and key < 0:
        return Proof(ABSENT, node, frame, parts)
    if not isinstance(holder, (tuple, list)) or not isinstance(key, int):
        return _none_of(node, frame, parts, holder)
    if key >= len(holder):
        return Proof(ABSENT, node, frame, parts)
    return _perhaps(node, frame, walk.member(inner, key, node, frame), parts)


def prove_optional_call(walk: Walk, node: Call, frame: Frame | None) -> Proof:
    """The proof of a function of optionals; what stands in for a value is not looked at where that
    value is there."""
    if not node.method:
        return _made(walk, node, frame)
    owner = walk.prove(node.arguments[0], frame)
    if not isinstance(owner.value, Perhaps):
        return Proof(reason(owner.value, node), node, frame, (owner,))
    held = _opened(owner)
    if node.function == "hasValue":
        return Proof(owner.value.present, node, frame, (held,))
    if owner.value.present:
        if node.function == "or":
            return Proof(owner.value, node, frame, (owner,), path=owner.path, owner=owner.owner)
        return Proof(held.value, node, frame, (owner,), path=held.path, owner=held.owner)
    if node.function == "value":
        return Proof(fault(node, "an optional without a value"), node, frame, (held,))
    other = walk.prove(node.arguments[1], frame)
    return Proof(other.value, node, frame, (other, held), path=other.path, owner=other.owner)


def is_of_optionals(node: Call) -> bool:
    """Whether it calls a function of optionals."""
    return node.function in (METHODS if node.method else OPTIONALS)


def _made(walk: Walk, node: Call, frame: Frame | None) -> Proof:
    if not node.arguments:
        return Proof(ABSENT, node, frame)
    part = walk.prove(node.arguments[0], frame)
    if isinstance(part.value, Failure):
        return Proof(part.value, node, frame, (part,))
    if doubtful((part,)) is not None:
        return Proof(reason(part.value, node), node, frame, (part,))
    if node.function == "optional.of":
        held = Perhaps(present=True, value=part.value)
        return Proof(held, node, frame, (part,), path=part.path, owner=part.owner)
    known = part.value.known if isinstance(part.value, PartialList) else part.value
    if isinstance(known, (Unknown, Ref)) or (isinstance(part.value, PartialList) and not known):
        return Proof(reason(part.value, node), node, frame, (part,))
    if is_zero(known):
        return Proof(ABSENT, node, frame, (part,))
    held = Perhaps(present=True, value=part.value)
    return Proof(held, node, frame, (part,), path=part.path, owner=part.owner)


def _opened(owner: Proof) -> Proof:
    """The proof of what an optional holds, null if it is absent; anything else as it is."""
    held = owner.value
    if not isinstance(held, Perhaps):
        return owner
    return Proof(
        held.value, owner.node, owner.frame, owner.parts, path=owner.path, owner=owner.owner
    )


def _entry(
    walk: Walk,
    node: Node,
    frame: Frame | None,
    parts: tuple[Proof, ...],
    inner: Proof,
    key: object,
) -> Proof:
    holder: Any = inner.value
    if key not in holder:
        return Proof(ABSENT, node, frame, parts)
    return _perhaps(node, frame, walk.read(holder[key], key_text(key), inner, node, frame), parts)


def _perhaps(node: Node, frame: Frame | None, part: Proof, parts: tuple[Proof, ...]) -> Proof:
    """The optional of a part that was looked for. Whether what is not known is null, is open."""
    value = part.value
    if isinstance(value, Unknown):
        return Proof(value, node, frame, (part,), path=part.path, owner=part.owner)
    held = ABSENT if value is None else Perhaps(present=True, value=value)
    below = parts if part.path is None else ()
    return Proof(held, node, frame, below, path=part.path, owner=part.owner)


def _none_of(node: Node, frame: Frame | None, parts: tuple[Proof, ...], holder: object) -> Proof:
    """What is selected of null is absent; of what is not known, open."""
    value = ABSENT if holder is None else reason(holder, node)
    return Proof(value, node, frame, parts)
