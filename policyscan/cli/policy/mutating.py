"""`policyscan policy test --mutate`: whether tests would notice a mistake in their policy."""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING

from policyscan.cli.policy.chosen import complaint
from policyscan.cli.saying import say
from policyscan.errors import FileError, UsageError
from policyscan.text.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyscan.authoring.loading import Loaded
    from policyscan.mutation import Mutant, Mutated
    from policyscan.selftest import TestResult

_ADVICE = """\
Write such a test, or mend the policy. A mutant that says the same as its policy stands in the \
file of that, under `equivalent`, by the name behind `mutant:` and with the reason."""


def run(loaded: Sequence[Loaded], *, quiet: bool) -> tuple[list[TestResult], list[FileError]]:
    """Judges the mutants of policies, prints what comes of it, and returns it as one result for
    each policy, and what could not be read."""
    from policyscan.mutation import mutate
    from policyscan.resources.kinds import MODULES, load_kinds

    kinds, start = load_kinds(MODULES), time.monotonic()
    done: list[Mutated] = []
    results: list[TestResult] = []
    errors: list[FileError] = []
    for each in loaded:
        begin = time.monotonic()
        try:
            if isinstance(each, FileError):
                raise each
            done.append(mutate(each, kinds))
        except FileError as error:
            errors.append(error)
            say(*complaint(error))
            continue
        results.append(_result(done[-1], time.monotonic() - begin))
        if not (quiet and done[-1].is_clean):
            say(*_told(done[-1], results[-1].seconds))
    if not done and not errors:
        raise UsageError("there are no policies to mutate", hint="Name a folder of policies.")
    say(*_sum(done, time.monotonic() - start))
    return results, errors


def _result(one: Mutated, seconds: float) -> TestResult:
    from policyscan.selftest import TestResult

    problems = (
        *(f"{name} fails without any mutant" for name in one.failing),
        *(f"{each.name} survives" for each in one.survivors),
        *(f"{each.mutant}: {why}" for each, why in one.stale),
    )
    return TestResult(one.policy.id, "mutants", problems, one.policy.path, 1, seconds)


# -- lines -------------------------------------------------------------------------------------


def _told(one: Mutated, seconds: float) -> Iterator[str]:
    total = one.killed + one.equivalent + len(one.survivors)
    says = f"{len(one.survivors)} of {total} mutants survive"
    if one.failing:
        says = "its tests fail as it is, so that nothing is known of its mutants"
    elif not one.survivors:
        says = f"{total} mutants" + (f", {one.equivalent} equivalent" if one.equivalent else "")
    verdict = "ok  " if one.is_clean else "FAIL"
    yield f"{one.policy.id}  {verdict}  {says:<60} {seconds * 1000:>7,.0f} ms"
    yield from (f"  {name}" for name in one.failing)
    for (_, hint), mutants in groupby(one.survivors, key=_group):
        yield from _survivors(list(mutants), one.policy.path, str(hint))
    for each, why in one.stale:
        yield f"  {each.place}: {why}"
        yield f"    mutant: {each.mutant}"


def _group(mutant: Mutant) -> tuple[str, str]:
    """Members that are left out of one list are told together, all others one by one."""
    change = mutant.change
    together = change.key.startswith("params.") and change.after == "left out"
    return (change.key if together else change.name), change.hint


def _survivors(mutants: list[Mutant], path: str, hint: str) -> Iterator[str]:
    """One of them, or all members of one list, as a difference."""
    first = mutants[0]
    key, after = first.change.key, first.change.after
    yield f"  {path}:{first.place.line}:{first.place.column}"
    yield f"    - {key}: {', '.join(mutant.change.before for mutant in mutants)}"
    yield f"    + {key}: {after if len(mutants) == 1 else 'each of them left out, one at a time'}"
    if len(mutants) > 1:
        yield f"    each is found with {hint}"
    else:
        yield f"    it is found with {hint}"
        yield f"    mutant: {first.name}"


def _sum(done: Sequence[Mutated], seconds: float) -> Iterator[str]:
    killed, alive = (sum(one.killed for one in done), sum(len(one.survivors) for one in done))
    equal, spared = (sum(one.equivalent for one in done), sum(one.spared for one in done))
    if not all(one.is_clean for one in done):
        yield from ("", _ADVICE, "")
    policies = count(len(done), "policy", "policies")
    yield (
        f"{killed + alive + equal:,} mutants of {policies} in {seconds * 1000:,.0f} ms: "
        f"{killed:,} found by tests, {equal:,} equivalent, {alive:,} survive"
    )
    if spared:
        yield f"{spared:,} members of long lists were not left out one by one"
