"""From a policy to its mutants."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as with_

from policyscan.mutation.conditions import Condition
from policyscan.mutation.constants import MAX_MEMBERS, Variation, variations
from policyscan.mutation.model import Change, Hint, Mutant
from policyscan.mutation.words import words_of
from policyscan.policy import Parameter, Policy
from policyscan.policy.origin import ScalarOrigin
from policyscan.policy.reader import environments_of
from policyscan.resources.base import Resource
from policyscan.text.complaints import Place
from policyscan.text.yaml import Entry, read_yaml

Kinds = Mapping[str, type[Resource]]

_LONG = 40
"""Characters of a list that is shown."""


def mutants_of(policy: Policy, kinds: Kinds) -> Iterator[Mutant]:
    """Every mutant of a policy, no two alike and no two called the same, in the order of its
    file."""
    top = read_yaml(policy.document)
    assert top is not None, "a policy was read from this file"
    counts: Counter[str] = Counter()
    for mutant in _all(policy, top.entries(), kinds):
        name = mutant.name
        counts[name] += 1
        yield with_(mutant, change=with_(mutant.change, ordinal=counts[name]))


def spared(policy: Policy) -> int:
    """How many members of its long lists are not left out one by one."""
    return sum(_spared(each.default) for each in policy.params)


def _spared(value: object) -> int:
    if isinstance(value, Mapping):
        return sum(map(_spared, value.values()))
    return max(0, len(value) - MAX_MEMBERS) if isinstance(value, tuple) else 0


def _all(policy: Policy, keys: Mapping[str, Entry], kinds: Kinds) -> Iterator[Mutant]:
    for key in ("when", "require"):
        if key in keys:
            yield from _of_condition(policy, key, keys[key], kinds)
    for each in policy.params:
        given = keys["params"].entries()[each.name].entries()["default"]
        yield from _of_parameter(policy, each, given)
    if policy.expect_min:
        at = _place(keys["expect_min"], ())
        for least in (policy.expect_min - 1, policy.expect_min + 1):
            change = Change("expect_min", str(policy.expect_min), str(least), Hint.COUNT)
            yield Mutant(replace(policy, expect_min=least), change, at)


def _of_condition(policy: Policy, key: str, entry: Entry, kinds: Kinds) -> Iterator[Mutant]:
    text = str(getattr(policy, key))
    origin = ScalarOrigin.of(entry)
    environments = environments_of(policy.kinds, policy.scope, policy.params, kinds)
    condition = Condition(key, text, environments, words_of(policy.kinds, kinds))
    for change, offset, program in condition.mutants():
        changed: dict[str, Any] = {key: program.text, f"{key}_program": program}
        yield Mutant(replace(policy, **changed), change, origin.place(text, offset))


def _of_parameter(policy: Policy, parameter: Parameter, given: Entry) -> Iterator[Mutant]:
    for variation in variations(parameter.default):
        changed = replace(parameter, default=variation.value)
        params = tuple(changed if each is parameter else each for each in policy.params)
        change = _change(f"params.{parameter.name}", variation)
        yield Mutant(replace(policy, params=params), change, _place(given, variation.path))


def _change(key: str, variation: Variation) -> Change:
    names = [part for part in variation.path if isinstance(part, str)]
    after = "left out" if variation.after is None else _spelt(variation.after)
    return Change(".".join((key, *names)), _spelt(variation.before), after, variation.hint)


def _spelt(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG or not isinstance(value, tuple) else "[...]"


def _place(entry: Entry, path: tuple[str | int, ...]) -> Place:
    for step in path:
        entry = entry.items()[step] if isinstance(step, int) else entry.entries()[step]
    return entry.document.place(entry.start)
