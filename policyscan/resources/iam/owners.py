"""Whether the secrets that a statement reaches are known to be those of whom it is for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from policyscan.resources.iam.conditions import is_of_principal, operator_of, resource_tag
from policyscan.resources.iam.effective import Allow, Who, principals
from policyscan.resources.iam.matching import covers_all, leading_ref
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.iam.patterns import bits_of, literal
from policyscan.resources.iam.secrets import ExchangeSecrets, flat, name_part
from policyscan.resources.own_words import Owners, own_words, plain_name
from policyscan.resources.units import set_unit
from policyscan.resources.workloads import Workload
from policyscan.values import Maybe, OneOf, PartialList, Ref, Unknown, Why

_INDEX = re.compile(r"\[[^\]]*\]")
EQUALITY = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
ENVIRONMENT_TAGS = frozenset({"environment", "env", "stage"})
"""In lower case."""


class Ownership:
    """Who owns what, in one run."""

    def __init__(
        self,
        exchange: ExchangeSecrets,
        allows: Iterable[Allow],
        workloads: Iterable[Workload],
        users: Callable[[int], Iterable[str]],
        grouped: Callable[[IamStatement, int], bool],
    ) -> None:
        """`users` gives who uses a secret, by its bit, as a register says; `grouped` tells whether
        a person has put a statement and a secret into a group of their own."""
        self._exchange = exchange
        self._users = users
        self._grouped = grouped
        self._workload_names: dict[tuple[str, str], frozenset[str]] = {}
        """By identity, the words of the workloads that act as it, and what each is called."""
        self._addresses: dict[tuple[str, str], frozenset[str]] = {}
        """By identity, the addresses and labels of those workloads that no other one has."""
        workloads = tuple(workloads)
        mentions = Counter(name for workload in workloads for name in _mentions(workload))
        for workload in workloads:
            self._enter(workload, mentions)
        reaching = [allow.grant.statement for allow in allows if self._reached(allow)]
        self._secret_words = [
            own_words(_label(subject.label)) | self._name_words(bit)
            for bit, subject in enumerate(exchange.subjects.all)
        ]
        exchange_bits = exchange.perhaps & ~exchange.elsewhere
        self._owners = Owners.of(
            [self._words(who, each) for each in reaching for who in principals(each)],
            [w for bit, w in enumerate(self._secret_words) if exchange_bits >> bit & 1],
        )

    def _reached(self, allow: Allow) -> int:
        found = 0
        for layer in allow.layers:
            found |= layer.secrets
        return found & (self._exchange.perhaps | self._exchange.elsewhere)

    def _name_words(self, bit: int) -> frozenset[str]:
        secret = self._exchange.secrets[bit]
        return own_words(secret.name) if secret and isinstance(secret.name, str) else frozenset()

    def _enter(self, workload: Workload, mentions: Counter[str]) -> None:
        words = own_words(_label(workload.address))
        if isinstance(workload.name, str):
            words |= own_words(workload.name) | {plain_name(workload.name)}
        addresses = frozenset(name for name in _mentions(workload) if mentions[name] == 1)
        for role in (workload.iam_role, workload.execution_role):
            if isinstance(role, (str, Ref)):
                key = _identity(role, set_unit(workload.origin.unit))
                self._workload_names[key] = self._workload_names.get(key, frozenset()) | words
                self._addresses[key] = self._addresses.get(key, frozenset()) | addresses

    def _words(self, who: Who, statement: IamStatement) -> frozenset[str]:
        """The words of the name of somebody, and of the workloads that act as them."""
        if who is None or isinstance(who, Unknown):
            return own_words(_label(statement.address))
        own = own_words(_label(who.address if isinstance(who, Ref) else _name(who)))
        key = _identity(who, set_unit(statement.origin.unit))
        return own | self._workload_names.get(key, frozenset())

    def of(self, allow: Allow) -> Maybe[bool]:
        """Whether all that is reached is known to be their own: False for all secrets there are,
        unknown where nothing tells."""
        statement = allow.grant.statement
        if self._bound(statement):
            return True
        everything = names_all(statement)
        if everything and _limited_by_tags(statement):
            return _untold("what it reads", statement)
        reached, elsewhere = self._reached(allow), self._exchange.elsewhere
        if everything and reached & elsewhere:
            certain = any(layer.must and layer.secrets & elsewhere for layer in allow.layers)
            return False if certain else _untold("what it reads", statement)
        for who in principals(statement):
            words = self._words(who, statement)
            called = words | self._called(who, statement)
            for bit in bits_of(reached & ~elsewhere):
                if not self._owns(words, called, statement, bit):
                    return _untold(self._exchange.subjects.all[bit].label, statement)
            if reached & elsewhere and not self._owns_patterns(words, statement):
                return _untold("what it reads", statement)
        return True

    def _called(self, who: Who, statement: IamStatement) -> frozenset[str]:
        """How else a register may call the workloads that act as somebody."""
        if who is None or isinstance(who, Unknown):
            return frozenset()
        return self._addresses.get(_identity(who, set_unit(statement.origin.unit)), frozenset())

    def _owns(
        self, words: frozenset[str], called: frozenset[str], statement: IamStatement, bit: int
    ) -> bool:
        return (
            self._owners.owns(words, self._secret_words[bit])
            or self._registered(called, bit)
            or self._grouped(statement, bit)
        )

    def _owns_patterns(self, words: frozenset[str], statement: IamStatement) -> bool:
        """Whether every pattern shares a word with them: what it may mean elsewhere is theirs."""
        values = statement.resources
        if not isinstance(values, tuple):
            return False
        named = (_pattern_words(value) for value in flat(values))
        return all(self._owners.owns(words, each) for each in named if each is not None)

    def _registered(self, words: frozenset[str], bit: int) -> bool:
        """Whether the register says that the secret is used by them."""
        return any((own_words(user) | {plain_name(user)}) & words for user in self._users(bit))

    def _bound(self, statement: IamStatement) -> bool:
        """Whether a tag of the secret has to be that of the principal, or shares a word with it."""
        for values in _tag_values(statement):
            if values and all(map(is_of_principal, values)):
                return True
            words = [
                own_words(value) if isinstance(value, str) and "${" not in value else frozenset()
                for value in values
            ]
            if words and all(
                self._owners.owns(self._words(who, statement), each)
                for who in principals(statement)
                for each in words
            ):
                return True
        return False


def _mentions(workload: Workload) -> tuple[str, str]:
    """A workload by its address, and by its label without module and index."""
    label = _INDEX.sub("", workload.address).rpartition(".")[2]
    return plain_name(workload.address), plain_name(label)


def _pattern_words(value: str | Ref | Unknown) -> frozenset[str] | None:
    """The words of what a pattern names or a data source is called; None for a resource of the
    run, which is known otherwise."""
    ref = leading_ref(value)
    if ref is None:
        return own_words(literal(name_part(value)))
    return None if ref.certain else own_words(_label(ref.address))


def _tag_values(statement: IamStatement) -> Iterator[list[str | Ref | Unknown]]:
    """The values that conditions want of tags of the secret, other than of its environment."""
    conditions = statement.conditions
    for condition in conditions if isinstance(conditions, tuple) else ():
        operator, tag = operator_of(condition), resource_tag(condition)
        if operator is None or tag is None or tag in ENVIRONMENT_TAGS or not operator.binds:
            continue
        if operator.name in EQUALITY and isinstance(condition.values, tuple):
            yield list(flat(condition.values))


def _limited_by_tags(statement: IamStatement) -> bool:
    conditions = statement.conditions
    known = conditions if isinstance(conditions, tuple) else ()
    return any(resource_tag(condition) is not None for condition in known)


def names_all(statement: IamStatement) -> bool:
    """Whether it certainly names everything, or all but a list."""
    return lists_all(statement) or bool(
        isinstance(statement.not_resources, tuple) and statement.not_resources
    )


def lists_all(statement: IamStatement) -> bool:
    """Whether one of its resources is certainly all secrets there are."""
    listed = statement.resources
    if isinstance(listed, (Unknown, OneOf)):
        return False
    known = listed.known if isinstance(listed, PartialList) else listed
    return any(covers_all(value) for value in known)


def _untold(what: str, statement: IamStatement) -> Unknown:
    needs = f"whose {what} is: `used_by` in the register, `scope.assign`, or a word of its name"
    return Unknown(Why.UNDECLARED, needs, statement.origin.span)


def _identity(who: str | Ref, unit: str) -> tuple[str, str]:
    """What the mentions of one role have in common."""
    return (unit, who.address) if isinstance(who, Ref) else ("", _name(who))


def _name(arn: str) -> str:
    """The name at the end of the ARN of a role, or the name itself."""
    return arn.rpartition("/")[2]


def _label(address: str) -> str:
    """What the author called it: the label of a Terraform address with its module and index."""
    parts = address.partition("#")[0].split(".")
    return ".".join(p for p in parts if not p.startswith("aws_") and p not in ("module", "data"))
