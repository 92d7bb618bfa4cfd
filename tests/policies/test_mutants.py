"""The tests of each policy that ships would notice a small mistake in it, wherever it is made."""

from __future__ import annotations

import pytest

from policyscan.data import policies_directory
from policyscan.mutation import mutate
from policyscan.policy import Policy, load_equivalents, load_policies
from policyscan.resources.kinds import MODULES, load_kinds

KINDS = load_kinds(MODULES)
POLICIES = load_policies(policies_directory(), KINDS).policies


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_no_mutant_survives(policy: Policy) -> None:
    found = mutate(policy, KINDS)
    assert found.failing == ()
    assert [f"{one.place.line}: {one.name}" for one in found.survivors] == []
    assert [f"{each.place}: {why}" for each, why in found.stale] == []
    assert found.killed > 0
    assert found.spared == 0


def test_few_mutants_are_called_equivalent() -> None:
    assert sum(len(load_equivalents(policy)) for policy in POLICIES) <= 20
