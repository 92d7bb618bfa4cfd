"""Which secrets a statement is about: its patterns, references and conditions against the secrets
of a run, as AWS documents their evaluation."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from policyscan.resources.iam.actions import BY_PATH, READING, acted, joined
from policyscan.resources.iam.conditions import Tags, holds_for, resource_tag, unclear, values_of
from policyscan.resources.iam.model import Condition, IamStatement, allows
from policyscan.resources.iam.patterns import (
    ANY,
    NONE,
    ONE,
    Hole,
    Matched,
    Names,
    Pattern,
    Token,
    bits_of,
    match,
    tokens_of,
)
from policyscan.resources.units import set_unit
from policyscan.values import Maybe, OneOf, PartialList, Ref, Unknown, glued

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")
_ALNUM = _LOWER | _DIGITS | frozenset(letter.upper() for letter in _LOWER)
_PARTITION_LETTERS = _LOWER | {"-"}
_PARTITION = Hole("partition", _PARTITION_LETTERS)
_ARN = tuple("arn:aws")
_REGION = Hole("region", _LOWER | _DIGITS | {"-"})
_ACCOUNT = Hole("account", _DIGITS)
_SUFFIX: tuple[Token, ...] = ("-", *[Hole(None, _ALNUM, single=True)] * 6)
"""AWS ends the ARN of a secret in a dash and six characters of its own choice."""
MAX_TAG_TESTS = 300_000
"""Conditions times secrets; whether further conditions hold is not known."""
_INDEX = re.compile(r"\[[^\]]*\]")
_ANY_NAME = (Hole(),)
STORES = {"aws_secretsmanager_secret": "aws_sm", "aws_ssm_parameter": "ssm"}
"""By Terraform type of a secret, its store."""


def arn_of(store: str, name: Sequence[Token]) -> tuple[Token, ...]:
    """The ARN of a secret in the region and account of its root."""
    return (*_head(store), *(name if store == "aws_sm" else _path(name)), *_tail(store))


def arn_tokens(value: str | Ref | Unknown) -> tuple[Token, ...]:
    """A pattern of ARNs as tokens. IAM takes no ARN of another partition than its own, so the one
    that is written is that of the account."""
    tokens = tokens_of(value)
    if tokens[: len(_ARN)] != _ARN:
        return tokens
    end = len(_ARN)
    while end < len(tokens) and tokens[end] in _PARTITION_LETTERS:
        end += 1
    if tokens[end : end + 1] != (":",):
        return tokens
    return (*"arn:", _PARTITION, *tokens[end:])


def _head(store: str) -> tuple[Token, ...]:
    service, kind = ("secretsmanager", ":secret:") if store == "aws_sm" else ("ssm", ":parameter/")
    return (*"arn:", _PARTITION, *f":{service}:", _REGION, ":", _ACCOUNT, *kind)


def _tail(store: str) -> tuple[Token, ...]:
    return _SUFFIX if store == "aws_sm" else ()


def _path(name: Sequence[Token]) -> Sequence[Token]:
    return name[1:] if name[:1] in (("/",), ["/"]) else name


class Subject(Struct, frozen=True, eq=False):
    """A secret as IAM sees it."""

    label: str
    """Its address, or the pattern that is all that is known of it."""
    unit: str
    store: str
    tokens: tuple[Token, ...]
    tags: Tags | None = None
    declared: bool = True
    """False for what only a pattern or a data source names."""
    pattern: tuple[Token, ...] = ()
    """That pattern."""


class Subjects:
    """The secrets of a run, each a bit, ready to be asked by every statement."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self.all = tuple(subjects)
        self._names = Names(subject.tokens for subject in self.all)
        self.every = self._names.every
        self.of_unit: dict[str, int] = {}
        self.of_store: dict[str, int] = {}
        self.named = 0
        """Those that are not declared."""
        self._at: dict[tuple[str, str], int] = {}
        self._near: dict[tuple[str, str], int] = {}
        self._overlapping = 0
        self._patterns: dict[tuple[str, tuple[Token, ...]], int] = {}
        self._labels: dict[int, tuple[str, ...]] = {}
        self._work = MAX_TAG_TESTS
        self._tagged: dict[Hashable, Matched] = {}
        for bit, subject in enumerate(self.all):
            self._enter(1 << bit, subject)

    def _enter(self, bit: int, subject: Subject) -> None:
        unit, label = subject.unit, subject.label
        self.of_unit[unit] = self.of_unit.get(unit, 0) | bit
        self.of_store[subject.store] = self.of_store.get(subject.store, 0) | bit
        self._at[unit, label] = self._at.get((unit, label), 0) | bit
        if subject.declared:
            near = unit, base(label)
            self._near[near] = self._near.get(near, 0) | bit
        else:
            self.named |= bit
            self._patterns[unit, subject.pattern] = bit
            self._overlapping |= bit if subject.pattern else 0

    def matching(self, value: str | Ref | Unknown, unit: str) -> Matched:
        """The secrets that a pattern of `unit` means. Whether one of another unit lies in the
        same account is not known."""
        found = self._anchored(value, unit)
        if found is None:
            tokens = arn_tokens(value)
            itself = self._patterns.get((unit, tokens), 0)
            found = self._names.matching(tokens) | Matched(itself, itself)
        return Matched(found.must & self.of_unit.get(unit, 0), found.may)

    def _anchored(self, value: str | Ref | Unknown, unit: str) -> Matched | None:
        """What a pattern means that begins with the ARN of another resource."""
        ref = leading_ref(value)
        if ref is None or ref.attribute not in ("arn", "id", ""):
            return None
        rest: tuple[Token, ...] = ()
        if isinstance(value, Unknown) and value.parts:
            rest = tuple(token for part in value.parts[1:] for token in tokens_of(part))
        if any(isinstance(token, str) or token == ONE for token in rest):
            return NONE
        meant = self._meant(ref, unit)
        return meant if all(token == ANY for token in rest) else meant.doubtful

    def _meant(self, ref: Ref, unit: str) -> Matched:
        exact = self._at.get((unit, ref.address), 0)
        if not ref.certain and "[?]" not in ref.address:
            return Matched(exact, self.every if may_be_secret(ref) else exact)
        if exact and ref.certain:
            return Matched(exact, exact)
        near = self._near.get((unit, base(ref.address)), 0)
        if not near and kind_of(ref).startswith("aws_secretsmanager_secret_"):
            near = self.of_unit.get(unit, 0)
        return Matched(0, near | exact)

    def without_overlaps(self, found: Matched) -> Matched:
        """The same without what another pattern names and this one has in part only: that part
        is what this one names."""
        return Matched(found.must, found.may & ~(self._overlapping & ~found.must))

    def tagged(self, condition: Condition) -> Matched:
        """The secrets for whose tags a condition holds."""
        key = _content(condition)
        if key is None:
            return self._by_tags(condition)
        if key not in self._tagged:
            self._tagged[key] = self._by_tags(condition)
        return self._tagged[key]

    def _by_tags(self, condition: Condition) -> Matched:
        self._work -= len(self.all)
        if self._work < 0:
            return Matched(0, self.every)
        must = may = 0
        for bit, subject in enumerate(self.all):
            holds = None if subject.tags is None else holds_for(condition, subject.tags)
            must |= (holds is True) << bit
            may |= (holds is not False) << bit
        return Matched(must, may)

    def labels(self, bits: int) -> tuple[str, ...]:
        """The labels of secrets, without repetition."""
        if bits not in self._labels:
            found = (self.all[bit].label for bit in bits_of(bits))
            self._labels[bits] = tuple(dict.fromkeys(found))
        return self._labels[bits]


