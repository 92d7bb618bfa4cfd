"""From Terraform values to fields of resources, each with its provenance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policyscan.collectors.terraform import operators, scalars
from policyscan.collectors.terraform.value import EvaluationError, Value, written_at
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.secret_values import SENSITIVE
from policyscan.text.display import shortened
from policyscan.text.source import Span
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why, glued

Convert = Callable[[Value], Any]


def text(value: Value) -> Any:
    """A string field: `Maybe[str]`."""
    return _scalar(value, _plain_text, "text")


def _plain_text(plain: Any) -> str | None:
    text = scalars.to_text(plain)
    return None if text is None else str(text)


def target(value: Value) -> Any:
    """What a required argument refers to, as `text`: it is neither null nor empty, so that
    alternatives in which it would be cannot come about."""
    found = text(value)
    if not isinstance(found, OneOf):
        return found
    kept = tuple(item for item in found.alternatives if not _is_nothing(item.value))
    if not kept:
        return found.unknown
    return kept[0].value if len(kept) == 1 else OneOf(kept, found.unknown)


def _is_nothing(converted: Any) -> bool:
    return converted is None or (isinstance(converted, str) and not converted)


def boolean(value: Value) -> Any:
    """A bool field: `Maybe[bool]`."""
    return _scalar(value, lambda plain: _attempt(operators.to_bool, value, plain), "true or false")


def integer(value: Value) -> Any:
    """An int field: `Maybe[int]`."""
    return _scalar(value, lambda plain: _whole(value, plain), "a whole number")


def beginning(value: Value) -> Any:
    """A text of which only the beginning is given: the argument `name_prefix`."""
    prefix = text(value)
    if not isinstance(prefix, str):
        return prefix if isinstance(prefix, Unknown) else value.unknown
    needs = f"the rest of a name that begins with {shortened(prefix, 60)}"
    return glued((prefix, Unknown(Why.COMPUTED, needs, value.trail.step.span)))


def choice(table: Mapping[str, str], spelling: Callable[[str], str] = str) -> Convert:
    """A field whose texts, in this `spelling`, are translated by `table`; others are not known."""

    def convert(value: Value) -> Any:
        chosen = _scalar(
            value,
            lambda plain: table.get(spelling(scalars.to_text(plain) or "")),
            " or ".join(table),
        )
        return chosen.derived if isinstance(chosen, Unknown) else chosen

    return convert


def texts(value: Value) -> Any:
    """A list of strings: `Many[Maybe[str]]`; null members are left out."""
    return many(value, text)


def many(value: Value, convert: Convert) -> Any:
    """A list field whose members are converted one by one."""
    plain = value.plain
    if plain is None:
        return ()
    if isinstance(plain, tuple):
        return tuple(convert(item) for item in plain if item.plain is not None)
    if isinstance(plain, PartialList):
        known = tuple(convert(item) for item in plain.known if item.plain is not None)
        return PartialList(known, plain.unknown)
    if isinstance(plain, OneOf):
        return _each_alternative(plain, lambda inner: many(inner, convert))
    if isinstance(plain, Unknown):
        return plain
    return Unknown(Why.COMPUTED, _described(value), value.trail.step.span)


def _described(value: Value) -> str:
    return str(value.plain) if isinstance(value.plain, Ref) else value.trail.chain()[0].label


def _scalar(value: Value, convert: Callable[[Any], Any], wanted: str) -> Any:
    plain = value.plain
    if isinstance(plain, OneOf):
        return _each_alternative(plain, lambda inner: _scalar(inner, convert, wanted))
    if isinstance(plain, Unknown) or plain is None:
        return plain
    if isinstance(plain, Ref):
        if wanted == "text":
            return plain
        return Unknown(Why.COMPUTED, f"the text of {plain}", value.trail.step.span)
    converted = convert(plain)
    if converted is None:
        return Unknown(Why.EVALUATION_ERROR, f"{wanted} is required here", value.trail.step.span)
    return converted


def _each_alternative(plain: OneOf[Value], convert: Convert) -> Any:
    """Convert each alternative. Those that Terraform would refuse cannot come about."""
    kept = [
        Alternative(converted, item.choices)
        for item in plain.alternatives
        if not _is_error(converted := convert(item.value))
    ]
    if not kept:
        return plain.unknown
    return kept[0].value if len(kept) == 1 else OneOf(tuple(kept), plain.unknown)


def _is_error(converted: object) -> bool:
    return isinstance(converted, Unknown) and converted.why is Why.EVALUATION_ERROR


def _attempt(convert: Callable[[Value, Span], Any], value: Value, plain: Any) -> Any:
    step = value.trail.step
    assert step.span is not None
    try:
        return convert(Value(plain, value.trail), step.span)
    except EvaluationError:
        return None


def _whole(value: Value, plain: Any) -> int | None:
    number = _attempt(operators.to_number, value, plain)
    return number if isinstance(number, int) else None


def chain(value: Value, name: str) -> Chain:
    """The provenance of a value that is the argument `name`."""
    steps = value.trail.chain()
    first = steps[0]
    written = first.label
    if value.sensitive:
        written = SENSITIVE
    elif first.span is not None:
        written = written_at(first.span, 80)
    return (Step(StepKind.ATTRIBUTE, f"{name} = {written}", first.span), *steps[1:])


def implied(name: str, span: Span, meaning: str) -> Chain:
    """The provenance of a value that holds because the argument `name` is absent."""
    return (Step(StepKind.IMPLIED, f"{name} is not set: {meaning}", span),)


def or_absent(converted: Any, absent: Any) -> Any:
    """A field, with `absent` in the alternatives in which its argument is null."""
    if converted is None:
        return absent  # the other alternatives cannot come about
    if not isinstance(converted, OneOf):
        return converted
    return converted.each(lambda case: absent if case is None else case)


class Fields:
    """The fields of one resource as they are put together."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.values: dict[str, Any] = {}
        self.chains: dict[str, Chain] = {}
        self.seals: dict[str, frozenset[str]] = {}

    def put(
        self, field: str, name: str, value: Value | None, convert: Convert, absent: Any, means: str
    ) -> None:
        """Field `field` from the argument `name`, or `absent` with what its absence means."""
        if value is None:
            self.values[field] = absent
            self.chains[field] = implied(name, self.span, means)
        else:
            self.values[field] = or_absent(convert(value), absent)
            self.chains[field] = chain(value, name)

    def set(self, field: str, value: Any, why: Chain) -> None:
        """Field `field` with a provenance of its own."""
        self.values[field] = value
        self.chains[field] = why
