"""Walks a checked tree and gives a proof: the answer together with the parts that decide it.

The logic is Kleene's: a part that is known decides wherever it can, and what is left open says why.
An operation without a result (overflow, an index outside a list) is an error of CEL, a `Failure`,
which `&&` and `||` absorb. What is not known is taken to have a value: that an operation on it
might be an error, were it known, is not reckoned with.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from policyscan.language.functions import arithmetic
from policyscan.language.optionals import Perhaps
from policyscan.language.proving.calls import prove_call
from policyscan.language.proving.equality import is_null, prove_equality, prove_membership
from policyscan.language.proving.failing import doubtful
from policyscan.language.proving.optionals import (
    field_of,
    is_of_optionals,
    member_of,
    prove_optional_call,
    prove_optional_index,
    prove_optional_select,
)
from policyscan.language.proving.quantifiers import prove_comprehension
from policyscan.language.proving.walk import (
    Failure,
    Frame,
    Proof,
    Prover,
    Table,
    Walk,
    computed,
    failure,
    fault,
    foremost,
    is_list,
    key_text,
    known_members,
    limited,
    reason,
)
from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Has,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Name,
    Node,
    OptionalIndex,
    OptionalSelect,
    Resources,
    Select,
    Ternary,
    Unary,
    written,
)
from policyscan.language.types import Optional, fields_of
from policyscan.values import PartialList, Ref, Unknown, Why

_ORDERS = frozenset({"<", "<=", ">", ">="})
_ROOTS = {"resource": "", "members": "members"}
"""The names under which resources come in, with the paths at which they stand."""


def _literal(_: Walk, node: Literal, frame: Frame | None) -> Proof:
    return Proof(node.value, node, frame)


def _name(walk: Walk, node: Name, frame: Frame | None) -> Proof:
    scope = frame
    while scope is not None:
        if scope.name == node.name:
            return scope.proof
        scope = scope.outer
    value = walk.settled(walk.names[node.name])
    return Proof(value, node, frame, path=_ROOTS.get(node.name))


def _select(walk: Walk, node: Select, frame: Frame | None) -> Proof:
    return _field(walk, node, frame, walk.prove(node.operand, frame))


def _field(walk: Walk, node: Select, frame: Frame | None, owner: Proof) -> Proof:
    holder = owner.value
    if isinstance(holder, Perhaps):
        return field_of(walk, node, frame, owner)
    if isinstance(holder, BaseModel):
        value = getattr(holder, node.field, None)
        if value is None and not _may_be_absent(holder, node.field):
            value = Unknown(Why.MISSING, f"missing {_place(owner, node)}")
        return walk.read(value, "." + node.field, owner, node, frame)
    if isinstance(holder, Table):
        return Proof(walk.settled(holder.get(node.field)), node, frame)
    if isinstance(holder, Mapping):
        return _entry(walk, node, frame, (owner,), node.field)
    return Proof(reason(holder, node), node, frame, (owner,))


def _may_be_absent(holder: BaseModel, name: str) -> bool:
    return isinstance(fields_of(type(holder)).get(name), Optional)


def _place(owner: Proof, node: Select) -> str:
    if owner.path is None:
        return written(node)
    return ".".join(filter(None, (owner.owner or "resource", owner.path, node.field)))


def _entry(
    walk: Walk, node: Select | Index, frame: Frame | None, parts: tuple[Proof, ...], key: object
) -> Proof:
    owner = parts[0]
    holder = owner.value
    assert isinstance(holder, Mapping)
    if key not in holder:
        return Proof(fault(node, f"no key {key_text(key)}"), node, frame, parts)
    entry = walk.read(holder[key], key_text(key), owner, node, frame)
    return entry if entry.path is not None else Proof(entry.value, node, frame, parts)


def _has(walk: Walk, node: Has, frame: Frame | None) -> Proof:
    selection = node.selection
    owner = walk.prove(selection.operand, frame)
    if isinstance(owner.value, Perhaps):
        part = field_of(walk, selection, frame, owner)
        there = part.value.present if isinstance(part.value, Perhaps) else part.value
        return Proof(there, node, frame, (part,))
    if isinstance(owner.value, Mapping) and selection.field not in owner.value:
        return Proof(False, node, frame, (owner,))
    part = _field(walk, selection, frame, owner)
    null = is_null(part.value)
    value = reason(part.value, node) if null is None else not null
    return Proof(value, node, frame, (part,))


def _index(walk: Walk, node: Index, frame: Frame | None) -> Proof:
    owner, index = walk.prove(node.operand, frame), walk.prove(node.index, frame)
    holder, key = owner.value, index.value
    parts = (owner, index)
    failed = failure(parts)
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    if isinstance(holder, Perhaps):
        return member_of(walk, node, frame, owner, index)
    if isinstance(key, (Unknown, Ref)):
        return Proof(reason(key, node), node, frame, parts)
    if isinstance(holder, Mapping):
        return _entry(walk, node, frame, parts, key)
    if isinstance(holder, PartialList) and isinstance(key, int) and key < 0:
        return Proof(fault(node, f"no member {key}"), node, frame, parts)
    if not isinstance(holder, (tuple, list)) or not isinstance(key, int):
        return Proof(reason(holder, node), node, frame, parts)
    if not 0 <= key < len(holder):
        return Proof(fault(node, f"no member {key}"), node, frame, parts)
    return walk.member(owner, key, node, frame)


def _resources(walk: Walk, node: Resources, frame: Frame | None) -> Proof:
    if walk.resources is None:
        value: object = Unknown(Why.NOT_SEEN, f"the resources of kind {node.kind}")
    else:
        value = walk.settled(walk.resources(node.kind))
    return Proof(value, node, frame, path=written(node))


def _unary(walk: Walk, node: Unary, frame: Frame | None) -> Proof:
    part = walk.prove(node.operand, frame)
    value = part.value
    if isinstance(value, bool):
        return Proof(not value, node, frame, (part,))
    if isinstance(value, (int, float)):
        return computed(walk, node, frame, (part,), lambda: arithmetic.negate(value))
    return Proof(reason(value, node), node, frame, (part,))


def _logic(walk: Walk, node: Logic, frame: Frame | None) -> Proof:
    decisive = node.operator == "||"
    settled: list[Proof] = []
    undecided: list[Proof] = []
    for operand in node.operands:
        part = walk.prove(operand, frame)
        if part.value is decisive:
            return Proof(decisive, node, frame, (part,))
        (settled if part.value is (not decisive) else undecided).append(part)
    if undecided:
        first = foremost(undecided)
        return Proof(reason(first.value, node), node, frame, tuple(undecided))
    return Proof(not decisive, node, frame, tuple(settled))


def _ternary(walk: Walk, node: Ternary, frame: Frame | None) -> Proof:
    condition = walk.prove(node.condition, frame)
    if isinstance(condition.value, bool):
        chosen = walk.prove(node.yes if condition.value else node.no, frame)
        return Proof(
            chosen.value, node, frame, (condition, chosen), path=chosen.path, owner=chosen.owner
        )
    if isinstance(condition.value, Failure):
        return Proof(condition.value, node, frame, (condition,))
    yes, no = walk.prove(node.yes, frame), walk.prove(node.no, frame)
    alike = type(yes.value) is type(no.value) and isinstance(yes.value, (bool, int, str))
    if alike and yes.value == no.value and doubtful((condition,)) is None:
        return Proof(yes.value, node, frame, (yes, no))
    return Proof(reason(condition.value, node), node, frame, (condition,))


def _binary(walk: Walk, node: Binary, frame: Frame | None) -> Proof:
    operator = node.operator
    if operator in ("==", "!="):
        return prove_equality(walk, node, frame)
    if operator == "in":
        return prove_membership(walk, node, frame)
    parts = (walk.prove(node.left, frame), walk.prove(node.right, frame))
    left, right = parts[0].value, parts[1].value
    failed = failure(parts)
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    if operator == "+" and is_list(left) and is_list(right):
        return _concatenated(walk, node, frame, parts)
    for value in (left, right):
        if value is None or isinstance(value, (Unknown, Ref, PartialList)):
            return Proof(reason(value, node), node, frame, parts)
    work = arithmetic.compare if operator in _ORDERS else arithmetic.calculate
    return computed(walk, node, frame, parts, lambda: work(operator, left, right))


def _concatenated(
    walk: Walk, node: Binary, frame: Frame | None, parts: tuple[Proof, Proof]
) -> Proof:
    members = limited(tuple(item for part in parts for item in known_members(part.value)))
    walk.charge(len(members))
    opened = [part.value.unknown for part in parts if isinstance(part.value, PartialList)]
    return Proof(PartialList(members, opened[0]) if opened else members, node, frame, parts)


def _list(walk: Walk, node: ListLiteral, frame: Frame | None) -> Proof:
    parts = tuple(walk.prove(item, frame) for item in node.items)
    failed = failure(parts)
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    doubt = doubtful(parts)
    if doubt is not None:
        return Proof(reason(doubt.value, node), node, frame, (doubt,))
    return Proof(tuple(part.value for part in parts), node, frame, parts)


def _map(walk: Walk, node: MapLiteral, frame: Frame | None) -> Proof:
    entries = [(walk.prove(key, frame), walk.prove(value, frame)) for key, value in node.entries]
    failed = failure(proof for entry in entries for proof in entry)
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    doubt = doubtful(proof for entry in entries for proof in entry)
    if doubt is not None:
        return Proof(reason(doubt.value, node), node, frame, (doubt,))
    made: dict[object, object] = {}
    for key, value in entries:
        if not isinstance(key.value, (str, int)):
            return Proof(reason(key.value, node), node, frame, (key,))
        if key.value in made:
            return Proof(fault(node, f"two keys {key_text(key.value)}"), node, frame, (key,))
        made[key.value] = value.value
    return Proof(made, node, frame, tuple(value for _, value in entries))


def _call(walk: Walk, node: Call, frame: Frame | None) -> Proof:
    prove = prove_optional_call if is_of_optionals(node) else prove_call
    return prove(walk, node, frame)


PROVERS: Mapping[type[Node], Prover] = MappingProxyType(
    {
        Literal: _literal,
        Name: _name,
        Select: _select,
        OptionalSelect: prove_optional_select,
        OptionalIndex: prove_optional_index,
        Has: _has,
        Index: _index,
        Resources: _resources,
        Call: _call,
        Unary: _unary,
        Binary: _binary,
        Logic: _logic,
        Ternary: _ternary,
        ListLiteral: _list,
        MapLiteral: _map,
        Comprehension: prove_comprehension,
    }
)
"""What proves each class of node."""
