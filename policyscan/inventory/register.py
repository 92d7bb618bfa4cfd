"""What the register of keys says, joined with the secrets and workloads of a run: which entry a
secret belongs to, which secret has none, and what a key is used by."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from policyscan.inventory.links import known_members
from policyscan.resources.base import Chain, Origin, ProofLevel, Resource, Step, StepKind, Tally
from policyscan.resources.own_words import plain_name
from policyscan.values import OneOf, PartialList, Unknown, Why, is_known, reason_of

if TYPE_CHECKING:
    from policyscan.resources.keys import ApiKey, Secret

COLLECTOR = "inventory"
"""Where keys come from that no source lists."""
COMPLETE = "`complete: true` in keys.yaml, if it lists every key"
_ENTRY = "an entry for {} in keys.yaml"
_FIRST_ENTRY = f"{_ENTRY}, which `policyscan init` begins"
_ARN_END = re.compile(r"-[A-Za-z0-9]{6}")
_INDEX = re.compile(r'\[(?:"[^"]*"|[0-9?]*)\]$')


class Register:
    """All registers of a run as one, beside the secrets and workloads."""

    def __init__(
        self,
        resources: Sequence[Resource],
        closed: Collection[tuple[str, str]] = (),
        unseen: Collection[str] = (),
    ) -> None:
        """`unseen` are the kinds of which gaps may hide some."""
        self._all = tuple(resources)
        self._of: dict[str, list[Resource]] = {}
        for resource in resources:
            self._of.setdefault(resource.kind, []).append(resource)
        self.keys = cast("list[ApiKey]", self._of.get("ApiKey", []))
        self._secrets = cast("list[Secret]", self._of.get("Secret", []))
        self._workloads = self._of.get("Workload", [])
        units = {unit for kind, unit in closed if kind == "ApiKey"}
        self._complete = bool(units) and all(key.origin.unit in units for key in self.keys)
        self._unseen = frozenset(unseen)
        self._named: dict[int, list[tuple[Secret, bool | Unknown]]] = {}
        """By key, the secrets that its entry names or may name."""
        self._naming: dict[int, list[tuple[ApiKey, bool | Unknown]]] = {}
        """By secret, the keys whose entries name it or may."""
        self._silent = [key for key in self.keys if _silence(key.secrets) is not None]
        self._fingerprints: dict[str, list[ApiKey]] = {}
        self._users: dict[str, list[Resource]] = {}
        for workload in self._workloads:
            for name in dict.fromkeys(_names_of(workload)):
                self._users.setdefault(name, []).append(workload)
        called = Called(self._secrets)
        for key in self.keys:
            found = self._named[id(key)] = list(_secrets_of(key, called))
            for secret, answer in found:
                self._naming.setdefault(id(secret), []).append((key, answer))
            if isinstance(key.fingerprint, str):
                self._fingerprints.setdefault(key.fingerprint, []).append(key)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All resources, the keys joined with the others, and the keys that no register lists."""
        joined = {id(key): self.joined(key) for key in self.keys}
        return (*(joined.get(id(each), each) for each in self._all), *self.unregistered)

    # -- which entry belongs to which secret ---------------------------------------------------

    def entries(self, secret: Resource) -> tuple[ApiKey, ...]:
        """The keys whose entries certainly name this secret."""
        return tuple(key for key, found in self._candidates(secret) if found is True)

    def workloads(self, secret: Resource) -> tuple[Resource, ...]:
        """The workloads that the register says use the key in this secret."""
        found = {id(w): w for key in self.entries(secret) for w in self.users(key)}
        return tuple(found.values())

    def _candidates(self, secret: Resource) -> list[tuple[ApiKey, bool | Unknown]]:
        return self._naming.get(id(secret), [])

    # -- secrets without an entry --------------------------------------------------------------

    @cached_property
    def unregistered(self) -> tuple[ApiKey, ...]:
        """A key for each exchange secret that no entry certainly names. Nothing is known of it but
        whether there is an entry."""
        return tuple(
            _unregistered(secret, self._stated(secret))
            for secret in self._secrets
            if _is_exchange(secret) and not self.entries(secret)
        )

    def tally(self, target: str) -> Tally:
        """What became of the exchange secrets."""
        found = [secret for secret in self._secrets if _is_exchange(secret)]
        listed = sum(bool(self.entries(secret)) for secret in found)
        dropped = {"has an entry in the register": listed} if listed else {}
        return Tally(target, "ApiKey", len(found), len(found) - listed, dropped)

    def _stated(self, secret: Secret) -> Any:
        """What a register states of the key in a secret: nothing, or not known why."""
        doubts = (found for _, found in self._candidates(secret) if isinstance(found, Unknown))
        doubt = next(doubts, None)
        if doubt is not None:
            return doubt
        if not self._complete:
            needs = _FIRST_ENTRY.format(secret.address)
            return Unknown(Why.MISSING, needs, secret.origin.span)
        silent = (_silence(key.secrets) for key in self._silent if _may_be_for(key, secret))
        return next((why for why in silent if why is not None), ())

    # -- what uses a key -----------------------------------------------------------------------

    def users(self, key: ApiKey) -> list[Resource]:
        """The workloads that an entry names. Of several of one name those in the environment of the
        key are meant, if there are any."""
        found: dict[int, Resource] = {}
        for name in known_members(key.used_by):
            named = self._users.get(plain_name(name), []) if isinstance(name, str) else []
            here = [workload for workload in named if _same_place(key, workload)]
            found.update({id(workload): workload for workload in here or named})
        return list(found.values())

    def joined(self, key: ApiKey) -> ApiKey:
        """The key, with where it is used and whether it belongs to something that is declared."""
        places = [*self._same_fingerprint(key), *self._environments(key)]
        known = tuple(place for place, _ in places)
        others = self._others
        used_in = known if others is None else PartialList(known, others)
        chains = {f"used_in[{number}]": chain for number, (_, chain) in enumerate(places)}
        return key.model_copy(
            update={
                "used_in": used_in,
                "declared_here": self._declared(key),
                "chains": {**key.chains, **chains},
            }
        )

    @cached_property
    def _others(self) -> Unknown | None:
        """Why there may be keys that no register lists."""
        if not self._complete:
            return Unknown(Why.OUTSIDE, COMPLETE)
        hidden = next(iter(self.unregistered), None)
        return Unknown(Why.MISSING, _ENTRY.format(hidden.address)) if hidden is not None else None

    def _same_fingerprint(self, key: ApiKey) -> Iterator[tuple[Any, Chain]]:
        """The environments of other entries for it, and that there may be more of them."""
        own = key.fingerprint
        for other in self._fingerprints.get(own, []) if isinstance(own, str) else ():
            if other is not key:
                yield other.environment, _from(other, "has the same fingerprint")
        for other in self.keys:
            open_ = next((f for f in (own, other.fingerprint) if not is_known(f)), None)
            if open_ is not None and other is not key and not _same_place(key, other):
                yield open_, _from(other, "may have the same fingerprint")
                break

    def _environments(self, key: ApiKey) -> Iterator[tuple[Any, Chain]]:
        for workload in self.users(key):
            yield workload.environment, _from(workload, "uses it")

    def _declared(self, key: ApiKey) -> Any:
        """Whether a secret or workload that an entry names is here; None if there are none."""
        if not self._secrets and not self._workloads:
            return None
        answers = [found for _, found in self._named[id(key)]]
        if True in [found for found in answers if isinstance(found, bool)] or self.users(key):
            return True
        doubts = [found for found in answers if isinstance(found, Unknown)]
        open_lists = (_silence(key.secrets), _silence(key.used_by))
        doubts += [why for why in open_lists if why is not None]
        names = (getattr(workload, "name", None) for workload in self._workloads)
        doubts += [name for name in names if isinstance(name, Unknown)]
        if not self._unseen.isdisjoint({"Secret", "Workload"}):
            doubts.append(Unknown(Why.NOT_SEEN, "the secrets and workloads that the gaps hide"))
        return doubts[0] if doubts else False


