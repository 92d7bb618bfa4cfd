"""What a configuration of logging says, before it becomes a resource."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.logging import LEVELS
from policyscan.resources.redaction import Terms
from policyscan.text.source import Span
from policyscan.values import Many, Maybe, PartialList, Unknown, Why

_LEVEL_WORDS = {
    "notset": "all",
    "all": "all",
    "trace": "trace",
    "finest": "trace",
    "debug": "debug",
    "fine": "debug",
    "info": "info",
    "success": "info",
    "notice": "info",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
    "err": "error",
    "crit": "critical",
    "critical": "critical",
    "fatal": "critical",
    "off": "off",
    "none": "off",
}
_NUMBERS = ((0, "all"), (5, "trace"), (10, "debug"), (20, "info"), (30, "warning"), (40, "error"))


class Found(Struct, frozen=True):
    """A value and where it is written."""

    value: object
    span: Span
    label: str = ""

    @property
    def chain(self) -> Chain:
        """Its provenance."""
        text = self.label or " ".join(self.span.text.split())[:80]
        return (Step(StepKind.EXPRESSION, text, self.span),)


class Redaction(Struct, frozen=True):
    """Something that hides credentials, or may."""

    present: bool | Unknown
    terms: Terms
    span: Span


NOTHING: tuple[Redaction, ...] = ()


def level_of(value: object, span: Span) -> str | Unknown:
    """The level that a word or a number of a framework means."""
    if isinstance(value, Unknown):
        return value.derived
    if isinstance(value, bool) or value is None:
        return Unknown(Why.UNSUPPORTED, f"the level that {value} means", span)
    if isinstance(value, (int, float)):
        return next((word for top, word in _NUMBERS if value <= top), "critical")
    text = str(value).strip()
    if text.isdecimal() and len(text) < 5:
        return level_of(int(text), span)
    known = _LEVEL_WORDS.get(text.lower().rpartition(".")[2])
    return known or Unknown(Why.VARIABLE_UNSET, f"the level that {text[:60]} stands for", span)


def most_talkative(levels: Sequence[Found]) -> Found | None:
    """The lowest of the levels: one that is certainly debug or below decides; otherwise one that
    is not known does."""
    known = [found for found in levels if isinstance(found.value, str)]
    lowest = min(known, key=lambda f: LEVELS.index(str(f.value)), default=None)
    if lowest is not None and LEVELS.index(str(lowest.value)) <= LEVELS.index("debug"):
        return lowest
    return next((found for found in levels if isinstance(found.value, Unknown)), lowest)


class Facts(Struct):
    """What is known of one configuration; it grows while it is read."""

    place: Span
    levels: list[Found] = field(default_factory=list)
    redactions: list[Redaction] = field(default_factory=list)
    attach: Maybe[str | None] = None
    wire: list[Found] = field(default_factory=list)
    """True or Unknown for each place that makes a client library tell everything."""

    def level(self) -> tuple[Maybe[str | None], Chain]:
        """The most talkative level, and where it is."""
        found = most_talkative(self.levels)
        if found is None:
            return None, ()
        return (found.value if isinstance(found.value, Unknown) else str(found.value)), found.chain

    def redaction(self) -> tuple[Maybe[bool], Many[str], Chain]:
        """Whether anything is hidden, what, and where."""
        certain = [r for r in self.redactions if r.present is True]
        doubts = [r for r in self.redactions if isinstance(r.present, Unknown)]
        chain = tuple(
            Step(StepKind.EXPRESSION, "redaction", r.span) for r in (*certain, *doubts)[:1]
        )
        doubt = doubts[0].present if doubts else None
        present: Maybe[bool] = bool(certain)
        if not certain and isinstance(doubt, Unknown):
            present = doubt
        return present, self._terms(certain, doubt), chain

    def _terms(self, certain: Sequence[Redaction], doubt: object) -> Many[str]:
        names = sorted({name for each in certain for name in each.terms.names})
        if isinstance(doubt, Unknown):
            return PartialList(tuple(names), doubt)
        unclear = next((each for each in certain if not each.terms.certain), None)
        if unclear is None:
            return tuple(names)
        needs = "which names the redaction hides"
        return PartialList(tuple(names), Unknown(Why.UNSUPPORTED, needs, unclear.span))

    def wire_debug(self) -> tuple[Maybe[bool], Chain]:
        """Whether a client library writes its requests, and where that is asked for."""
        sure = next((found for found in self.wire if found.value is True), None)
        doubt = next((found for found in self.wire if isinstance(found.value, Unknown)), None)
        if sure is not None:
            return True, sure.chain
        if doubt is not None and isinstance(doubt.value, Unknown):
            return doubt.value, doubt.chain
        return False, ()


def covers(redactions: Iterable[Redaction]) -> bool | Unknown:
    """Whether one of them hides anything."""
    answers = [each.present for each in redactions]
    if True in [each for each in answers if isinstance(each, bool)]:
        return True
    return next((each for each in answers if isinstance(each, Unknown)), False)


def attach_of(covered: Iterable[bool | Unknown]) -> str | Unknown | None:
    """Where redaction is attached, given for each handler whether it hides anything: `None` if no
    handler does."""
    answers = list(covered)
    doubt = next((each for each in answers if isinstance(each, Unknown)), None)
    known = [each for each in answers if isinstance(each, bool)]
    if any(known) and not all(known):
        return "some_handlers"
    if doubt is not None:
        return doubt
    return "all_handlers" if known and all(known) else None
