"""What "not known" means, once, for every stage.

A field of a resource holds a plain value, or one of

    Unknown        could not be determined; says why, where, and what would decide it
    OneOf          one of a few values, each under a condition that is itself unknown
    Ref            text unknown, identity known: the id or ARN of another resource
    PartialList    a list of which only some members are known

Touching an `Unknown` (comparing, iterating, hashing, calling, formatting it, asking for its truth)
raises `Undetermined`, so that code which forgot about it cannot turn it into a wrong answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, Generic, NoReturn, TypeVar, Union

from policyscan.text.source import Span

T = TypeVar("T")


class Why(StrEnum):
    """The kinds of reason for which a value is not known."""

    VARIABLE_UNSET = "variable_unset"
    DATA_SOURCE = "data_source"
    COMPUTED = "computed"
    CONDITION = "condition"
    COUNT = "count"
    FOR_EACH = "for_each"
    MODULE_MISSING = "module_missing"
    NONDETERMINISTIC = "nondeterministic"
    UNSUPPORTED = "unsupported"
    FILE_MISSING = "file_missing"
    SYNTAX_ERROR = "syntax_error"
    EVALUATION_ERROR = "evaluation_error"
    MISSING = "missing"
    UNDECLARED = "undeclared"
    BASE_IMAGE = "base_image"
    OUTSIDE = "outside"
    BUDGET = "budget"
    CRASHED = "crashed"
    NOT_SEEN = "not_seen"


class Undetermined(Exception):  # noqa: N818 - the word of the design
    """Raised by any use of a value that is not known; carries that value."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.needs)
        self.unknown = unknown


class _Opaque:
    """Every operator raises; subclasses say which `Unknown` they raise with."""

    __slots__ = ()

    def _unknown(self) -> Unknown:
        raise TypeError(f"{type(self).__name__} has no text and no order")

    def _raise(self, *_: object, **__: object) -> NoReturn:
        raise Undetermined(self._unknown())

    __bool__ = __len__ = __int__ = __float__ = __index__ = _raise
    __str__ = __format__ = __bytes__ = _raise
    __iter__ = __next__ = __contains__ = __getitem__ = __reversed__ = _raise
    __call__ = __eq__ = __ne__ = __hash__ = _raise
    __lt__ = __le__ = __gt__ = __ge__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _raise
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _raise
    __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = __invert__ = _raise
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _raise
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _raise