class Grant(Struct, frozen=True, eq=False):
    """What one statement says, whether it allows or denies."""

    statement: IamStatement
    actions: Matched
    secrets: Matched
    named: Matched
    """The secrets that it names otherwise than as all there are."""
    by_request: bool
    """True if conditions on the request must hold as well."""


def grant_of(statement: IamStatement, subjects: Subjects) -> Grant:
    """What a statement says about secrets."""
    unit = set_unit(statement.origin.unit)
    named = joined(statement.resources, lambda v: _if_special(v, subjects, unit), subjects.every)
    secrets = _resources(statement, subjects)
    if statement.policy_kind == "resource":
        attached = joined(
            statement.attached_to, lambda v: subjects.matching(v, unit), subjects.every
        )
        secrets, named = secrets.both(attached), attached
    actions = acted(statement.actions, statement.not_actions)
    if allows(statement):
        below = _below_paths(statement, actions, subjects)
        secrets, named = subjects.without_overlaps(secrets | below), named | below
    secrets, by_request = _conditioned(statement, secrets, subjects)
    return Grant(statement, actions, secrets, named.both(secrets), by_request)


def _resources(statement: IamStatement, subjects: Subjects) -> Matched:
    unit = set_unit(statement.origin.unit)
    listed, negated = statement.resources, statement.not_resources
    if isinstance(negated, tuple) and not negated:
        return joined(listed, lambda value: subjects.matching(value, unit), subjects.every)
    excluded = joined(negated, lambda value: subjects.matching(value, unit), subjects.every)
    found = excluded.outside(subjects.every)
    return Matched(found.must & subjects.of_unit.get(unit, 0), found.may)


