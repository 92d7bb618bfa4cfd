"""The way into the fast tier: what is compiled, when, and for which kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from policyscan.language.checking.checker import Checker
from policyscan.language.diagnostics import ExpressionError
from policyscan.language.environment import Environment
from policyscan.language.syntax.tree import Node
from policyscan.language.types import Type

WORTH = 2_000
"""Steps of the slow tier on one kind that cost as much as to compile the condition: from then on it
pays. A short scan compiles little."""


class Left(Enum):
    """The one value that is none."""

    LEFT = "left"


LEFT = Left.LEFT
"""Given instead of an answer: the slow tier has to find it."""

Condition = Callable[[Mapping[str, object], Any], object]


class FastTier:
    """One condition, compiled for each kind that it meets once it has met a few of it."""

    def __init__(
        self,
        root: Node,
        environments: Sequence[Environment],
        types: Mapping[Node, Type] | None,
    ) -> None:
        self._root = root
        self._environments = environments
        self._types = types
        self._spent: dict[type, int] = {}
        self._made: dict[type, Condition] = {}

    def answer(
        self,
        names: Mapping[str, object],
        resources: Callable[[str], object] | None,
        kind: type,
        *,
        at_once: bool = False,
    ) -> object:
        """The answer on these values, or LEFT. `kind` is the class of the resource; `at_once`
        compiles without waiting until it pays."""
        condition = self._made.get(kind)
        if condition is None:
            if self._spent.get(kind, 0) < WORTH and not at_once:
                return LEFT
            self._made[kind] = condition = self.code(kind) or _leave
        return condition(names, resources)

    def missed(self, kind: type, steps: int) -> None:
        """The slow tier took that many steps for what might have been answered here."""
        self._spent[kind] = self._spent.get(kind, 0) + steps

    def code(self, kind: type) -> Condition | None:
        """The condition as code for resources of one class; None if there is none."""
        from policyscan.language.compiled.tier import compiled  # late: a short scan needs none

        for number, each in enumerate(self._environments):
            if (each.resource or type(None)) is kind and (each.resource or not number):
                types = self._types if not number else None
                names = each.names()
                found = types or _types(self._root, each, names)
                return None if found is None else compiled(self._root, found, names)
        return None


def _types(
    root: Node, environment: Environment, names: Mapping[str, Type]
) -> Mapping[Node, Type] | None:
    """The type of every node; None for a tree that is not sound here."""
    checker = Checker(environment.kinds)
    try:
        checker.check(root, names, is_condition=False)
    except ExpressionError:
        return None
    return checker.types


def _leave(_: Mapping[str, object], __: Any) -> object:
    return LEFT