class _Whole:
    """What a field may hold as it stands. A model asks of which class a value is and no more: the
    checks of its parts, built anew for each kind, would cost more than all others together."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> dict[str, object]:
        return {"type": "is-instance", "cls": cls}


@dataclass(frozen=True, slots=True, eq=False)
class Unknown(_Opaque, _Whole):
    """A value that could not be determined."""

    why: Why
    needs: str
    """What would decide it, as a phrase: `a value for var.cidr`."""
    where: Span | None = None
    """The place that would decide it."""
    fragments: tuple[str, ...] = ()
    """Pieces of text that are certainly part of it, whatever the rest is."""
    question: str = ""
    """The question of scope whose answer would decide it: `role`, `environment`, `tier`,
    `purpose`; empty if it is none."""
    about: str = ""
    """The address of the resource that the question is about, if it is not the one judged."""
    parts: tuple[str | Ref | Unknown, ...] = ()
    """The whole text in order, as pieces that are known and holes; empty if its make-up is not
    known. A hole has no parts itself."""
    of: Ref | None = None
    """The attribute that it is, if it was read from one: two that are of one are equal."""

    @property
    def derived(self) -> Unknown:
        """The same reason, for a value made from this one: nothing of its text is known."""
        if type(self) is Unknown and not self.fragments and self.of is None:
            return self
        return Unknown(self.why, self.needs, self.where, question=self.question, about=self.about)

    def _unknown(self) -> Unknown:
        return self

    def __deepcopy__(self, memo: object) -> Unknown:
        """Itself: nothing in it changes. Models copy the defaults of their fields."""
        return self

    def __repr__(self) -> str:
        return f"Unknown({self.why.value}: {self.needs})"


UNSEEN = Unknown(Why.OUTSIDE, "a look at the thing itself, not at what declares it")
"""The value of what only something that runs can tell."""


@dataclass(frozen=True, slots=True, eq=False)
class Alternative(Generic[T]):
    """One value a `OneOf` may have, and the choices under which it has it.

    A choice is a pair (question, answer): the same unknown condition asks the same question
    everywhere, so that values which depend on it are judged together.
    """

    value: T
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(_Opaque, _Whole, Generic[T]):
    """One of a few values; which one depends on `unknown`."""

    alternatives: tuple[Alternative[T], ...]
    unknown: Unknown
    """Why it is not known which, for when the alternatives disagree."""

    def each(self, convert: Callable[[T], Any]) -> OneOf[Any]:
        """The same choice between the converted values."""
        cases = (Alternative(convert(each.value), each.choices) for each in self.alternatives)
        return OneOf(tuple(cases), self.unknown)

    def _unknown(self) -> Unknown:
        return self.unknown

    def __repr__(self) -> str:
        return f"OneOf({', '.join(repr(a.value) for a in self.alternatives)})"


@dataclass(frozen=True, slots=True)
class Ref(_Whole):
    """The identity of another resource whose text (id, ARN, name) is not known yet.

    Which resource it means, and whether two mean one, tells `policyscan.resources.references`.
    """

    address: str
    attribute: str = "id"
    where: Span | None = None

    @property
    def certain(self) -> bool:
        """False for data sources and instances of unknown number: they may be any resource."""
        return "[?]" not in self.address and not _is_data(self.address)

    def __str__(self) -> str:
        return f"{self.address}.{self.attribute}"


@dataclass(frozen=True, slots=True, eq=False)
class PartialList(_Whole, Generic[T]):
    """A list that has at least the members in `known`, in order, and perhaps others."""

    known: tuple[T, ...]
    unknown: Unknown
    """Why there may be more."""

    def __repr__(self) -> str:
        return f"PartialList({list(self.known)!r} + {self.unknown!r})"


class NotKnown:
    """Marks the members of a union that stand for what is not known, so that a model checks them
    as one: it asks for the class of a value and no more."""

    __slots__ = ("classes",)

    def __init__(self, *classes: type) -> None:
        self.classes = classes

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> dict[str, object]:
        return {"type": "is-instance", "cls": self.classes}


Maybe = Union[T, Annotated[Union[Unknown, OneOf[Any], Ref], NotKnown(Unknown, OneOf, Ref)]]
"""The annotation of a field that may be not known."""

Many = Union[
    tuple[T, ...],
    Annotated[Union[PartialList[T], Unknown, OneOf[Any]], NotKnown(PartialList, Unknown, OneOf)],
]
"""The annotation of a list field that may be not known, wholly or in part."""


def _is_data(address: str) -> bool:
    return address.startswith("data.") or ".data." in address


def is_known(value: object) -> bool:
    """True if `value` is plain: not Unknown, OneOf, Ref or PartialList."""
    return not isinstance(value, (Unknown, OneOf, Ref, PartialList))


def same(a: object, b: object) -> bool:
    """Structural equality that also works on values that are not known (for tests and caches)."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Unknown):
        assert isinstance(b, Unknown)
        return (a.why, a.needs) == (b.why, b.needs)
    if isinstance(a, OneOf):
        assert isinstance(b, OneOf)
        return len(a.alternatives) == len(b.alternatives) and all(
            x.choices == y.choices and same(x.value, y.value)
            for x, y in zip(a.alternatives, b.alternatives, strict=True)
        )
    if isinstance(a, PartialList):
        assert isinstance(b, PartialList)
        return same(a.known, b.known) and same(a.unknown, b.unknown)
    if isinstance(a, (list, tuple)):
        assert isinstance(b, (list, tuple))
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        assert isinstance(b, dict)
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


MAX_PARTS = 2_000
"""Pieces of a text that are kept."""


def glued(pieces: Iterable[str | Ref | Unknown]) -> str | Unknown:
    """The pieces as one text; if some are not known, an unknown that keeps the others in order."""
    reason: Unknown | None = None
    parts: list[str | Ref | Unknown] = []
    for piece in pieces:
        if isinstance(piece, Unknown):
            reason = piece if reason is None else reason
            parts += piece.parts or (piece,)
        elif isinstance(piece, Ref):
            reason = reason_or(reason, Why.COMPUTED, f"the text of {piece}", piece.where)
            parts.append(piece)
        elif piece:
            parts.append(piece)
    if reason is None:
        return "".join(part for part in parts if isinstance(part, str))
    if len(parts) == 1 and isinstance(parts[0], Unknown):
        return parts[0]
    if len(parts) > MAX_PARTS:
        return reason.derived
    return replace(reason.derived, fragments=tuple(_certain(parts)), parts=tuple(parts))


def _certain(parts: Iterable[str | Ref | Unknown]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Unknown):
            yield from filter(None, part.fragments)


def reason_of(value: Unknown | OneOf[Any] | Ref | PartialList[Any]) -> Unknown:
    """Why a value is not known, or not whole."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Ref):
        return Unknown(Why.COMPUTED, f"the value of {value}", value.where)
    return value.unknown


def opened(listed: Any) -> tuple[tuple[Any, ...], Unknown | None]:
    """The members of a list that are known, and why there may be others."""
    if isinstance(listed, PartialList):
        return listed.known, listed.unknown
    if isinstance(listed, (Unknown, OneOf, Ref)):
        return (), reason_of(listed)
    return tuple(listed), None


def first(*reasons: Unknown | None) -> Unknown | None:
    """The first reason there is. (`a or b` would ask a reason for its truth, and it raises.)"""
    return next((reason for reason in reasons if reason is not None), None)


def reason_or(reason: Unknown | None, why: Why, needs: str, where: Span | None) -> Unknown:
    """`reason`, or else a reason made of the other arguments."""
    return Unknown(why, needs, where) if reason is None else reason