def _below_paths(statement: IamStatement, actions: Matched, subjects: Subjects) -> Matched:
    """The parameters below those that an Allow names: whoever may get parameters by path gets all
    levels of it.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
    """
    if not actions.may & BY_PATH:
        return NONE
    unit = set_unit(statement.origin.unit)
    found = joined(
        statement.resources, lambda value: subjects.matching(_below(value), unit), subjects.every
    )
    only_reads = actions.must & BY_PATH and not actions.may & ~READING
    return found if only_reads else found.doubtful


def _below(value: str | Ref | Unknown) -> str | Ref | Unknown:
    pieces = value.parts if isinstance(value, Unknown) else (value,)
    end = pieces[-1] if pieces else ""
    if not isinstance(end, str) or ":parameter" not in end or end.endswith("*"):
        return value
    return glued((*pieces[:-1], end.rstrip("/") + "/*"))


def _if_special(value: str | Ref | Unknown, subjects: Subjects, unit: str) -> Matched:
    return NONE if covers_all(value) else subjects.matching(value, unit)


def _conditioned(
    statement: IamStatement, secrets: Matched, subjects: Subjects
) -> tuple[Matched, bool]:
    """The secrets that are left by conditions on tags, and whether there are other conditions. A
    secret that only a pattern names has the tags that an Allow wants of it."""
    conditions = statement.conditions
    if isinstance(conditions, (Unknown, OneOf)):
        return secrets.doubtful, False
    by_request = False
    known = conditions.known if isinstance(conditions, PartialList) else conditions
    if isinstance(conditions, PartialList) or any(unclear(each) is not None for each in known):
        secrets = secrets.doubtful
    for condition in known:
        if resource_tag(condition) is None:
            by_request = True
            continue
        tagged = subjects.tagged(condition)
        if allows(statement) is True:
            tagged = Matched(tagged.must | (tagged.may & subjects.named), tagged.may)
        secrets = secrets.both(tagged)
    return secrets, by_request


def covers_all(value: Maybe[str]) -> bool:
    """Whether a pattern certainly means every secret there is: `*`, `arn:aws:secretsmanager:*`."""
    if isinstance(value, OneOf):
        return all(covers_all(each.value) for each in value.alternatives)
    return leading_ref(value) is None and _covers_all(arn_tokens(value))


