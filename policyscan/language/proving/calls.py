"""Calls: strict functions see only known values, lifted ones see values as they are."""

from __future__ import annotations

from operator import is_
from typing import Any

from pydantic import BaseModel

from policyscan.language.functions.answers import Answer
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.table import FUNCTIONS, Function
from policyscan.language.proving.failing import doubtful
from policyscan.language.proving.units import unit_of
from policyscan.language.proving.walk import (
    Frame,
    Proof,
    Walk,
    computed,
    failure,
    fault,
    is_list,
    known_members,
    reason,
)
from policyscan.language.syntax.tree import Call, Literal
from policyscan.values import PartialList, Ref, Undetermined, Unknown


def prove_call(walk: Walk, node: Call, frame: Frame | None) -> Proof:
    """The proof of a call."""
    function = FUNCTIONS[node.function]
    parts = tuple(walk.prove(argument, frame) for argument in node.arguments)
    failed = failure(parts)
    if failed is not None:
        return Proof(failed.value, node, frame, (failed,))
    if function.lifted:
        return _lifted(walk, node, frame, function, parts)
    values = [part.value if function.shallow else _plain(walk, part.value) for part in parts]
    for value in values:
        if value is None or isinstance(value, (Unknown, Ref, PartialList)):
            opened = reason(value, node)
            told = opened if doubtful(parts) is not None else _partly(function, values, opened)
            return Proof(told, node, frame, parts)
    walk.charge(_cost(function, values))
    return computed(walk, node, frame, parts, lambda: _applied(function, values))


def _partly(function: Function, values: list[Any], opened: Unknown) -> bool | Unknown:
    """What follows from the pieces that are known of a text; else why nothing does."""
    text, *others = values
    if function.partly is None or not isinstance(text, Unknown):
        return opened
    if not all(isinstance(each, str) for each in others):
        return opened
    told = function.partly(text, *others)
    return opened if told is None else told


_CHARACTERS_OF_A_STEP = 2_000


def _cost(function: Function, values: list[Any]) -> int:
    """The steps that a call takes beyond one."""
    characters = sum(len(value) for value in values if isinstance(value, str))
    extra = 0 if function.cost is None else function.cost(*values)
    return extra + characters // _CHARACTERS_OF_A_STEP


def _applied(function: Function, values: list[Any]) -> object:
    try:
        return function.call(*values)
    except (ValueError, TypeError) as error:
        raise Fault(str(error)[:200]) from None


def _plain(walk: Walk, value: object) -> object:
    """The value if nothing in it is open, or the first thing that is."""
    value = walk.settled(value)
    if not isinstance(value, (tuple, list)):
        return value
    walk.charge(len(value))
    members = tuple(_plain(walk, item) for item in value)
    opened = (each for each in members if isinstance(each, (Unknown, Ref, PartialList)))
    return next(opened, members)


def _lifted(
    walk: Walk, node: Call, frame: Frame | None, function: Function, parts: tuple[Proof, ...]
) -> Proof:
    for part in parts:
        _touch_below(walk, part)
    values = [_settled_below(walk, part.value) for part in parts]
    more = {"unit": unit_of(walk, frame, parts[0])} if function.asks_unit else {}
    try:
        answer = function.call(*values, **more)
    except Undetermined as error:
        answer = Answer(None, reasons=(error.unknown,))
    except ValueError as error:
        answer = Answer(None, reasons=(fault(node, str(error)[:200]),))
    assert isinstance(answer, Answer)
    clues = _clues(walk, node, frame, answer, parts)
    if answer.value is not None:
        return Proof(answer.value, node, frame, clues or parts)
    reasons = answer.reasons or (fault(node, "no answer"),)
    opened = tuple(Proof(each, node, frame) for each in reasons)
    return Proof(reasons[0], node, frame, (*clues, *opened))


def _clues(
    walk: Walk, node: Call, frame: Frame | None, answer: Answer, parts: tuple[Proof, ...]
) -> tuple[Proof, ...]:
    """The evidence of a lifted function as proofs, whose node is the note itself."""
    found = []
    for clue in answer.clues:
        member = walk.member(parts[clue.argument], clue.index, node, frame)
        path = None if member.path is None else member.path + clue.rest
        note = Literal(node.start, node.end, clue.note)
        found.append(Proof(clue.value, note, frame, path=path, owner=member.owner))
    return tuple(found)


def _settled_below(walk: Walk, value: object) -> Any:
    """The value with every `OneOf` inside it settled in this world."""
    value = walk.settled(value)
    if isinstance(value, PartialList):
        known = _settled_below(walk, value.known)
        return value if known is value.known else PartialList(known, value.unknown)
    if isinstance(value, (tuple, list)):
        walk.charge(len(value))
        members = tuple(_settled_below(walk, item) for item in value)
        return value if all(map(is_, members, value)) else members
    if not isinstance(value, BaseModel):
        return value
    changed = {}
    for name, field in vars(value).items():
        settled = _settled_below(walk, field)
        if settled is not field:
            changed[name] = settled
    return value.model_copy(update=changed) if changed else value


def _touch_below(walk: Walk, part: Proof) -> None:
    """Records everything under an argument as read: the function may look at all of it."""
    if is_list(part.value):
        for member in walk.members(part, part.node, None):
            _record(walk, member.owner, member.path, member.value)


def _record(walk: Walk, owner: str, top: str | None, value: object) -> None:
    pending = [] if top is None else [(top, value)]
    while pending:
        path, value = pending.pop()
        walk.touched.add((owner, path))
        if isinstance(value, BaseModel):
            pending.extend((f"{path}.{name}", field) for name, field in vars(value).items())
        elif is_list(value):
            members = enumerate(known_members(value))
            pending.extend((f"{path}[{number}]", item) for number, item in members)
