"""Judges mutants on what the tests of their policy hold, until one of the tests finds each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from policyscan.errors import UsageError
from policyscan.mutation.model import Mutant
from policyscan.mutation.mutants import Kinds, mutants_of, spared
from policyscan.policy import Equivalent, Policy, PolicyTest, load_equivalents, load_tests
from policyscan.selftest import Prepared, prepare


class Mutated(Struct, frozen=True):
    """What the tests of one policy make of its mutants."""

    policy: Policy
    failing: tuple[str, ...] = ()
    """Tests that fail as it is: nothing is known of its mutants then."""
    killed: int = 0
    """Mutants that a test finds."""
    survivors: tuple[Mutant, ...] = ()
    """Those that none finds and the policy does not explain, in the order of the file."""
    equivalent: int = 0
    """Those that none finds and the policy explains."""
    stale: tuple[tuple[Equivalent, str], ...] = ()
    """What the policy explains and need not, and why."""
    spared: int = 0
    """Members of long lists that were not left out one by one."""

    @property
    def is_clean(self) -> bool:
        """Whether the tests are as good as their policy says."""
        return not (self.failing or self.survivors or self.stale)


def mutate(policy: Policy, kinds: Kinds) -> Mutated:
    """What the tests of a policy make of its mutants. Raises PolicyError for tests that cannot be
    read."""
    explained = {each.mutant: each for each in load_equivalents(policy)}
    cases, failing = _cases(policy, load_tests(policy))
    if failing:
        return Mutated(policy, failing)
    killed: set[str] = set()
    alive: list[Mutant] = []
    for mutant in mutants_of(policy, kinds):
        if any(case.problems_of(mutant.policy) for case in cases):
            killed.add(mutant.name)
        else:
            alive.append(mutant)
    names = {mutant.name for mutant in alive}
    return Mutated(
        policy,
        killed=len(killed),
        survivors=tuple(mutant for mutant in alive if mutant.name not in explained),
        equivalent=len(names & explained.keys()),
        stale=tuple(_stale(tuple(explained.values()), names, killed)),
        spared=spared(policy),
    )


def _cases(policy: Policy, tests: Sequence[PolicyTest]) -> tuple[list[Prepared], tuple[str, ...]]:
    """Every test with what it holds, collected and joined, and the names of those that fail."""
    cases, failing = [], []
    for test in tests:
        try:
            case = prepare(policy, test)
        except UsageError:  # options that no configuration could have
            failing.append(test.name)
            continue
        cases.append(case)
        if case.problems:
            failing.append(test.name)
    return cases, tuple(failing)


def _stale(
    explained: Sequence[Equivalent], alive: set[str], killed: set[str]
) -> Iterator[tuple[Equivalent, str]]:
    for each in explained:
        if each.mutant in killed:
            yield each, "a test finds this mutant, so that it is not equivalent"
        elif each.mutant not in alive:
            yield each, "there is no such mutant"
