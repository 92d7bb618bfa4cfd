"""Judges mutants on what the tests of their policy hold, until one of the tests finds each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from policyscan.evaluate import Evaluation
from policyscan.mutation.model import Mutant
from policyscan.mutation.mutants import mutants_of, spared
from policyscan.policy import Policy, load_policies, load_tests
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.selftest import prepared


class Case(Struct, frozen=True):
    """A test with all that its sources hold, collected and joined."""

    name: str
    expect: dict[str, str]
    """The verdict on every address."""
    evaluation: Evaluation

    def finds(self, policy: Policy) -> bool:
        """Whether the test fails with this policy."""
        evaluation = Evaluation(self.evaluation.inventory, self.evaluation.judging)
        evaluation.judge([policy])
        verdicts = {each.resource.address: each.verdict.value for each in evaluation.findings}
        return verdicts != self.expect or bool(evaluation.gaps)


class Mutated(Struct, frozen=True):
    """What the tests of one policy make of its mutants."""

    policy: Policy
    broken: tuple[str, ...]
    """Tests that fail without any mutant; nothing else is said then."""
    killed: int
    survivors: tuple[Mutant, ...]
    spared: int
    """Members of long lists that were not left out one by one."""

def mutate(directory: Path) -> Iterator[Mutated]:
    """What the tests of each policy in `directory` make of its mutants."""
    kinds = load_kinds(MODULES)
    for policy in load_policies(directory, kinds).policies:
        cases = [
            Case(
                test.name,
                {address: verdict.value for address, verdict in test.expect.items()},
                prepared(directory, policy, test),
            )
            for test in load_tests(policy)
        ]
        broken = tuple(case.name for case in cases if case.finds(policy))
        mutants = () if broken else tuple(mutants_of(policy, kinds))
        alive = tuple(m for m in mutants if not any(case.finds(m.policy) for case in cases))
        yield Mutated(policy, broken, len(mutants) - len(alive), alive, spared(policy))
