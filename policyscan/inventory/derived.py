"""Scope that follows from connections: who reads an exchange secret trades, and what serves it
serves trading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from policyscan.config import ScopeAssignment
from policyscan.inventory.answers import Answer, Answers, weakest
from policyscan.inventory.links import EDGES, Links, identity_key, known_members
from policyscan.inventory.register import Register
from policyscan.resources.base import Chain, Resource, Step, StepKind
from policyscan.resources.exchange_words import exchange_of_environment
from policyscan.resources.scope import QUESTIONS

if TYPE_CHECKING:
    from policyscan.inventory.reach import Reader


class Derivation:
    """Hands answers on along the connections of a run."""

    def __init__(
        self,
        resources: Sequence[Resource],
        answers: Answers,
        assignments: tuple[ScopeAssignment, ...],
    ) -> None:
        self._resources = resources
        self._answers = answers
        self._assignments = assignments
        self._links = Links(resources)
        self._of: dict[str, list[Resource]] = {}
        """By kind."""
        self._statements: dict[tuple[str, str], list[Resource]] = {}
        """Those that apply to a role, user or group."""
        for resource in resources:
            self._of.setdefault(resource.kind, []).append(resource)
        for statement in self._of.get("IamStatement", ()):
            for member in known_members(getattr(statement, "attached_to", ())):
                key = identity_key(member, statement.origin.unit)
                if key is not None:
                    self._statements.setdefault(key, []).append(statement)

    def roles(self) -> None:
        """The roles that follow from what a resource does."""
        for secret in self._of.get("Secret", ()):
            if self._is_exchange_secret(secret):
                because = _purpose(secret, self._answers)
                self._answers.give(secret, "role", Answer("trading", "derived", because))
                for path, function in self._links.named(secret, ("rotation_function",)):
                    chain = _steps(f"rotates {secret.address}", function, secret.provenance(path))
                    self._answers.give(function, "role", Answer("rotation", "derived", chain))
        for workload in self._of.get("Workload", ()):
            _, granted = self._grants.get(id(workload), ((), ()))
            because = next(self._reads(workload), granted)
            if because:
                self._answers.give(workload, "role", Answer("trading", "derived", because))
        self._in_programs()
        for group in self._of.get("SecurityGroup", ()):
            if getattr(group, "only_public_load_balancer", None) is True:
                what = f"{group.address} is attached to internet-facing load balancers only"
                chain = (Step(StepKind.REFERENCE, what, group.origin.span),)
                self._answers.give(group, "role", Answer("public", "derived", chain))

    def _in_programs(self) -> None:
        """What belongs to a program that handles exchange keys serves trading."""
        programs = {program.address: program for program in self._of.get("Program", ())}
        for kind in ("LoggingConfig", "DockerfileStage") if programs else ():
            for resource in self._of.get(kind, ()):
                program = programs.get(_program_of(resource, programs))
                if program is not None and getattr(program, "handles_keys", False):
                    what = f"belongs to {program.address}, which handles exchange keys"
                    chain = _steps(what, resource, program.provenance("handles_keys"))
                    self._answers.give(resource, "role", Answer("trading", "derived", chain))

    def inherit(self) -> None:
        """What workloads are for goes on to what they use, and from there further."""
        self._from_register()
        for workload in self._of.get("Workload", ()):
            named = [target for _, target in self._links.named(workload, ("secrets",))]
            granted, _ = self._grants.get(id(workload), ((), ()))
            secrets = {id(secret): secret for secret in (*named, *granted)}
            self._agree(workload, ("environment", "tier"), list(secrets.values()))
        for kind, fields in EDGES.items():
            users: dict[int, tuple[Resource, list[Resource]]] = {}
            for source in self._of.get(kind, ()):
                for target in self._served(source, fields):
                    users.setdefault(id(target), (target, []))[1].append(source)
            for target, sources in users.values():
                self._agree(target, QUESTIONS, sources)

    def _from_register(self) -> None:
        """A secret is in the environment and tier of the keys that the register says are in it."""
        if "ApiKey" in self._of and "Secret" in self._of:
            register = Register(self._resources)
            for secret in self._of["Secret"]:
                self._agree(secret, ("environment", "tier"), register.entries(secret))

    def _served(self, source: Resource, fields: tuple[str, ...]) -> Iterator[Resource]:
        for _, target in self._links.named(source, fields):
            yield target
        key = identity_key(getattr(source, "iam_role", None), source.origin.unit)
        if key is not None:
            yield from self._statements.get(key, ())

    def _agree(
        self, target: Resource, questions: Iterable[str], sources: Sequence[Resource]
    ) -> None:
        """Give `target` the answers on which all sources agree; where one of them trades, what it
        uses carries trading whatever else it carries."""
        for question in questions:
            pairs = ((source, self._answers.of(source, question)) for source in sources)
            found = [(source, answer) for source, answer in pairs if answer is not None]
            trading = [pair for pair in found if pair[1].value == "trading"]
            agreed = len(found) == len(sources) and len({a.value for _, a in found}) == 1
            chosen = trading or (found if agreed else [])
            if chosen:
                source, answer = min(chosen, key=lambda pair: pair[1].strength)
                chain = _steps(f"serves {source.address}", target, answer.because)
                basis = weakest("derived", answer.basis)
                derived = Answer(answer.value, basis, chain)
                self._answers.give(target, question, derived, first=bool(trading))

    # -- who reads an exchange secret ----------------------------------------------------------

    @cached_property
    def _grants(self) -> dict[int, tuple[tuple[Resource, ...], Chain]]:
        """By workload, the exchange secrets that a statement names and lets its role read, and how
        that is known. A statement that lets it read everything tells nothing."""
        workloads = self._of.get("Workload", ())
        secrets = self._of.get("Secret", ())
        if not workloads or not self._statements or not any(map(self._is_exchange_secret, secrets)):
            return {}
        from policyscan.inventory.reach import Reach  # late: few runs have all of these

        found: dict[tuple[str, str], Reader] = {}
        for reader in Reach(self._resources, self._assignments).readers():
            key = identity_key(reader.principal, reader.statement.origin.unit)
            if key is not None and reader.specific and reader.certain and reader.secrets:
                found.setdefault(key, reader)
        pairs = ((w, identity_key(getattr(w, "iam_role", None), w.origin.unit)) for w in workloads)
        return {
            id(w): (found[key].secrets, self._granted(w, found[key]))
            for w, key in pairs
            if key is not None and key in found
        }

    def _granted(self, workload: Resource, reader: Reader) -> Chain:
        secret, statement = reader.secrets[0], reader.statement
        lets = f"{statement.address} lets it read {secret.address}"
        step = Step(StepKind.REFERENCE, lets, statement.origin.span)
        acts = _steps(f"acts under {reader.principal}", workload, workload.provenance("iam_role"))
        return (*acts, step, *_purpose(secret, self._answers))

    def _is_exchange_secret(self, secret: Resource) -> bool:
        answer = self._answers.of(secret, "purpose")
        return answer is not None and answer.value == "exchange_api_key"

    def _reads(self, workload: Resource) -> Iterator[Chain]:
        """The ways in which a workload surely gets an exchange secret."""
        for path, secret in self._links.named(workload, ("secrets",)):
            if secret.kind == "Secret" and self._is_exchange_secret(secret):
                because = (*workload.provenance(path), *_purpose(secret, self._answers))
                yield _steps(f"reads {secret.address}", workload, because)
        for number, name in enumerate(known_members(getattr(workload, "environment_names", ()))):
            if isinstance(name, str) and exchange_of_environment(name) is not None:
                chain = workload.provenance(f"environment_names[{number}]")
                yield _steps(f"has the variable {name}", workload, chain)


def _program_of(resource: Resource, programs: Mapping[str, Resource]) -> str:
    """The address of the program that a resource belongs to: the one it names, or the nearest
    directory above it."""
    named = getattr(resource, "program", None)
    if isinstance(named, str):
        return named
    folder = resource.origin.unit.rpartition("/")[0]
    while folder and folder not in programs:
        folder = folder.rpartition("/")[0]
    return folder or "."


def _purpose(secret: Resource, answers: Answers) -> Chain:
    answer = answers.of(secret, "purpose")
    return answer.because if answer is not None else ()


def _steps(what: str, resource: Resource, because: Chain) -> Chain:
    step = Step(StepKind.REFERENCE, f"{resource.address} {what}", resource.origin.span)
    return (step, *because)
