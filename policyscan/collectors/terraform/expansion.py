"""`count` and `for_each`: one block, the instances it stands for."""

from __future__ import annotations

import json
from dataclasses import dataclass

from policyscan.collectors.terraform import operators
from policyscan.collectors.terraform.access import items_of
from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.scalars import to_text
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import EvaluationError, Plain, Value, derive, literal
from policyscan.collectors.terraform.value import unknown as unknown_value
from policyscan.text.hcl.syntax import Block, Expression
from policyscan.text.source import Span
from policyscan.values import Alternative, OneOf, Ref, Unknown, Why


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One instance of a resource, data source or module call."""

    address: str
    block: Block
    scope: Scope
    conditional: Unknown | None = None
    """Why it is not known whether this instance exists."""


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """All instances of a block, and what a reference to the block as a whole means."""

    nodes: tuple[Node, ...]
    plain: Plain

    def value(self, span: Span, label: str) -> Value:
        """The reference at `span`."""
        return derive(self.plain, span, (), label)


def expand(block: Block, address: str, scope: Scope) -> Expansion:
    """The instances of `block`, whose bare address is `address`."""
    count = block.body.arguments.get("count")
    for_each = block.body.arguments.get("for_each")
    if count is not None:
        return _counted(block, address, scope, count.value)
    if for_each is not None:
        return _for_each(block, address, scope, for_each.value)
    return Expansion((Node(address, block, scope),), Ref(address, "", block.header))


def _counted(block: Block, address: str, scope: Scope, expression: Expression) -> Expansion:
    count = evaluate(expression, scope)
    numbers: list[int] = []
    for alternative in _possible(count):
        try:
            number = operators.to_number(alternative.value, expression.span)
        except EvaluationError:
            number = -1
        if not isinstance(number, int) or number < 0:
            return _unknown(block, address, scope, Why.COUNT, count, expression)
        numbers.append(number)
    if not scope.instance.budget.admit(max(numbers)):
        return _unknown(block, address, scope, Why.COUNT, count, expression)
    refs = [f"{address}[{number}]" for number in range(max(numbers))]
    nodes = tuple(
        Node(
            name,
            block,
            Scope(scope.instance, count_index=literal(number, expression.span)),
            None if number < min(numbers) else _reason(count),
        )
        for number, name in enumerate(refs)
    )
    plains: list[Plain] = [
        tuple(_reference(name, block) for name in refs[:number]) for number in numbers
    ]
    return Expansion(nodes, _whole(count, plains, block))


def _for_each(block: Block, address: str, scope: Scope, expression: Expression) -> Expansion:
    collection = evaluate(expression, scope)
    tables: list[dict[str, Value]] = []
    for alternative in _possible(collection):
        table = _keyed(alternative.value, expression.span)
        if table is None:
            return _unknown(block, address, scope, Why.FOR_EACH, collection, expression)
        tables.append(table)
    merged = {key: value for table in reversed(tables) for key, value in table.items()}
    if not scope.instance.budget.admit(len(merged)):
        return _unknown(block, address, scope, Why.FOR_EACH, collection, expression)
    everything = dict(sorted(merged.items(), key=lambda item: item[0]))
    nodes = tuple(
        Node(
            f"{address}[{json.dumps(key, ensure_ascii=False)}]",
            block,
            Scope(scope.instance, each=(literal(key, expression.span), value)),
            None if all(key in table for table in tables) else _reason(collection),
        )
        for key, value in everything.items()
    )
    names = dict(zip(everything, (node.address for node in nodes), strict=True))
    plains: list[Plain] = [
        {key: _reference(names[key], block) for key in table} for table in tables
    ]
    return Expansion(nodes, _whole(collection, plains, block))


def _keyed(collection: Value, span: Span) -> dict[str, Value] | None:
    """The members of a map or set by key; None if a key is not known."""
    try:
        pairs, reason = items_of(collection, span)
    except EvaluationError:
        return None
    if reason is not None:
        return None
    by_value = not isinstance(collection.plain, dict)
    found: dict[str, Value] = {}
    for key, value in pairs:
        text = to_text((value if by_value else key).plain)
        if text is None:
            return None
        found[text] = value
    return found


def _possible(value: Value) -> tuple[Alternative[Value], ...]:
    """The alternatives in which Terraform would not refuse the configuration."""
    every = operators.alternatives_of(value)
    valid = tuple(
        item
        for item in every
        if not (
            isinstance(item.value.plain, Unknown) and item.value.plain.why is Why.EVALUATION_ERROR
        )
    )
    return valid or every


def _reason(value: Value) -> Unknown:
    if value.unknown is not None:
        return value.unknown
    return Unknown(Why.CONDITION, "the number of instances", value.trail.step.span)


def _reference(address: str, block: Block) -> Value:
    return derive(Ref(address, "", block.header), block.header, (), address)


def _whole(value: Value, plains: list[Plain], block: Block) -> Plain:
    if len(plains) == 1:
        return plains[0]
    items = [
        Alternative(derive(plain, block.header, (value,)), alternative.choices)
        for plain, alternative in zip(plains, _possible(value), strict=True)
    ]
    return OneOf(tuple(items), _reason(value))


def _unknown(
    block: Block, address: str, scope: Scope, why: Why, value: Value, expression: Expression
) -> Expansion:
    """A single instance `[?]`, judged as if it existed."""
    word = "count" if why is Why.COUNT else "for_each"
    cause = value.unknown
    needs = cause.needs if cause is not None else f"the {word} of {address}"
    reason = Unknown(why, needs, cause.where if cause is not None else expression.span)
    name = f"{address}[?]"
    key = unknown_value(why, f"{word} of {address}: {needs}", expression.span)
    inner = (
        Scope(scope.instance, count_index=key)
        if why is Why.COUNT
        else Scope(scope.instance, each=(key, key))
    )
    return Expansion((Node(name, block, inner, reason),), Ref(name, "", block.header))
