"""Which statement reaches which exchange secret: the join of statements with secrets.

Before scope is decided, `Reach.readers` tells who reads which secrets, from which their roles may
follow; afterwards `with_reach` fills the fields of the statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from policyscan.config import ScopeAssignment
from policyscan.inventory.assigned import assigned
from policyscan.inventory.links import known_members
from policyscan.inventory.register import names_secret
from policyscan.inventory.words import ENVIRONMENTS, ROLES, said
from policyscan.resources.base import Chain, Resource
from policyscan.resources.iam.actions import NAMES, READING, action_bits, names_of
from policyscan.resources.iam.conditions import (
    is_of_principal,
    operator_of,
    resource_tag,
    unclear,
)
from policyscan.resources.iam.effective import Allow, Effective, principals
from policyscan.resources.iam.matching import Grant, grant_of
from policyscan.resources.iam.model import Condition, IamStatement, allows
from policyscan.resources.iam.owners import (
    ENVIRONMENT_TAGS,
    EQUALITY,
    Ownership,
    lists_all,
    names_all,
)
from policyscan.resources.iam.patterns import bits_of
from policyscan.resources.iam.principals import forms_of
from policyscan.resources.iam.reach import Layers
from policyscan.resources.iam.secrets import (
    ELSEWHERE,
    ExchangeSecrets,
    exchange_secrets,
    may_be_elsewhere,
)
from policyscan.resources.keys import ApiKey, Secret
from policyscan.resources.units import set_unit
from policyscan.resources.workloads import Workload
from policyscan.text.words import words_of
from policyscan.values import Many, Maybe, OneOf, PartialList, Ref, Unknown, Why, reason_of

_EVERY_ACTION = -1


class Reader(Struct, frozen=True, eq=False):
    """Who may read the value of some exchange secrets by one statement."""

    statement: IamStatement
    principal: str | Ref
    """The role, user or group."""
    secrets: tuple[Secret, ...]
    """The secrets that are declared; empty if only a pattern names one."""
    specific: bool
    """True if the statement names them, False if it merely allows all secrets there are."""
    certain: bool


class Reach:
    """The join of all statements and secrets of a run."""

    def __init__(
        self,
        resources: Iterable[Resource],
        assignments: Sequence[ScopeAssignment] = (),
    ) -> None:
        self._resources = tuple(resources)
        self._assignments = tuple(assignments)
        statements = [r for r in self._resources if isinstance(r, IamStatement)]
        secrets = [r for r in self._resources if isinstance(r, Secret)]
        self._keys = [r for r in self._resources if isinstance(r, ApiKey) and r.registered]
        self._secrets_of: dict[int, tuple[Secret, ...]] = {}
        self._environments_of: dict[tuple[str, tuple[str, ...]], list[Maybe[str]]] = {}
        self._secrets = {(set_unit(s.origin.unit), s.address): s for s in secrets}
        self._exchange = exchange_secrets(secrets, statements, self._purpose)
        subjects = self._exchange.subjects
        grants = [grant_of(s, subjects) for s in statements if s.policy_kind != "trust"]
        self._effective = Effective(map(self._with_room, grants), subjects)
        self._allows = {id(g.statement): self._effective.of(g) for g in self._effective.allows}
        self._owners = Ownership(
            self._exchange,
            self._allows.values(),
            (r for r in self._resources if isinstance(r, Workload)),
            self._users,
            self._grouped,
        )

    def _purpose(self, secret: Secret) -> Maybe[str]:
        answer = assigned(secret, self._assignments).get("purpose")
        return secret.purpose if answer is None else answer.value

    def _users(self, bit: int) -> Iterator[str]:
        """Who uses the key in a secret, as registers call them."""
        secret = self._exchange.secrets[bit]
        if secret is None:
            return
        for key in self._keys:
            named = (text for text in known_members(key.secrets) if isinstance(text, str))
            if any(names_secret(text, secret) is True for text in named):
                yield from (user for user in known_members(key.used_by) if isinstance(user, str))

    def _with_room(self, grant: Grant) -> Grant:
        """Secrets that no file declares are those of its own unit, and an Allow reaches them only
        if what it names leaves room for them."""
        statement, exchange = grant.statement, self._exchange
        own = exchange.subjects.of_unit.get(set_unit(statement.origin.unit), 0)
        room = allows(statement) is not True or may_be_elsewhere(statement, _is_something_else)
        keep = ~exchange.elsewhere | (own if room else 0)
        must, may = grant.secrets
        if allows(statement) is True and lists_all(statement):
            must |= may & exchange.elsewhere
        secrets = grant.secrets._replace(must=must & keep, may=may & keep)
        return Grant(statement, grant.actions, secrets, grant.named, grant.by_request)

    # -- who reads -------------------------------------------------------------------------------

    def readers(self) -> Iterator[Reader]:
        """Who may read the value of an exchange secret, statement by statement."""
        for allow in self._allows.values():
            for who, layers in allow.left:
                if isinstance(who, (str, Ref)):
                    yield from self._readers(allow.grant, who, layers)

    def _readers(self, grant: Grant, who: str | Ref, layers: Layers) -> Iterator[Reader]:
        certain, perhaps = _reached(layers, self._exchange, READING)
        for specific in (True, False):
            chosen = grant.named.may if specific else ~grant.named.may
            for bits, sure in ((certain, True), (perhaps & ~certain, False)):
                found = bits & chosen & ~self._exchange.elsewhere
                if found:
                    yield Reader(grant.statement, who, self._declared(found), specific, sure)

    def _declared(self, bits: int) -> tuple[Secret, ...]:
        if bits not in self._secrets_of:
            found = (self._exchange.secrets[bit] for bit in bits_of(bits))
            self._secrets_of[bits] = tuple(secret for secret in found if secret is not None)
        return self._secrets_of[bits]

    def _grouped(self, statement: IamStatement, bit: int) -> bool:
        """Whether one assignment gives a role to a statement and a secret, and to no statement
        that is for somebody else."""
        secret = self._exchange.secrets[bit]
        return secret is not None and any(
            assigned(statement, (assignment,))
            and assigned(secret, (assignment,))
            and self._for_one(assignment, statement)
            for assignment in self._assignments
            if assignment.role
        )

    def _for_one(self, assignment: ScopeAssignment, statement: IamStatement) -> bool:
        who = _named(statement)
        return bool(who) and all(
            _named(other) <= who
            for allow in self._allows.values()
            if allow.layers and assigned(other := allow.grant.statement, (assignment,))
        )

    # -- fields ----------------------------------------------------------------------------------

    def filled(self) -> tuple[Resource, ...]:
        """The resources of the run, their statements with the fields that come of the join."""
        return tuple(
            self._filled(resource) if isinstance(resource, IamStatement) else resource
            for resource in self._resources
        )

    def _filled(self, statement: IamStatement) -> IamStatement:
        allow = self._allows.get(id(statement))
        fields: dict[str, Any] = {
            "admin": False if allow is None else self._effective.admin(statement),
            "principal_forms": forms_of(statement) if statement.policy_kind == "resource" else (),
            "bound_environments": bound_environments(statement),
            **self._secret_fields(statement, allow),
        }
        fields["environments_reached"] = self._environments(statement, fields["exchange_secrets"])
        chains = {**statement.chains, **dict(_chains(statement, fields))}
        return statement.model_copy(update={**fields, "chains": chains})

    def _secret_fields(self, statement: IamStatement, allow: Allow | None) -> dict[str, Any]:
        layers = () if allow is None else allow.layers
        exchange = self._exchange
        certain, perhaps = _reached(layers, exchange, _EVERY_ACTION)
        if allow is None or not perhaps:
            names = ("exchange_secrets", "secret_actions")
            flags = ("reaches_exchange_secret", "covers_all_secrets", "reaches_only_its_own")
            return {**dict.fromkeys(names, ()), **dict.fromkeys(flags, False)}
        doubts = perhaps & ~certain
        why = self._why(statement, doubts) if doubts else None
        must, may = self._actions(allow, perhaps)
        doubtful = self._why(statement, doubts) if may & ~must else None
        elsewhere = any(layer.must and layer.secrets & exchange.elsewhere for layer in layers)
        return {
            "reaches_exchange_secret": True if certain else why,
            "covers_all_secrets": names_all(statement) and elsewhere,
            "exchange_secrets": _list(exchange.subjects.labels(certain), why),
            "secret_actions": _list(names_of(must), doubtful),
            "reaches_only_its_own": self._owners.of(allow),
        }

    def _actions(self, allow: Allow, perhaps: int) -> tuple[int, int]:
        """What is granted on these secrets, if they are reached: for certain, and perhaps."""
        grant = allow.grant
        secrets = grant.secrets._replace(must=grant.secrets.may)
        reached = Grant(grant.statement, grant.actions, secrets, grant.named, grant.by_request)
        must = may = 0
        for layer in self._effective.of(reached).layers:
            if layer.secrets & perhaps:
                must, may = must | layer.must, may | layer.may
        return must, may

    def _environments(
        self, statement: IamStatement, listed: tuple[str, ...] | PartialList[str]
    ) -> Many[Maybe[str]]:
        """The environments of the secrets that a statement reaches. Of one secret there is one."""
        key = (
            set_unit(statement.origin.unit),
            listed.known if isinstance(listed, PartialList) else listed,
        )
        if key not in self._environments_of:
            self._environments_of[key] = [
                _environment_of(label, self._secrets.get((key[0], label))) for label in key[1]
            ]
        found = self._environments_of[key]
        if len(found) == 1 and not isinstance(listed, PartialList):
            return (found[0],)
        known = tuple(dict.fromkeys(each for each in found if isinstance(each, str)))
        opened = [reason_of(each) for each in found if not isinstance(each, str)]
        if isinstance(listed, PartialList):  # answers about those that are known do not close it
            opened.insert(0, listed.unknown)
        return PartialList(known, opened[0]) if opened else known

    def _why(self, statement: IamStatement, doubts: int) -> Unknown:
        """What would decide whether a statement reaches these secrets."""
        elsewhere = self._exchange.elsewhere
        known = None if doubts and not doubts & ~elsewhere else _first_unknown(statement)
        if known is not None:
            return known
        here = next(bits_of(doubts & ~elsewhere), None)
        what = ELSEWHERE if here is None else self._exchange.subjects.all[here].label
        why = Why.OUTSIDE if here is None else Why.NOT_SEEN
        return Unknown(why, f"whether {statement.address} reaches {what}", statement.origin.span)


def _named(statement: IamStatement) -> set[tuple[str, str]]:
    """Whom a statement is for, as far as it is known, each with its root."""
    unit = set_unit(statement.origin.unit)
    return {(unit, str(one)) for one in principals(statement) if isinstance(one, (str, Ref))}


def with_reach(
    resources: Iterable[Resource], assignments: Sequence[ScopeAssignment] = ()
) -> tuple[Resource, ...]:
    """The resources after scope is decided, their statements with what they reach."""
    return Reach(resources, assignments).filled()


def _reached(layers: Layers, exchange: ExchangeSecrets, actions: int) -> tuple[int, int]:
    """The exchange secrets on which any of the actions is granted, for certain and perhaps."""
    certain = perhaps = 0
    for layer in layers:
        certain |= layer.secrets & exchange.certain if layer.must & actions else 0
        perhaps |= layer.secrets if layer.may & actions else 0
    return certain, perhaps & (exchange.perhaps | exchange.elsewhere)


def _list(known: tuple[str, ...], why: Unknown | None) -> Many[Maybe[str]]:
    return known if why is None else PartialList(known, why)


def _is_something_else(name: str) -> bool:
    """Whether a name says that it is a database, a mail server, a dashboard …"""
    return any(ROLES.get(word) == "other" for word in words_of(name))


def _first_unknown(statement: IamStatement) -> Unknown | None:
    """The first thing in a statement that is not known."""
    names = ("effect", "actions", "not_actions", "resources", "not_resources", "conditions")
    for name in (*names, "attached_to", "boundary"):
        value = getattr(statement, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Unknown):
                return item.derived
            if isinstance(item, (OneOf, PartialList)):
                return item.unknown.derived
    return None


def _chains(statement: IamStatement, fields: Mapping[str, Any]) -> Iterable[tuple[str, Chain]]:
    """For what was worked out, where that is written from which it follows."""
    if not statement.chains:
        return
    for name, source in _SOURCES.items():
        yield name, statement.provenance(source)
    granted = fields["secret_actions"]
    names = granted.known if isinstance(granted, PartialList) else granted
    patterns = statement.actions if isinstance(statement.actions, tuple) else ()
    bits = [action_bits(pattern) for pattern in patterns]
    for number, name in enumerate(names):
        here = next((at for at, each in enumerate(bits) if each >> NAMES.index(name) & 1), None)
        if here is not None:
            yield f"secret_actions[{number}]", statement.provenance(f"actions[{here}]")
    forms = fields["principal_forms"]
    for number in range(len(forms) if isinstance(forms, tuple) else 0):
        yield f"principal_forms[{number}]", statement.provenance(f"principals[{number}]")


_SOURCES = {
    "admin": "actions",
    "reaches_exchange_secret": "resources",
    "covers_all_secrets": "resources",
    "exchange_secrets": "resources",
    "secret_actions": "actions",
    "reaches_only_its_own": "resources",
    "environments_reached": "resources",
    "bound_environments": "conditions",
    "principal_forms": "principals",
}


# -- environments ------------------------------------------------------------------------------


def bound_environments(statement: IamStatement) -> Many[Maybe[str]]:
    """The environments to which conditions on the tag `Environment` of a secret limit it."""
    conditions = statement.conditions
    if isinstance(conditions, (Unknown, OneOf)):
        return conditions if isinstance(conditions, Unknown) else conditions.unknown
    known = conditions.known if isinstance(conditions, PartialList) else conditions
    for condition in known:
        if _binds_environment(condition):
            return _environments(condition)
    doubts = [reason for each in known if (reason := unclear(each)) is not None]
    if isinstance(conditions, PartialList):
        doubts.append(conditions.unknown)
    return PartialList((), doubts[0]) if doubts else ()


def _binds_environment(condition: Condition) -> bool:
    operator = operator_of(condition)
    return (
        operator is not None
        and operator.binds
        and operator.name in EQUALITY
        and resource_tag(condition) in ENVIRONMENT_TAGS
    )


def _environments(condition: Condition) -> Many[Maybe[str]]:
    values = condition.values
    if isinstance(values, (Unknown, OneOf)):
        return values if isinstance(values, Unknown) else values.unknown
    known = values.known if isinstance(values, PartialList) else values
    found = tuple(dict.fromkeys(e for e in map(_environment, known) if isinstance(e, str)))
    opened = [e for e in map(_environment, known) if isinstance(e, Unknown)]
    if isinstance(values, PartialList):
        opened.append(values.unknown)
    return PartialList(found, opened[0]) if opened else found


def _environment(value: Maybe[str]) -> str | Unknown:
    """The environment that a value of the tag means; a wildcard that says none is any."""
    if isinstance(value, str):
        if is_of_principal(value):
            return "own"
        if "${" in value:
            return Unknown(Why.UNSUPPORTED, f"the environment that {value} means")
        meaning = said(words_of(value), ENVIRONMENTS)
        return value if meaning is None else meaning[0]
    return value.derived if isinstance(value, Unknown) else reason_of(value)


def _environment_of(label: str, secret: Secret | None) -> Maybe[str]:
    """The environment of a secret; of one that only a pattern names, what its words say."""
    if secret is not None:
        return secret.environment
    meaning = said(words_of(label), ENVIRONMENTS)
    needs = f"the environment of {label}"
    return Unknown(Why.UNDECLARED, needs) if meaning is None else meaning[0]
