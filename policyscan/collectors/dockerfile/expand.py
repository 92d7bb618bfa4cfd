"""What a word says once its variables are known, and what it still says where they are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from policyscan.collectors.dockerfile.glob import Glob
from policyscan.resources.base import Chain, Step
from policyscan.resources.images import HOLE
from policyscan.text.dockerfile import Pieces, Variable
from policyscan.text.dockerfile.words import merged
from policyscan.values import Maybe, Unknown, Why

MAX_LENGTH = 65_536
"""Characters of one expanded word; beyond it is unknown."""
MAX_CHAIN = 20
"""Steps of a chain that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """A word: known texts and unknown pieces in order, and where its pieces were decided."""

    parts: tuple[str | Unknown, ...] = ()
    chain: Chain = ()
    given: bool = True
    """False for a build argument that has no default: operators take it as unset."""

    def led_by(self, *steps: Step) -> Expansion:
        """The same value, with these steps before those of its chain."""
        return replace(self, chain=chain_of(*steps, *self.chain))

    @property
    def template(self) -> str:
        """The text with `HOLE` for each piece that is not known."""
        return "".join(part if isinstance(part, str) else HOLE for part in self.parts)

    @property
    def text(self) -> Maybe[str]:
        """The text, or what keeps it from being known."""
        return self.fill(self.template)

    def fill(self, template: str) -> Maybe[str]:
        """A piece of the template as a value: unknown if it has a hole."""
        unknown = self.unknown
        if HOLE not in template or unknown is None:
            return template
        fragments = tuple(piece for piece in template.split(HOLE) if piece)
        return replace(unknown, fragments=fragments + unknown.fragments)

    @property
    def unknown(self) -> Unknown | None:
        """The first piece that is not known."""
        return next((part for part in self.parts if isinstance(part, Unknown)), None)

    def unknown_or(self, other: Unknown) -> Unknown:
        """The first piece that is not known, or else `other`."""
        unknown = self.unknown
        return other if unknown is None else unknown


def chain_of(*steps: Step) -> Chain:
    """The steps as a chain, cut where it gets too long."""
    return steps[:MAX_CHAIN]


class Budget:
    """Steps that may still be spent on the words of one file."""

    def __init__(self, steps: int = 2_000_000) -> None:
        self.steps = steps

    def spend(self, steps: int) -> bool:
        """Takes the steps; False if there are not enough left."""
        self.steps -= steps
        return self.steps >= 0


Lookup = Callable[[str], "Expansion | None"]
"""The value of a variable; None if it is certainly unset."""


class Expander:
    """Expands pieces with the variables that `lookup` knows."""

    def __init__(self, lookup: Lookup, budget: Budget) -> None:
        self.lookup = lookup
        self.budget = budget

    def expand(self, pieces: Pieces) -> Expansion:
        """The pieces as one value; its chain is that of the variable that decided last."""
        expansions = [
            Expansion((piece,)) if isinstance(piece, str) else self._variable(piece)
            for piece in pieces
        ]
        chain = max((expansion.chain for expansion in expansions), key=len, default=())
        return self._bounded(merged(part for each in expansions for part in each.parts), chain)

    def _bounded(self, parts: tuple[str | Unknown, ...], chain: Chain) -> Expansion:
        length = sum(len(part) for part in parts if isinstance(part, str)) + len(parts)
        if length > MAX_LENGTH or not self.budget.spend(length):
            parts = (Unknown(Why.BUDGET, "a shorter text than this one"),)
        return Expansion(parts, chain)

    def _variable(self, variable: Variable) -> Expansion:
        value = self.lookup(variable.name)
        operator = variable.operator
        if operator in ("-", "+", "?"):
            return self._choice(variable, value)
        value = value or Expansion()
        return self._pattern(variable, value) if operator else value

    def _choice(self, variable: Variable, value: Expansion | None) -> Expansion:
        """`-`, `+` and `?`, which ask whether the variable is set."""
        is_set = _is_set(value, null_is_unset=variable.null_is_unset)
        value = value or Expansion()
        if variable.operator == "?":
            return value
        if variable.operator == "-":
            if is_set is None:
                return value
            return value if is_set else self.expand(variable.operand)
        if is_set is None or not value.given:
            return Expansion((value.unknown_or(_undecided(variable)),), value.chain)
        return self.expand(variable.operand) if is_set else Expansion((), value.chain)

    def _pattern(self, variable: Variable, value: Expansion) -> Expansion:
        """`#`, `%` and `/`, which cut and replace."""
        pattern = self.expand(variable.operand)
        replacement = self.expand(variable.replacement)
        for part in (value, pattern, replacement):
            if part.unknown is not None:
                return Expansion((replace(part.unknown, fragments=()),), value.chain)
        text = value.template
        if not self.budget.spend(_cost(variable.operator, text, pattern.template)):
            return Expansion((Unknown(Why.BUDGET, "a shorter text than this one"),), value.chain)
        cut = Glob(pattern.template).apply(variable.operator, text, replacement.template)
        return Expansion((cut,) if cut else (), value.chain)


def _is_set(value: Expansion | None, *, null_is_unset: bool) -> bool | None:
    """Whether a variable counts as set; None if that is not known."""
    if value is None or not value.given:
        return False
    if any(isinstance(part, str) for part in value.parts):
        return True
    unknown = value.unknown
    if unknown is None:
        return not null_is_unset
    return None


def _cost(operator: str, text: str, pattern: str) -> int:
    """Steps of a match at most: one way through the text, or one from each place."""
    once = (len(text) + 1) * (len(pattern) + 1)
    return once * (len(text) + 1) if operator in ("/", "//") else once


def _undecided(variable: Variable) -> Unknown:
    return Unknown(Why.CONDITION, f"whether {variable.name} is set")