def _from(other: Resource, why: str) -> Chain:
    step = Step(StepKind.REFERENCE, f"{other.address} {why}", other.origin.span)
    return (step, *other.provenance("environment"))


class Called:
    """Finds secrets by what an entry calls them."""

    def __init__(self, secrets: Sequence[Secret]) -> None:
        self._secrets = secrets
        self._open = [secret for secret in secrets if not isinstance(secret.name, str)]
        self._by_text: dict[str, list[Secret]] = {}
        for secret in secrets:
            self._by_text.setdefault(secret.address, []).append(secret)
            if isinstance(secret.name, str):
                self._by_text.setdefault(secret.name, []).append(secret)

    def by(self, text: str) -> Iterator[tuple[Secret, bool | Unknown]]:
        """The secrets that it certainly means, or may."""
        for secret in self._candidates(text):
            answer = names_secret(text, secret)
            if answer is not False:
                yield secret, answer

    def _candidates(self, text: str) -> Iterable[Secret]:
        if text.endswith("*"):
            return self._secrets
        end = _end_of_arn(text)
        spellings = dict.fromkeys((text, end, end[:-7], end[1:]))
        found = [each for word in spellings for each in self._by_text.get(word, ())]
        return {id(each): each for each in (*found, *self._open)}.values()


def _secrets_of(key: ApiKey, called: Called) -> Iterator[tuple[Secret, bool | Unknown]]:
    """The secrets that an entry names or may name. One name for several tells none."""
    for text in known_members(key.secrets):
        if not isinstance(text, str):
            continue
        found = [pair for pair in called.by(text) if not _elsewhere(key, pair[0])]
        certain = sum(answer is True for _, answer in found)
        needs = f"which of {certain} secrets {text} in {key.address} is"
        open_ = Unknown(Why.MISSING, needs, key.origin.span)
        for secret, answer in found:
            yield secret, open_ if answer is True and certain > 1 else answer