@lru_cache(maxsize=4096)
def _covers_all(tokens: tuple[Token, ...]) -> bool:
    return any(_covers_store(tokens, store) for store in ("aws_sm", "ssm"))


def _covers_store(tokens: tuple[Token, ...], store: str) -> bool:
    """Region and account do not matter: who may read all of one of them may read all there is."""
    pattern = Pattern(tokens)
    states = pattern.start()
    for token in _head(store):
        states = pattern.read(states, token)
    states = states._replace(must=states.may)
    for token in (*_ANY_NAME, *_tail(store)):
        states = pattern.read(states, token)
    return bool(states.must & pattern.end)


def names_a_secret(value: str | Ref | Unknown) -> bool:
    """True for a pattern that may match the ARN of some secret."""
    return _names_a_secret(arn_tokens(value))


@lru_cache(maxsize=4096)
def _names_a_secret(tokens: tuple[Token, ...]) -> bool:
    return any(match(tokens, arn_of(store, _ANY_NAME)) is not False for store in ("aws_sm", "ssm"))


def pattern_subject(value: str | Ref | Unknown, unit: str, label: str) -> Subject:
    """The secrets that a pattern names, as one that is not declared."""
    pattern = arn_tokens(value)
    store = "ssm" if match(pattern, arn_of("aws_sm", _ANY_NAME)) is False else "aws_sm"
    head, name = parted(pattern)
    tokens = (*_place(head, store), *map(_as_name, name))
    return Subject(label, unit, store, tokens, declared=False, pattern=pattern)


def parted(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """A pattern up to the name of a secret, and from there; all of it is the name if it is not
    clear where that begins."""
    text = "".join(token if isinstance(token, str) else "\0" for token in tokens)
    for before in (":secret:", ":parameter/"):
        at = text.find(before)
        if at >= 0:
            return tokens[: at + len(before)], tokens[at + len(before) :]
    return (), tokens


def _place(head: tuple[Token, ...], store: str) -> tuple[Token, ...]:
    """Where secrets are that a pattern names: in the region and account that it writes out, or
    else in those of its root."""
    fields = "".join(token if isinstance(token, str) else "\0" for token in head).split(":")
    region, account = fields[3:5] if len(fields) == 7 else ("\0", "\0")
    own = _head(store)
    first, second = own.index(_REGION), own.index(_ACCOUNT)
    return (
        *own[:first],
        *((_REGION,) if "\0" in region else region),
        *own[first + 1 : second],
        *((_ACCOUNT,) if "\0" in account else account),
        *own[second + 1 :],
    )


def _as_name(token: Token) -> Token:
    if token == ANY:
        return Hole()
    return Hole(single=True) if token == ONE else token


def leading_ref(value: Maybe[str]) -> Ref | None:
    """The resource whose attribute a text is or begins with."""
    if isinstance(value, Ref):
        return value
    if not isinstance(value, Unknown):
        return None
    first = value.parts[0] if value.parts else value
    return first if isinstance(first, Ref) else first.of if isinstance(first, Unknown) else None


def kind_of(ref: Ref) -> str:
    """The Terraform type of what is referred to."""
    parts = base(ref.address).split(".")
    return parts[-2] if len(parts) > 1 else ""


def base(address: str) -> str:
    """An address without its indexes."""
    return _INDEX.sub("", address)


def may_be_secret(ref: Ref) -> bool:
    """False for a data source whose ARN is that of something else: `data.aws_s3_bucket`."""
    kind = kind_of(ref)
    if not kind.startswith("aws_") or kind == "aws_arn" or ref.attribute != "arn":
        return True
    return kind.startswith(tuple(STORES))


def _content(condition: Condition) -> Hashable:
    """What two conditions have in common that say the same; None if not all of it is known."""
    values = values_of(condition)
    parts = (condition.operator, condition.key, *(values or ()))
    known = values is not None and all(isinstance(part, str) for part in parts)
    return parts if known else None
