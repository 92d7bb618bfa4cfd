"""A value in Terraform's language together with the way it came about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Union

from policyscan.resources.base import Chain, Step, StepKind
from policyscan.text.display import shortened
from policyscan.text.source import Span
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why


class SetItems(tuple["Value", ...]):
    """The members of a Terraform set: unique; strings sorted by code point."""

    __slots__ = ()


class ListItems(tuple["Value", ...]):
    """The members of what is certainly a list. A plain `tuple` may be a list or a tuple."""

    __slots__ = ()


class MapItems(dict[str, "Value"]):
    """The members of what is certainly a map. A plain `dict` may be a map or an object."""

    __slots__ = ()


class BlockItems(dict[str, "Value"]):
    """What is written in a nested block; the provider may set other attributes."""

    __slots__ = ()


Plain = Union[
    None,
    bool,
    int,
    float,
    str,
    tuple["Value", ...],
    SetItems,
    dict[str, "Value"],
    PartialList["Value"],
    OneOf["Value"],
    Ref,
    Unknown,
]
"""What `Value.plain` may be. Integers are `int`, other numbers `float`; lists and tuples are
`tuple`, objects and maps `dict`. Alternatives of a `OneOf` are `Value`s."""


MAX_STEPS = 50
"""Steps of a chain that are told."""


_depth = attrgetter("depth")


class Trail:
    """A step and the trails of the values it was made from."""

    __slots__ = ("depth", "inside", "step", "via")

    def __init__(
        self, step: Step, via: tuple[Trail, ...] = (), inside: Trail | None = None
    ) -> None:
        self.step = step
        """Without a label it is called what is written at its place."""
        self.via = via[0] if len(via) == 1 else max(via, key=_depth, default=None)
        """Of several parents the one with the longest way is kept: it says where the value was
        decided."""
        self.inside = inside
        """The way of the list or map that this value was taken out of; it comes first."""
        self.depth: int = (
            1
            + (0 if self.via is None else self.via.depth)
            + (0 if inside is None else inside.depth)
        )

    def chain(self) -> Chain:
        """The way back, outermost first, each place once."""
        steps: list[Step] = []
        pending: list[Trail] = [self]
        while pending and len(steps) < MAX_STEPS:
            trail = pending.pop()
            if not steps or steps[-1].span != trail.step.span:
                steps.append(_labelled(trail.step))
            pending += [part for part in (trail.via, trail.inside) if part is not None]
        return tuple(steps)


def _labelled(step: Step) -> Step:
    if step.label or step.span is None:
        return step
    return Step(step.kind, written_at(step.span, 60), step.span)


def written_at(span: Span, size: int) -> str:
    """The beginning of what is written there, on one line; no word is cut."""
    end = min(span.end, span.start + 20 * size)
    words = span.source.data[span.start : end].decode("utf-8", "replace").split()
    if end < span.end:
        words[-1:] = ["…"]
    return shortened(" ".join(words), size)


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A plain value and its trail. Members of lists and maps are values themselves."""

    plain: Plain
    trail: Trail
    sensitive: bool = False

    def derived(self, plain: Plain, span: Span, label: str = "") -> Value:
        """`plain`, made from this value by the expression at `span`."""
        return derive(plain, span, (self,), label)

    @property
    def unknown(self) -> Unknown | None:
        """The reason, if this value as a whole is not known."""
        if isinstance(self.plain, Unknown):
            return self.plain
        return self.plain.unknown if isinstance(self.plain, OneOf) else None


class JsonText(str):
    """A text that was made as the JSON of `document`, whose members know where they are written.
    It is text like any other, and the document goes wherever it is passed on unchanged."""

    __slots__ = ("document",)

    document: Value

    def __new__(cls, text: str, document: Value) -> JsonText:
        """The text with its document."""
        made = super().__new__(cls, text)
        made.document = document
        return made


@dataclass(frozen=True, slots=True, eq=False)
class UnknownJson(Unknown):
    """The JSON of `document`, in which something is not known."""

    document: Value | None = None

    @classmethod
    def of_parts(cls, text: Unknown, document: Value) -> UnknownJson:
        """The text with its document."""
        return cls(
            text.why, text.needs, text.where, text.fragments, parts=text.parts, document=document
        )


def derive(plain: Plain, span: Span, parents: Sequence[Value], label: str = "") -> Value:
    """A value made from `parents` by the expression at `span`; sensitive if a parent is."""
    step = Step(StepKind.EXPRESSION, label, span)
    trails = tuple([parent.trail for parent in parents])
    sensitive = True in [parent.sensitive for parent in parents]
    return Value(plain, Trail(step, trails), sensitive)


def literal(plain: Plain, span: Span) -> Value:
    """A value that is written out at `span`."""
    return Value(plain, Trail(Step(StepKind.EXPRESSION, "", span)))


def member(container: Value, item: Value, span: Span, label: str = "") -> Value:
    """`item`, taken out of `container` by the expression at `span`: its way leads through that of
    the container and ends where the item is written."""
    step = Step(StepKind.EXPRESSION, label, span)
    trail = Trail(step, (item.trail,), container.trail)
    return Value(item.plain, trail, container.sensitive or item.sensitive)


def unknown(why: Why, needs: str, span: Span, parents: Sequence[Value] = ()) -> Value:
    """A value that cannot be determined at `span`."""
    return derive(Unknown(why, needs, span), span, parents)


def root_defaults(value: Value) -> Chain:
    """The defaults of root variables that the value rests on; whoever runs Terraform may give
    others."""
    return tuple(step for step in value.trail.chain() if step.kind is StepKind.ROOT_DEFAULT)


def members(value: Value) -> Iterator[Value]:
    """The known members of a list, set or map, in order; nothing for other values."""
    plain = value.plain
    if isinstance(plain, tuple):
        yield from plain
    elif isinstance(plain, dict):
        yield from plain.values()
    elif isinstance(plain, PartialList):
        yield from plain.known


class EvaluationError(Exception):
    """Terraform would refuse this expression; `try` and `can` catch it."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
