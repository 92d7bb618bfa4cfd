"""What the files of a program say to `logging`, gathered while they are read."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from policyscan.collectors.code.logging_facts import Facts, Found, Redaction, attach_of, covers
from policyscan.collectors.code.nodes import Node
from policyscan.collectors.code.python.walk import Conditions
from policyscan.resources.logging import LEVELS
from policyscan.text.source import Span
from policyscan.values import Unknown, Why


class Handler(Struct):
    """One handler that the code makes, and what is known of what it hides."""

    name: str
    span: Span
    conditions: Conditions
    redactions: list[Redaction] = field(default_factory=list)
    level: str | Unknown = "all"
    doubt: Unknown | None = None
    """Why it is not known what it hides, if it is made elsewhere."""

    @property
    def covered(self) -> bool | Unknown:
        """Whether it hides anything."""
        hidden = covers(self.redactions)
        return self.doubt if hidden is False and self.doubt is not None else hidden


class SetLevel(Struct, frozen=True):
    """A level that the code sets on a logger."""

    found: Found
    named: bool
    """Whether the logger is one below the root."""


class Logging(Struct):
    """What all files of a program say to `logging` together."""

    facts: Facts | None = None
    handlers: dict[int, Handler] = field(default_factory=dict)
    """The handlers in use, by identity."""
    everywhere: list[bool | Unknown] = field(default_factory=list)
    """Redaction that a loop attaches to all handlers."""
    on_loggers: list[bool | Unknown] = field(default_factory=list)
    factories: list[bool | Unknown] = field(default_factory=list)
    strays: list[Unknown] = field(default_factory=list)
    """Filters of which it is not known what they are attached to."""
    levels: list[SetLevel] = field(default_factory=list)
    dicts: list[Node] = field(default_factory=list)
    """What `dictConfig` is given."""
    files: list[tuple[str, Span]] = field(default_factory=list)
    """What `fileConfig` is given; empty text if that is not known."""
    used: set[str] = field(default_factory=set)
    """Names of the program's own classes that are attached somewhere."""
    removed: Unknown | None = None
    """Set if some filter is taken off again."""
    main: Span | None = None
    """The first place that gives a logger something to write with."""

    def configure(self, span: Span) -> Facts:
        """The facts, now that something is given to a logger."""
        if self.main is None:
            self.main = span
        return self.at(span)

    def at(self, span: Span) -> Facts:
        """The facts, which begin at the first place that says anything."""
        if self.facts is None:
            self.facts = Facts(span)
        return self.facts

    def finish(self) -> None:
        """All files together: the level, and where redaction is attached."""
        facts = self.facts
        if facts is None:
            return
        facts.place = self.main or facts.place
        for handler in self.handlers.values():
            facts.redactions += handler.redactions
        least = [handler.level for handler in self.handlers.values()]
        floor = _floor(least) if least else "all"
        facts.levels = [_let_through(level, floor) for level in _of_program(self.levels)]
        handlers = [handler.covered for handler in self.handlers.values()]
        attach = attach_of(self.everywhere or handlers)
        if any(each is True for each in self.factories):
            facts.attach = "log_record_factory"
        elif attach is not None:
            facts.attach = attach
        elif self.strays:
            facts.attach = self.strays[0]
        elif any(each is True for each in self.on_loggers):
            facts.attach = "logger"
        if self.removed is not None and facts.attach is not None:
            facts.attach = self.removed


def _of_program(levels: Sequence[SetLevel]) -> list[Found]:
    """The levels that say how much a program tells. Each of several scripts may set its own; where
    only some are talkative, it is not known which of them runs."""
    talkative = {each.found.span.source.path for each in levels if _is_talkative(each)}
    others = [
        each
        for each in levels
        if not each.named and isinstance(each.found.value, str) and not _is_talkative(each)
    ]
    apart = [each for each in others if each.found.span.source.path not in talkative]
    if not talkative or not apart:
        roots = [each.found for each in levels if not each.named or _is_talkative(each)]
        return roots or [each.found for each in levels]
    first = next(each.found for each in levels if _is_talkative(each))
    needs = f"whether the program runs this or {apart[0].found.span.place}"
    return [Found(Unknown(Why.OUTSIDE, needs, first.span), first.span)]


def _is_talkative(level: SetLevel) -> bool:
    value = level.found.value
    return isinstance(value, str) and _talks(value)


def _floor(levels: Sequence[str | Unknown]) -> str | Unknown:
    """The lowest level that some handler writes."""
    known = [each for each in levels if isinstance(each, str)]
    lowest = min(known, key=LEVELS.index, default="off")
    doubt = next((each for each in levels if isinstance(each, Unknown)), None)
    return lowest if doubt is None or _talks(lowest) else doubt


def _let_through(level: Found, floor: str | Unknown) -> Found:
    """A level as far as some handler writes what is logged at it."""
    if not isinstance(level.value, str):
        return level
    if isinstance(floor, Unknown):
        return Found(floor, level.span) if _talks(level.value) else level
    return Found(max(level.value, floor, key=LEVELS.index), level.span)


def _talks(level: str) -> bool:
    return LEVELS.index(level) <= LEVELS.index("debug")
