"""One run of the slow tier: a case for every world that its alternatives make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from policyscan.language.explaining.derivation import Deduction, deduced, of_cases
from policyscan.language.explaining.evidence import evidence, reasons, residual, unique
from policyscan.language.outcome import Outcome, Touched
from policyscan.language.proving.evaluator import PROVERS
from policyscan.language.proving.walk import MAX_STEPS, Exhausted, Proof, Walk
from policyscan.language.proving.worlds import MAX_WORLDS, Split, World
from policyscan.language.syntax.tree import Node
from policyscan.values import Undetermined, Unknown, Why


@dataclass(frozen=True, slots=True)
class _Case:
    """The outcome in one world."""

    world: World
    outcome: Outcome


class Trial:
    """One run of a program: a case for every world that its alternatives make."""

    def __init__(
        self, root: Node, names: Mapping[str, object], resources: Callable[[str], object] | None
    ) -> None:
        self._root = root
        self._names = names
        self._resources = resources
        self._steps = MAX_STEPS

    @property
    def steps(self) -> int:
        """How many it has taken."""
        return MAX_STEPS - self._steps

    def outcome(self) -> Outcome:
        """What is so in every world."""
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
    look, derive = partial(evidence, walk, proof), partial(deduced, walk, proof)
    trace: Callable[[], Touched] = partial(frozenset, walk.touched)
    if isinstance(proof.value, bool):
        return Outcome(proof.value, look=look, derive=derive, trace=trace)
    why = reasons(proof)
    errors = (each.needs for each in why if each.why is Why.EVALUATION_ERROR)
    return Outcome(
        None,
        error=next(errors, ""),
        reasons=why,
        look=look,
        derive=derive,
        residual=f"PASS iff {residual(walk, proof)}",
        trace=trace,
    )


def _united(root: Node, cases: list[_Case], questions: list[Unknown]) -> Outcome:
    """The one outcome of all cases: known only if it is the same in each."""
    outcomes = [case.outcome for case in cases]
    traces = [each.trace for each in outcomes]
    truths = {each.truth for each in outcomes}
    if len(truths) == 1 and None not in truths:
        return Outcome(
            outcomes[0].truth,
            look=outcomes[0].look,
            derive=partial(_derived, root, outcomes[0].truth, cases),
            trace=lambda: _all(traces),
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
        residual=_residual(cases),
        trace=lambda: _all(traces),
    )


def _residual(cases: list[_Case]) -> str:
    """Under which condition it passes; without the cases if they make no difference to that."""
    said = {case.outcome.residual for case in cases}
    if len(said) == 1 and all(case.outcome.truth is None for case in cases):
        return said.pop()
    return "PASS iff " + " or ".join(_passing(case) for case in cases if _open(case))


def _derived(root: Node, truth: bool | None, cases: list[_Case]) -> Deduction | None:
    """How the answer came about in each case."""
    found = [(" and ".join(one.world.words), one.outcome.deduction) for one in cases]
    told = [(words, one) for words, one in found if one is not None]
    if told and all(_alike(one, told[0][1]) for _, one in told):
        return told[0][1]  # the cases make no difference
    return of_cases(root, truth, told) if told else None


def _all(traces: list[Callable[[], Touched]]) -> Touched:
    return Touched().union(*(trace() for trace in traces))


def _open(case: _Case) -> bool:
    return case.outcome.truth is not False


def _passing(case: _Case) -> str:
    conditions = list(case.world.words)
    if case.outcome.truth is None:
        conditions.append(case.outcome.residual.removeprefix("PASS iff "))
    return " and ".join(conditions)


def _alike(one: Deduction, other: Deduction) -> bool:
    """Whether two trees say the same."""
    return (
        _told_of(one) == _told_of(other)
        and len(one.parts) == len(other.parts)
        and all(map(_alike, one.parts, other.parts))
    )


def _told_of(one: Deduction) -> tuple[object, ...]:
    """All that a node says but its parts; things that are not known cannot be compared."""
    needs = tuple(each.needs for each in one.opened)
    return (
        one.expression, one.value, one.decides, one.label, one.path, one.address, one.note, needs,
        one.rest,
    )  # fmt: skip
