"""A condition ready to run: `compile_expression` checks it once, `Program.run` judges with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Union

from policyscan.language.checking.checker import Checker
from policyscan.language.diagnostics import ExpressionError, Origin, policy_error
from policyscan.language.explaining.derivation import Deduction, deduced, of_cases
from policyscan.language.explaining.evidence import Evidence, evidence, reasons, residual, unique
from policyscan.language.proving.evaluator import PROVERS
from policyscan.language.proving.walk import MAX_STEPS, Exhausted, Proof, Table, Walk
from policyscan.language.proving.worlds import MAX_WORLDS, Split, World
from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import Node
from policyscan.language.types import TIMESTAMP, ListOf, Object, Settings, Type, parse_type
from policyscan.resources.base import Resource
from policyscan.values import PartialList, Undetermined, Unknown, Why

Members = Union[tuple[Resource, ...], PartialList[Resource], Unknown]


@dataclass(frozen=True)
class Environment:
    """The names that a condition may use. Exactly one of `resource` and `members` is given."""

    resource: type[Resource] | None = None
    """The kind that is judged one by one."""
    members: type[Resource] | None = None
    """The kind that is judged as a set."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Spelling of each parameter's type: `list(string)`."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Spelling of the type of each thing that a configuration may state."""
    kinds: Mapping[str, type[Resource]] = field(default_factory=dict)
    """What `resources("Kind")` may name."""
    variables: Mapping[str, Type] = field(default_factory=dict)
    """Further names, for expressions that judge no resource."""

    def names(self) -> dict[str, Type]:
        """The type of each name."""
        found: dict[str, Type] = {"now": TIMESTAMP, **self.variables}
        for name, table in (("params", self.params), ("context", self.context)):
            types = tuple((key, parse_type(spelling)) for key, spelling in table.items())
            found[name] = Settings(name, types)
        if self.resource:
            found["resource"] = Object(self.resource)
        if self.members:
            found["members"] = ListOf(Object(self.members))
        return found


@dataclass(frozen=True)
class Outcome:
    """What a condition says about one resource or one set."""

    truth: bool | None
    """None if it cannot be told."""
    error: str = ""
    """Set if it cannot be told because an operation had no result."""
    reasons: tuple[Unknown, ...] = ()
    """Why it cannot be told."""
    look: Callable[[], tuple[Evidence, ...]] = field(default=tuple, repr=False, compare=False)
    """Finds the witnesses: most outcomes pass, and nobody asks for theirs."""
    derive: Callable[[], Deduction | None] = field(default=lambda: None, repr=False, compare=False)
    """Tells how the answer came about, for those who ask."""
    residual: str = ""
    """What decides it where it cannot be told: `PASS iff resource.retention_days >= 90`."""
    touched: frozenset[str] = frozenset()
    """Paths inside the resource that were read."""
    touched_elsewhere: frozenset[tuple[str, str]] = frozenset()
    """Address and path of what was read of other resources, or of the members of the set."""

    @cached_property
    def witnesses(self) -> tuple[Evidence, ...]:
        """What decides; where it cannot be told, the values on which it hangs."""
        return self.look()

    @cached_property
    def deduction(self) -> Deduction | None:
        """Every sub-expression with its value; None if nothing was evaluated."""
        return self.derive()


@dataclass(frozen=True)
class Program:
    """A checked condition."""

    text: str
    root: Node
    kinds: frozenset[str]
    """Kinds that it asks for by `resources("Kind")`."""
    context: frozenset[str]
    """Names of the context that it reads."""

    def run(
        self,
        *,
        now: datetime,
        resource: Resource | None = None,
        members: Members | None = None,
        params: Mapping[str, object] | None = None,
        context: Mapping[str, object] | None = None,
        resources: Callable[[str], Members] | None = None,
    ) -> Outcome:
        """The outcome on these values; never raises for what they are. `now` is timezone-aware."""
        names: dict[str, object] = {
            "now": now,
            "params": Table("params", params or {}),
            "context": Table("context", context or {}),
        }
        names |= {} if resource is None else {"resource": resource}
        names |= {} if members is None else {"members": members}
        return _Trial(self.root, names, resources).outcome()

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
    return Program(text, root, frozenset(checker.kinds), frozenset(checker.context))


@dataclass(frozen=True, slots=True)
class _Case:
    """The outcome in one world."""

    world: World
    outcome: Outcome


class _Trial:
    """One run of a program: a case for every world that its alternatives make."""

    def __init__(
        self, root: Node, names: dict[str, object], resources: Callable[[str], Members] | None
    ) -> None:
        self._root = root
        self._names = names
        self._resources = resources
        self._steps = MAX_STEPS

    def outcome(self) -> Outcome:
        pending, cases, questions = [World()], list[_Case](), list[Unknown]()
        while pending:
            world = pending.pop()
            try:
                cases.append(_Case(world, self._in(world)))
            except Split as split:
                questions.append(split.unknown)
                pending.extend(reversed(split.worlds))
            if len(pending) + len(cases) > MAX_WORLDS:
                return self._in(World(forks=False))
        return cases[0].outcome if len(cases) == 1 else _united(self._root, cases, questions)

    def _in(self, world: World) -> Outcome:
        walk = Walk(PROVERS, self._names, self._resources, world, self._steps)
        try:
            proof = walk.prove(self._root)
        except Exhausted:
            return _gave_up(Unknown(Why.BUDGET, f"an answer within {MAX_STEPS} steps"))
        except Undetermined as error:
            return _gave_up(error.unknown)
        finally:
            self._steps = walk.steps
        return _outcome(walk, proof)


def _gave_up(unknown: Unknown) -> Outcome:
    error = unknown.needs if unknown.why is Why.BUDGET else ""
    return Outcome(None, error=error, reasons=(unknown,), residual=f"PASS iff {unknown.needs}")


def _outcome(walk: Walk, proof: Proof) -> Outcome:
    touched = frozenset(path for owner, path in walk.touched if not owner)
    elsewhere = frozenset(pair for pair in walk.touched if pair[0])
    look, derive = partial(evidence, walk, proof), partial(deduced, walk, proof.node)
    if isinstance(proof.value, bool):
        return Outcome(
            proof.value,
            look=look,
            derive=derive,
            touched=touched,
            touched_elsewhere=elsewhere,
        )
    why = reasons(proof)
    errors = (each.needs for each in why if each.why is Why.EVALUATION_ERROR)
    return Outcome(
        None,
        error=next(errors, ""),
        reasons=why,
        look=look,
        derive=derive,
        residual=f"PASS iff {residual(walk, proof)}",
        touched=touched,
        touched_elsewhere=elsewhere,
    )


def _united(root: Node, cases: list[_Case], questions: list[Unknown]) -> Outcome:
    """The one outcome of all cases: known only if it is the same in each."""
    outcomes = [case.outcome for case in cases]
    touched = frozenset[str]().union(*(each.touched for each in outcomes))
    elsewhere = frozenset[tuple[str, str]]().union(*(each.touched_elsewhere for each in outcomes))
    truths = {each.truth for each in outcomes}
    if len(truths) == 1 and None not in truths:
        return Outcome(
            outcomes[0].truth,
            look=outcomes[0].look,
            derive=partial(_derived, root, outcomes[0].truth, cases),
            touched=touched,
            touched_elsewhere=elsewhere,
        )
    why = questions if len(truths) > 1 else []
    why = [*why, *(reason for each in outcomes for reason in each.reasons)]
    decisive = [each for each in outcomes if each.truth is not True]
    return Outcome(
        None,
        error=next((each.error for each in outcomes if each.error), ""),
        reasons=unique(why),
        look=lambda: tuple(dict.fromkeys(w for each in decisive for w in each.witnesses)),
        derive=partial(_derived, root, None, cases),
        residual="PASS iff " + (" or ".join(_passing(case) for case in cases if _open(case))),
        touched=touched,
        touched_elsewhere=elsewhere,
    )


def _derived(root: Node, truth: bool | None, cases: list[_Case]) -> Deduction | None:
    """How the answer came about in each case."""
    found = [(" and ".join(one.world.words), one.outcome.deduction) for one in cases]
    told = [(words, one) for words, one in found if one is not None]
    return of_cases(root, truth, told) if told else None


def _open(case: _Case) -> bool:
    return case.outcome.truth is not False


def _passing(case: _Case) -> str:
    conditions = list(case.world.words)
    if case.outcome.truth is None:
        conditions.append(case.outcome.residual.removeprefix("PASS iff "))
    return " and ".join(conditions)
