"""A condition ready to run: `compile_expression` checks it once, `Program.run` judges with it.

There are two tiers. The fast one is Python code that the condition was compiled to; it answers
where everything that it looks at is known. The slow one proves: it answers with three values, and
finds the evidence. Where the fast tier has an answer, the slow one has the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Union

from policyscan.errors import InvariantError
from policyscan.language.checking.checker import Checker
from policyscan.language.diagnostics import ExpressionError, Origin, policy_error
from policyscan.language.environment import Environment
from policyscan.language.explaining.derivation import Deduction
from policyscan.language.explaining.evidence import Evidence
from policyscan.language.fast import FastTier
from policyscan.language.outcome import Outcome, Touched
from policyscan.language.proving.evaluator import PROVERS
from policyscan.language.proving.walk import MAX_STEPS, Exhausted, Table, Walk
from policyscan.language.proving.worlds import World
from policyscan.language.reading.fields import Fields, fields_read
from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import Node
from policyscan.language.trial import Trial
from policyscan.language.types import Type
from policyscan.resources.base import Resource
from policyscan.values import PartialList, Undetermined, Unknown, Why

Members = Union[tuple[Resource, ...], PartialList[Resource], Unknown]
Others = Callable[[str], Members]
"""What `resources("Kind")` gives."""


@dataclass(frozen=True)
class Program:
    """A checked condition."""

    text: str
    root: Node
    kinds: frozenset[str]
    """Kinds that it asks for by `resources("Kind")`."""
    context: frozenset[str]
    """Names of the context that it reads."""
    environments: tuple[Environment, ...] = field(default=(), repr=False, compare=False)
    """What it was checked against, one for each kind that it judges. Without, every answer comes
    from the slow tier."""
    types: Mapping[Node, Type] | None = field(default=None, repr=False, compare=False)
    """The types of its nodes in the first environment; found anew where they are needed if they
    are left out."""

    def run(
        self,
        *,
        now: datetime,
        resource: Resource | None = None,
        members: Members | None = None,
        params: Mapping[str, object] | None = None,
        context: Mapping[str, object] | None = None,
        resources: Others | None = None,
    ) -> Outcome:
        """The outcome on these values; never raises for what they are. `now` is timezone-aware."""
        names = {
            "now": now,
            "resource": resource,
            "members": members,
            "params": params or {},
            "context": context or {},
        }
        kind = resource.__class__
        truth = self._fast.answer(names, resources, kind)
        if truth is True or truth is False:
            later = _Later(self, names, resources, truth)
            return Outcome(
                truth,
                look=later.witnesses,
                derive=later.deduction,
                trace=later.touched,
                fields=self._fields,
            )
        trial = self._trial(names, resources)
        outcome = trial.outcome()
        self._fast.missed(kind, trial.steps)
        return outcome

    def quick(self, names: Mapping[str, object], resources: Others | None = None) -> object:
        """What the fast tier alone says of names by their values; LEFT if it has no answer. What
        is not of type bool has answers too."""
        given = {"resource": None, "params": {}, "context": {}, **names}
        return self._fast.answer(given, resources, given["resource"].__class__, at_once=True)

    def proved(self, names: Mapping[str, object], resources: Others | None = None) -> Outcome:
        """The outcome that the slow tier alone gives of the same."""
        return self._trial(names, resources).outcome()

    def _trial(self, names: Mapping[str, object], resources: Others | None) -> Trial:
        given = {name: value for name, value in names.items() if value is not None}
        for name in ("params", "context"):
            given[name] = Table(name, names.get(name) or {})  # type: ignore[arg-type]
        return Trial(self.root, given, resources)

    def value(self, **variables: object) -> object:
        """What the expression is where its variables are these: a plain value, or one that is not
        known, of which an error is a kind (`Why.EVALUATION_ERROR`). Raises Split for a `OneOf`."""
        walk = Walk(PROVERS, variables, None, World(), MAX_STEPS)
        try:
            return walk.prove(self.root).value
        except Exhausted:
            return Unknown(Why.BUDGET, f"an answer within {MAX_STEPS} steps")
        except Undetermined as error:
            return error.unknown

    @cached_property
    def _fast(self) -> FastTier:
        return FastTier(self.root, self.environments, self.types)

    @cached_property
    def _fields(self) -> Fields:
        return fields_read(self.root)


def compile_expression(
    text: str, env: Environment, origin: Origin | None = None, *, is_condition: bool = True
) -> Program:
    """The program for `text`. Raises PolicyError at the place of the first mistake; one is that it
    is not of type bool, if it is a condition."""
    try:
        root = parse(text)
        checker = Checker(env.kinds)
        checker.check(root, env.names(), is_condition=is_condition)
    except ExpressionError as error:
        raise policy_error(error, text, origin or Origin()) from None
    kinds, context = frozenset(checker.kinds), frozenset(checker.context)
    return Program(text, root, kinds, context, (env,), checker.types)


class _Later:
    """What only the slow tier tells of an answer of the fast one, found when somebody asks."""

    def __init__(
        self,
        program: Program,
        names: Mapping[str, object],
        resources: Others | None,
        truth: bool,
    ) -> None:
        self._given = program, names, resources
        self._truth = truth

    @cached_property
    def _outcome(self) -> Outcome:
        program, names, resources = self._given
        outcome = program.proved(names, resources)
        if outcome.truth is (not self._truth):
            raise InvariantError(f"the tiers of the language disagree about: {program.text}")
        return outcome

    def witnesses(self) -> tuple[Evidence, ...]:
        """The evidence."""
        return self._outcome.witnesses

    def deduction(self) -> Deduction | None:
        """How it came about."""
        return self._outcome.deduction

    def touched(self) -> Touched:
        """What was read."""
        return self._outcome.trace()
