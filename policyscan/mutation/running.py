"""Judges mutants on what the tests of their policy hold, until one of the tests finds each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from policyscan.mutation.model import Mutant
from policyscan.mutation.mutants import Kinds, mutants_of, spared
from policyscan.policy import Policy, load_tests
from policyscan.selftest import prepare


class Mutated(Struct, frozen=True):
    """What the tests of one policy make of its mutants."""

    policy: Policy
    failing: tuple[str, ...]
    """Tests that fail as it is: nothing is known of its mutants then."""
    killed: int
    """Mutants that a test finds."""
    survivors: tuple[Mutant, ...]
    """Those that none finds, in the order of the file."""
    spared: int
    """Members of long lists that were not left out one by one."""


def mutate(policies: Sequence[Policy], kinds: Kinds) -> Iterator[Mutated]:
    """What the tests of each policy make of its mutants."""
    for policy in policies:
        yield mutated(policy, kinds)


def mutated(policy: Policy, kinds: Kinds) -> Mutated:
    """What the tests of one policy make of its mutants. Raises PolicyError for tests that cannot
    be read."""
    cases = [prepare(policy, test) for test in load_tests(policy)]
    failing = tuple(case.test.name for case in cases if case.problems)
    if failing:
        return Mutated(policy, failing, 0, (), 0)
    killed, alive = 0, []
    for mutant in mutants_of(policy, kinds):
        if any(case.problems_of(mutant.policy) for case in cases):
            killed += 1
        else:
            alive.append(mutant)
    return Mutated(policy, (), killed, tuple(alive), spared(policy))
