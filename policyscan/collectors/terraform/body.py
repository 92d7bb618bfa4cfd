"""The arguments and nested blocks of one resource, dynamic blocks expanded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from policyscan.collectors.terraform import operators
from policyscan.collectors.terraform.access import items_of
from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import (
    BlockItems,
    EvaluationError,
    Value,
    derive,
    literal,
)
from policyscan.text.display import shortened
from policyscan.text.hcl.syntax import Block, Body, Expression, Literal, Name
from policyscan.text.source import Span
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first, reason_or

IGNORED = frozenset({"lifecycle", "provisioner", "connection", "timeouts"})


class View(Protocol):
    """Read access to a block, whether it is written as a block or as an object."""

    @property
    def span(self) -> Span:
        """Where it is written."""

    def get(self, name: str) -> Value | None:
        """The argument `name`; None if it is absent or null."""

    def blocks(self, name: str) -> tuple[tuple[View, ...], Unknown | None]:
        """The nested blocks of one type in order, and why there may be more."""


@dataclass(frozen=True, slots=True)
class ObjectView:
    """An object that stands for a block: `ingress = [{...}]`."""

    value: Value
    span: Span

    def get(self, name: str) -> Value | None:
        """The argument `name`; None if it is absent or null."""
        found = operators.lift(
            [self.value], self.span, lambda chosen: self._member(chosen[0], name)
        )
        return None if found.plain is None else found

    def _member(self, value: Value, name: str) -> Value:
        if isinstance(value.plain, dict):
            return value.plain.get(name) or literal(None, self.span)
        reason = reason_or(value.unknown, Why.COMPUTED, shortened(self.span.text, 60), self.span)
        return derive(reason, self.span, (value,))

    def blocks(self, name: str) -> tuple[tuple[View, ...], Unknown | None]:
        """The nested blocks of one type in order, and why there may be more."""
        found = self.get(name)
        return ((), None) if found is None else object_views(found, self.span)


@dataclass(frozen=True, slots=True)
class BodyView:
    """A block as written."""

    body: Body
    scope: Scope
    span: Span

    def get(self, name: str) -> Value | None:
        """The argument `name`; None if it is absent or null."""
        argument = self.body.arguments.get(name)
        doubt = self.scope.instance.module.doubt
        if argument is None:
            return None if doubt is None else derive(doubt, self.span, ())
        value = evaluate(argument.value, self.scope)
        return None if value.plain is None else value

    def has_blocks(self, name: str) -> bool:
        """Whether there is a nested block of this type, dynamic ones included."""
        return any(
            block.type == name or (block.type == "dynamic" and block.labels == (name,))
            for block in self.body.blocks
        )

    def blocks(self, name: str) -> tuple[tuple[View, ...], Unknown | None]:
        """The nested blocks of one type in order, and why there may be more."""
        views: list[View] = []
        reason = self.scope.instance.module.doubt
        found = self.get(name) if reason is None else None
        if found is not None:
            written, reason = object_views(found, found_span(self, name))
            views.extend(written)
        for block in self.body.blocks:
            if block.type == name:
                views.append(BodyView(block.body, self.scope, block.header))
            elif block.type == "dynamic" and block.labels == (name,):
                more, why = _dynamic(block, self.scope)
                views.extend(more)
                reason = first(reason, why)
        return tuple(views), reason

    def blocks_value(self, name: str, span: Span) -> Value:
        """The nested blocks of one type as a list of objects, for references to them."""
        views, reason = self.blocks(name)
        items = tuple(view.as_value() for view in views if isinstance(view, (BodyView,)))
        return derive(items if reason is None else PartialList(items, reason), span, ())

    def as_value(self) -> Value:
        """The whole block as an object."""
        found = {
            name: evaluate(argument.value, self.scope)
            for name, argument in self.body.arguments.items()
        }
        for type_ in dict.fromkeys(self._types()):
            found.setdefault(type_, self.blocks_value(type_, self.span))
        return literal(BlockItems(found), self.span)

    def _types(self) -> Iterator[str]:
        for block in self.body.blocks:
            if block.type == "dynamic" and block.labels:
                yield block.labels[0]
            elif block.type not in IGNORED:
                yield block.type


def found_span(view: BodyView, name: str) -> Span:
    """Where the argument `name` is written."""
    return view.body.arguments[name].value.span


def object_views(value: Value, span: Span) -> tuple[tuple[View, ...], Unknown | None]:
    """The objects of a list that stands for nested blocks."""
    plain = value.plain
    if isinstance(plain, dict):
        return (ObjectView(value, value.trail.step.span or span),), None
    if isinstance(plain, Ref):
        return (), Unknown(Why.COMPUTED, f"the text of {plain}", span)
    try:
        pairs, reason = _certain_items(value, span)
    except EvaluationError as error:
        return (), Unknown(Why.EVALUATION_ERROR, error.message, error.span)
    return tuple(ObjectView(item, item.trail.step.span or span) for _, item in pairs), reason


_Items = tuple[list[tuple[Value, Value]], Unknown | None]


def _certain_items(value: Value, span: Span) -> _Items:
    """As `items_of`; of a `OneOf` those keys and members that are in every alternative."""
    if not isinstance(value.plain, OneOf):
        return items_of(value, span)
    possible: list[_Items] = []
    for alternative in value.plain.alternatives:
        try:
            possible.append(_items_or_none(alternative.value, span))
        except EvaluationError:
            continue  # Terraform would refuse it: it cannot come about
    if len(possible) == 1:
        return possible[0]
    tables = [{key.plain: item for key, item in pairs if _is_word(key)} for pairs, _ in possible]
    common = [
        (key, item)
        for key, item in (possible[0][0] if possible else ())
        if _is_word(key)
        and all(
            key.plain in table and operators.equal(item, table[key.plain]) for table in tables[1:]
        )
    ]
    return common, value.plain.unknown


def _items_or_none(value: Value, span: Span) -> _Items:
    """As `items_of`; null, as an argument may be, has none, and an error is raised again."""
    if isinstance(value.plain, Unknown) and value.plain.why is Why.EVALUATION_ERROR:
        raise EvaluationError(value.plain.needs, span)
    return ([], None) if value.plain is None else items_of(value, span)


def _is_word(key: Value) -> bool:
    return isinstance(key.plain, (str, int, float))


def _dynamic(block: Block, scope: Scope) -> tuple[list[View], Unknown | None]:
    """The blocks that a `dynamic` block makes."""
    content = next(block.body.of_type("content"), None)
    each = block.body.arguments.get("for_each")
    if content is None or each is None:
        return [], Unknown(Why.EVALUATION_ERROR, "a dynamic block without content", block.header)
    iterator = block.body.arguments.get("iterator")
    name = _iterator_name(iterator.value) if iterator is not None else block.labels[0]
    collection = evaluate(each.value, scope)
    try:
        pairs, reason = _certain_items(collection, each.value.span)
    except EvaluationError as error:
        return [], Unknown(Why.EVALUATION_ERROR, error.message, error.span)
    views: list[View] = []
    for key, value in pairs:
        names = {name: literal({"key": key, "value": value}, each.value.span)}
        views.append(BodyView(content.body, scope.with_names(names), content.header))
    return views, reason


def _iterator_name(expression: Expression) -> str:
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Literal):
        return str(expression.value)
    return ""
