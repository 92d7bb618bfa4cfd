"""One call of a function: typed access to its arguments and ways to build its result.

Access to an argument raises `Undetermined` if its value is not known and `EvaluationError` if
Terraform would refuse it, so that a function reads as if everything were known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from policyscan.collectors.terraform import scalars
from policyscan.collectors.terraform.members import reason_of
from policyscan.collectors.terraform.value import (
    EvaluationError,
    Plain,
    Trail,
    Value,
    derive,
    members,
)
from policyscan.resources.base import Step, StepKind
from policyscan.text.source import Span
from policyscan.values import OneOf, PartialList, Undetermined, Unknown, Why

MAX_WORK = 100_000
"""Members that one call may visit or produce."""

MAX_TEXT = 1_000_000
"""Characters that one call may produce."""


class Invocation:
    """The call of `name` with `arguments` at `span`."""

    def __init__(self, name: str, arguments: Sequence[Value], span: Span) -> None:
        self.name = name
        self.arguments = arguments
        self.span = span
        self._work = MAX_WORK

    # --- arguments

    def plain(self, index: int) -> Plain:
        """The argument, known as a whole though perhaps not in its members, and not null."""
        plain = self.known(self.arguments[index])
        if plain is None:
            raise self.error("an argument is null")
        return plain

    def text(self, index: int) -> str:
        """The argument as string."""
        self.plain(index)
        return self.text_of(self.arguments[index])

    def number(self, index: int) -> int | float:
        """The argument as number."""
        self.plain(index)
        return self.number_of(self.arguments[index])

    def integer(self, index: int) -> int:
        """The argument as whole number."""
        number = self.number(index)
        if not isinstance(number, int):
            raise self.error("a whole number is required")
        return number

    def items(self, index: int) -> tuple[Value, ...]:
        """All members of a list or set."""
        found, rest = self.open_items(index)
        if rest is not None:
            raise Undetermined(rest)
        return found

    def open_items(self, index: int) -> tuple[tuple[Value, ...], Unknown | None]:
        """The known members of a list or set, and the reason if there may be others."""
        plain = self.arguments[index].plain
        if isinstance(plain, Unknown):
            return (), plain
        if isinstance(plain, PartialList):
            self.spend(len(plain.known))
            return plain.known, plain.unknown
        plain = self.plain(index)
        if not isinstance(plain, tuple):
            raise self.error("a list or set is required")
        self.spend(len(plain))
        return plain, None

    def mapping(self, index: int) -> dict[str, Value]:
        """The argument as map or object."""
        plain = self.plain(index)
        if isinstance(plain, PartialList):
            raise Undetermined(plain.unknown)
        if not isinstance(plain, dict):
            raise self.error("a map is required")
        self.spend(len(plain))
        return plain

    # --- members

    def known(self, value: Value) -> Plain:
        """What the value is; raises `Undetermined` for one whose text is not known."""
        reason = reason_of(value)
        if reason is not None:
            raise Undetermined(reason)
        return value.plain

    def text_of(self, value: Value) -> str:
        """A member as string."""
        plain = self.known(value)
        if isinstance(plain, PartialList):
            raise Undetermined(plain.unknown)
        text = scalars.to_text(plain)
        if text is None:
            raise self.error("a string is required")
        return text

    def number_of(self, value: Value) -> int | float:
        """A member as number."""
        number = scalars.to_number(self.known(value))
        if number is None:
            raise self.error("a number is required")
        return number

    def truth_of(self, value: Value) -> bool:
        """A member as boolean; null is false."""
        plain = self.known(value)
        truth = False if plain is None else scalars.to_bool(plain)
        if truth is None:
            raise self.error("true or false is required")
        return truth

    # --- results

    def make(self, plain: Plain) -> Value:
        """A new value that depends on all arguments."""
        return Value(plain, self._trail, self._sensitive)

    def texts(self, texts: Iterable[str]) -> tuple[Value, ...]:
        """New strings."""
        made = []
        for text in texts:
            self.spend()
            made.append(self.make(text))
        return tuple(made)

    def pass_on(self, value: Value) -> Value:
        """A value that an argument holds, as the result."""
        sensitive = value.sensitive or any(argument.sensitive for argument in self.arguments)
        passed = derive(value.plain, self.span, (value,), self.label)
        return Value(passed.plain, passed.trail, sensitive)

    def collect(
        self, found: Iterable[Value], rest: Unknown | None
    ) -> tuple[Value, ...] | PartialList[Value] | Unknown:
        """A list of `found`, open if there may be others because of `rest`."""
        known = tuple(found)
        if rest is None:
            return known
        return PartialList(known, rest) if known else rest

    # --- refusals and limits

    @property
    def label(self) -> str:
        """What a person calls this step."""
        return f"{self.name}()"

    def error(self, message: str) -> EvaluationError:
        """The refusal that Terraform would give, in our words."""
        return EvaluationError(f"{self.label}: {message}", self.span)

    def spend(self, amount: int = 1) -> None:
        """Count members visited or produced; raises `Undetermined` beyond the limit."""
        self._work -= amount
        if self._work < 0:
            raise self.unsupported("fewer members", Why.BUDGET)

    def room_for(self, characters: int) -> None:
        """Refuse a text that would be too long, before it is built."""
        if characters > MAX_TEXT:
            raise self.unsupported("a shorter text", Why.BUDGET)

    def unsupported(self, needs: str, why: Why = Why.UNSUPPORTED) -> Undetermined:
        """The result is not known because we do not compute it."""
        return Undetermined(Unknown(why, f"{needs} in {self.label}", self.span))

    @cached_property
    def _trail(self) -> Trail:
        step = Step(StepKind.EXPRESSION, self.label, self.span)
        return Trail(step, tuple(argument.trail for argument in self.arguments))

    @cached_property
    def _sensitive(self) -> bool:
        """Whether anything in the arguments is sensitive; too much to look through counts as so."""
        pending = list(self.arguments)
        for _ in range(MAX_WORK):
            if not pending:
                return False
            value = pending.pop()
            if value.sensitive:
                return True
            pending.extend(members(value))
            if isinstance(value.plain, OneOf):
                pending.extend(item.value for item in value.plain.alternatives)
        return True
