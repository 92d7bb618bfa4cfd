"""Worlds: what is assumed while alternatives are tried one after the other.

An expression that touches a `OneOf` is evaluated once for each alternative. Alternatives carry the
answers to questions under which they hold, so that two values which hang on the same question never
contradict each other in one world.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from policyscan.values import Alternative, OneOf, Unknown

MAX_WORLDS = 16


class Split(Exception):  # noqa: N818 - a fork, not an error
    """More than one alternative is possible; each of `worlds` settles it."""

    def __init__(self, unknown: Unknown, worlds: tuple[World, ...]) -> None:
        super().__init__(unknown.needs)
        self.unknown = unknown
        self.worlds = worlds


class World(Struct, frozen=True):
    """The answers assumed, and the alternative taken for each `OneOf` met so far."""

    answers: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[int, int] = field(default_factory=dict)
    """Index of the alternative by `id` of the `OneOf`, which the caller keeps alive."""
    words: tuple[str, ...] = ()
    """The assumptions in words: `account tier is high`."""
    forks: bool = True
    """False in the world of last resort, where a `OneOf` is merely unknown."""

    def settle(self, one_of: OneOf[Any]) -> object:
        """The value it has in this world; may itself be a `OneOf`. Raises Split."""
        index = self.taken.get(id(one_of))
        if index is None:
            possible = [
                number
                for number, alternative in enumerate(one_of.alternatives)
                if self._allows(alternative)
            ]
            if not possible or (len(possible) > 1 and not self.forks):
                return one_of.unknown.derived
            if len(possible) > 1:
                raise Split(one_of.unknown, tuple(self._with(one_of, n) for n in possible))
            index = possible[0]
        return one_of.alternatives[index].value

    def _allows(self, alternative: Alternative[Any]) -> bool:
        return all(self.answers.get(q, answer) == answer for q, answer in alternative.choices)

    def _with(self, one_of: OneOf[Any], index: int) -> World:
        choices = one_of.alternatives[index].choices
        words = [f"{q} is {answer}" for q, answer in choices if q not in self.answers]
        if not choices:
            words = [f"alternative {index + 1} holds of: {one_of.unknown.needs}"]
        return World(
            {**self.answers, **dict(choices)},
            {**self.taken, id(one_of): index},
            (*self.words, *words),
        )
