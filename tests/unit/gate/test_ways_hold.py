"""What is told to be no worse does not fail where the other passes: conditions made at random."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policyscan.errors import PolicyError
from policyscan.facts.plain import plain, shown
from policyscan.gate.worse import covers
from policyscan.language.program import Environment, compile_expression
from policyscan.language.reading.ways import reading_of
from policyscan.resources.base import Origin, ProofLevel
from policyscan.resources.containers import ContainerImage, ContainerWorkload, SecretUse

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = Origin("docker", "docker", ".", None, ProofLevel.OBSERVED)
SECRETS = tuple(SecretUse(name=name, instruction="ENV", because="x") for name in "abc")

BOOLS = ("privileged", "host_pid", "read_only_root")
LISTS = ("capabilities_added", "environment_names")


def condition(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return atom(chance)
    inside = [condition(chance, depth - 1) for _ in range(3)]
    return chance.choice(
        (
            atom(chance),
            f"({inside[0]} && {inside[1]})",
            f"({inside[0]} || {inside[1]})",
            f"!({inside[0]})",
            f"({inside[0]} ? {inside[1]} : {inside[2]})",
            f"(({inside[0]}) == ({inside[1]}))",
            f'["a", "b"].all(v{depth}, {inside[0]} || v{depth} in resource.capabilities_added)',
        )
    )


def atom(chance: random.Random) -> str:
    number, words = f"{chance.randrange(4)}", chance.choice(LISTS)
    return chance.choice(
        (
            *(f"resource.{name}" for name in BOOLS),
            f"resource.{chance.choice(BOOLS)} == {chance.choice(('true', 'false'))}",
            f"(resource.pids_limit != null && resource.pids_limit <= {number})",
            f"(resource.pids_limit == null || resource.pids_limit >= {number})",
            "(resource.pids_limit == null)",
            f'(resource.restart != null && resource.restart == "{chance.choice("ab")}")',
            f"size(resource.{words}) > 0",
            f"size(resource.{words}) <= {number}",
            f"size(resource.{words}) == {number}",
            f'resource.{words}.all(x, x in ["a", "{chance.choice("bc")}"])',
            f'resource.{words}.exists(x, x == "{chance.choice("abc")}")',
            f'"{chance.choice("abc")}" in resource.{words}',
            f"has_distinct(resource.{words}, {number})",
            f'resource.secret_variables.all(s, s.name == "{chance.choice("abc")}")',
        )
    )


def workload(chance: random.Random) -> ContainerWorkload:
    fields: dict[str, Any] = {name: chance.random() < 0.5 for name in BOOLS}
    return ContainerWorkload(
        address="x",
        origin=ORIGIN,
        platform="docker",
        user_is_root=False,
        pids_limit=chance.choice((None, 0, 1, 2, 3)),
        restart=chance.choice((None, "a", "b")),
        **{name: tuple(chance.choices("abc", k=chance.randrange(4))) for name in LISTS},
        secret_variables=tuple(chance.sample(SECRETS, chance.randrange(3))),
        **fields,
    )


def changed(chance: random.Random, one: ContainerWorkload) -> ContainerWorkload:
    """The same but for one or two fields: most of the time nothing tells two strangers apart."""
    other = vars(workload(chance))
    names = (*BOOLS, *LISTS, "pids_limit", "restart", "secret_variables")
    return one.model_copy(update={name: other[name] for name in chance.sample(names, 2)})


@pytest.mark.parametrize("seed", range(12))
def test_what_is_no_worse_never_fails_alone(seed: int) -> None:
    chance = random.Random(seed)
    environment = Environment(resource=ContainerWorkload)
    covered = 0
    for _ in range(60):
        text = condition(chance, chance.randrange(1, 4))
        try:
            program = compile_expression(text, environment)
        except PolicyError:
            continue  # it means nothing: a variable is there twice
        reading = reading_of(program.root, None)

        def facts(one: ContainerWorkload, reading: Any = reading) -> dict[str, Any]:
            return {
                path: {", ".join(sorted(ways)): plain(getattr(one, path), shown(()))}
                for path, ways in reading.ways.items()
            }

        for _ in range(12):
            before = workload(chance)
            after = changed(chance, before)
            if covers(facts(before), facts(after), "ContainerWorkload"):
                covered += 1
                truths = [program.run(now=NOW, resource=each).truth for each in (before, after)]
                assert truths != [True, False], (text, facts(before), facts(after))
    assert covered > 100


@pytest.mark.parametrize("age", [0, 30, 90])
def test_ages(age: int) -> None:
    program = compile_expression(
        "resource.created_at != null && now - resource.created_at <= days(60)",
        Environment(resource=ContainerImage),
    )
    (ways,) = reading_of(program.root, None).ways.values()

    def fact(days: int) -> dict[str, Any]:
        at = NOW - timedelta(days=days)
        return {"created_at": {", ".join(sorted(ways)): plain(at, shown(()))}}

    assert covers(fact(60), fact(age), "ContainerImage") is (age <= 60)
