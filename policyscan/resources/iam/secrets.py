"""The exchange secrets that statements may reach: those that are declared, those that only a
pattern names, and those of which no file tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from policyscan.resources.iam.matching import (
    STORES,
    Subject,
    Subjects,
    arn_of,
    arn_tokens,
    kind_of,
    leading_ref,
    may_be_secret,
    names_a_secret,
    parted,
    pattern_subject,
)
from policyscan.resources.iam.model import IamStatement, allows
from policyscan.resources.iam.patterns import ANY, ONE, Hole, Token, literal, tokens_of
from policyscan.resources.keys import Secret
from policyscan.resources.purpose import is_exchange_secret
from policyscan.resources.units import set_unit
from policyscan.values import Many, Maybe, OneOf, PartialList, Ref, Unknown

ELSEWHERE = "an exchange secret that no file declares and no answer shows"
_KINDS = (*STORES, "aws_secretsmanager_secret_version")


class ExchangeSecrets(Struct, frozen=True, eq=False):
    """All secrets of a run as IAM sees them, and which of them are an exchange's, as bits."""

    subjects: Subjects
    certain: int
    perhaps: int
    """Those, and the ones that may be."""
    elsewhere: int
    """What stands for the secrets that no file declares, one for each unit and store."""
    secrets: tuple[Secret | None, ...]


def exchange_secrets(
    secrets: Iterable[Secret],
    statements: Sequence[IamStatement],
    purpose: Callable[[Secret], Maybe[str]],
) -> ExchangeSecrets:
    """The secrets that the statements of a run may reach."""
    declared = list(secrets)
    found = [(_subject(secret), _is_exchange(purpose(secret)), secret) for secret in declared]
    seen = {(subject.unit, subject.tokens) for subject, _, _ in found}
    named = {
        (subject.unit, subject.tokens): subject
        for statement in statements
        for subject in _named(statement)
        if (subject.unit, subject.pattern) not in seen
    }
    units = dict.fromkeys(set_unit(s.origin.unit) for s in (*declared, *statements))
    stores = {"aws_sm"} | {s.store for s, exchange, _ in found if exchange is not False}
    stores |= {subject.store for subject in named.values()}
    elsewhere = [_elsewhere(unit, store) for unit in units for store in sorted(stores - {"vault"})]
    subjects = [*(subject for subject, _, _ in found), *named.values(), *elsewhere]
    bits = {True: 0, False: 0, None: 0}
    for bit, (_, exchange, _) in enumerate(found):
        bits[exchange] |= 1 << bit
    by_name = ((1 << len(named)) - 1) << len(found)
    outside = ((1 << len(elsewhere)) - 1) << (len(found) + len(named))
    return ExchangeSecrets(
        Subjects(subjects),
        bits[True] | by_name,
        bits[True] | by_name | bits[None],
        outside,
        (*declared, *[None] * (len(named) + len(elsewhere))),
    )


def _subject(secret: Secret) -> Subject:
    name: tuple[Token, ...] = (Hole(),)
    if isinstance(secret.name, (str, Ref, Unknown)):
        name = tokens_of(secret.name, wild=False)
    tokens = arn_of(secret.store, name)
    if secret.observed and secret.address.startswith("arn:"):
        tokens = arn_tokens(secret.address)  # no name of a secret has a wildcard in it
    return Subject(secret.address, set_unit(secret.origin.unit), secret.store, tokens, secret.tags)


def _elsewhere(unit: str, store: str) -> Subject:
    return Subject(ELSEWHERE, unit, store, arn_of(store, (Hole(),)), declared=False)


def _is_exchange(purpose: Maybe[str]) -> bool | None:
    return purpose == "exchange_api_key" if isinstance(purpose, str) else None


def _named(statement: IamStatement) -> Iterator[Subject]:
    """The secrets that an Allow names by the words of an exchange."""
    if allows(statement) is False or statement.policy_kind not in ("identity", "resource"):
        return
    of_policy = statement.policy_kind == "resource"
    for value in flat(statement.attached_to if of_policy else statement.resources):
        if says_exchange(value):
            yield pattern_subject(value, set_unit(statement.origin.unit), shown(value))


def flat(values: Many[Maybe[str]]) -> Iterator[str | Ref | Unknown]:
    """All that a list may hold."""
    if isinstance(values, OneOf):
        for alternative in values.alternatives:
            yield from flat(alternative.value)
    elif not isinstance(values, Unknown):
        for value in values.known if isinstance(values, PartialList) else values:
            if isinstance(value, OneOf):
                yield from flat(tuple(each.value for each in value.alternatives))
            else:
                yield value


def says_exchange(value: str | Ref | Unknown) -> bool:
    """Whether a pattern or a data source says by its words that it means an exchange secret."""
    ref = leading_ref(value)
    if ref is not None:
        looked_up = not ref.certain and kind_of(ref) in _KINDS and "[?]" not in ref.address
        return looked_up and _words_say(ref.address.rpartition(".")[2])
    text = literal(name_part(value))
    return _words_say(text) and names_a_secret(value)


def _words_say(text: str) -> bool:
    return is_exchange_secret((text,)) == "exchange_api_key"


def name_part(value: str | Ref | Unknown) -> tuple[Token, ...]:
    """The tokens of the name of a secret, or all of them if it is not clear where it begins."""
    return parted(arn_tokens(value))[1]


def shown(value: str | Ref | Unknown) -> str:
    """A pattern as people see it, by the name that it gives."""
    ref = leading_ref(value)
    if ref is not None:
        return ref.address
    return "".join(map(_shown, name_part(value)))


def _shown(token: Token) -> str:
    if isinstance(token, str):
        return token
    return "*" if token == ANY else "?" if token == ONE else "…"


def may_be_elsewhere(statement: IamStatement, other_words: Callable[[str], bool]) -> bool:
    """Whether what a statement names leaves room for exchange secrets that no file declares: a
    wildcard does, unless the words before it say that it is for something else."""
    values = statement.resources
    if statement.policy_kind == "resource":
        values = statement.attached_to
    if not isinstance(statement.not_resources, tuple) or statement.not_resources:
        return True
    if isinstance(values, (PartialList, Unknown)):
        return True
    return any(_leaves_room(value, other_words) for value in flat(values))


def _leaves_room(value: str | Ref | Unknown, other_words: Callable[[str], bool]) -> bool:
    ref = leading_ref(value)
    if ref is not None:
        return not ref.certain and may_be_secret(ref) and not says_exchange(value)
    name = name_part(value)
    if not any(token == ANY or isinstance(token, Hole) for token in name):
        return False
    return not _words_say(literal(name)) and not other_words(literal(name))
