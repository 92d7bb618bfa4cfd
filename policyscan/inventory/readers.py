"""Which workloads name which secrets: by a reference, by name or by ARN."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from msgspec import Struct

from policyscan.inventory.links import known_members
from policyscan.resources.base import Resource, Step, StepKind
from policyscan.resources.secret_names import secret_of_arn
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, same

Doubt = tuple[Resource, Unknown]
"""A workload of which it is not known whether it names a secret, and why."""


class Readers(Struct, frozen=True):
    """The workloads that name one secret."""

    certain: tuple[Resource, ...]
    possible: tuple[Doubt, ...]
    """Those that may name this one."""
    anyone: Mapping[str, Sequence[Doubt]]
    """Those that may name any, by their environment, which is empty if it is not known. They are
    the same for all secrets, so that many of each cost no more than both together."""

    def doubts(self) -> Iterator[Doubt]:
        """All that may be readers and are not certain to be."""
        certain = {id(workload) for workload in self.certain}
        every = chain(self.possible, *self.anyone.values())
        return (doubt for doubt in every if id(doubt[0]) not in certain)


def with_readers(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """The resources, each secret with the environments of its readers."""
    secrets = [resource for resource in resources if resource.kind == "Secret"]
    if not secrets:
        return tuple(resources)
    workloads = [resource for resource in resources if resource.kind == "Workload"]
    found = {
        id(secret): _fields(secret, readers)
        for secret, readers in zip(secrets, readers_of(secrets, workloads), strict=True)
    }
    return tuple(
        resource.model_copy(update=found[id(resource)]) if id(resource) in found else resource
        for resource in resources
    )


def _fields(secret: Resource, readers: Readers) -> dict[str, Any]:
    """The environments of the readers of a secret, each with the first reader that is there."""
    environments = reader_environments(secret, readers)
    known = environments.known if isinstance(environments, PartialList) else environments
    chains = dict(secret.chains)
    for number, environment in enumerate(known):
        reader = next(w for w in readers.certain if same(w.environment, environment))
        step = Step(StepKind.REFERENCE, f"{reader.address} reads it", reader.origin.span)
        chains[f"reader_environments[{number}]"] = (step, *reader.chains.get("environment", ()))
    return {"reader_environments": environments, "chains": chains}


def readers_of(secrets: Sequence[Resource], workloads: Sequence[Resource]) -> tuple[Readers, ...]:
    """The readers of each secret, in the order of the secrets."""
    search = _Search(secrets)
    for workload in workloads:
        search.enter(workload)
    return tuple(search.readers(number) for number in range(len(secrets)))


def reader_environments(secret: Resource, readers: Readers) -> tuple[Any, ...] | PartialList[Any]:
    """The environments of the readers, each once. A workload that may be a reader leaves the list
    open, unless it is of an environment that is in the list or is that of the secret."""
    known: list[Any] = []
    for workload in readers.certain:
        if not any(same(workload.environment, each) for each in known):
            known.append(workload.environment)
    expected = {each for each in (*known, secret.environment) if isinstance(each, str)}
    reason = _opens(readers, expected)
    return tuple(known) if reason is None else PartialList(tuple(known), reason)


def _opens(readers: Readers, expected: Collection[str]) -> Unknown | None:
    """Why there may be a reader of an environment other than those that are `expected`."""
    certain = {id(workload) for workload in readers.certain}
    groups = [*readers.anyone.items(), *_by_environment(readers.possible).items()]
    for environment, doubts in groups:
        if environment not in expected:
            for workload, reason in doubts:
                if id(workload) not in certain:
                    return reason
    return None


def _by_environment(doubts: Iterable[Doubt]) -> Mapping[str, Sequence[Doubt]]:
    found: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        environment = doubt[0].environment
        found.setdefault(environment if isinstance(environment, str) else "", []).append(doubt)
    return found


class _Search:
    """The secrets of a run by what they are called, and who calls them."""

    def __init__(self, secrets: Sequence[Resource]) -> None:
        self._by_address: dict[tuple[str, str], list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._unnamed: set[int] = set()
        self._certain: list[dict[int, Resource]] = [{} for _ in secrets]
        self._possible: list[list[Doubt]] = [[] for _ in secrets]
        self._anything: list[Doubt] = []
        """Workloads that may name any secret."""
        self._strangers: list[Doubt] = []
        """Workloads with a name that is of no secret here whose name is known."""
        for number, secret in enumerate(secrets):
            key = secret.origin.unit, secret.address
            self._by_address.setdefault(key, []).append(number)
            name = getattr(secret, "name", None)
            if isinstance(name, str):
                self._by_name.setdefault(name, []).append(number)
            else:
                self._unnamed.add(number)

    def enter(self, workload: Resource) -> None:
        """Look up all secrets that a workload names."""
        named = getattr(workload, "secrets", ())
        if isinstance(named, (PartialList, OneOf)):
            self._anything.append((workload, named.unknown))
        for member in known_members(named):
            self._member(workload, member)

    def readers(self, number: int) -> Readers:
        """The readers of one secret."""
        anyone = self._anyone_or_strangers if number in self._unnamed else self._anyone
        certain = tuple(self._certain[number].values())
        return Readers(certain, tuple(self._possible[number]), anyone)

    @cached_property
    def _anyone(self) -> Mapping[str, Sequence[Doubt]]:
        return _by_environment(self._anything)

    @cached_property
    def _anyone_or_strangers(self) -> Mapping[str, Sequence[Doubt]]:
        return _by_environment([*self._anything, *self._strangers])

    def _member(self, workload: Resource, member: object) -> None:
        if isinstance(member, Unknown):
            self._anything.append((workload, member))
        elif isinstance(member, Ref) and not member.certain:
            self._uncertain(workload, member)
        elif isinstance(member, OneOf):
            for case in member.alternatives:
                for number in self._meant(workload, case.value):
                    self._possible[number].append((workload, member.unknown))
        else:
            numbers = list(self._meant(workload, member))
            for number in numbers:
                self._certain[number][id(workload)] = workload
            if not numbers and isinstance(member, str):
                reason = Unknown(Why.COMPUTED, f"whether {member} is its name")
                self._strangers.append((workload, reason))

    def _uncertain(self, workload: Resource, member: Ref) -> None:
        """A data source may be any secret, and an instance of unknown number one of them."""
        reason = Unknown(Why.COMPUTED, f"which secret {member} is", member.where)
        numbers = self._by_address.get((workload.origin.unit, member.address))
        if numbers is None:
            self._anything.append((workload, reason))
        for number in numbers or ():
            self._possible[number].append((workload, reason))

    def _meant(self, workload: Resource, member: object) -> Iterator[int]:
        """The secrets that a reference or a known text means."""
        if isinstance(member, Ref):
            yield from self._by_address.get((workload.origin.unit, member.address), ())
        elif isinstance(member, str):
            arn = secret_of_arn(member)
            for name in (member,) if arn is None else arn.names:
                if name in self._by_name:
                    yield from self._by_name[name]
                    return