def names_secret(text: str, secret: Secret) -> bool | Unknown:
    """Whether an entry means this secret by `text`: its name, its ARN, the beginning of its name
    and `*`, or its address."""
    if text == secret.address:
        return True
    if text.startswith("arn:"):
        end = _end_of_arn(text)
        return _called(secret, end, lambda name: _is_arn_end(end, name))
    if text.endswith("*"):
        return _called(secret, None, lambda name: name.startswith(text[:-1]))
    return _called(secret, text, lambda name: name == text)


def _called(secret: Secret, whole: str | None, test: Callable[[str], bool]) -> bool | Unknown:
    """Whether the name of a secret passes a test; `whole` is a text that must hold all of it."""
    name = secret.name
    if isinstance(name, str):
        return test(name)
    if isinstance(name, OneOf):
        answers = {isinstance(a.value, str) and test(a.value) for a in name.alternatives}
        return answers.pop() if len(answers) == 1 else name.unknown
    if isinstance(name, Unknown):
        foreign = whole is not None and any(piece not in whole for piece in name.fragments)
        return False if foreign else name.derived
    return Unknown(Why.COMPUTED, f"the name of {secret.address}", secret.origin.span)


def _end_of_arn(text: str) -> str:
    return text.rpartition(":secret:" if ":secret:" in text else ":parameter")[2]


def _is_arn_end(end: str, name: str) -> bool:
    """AWS writes six characters behind the name of a secret, and one before that of a parameter."""
    if end.startswith("/"):
        return name in (end, end[1:])
    rest = end.removeprefix(name) if end.startswith(name) else None
    return rest is not None and (not rest or _ARN_END.fullmatch(rest) is not None)


def _is_exchange(secret: Secret) -> bool:
    return isinstance(secret.purpose, str) and secret.purpose == "exchange_api_key"


def _may_be_for(key: ApiKey, secret: Secret) -> bool:
    """Whether the key of an entry may be in this secret as well."""
    there = isinstance(key.storage, Unknown) or key.storage == secret.store
    return there and not _elsewhere(key, secret)


def _silence(members: object) -> Unknown | None:
    """Why a list is not known whole."""
    return reason_of(members) if isinstance(members, (PartialList, Unknown)) else None


def _elsewhere(one: Resource, other: Resource) -> bool:
    """Whether two things are known to be in different environments."""
    known = isinstance(one.environment, str) and isinstance(other.environment, str)
    return known and one.environment != other.environment


def _same_place(one: Resource, other: Resource) -> bool:
    known = isinstance(one.environment, str) and isinstance(other.environment, str)
    return known and one.environment == other.environment


def _names_of(workload: Resource) -> Iterator[str]:
    """What an entry may call a workload: its name, its address, its label."""
    name = getattr(workload, "name", None)
    if isinstance(name, str):
        yield plain_name(name)
    yield plain_name(workload.address)
    yield plain_name(_INDEX.sub("", workload.address).rpartition(".")[2])


def _unregistered(secret: Secret, stated: Any) -> ApiKey:
    from policyscan.resources.keys import ApiKey, Permissions  # late: often there is none

    needs = _FIRST_ENTRY.format(secret.address)
    nothing = Unknown(Why.MISSING, needs, secret.origin.span)
    own = {"address", "origin", "stated", "registered", "permissions", "conditional", "identity"}
    shared = {"tags", "role", "environment", "tier", "scope", "chains", "seals", "names", *own}
    span, unit = secret.origin.span, secret.origin.unit
    return ApiKey(
        address=secret.address,
        origin=Origin(COLLECTOR, secret.origin.target, unit, span, ProofLevel.ASSERTED),
        registered=False,
        stated=stated,
        permissions=Permissions(**dict.fromkeys(Permissions.model_fields, nothing)),
        conditional=secret.conditional,
        identity=secret.identity,
        role=secret.role,
        environment=secret.environment,
        tier=secret.tier,
        scope={name: basis for name, basis in secret.scope.items() if name != "purpose"},
        chains={name: secret.chains[name] for name in secret.scope if name in secret.chains},
        **{name: nothing for name in ApiKey.model_fields if name not in shared},
    )
