"""What a policy looked at, as plain data: to tell worse from unchanged, and what is accepted.

Facts are keyed by field. A value that may move one way without being worse is wrapped in an object
whose one key says which: `{"at most": 90}`, `{"at least, set": "1.2"}`. A bare value is no worse
only while it is the same. Which it is follows from the conditions of the policy, see
`language.ways`; `gate.worse` compares.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from policyscan.facts.plain import DESCRIBES, plain, shown
from policyscan.language.proving.walk import is_list
from policyscan.language.reading.deciding import Given, deciding
from policyscan.language.reading.ways import Way, reading_of
from policyscan.policy import Policy
from policyscan.resources.base import Resource
from policyscan.resources.secret_values import secret_texts
from policyscan.values import is_known, opened
from policyscan.witnesses import Subject

__all__ = ["EXISTS", "Given", "facts_of", "unwrapped"]

EXISTS = "exists"
"""The fact that the resource is there; left out where that is certain."""


def facts_of(
    policy: Policy,
    subject: Subject,
    given: Given,
    secrets: Collection[str] = (),
    of_others: Callable[[Resource], Collection[str]] = secret_texts,
) -> Mapping[str, Any]:
    """The values of the fields that the conditions of the policy name, without secrets, as far as
    they take part in its failing; `given` is what it was judged with, `secrets` are those of
    the resource, and `of_others` tells those of any other."""
    resource = subject.resource
    if resource is None:
        return {}
    programs = filter(None, (policy.require_program, policy.when_program))
    roots = [program.root for program in programs]
    reading = reading_of(*roots) if len(roots) > 1 else reading_of(roots[0], None)
    show, told = shown(secrets), DESCRIBES & reading.named
    facts = {}
    for path, ways in reading.ways.items():
        value = _at(resource, path)
        counted = isinstance(value, Mapping) or (Way.MOST in ways and is_list(value))
        if counted and policy.scope == "each":
            value = deciding(roots, path, value, resource, given)
        says_nothing = path in reading.counted and isinstance(value, str)
        kept = plain(value, show, reading.parts.get(path, ()), told)
        facts[path] = _wrapped({Way.SAME} if says_nothing else ways, kept)
    if subject.conditional is not None:
        facts[EXISTS] = _wrapped({Way.MOST}, plain(subject.conditional, show))
    for kind, ways in reading.others.items():
        assert given.resources is not None
        members, names = given.resources(kind), sorted(reading.fields.get(kind, ()))
        values = _others(members, names, told, of_others, resource.origin.unit)
        facts[f"resources({kind})"] = _wrapped(ways, values)
    return facts


def _at(resource: Resource, path: str) -> Any:
    """The value of a field; what is not known holds no fields."""
    value: Any = resource
    for name in path.split("."):
        if not is_known(value) or value is None:
            return value
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return value


def _others(
    members: Any,
    names: Sequence[str],
    told: Collection[str],
    secrets: Callable[[Resource], Collection[str]],
    unit: str,
) -> Any:
    """What is read of other resources, each as an object. Of those in another unit than the one of
    the resource it says in which: references mean other things there."""
    known, why = opened(members)
    shows = ((each, shown(secrets(each))) for each in known)
    found = [
        {name: plain(_at(each, name), show, (), told) for name in names} | _elsewhere(each, unit)
        for each, show in shows
    ]
    if why is not None:
        found.append({"more": why.needs})
    return plain(found, lambda text: text)


def _elsewhere(other: Resource, unit: str) -> dict[str, str]:
    return {} if other.origin.unit == unit else {"unit of it": other.origin.unit}


def _wrapped(ways: Collection[Way], value: Any) -> Any:
    if set(ways) == {Way.SAME} and not isinstance(value, dict):
        return value
    return {", ".join(sorted(ways)): value}


def unwrapped(fact: Any) -> tuple[frozenset[Way], Any]:
    """The ways in which a fact is no worse, and its value."""
    if isinstance(fact, dict) and len(fact) == 1:
        (words, value), *_ = fact.items()
        try:
            return frozenset(map(Way, words.split(", "))), value
        except ValueError:
            pass
    return frozenset({Way.SAME}), fact
