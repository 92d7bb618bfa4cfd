"""What the conditions of a statement say of a secret, by its tags alone. All other keys belong to
the request, and whether they hold is seen only then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from policyscan.resources.iam.model import Condition
from policyscan.resources.iam.patterns import ANY, ONE, Token, match, tokens_of
from policyscan.values import Maybe, OneOf, PartialList, Unknown, reason_of

Tags = Maybe[Mapping[str, Maybe[str]]]

_TAG_KEYS = ("aws:resourcetag/", "secretsmanager:resourcetag/", "ssm:resourcetag/")
_PRINCIPAL_TAG = re.compile(r"\$\{aws:principaltag/[^},*?]{1,128}\}", re.IGNORECASE)
_STRINGS = ("stringequals", "stringequalsignorecase", "stringlike")
"""Operators that say something about a text; each has a twin with `not` in it."""


class Operator(NamedTuple):
    """The parts of the name of an operator: `ForAllValues:StringNotLikeIfExists`."""

    name: str
    """In lower case, without `not`."""
    negated: bool
    all_values: bool
    any_value: bool
    if_exists: bool

    @property
    def binds(self) -> bool:
        """True if it holds for nothing that lacks the key."""
        return self.any_value or not (self.negated or self.all_values or self.if_exists)


def operator_of(condition: Condition) -> Operator | None:
    """The operator of a condition, None if it is not known."""
    if not isinstance(condition.operator, str):
        return None
    text = condition.operator.lower()
    every, some = text.startswith("forallvalues:"), text.startswith("foranyvalue:")
    name = text.rpartition(":")[2]
    if_exists = name.endswith("ifexists") and not some
    name = name.removesuffix("ifexists")
    plain = name.replace("not", "", 1) if name != "null" else name
    return Operator(plain, plain != name, every, some, if_exists)


def resource_tag(condition: Condition) -> str | None:
    """The tag of the resource that a condition is about, in lower case; None if it is not about
    one. Names of condition keys know no case."""
    key = condition.key.lower() if isinstance(condition.key, str) else ""
    return next((key[len(start) :] for start in _TAG_KEYS if key.startswith(start)), None)


def unclear(condition: Condition) -> Unknown | None:
    """Why it is not known what a condition is about."""
    for part in (condition.operator, condition.key):
        if not isinstance(part, str):
            return reason_of(part)
    return None


def is_of_principal(value: object) -> bool:
    """Whether a value is one tag of whoever asks and nothing else: neither a beginning of it nor
    something else for those who lack the tag."""
    return isinstance(value, str) and _PRINCIPAL_TAG.fullmatch(value) is not None


def values_of(condition: Condition) -> tuple[Maybe[str], ...] | None:
    """The values of a condition, None if they are not all there."""
    return condition.values if isinstance(condition.values, tuple) else None


def holds_for(condition: Condition, tags: Tags) -> bool | None:
    """Whether a condition on a resource tag holds for a secret with these tags."""
    operator, name = operator_of(condition), resource_tag(condition)
    if operator is None or name is None or not isinstance(tags, Mapping):
        return None
    found = [value for key, value in tags.items() if key.lower() == name]
    if operator.name == "null":
        return _null(condition, bool(found))
    if not found:
        return not operator.binds
    if operator.name not in _STRINGS:
        return None
    equal = _equal(condition, operator.name, found[0])
    return equal if equal is None or not operator.negated else not equal


def _null(condition: Condition, present: bool) -> bool | None:
    """`Null: true` wants that there is no such key."""
    values = values_of(condition)
    if values is None or len(values) != 1 or not isinstance(values[0], str):
        return None
    wanted = {"true": False, "false": True}.get(values[0].lower())
    return None if wanted is None else wanted is present


def _equal(condition: Condition, name: str, value: Maybe[str]) -> bool | None:
    """Whether the value is one of those of the condition."""
    if isinstance(condition.values, (Unknown, OneOf)) or isinstance(value, OneOf):
        return None
    known = condition.values
    wanted = known.known if isinstance(known, PartialList) else known
    answers = [
        match(pattern, token) for one in wanted for pattern, token in _comparable(name, one, value)
    ]
    if True in answers:
        return True
    open_ended = isinstance(known, PartialList) or None in answers or len(answers) < len(wanted)
    return None if open_ended else False


def _comparable(
    name: str, wanted: Maybe[str], value: Maybe[str]
) -> Iterator[tuple[list[Token], list[Token]]]:
    if isinstance(wanted, OneOf) or isinstance(value, OneOf):
        return
    pattern, text = list(tokens_of(wanted)), list(tokens_of(value, wild=False))
    if name != "stringlike":
        pattern = [_itself(token) for token in pattern]
    if name == "stringequalsignorecase":
        pattern, text = ([_folded(token) for token in each] for each in (pattern, text))
    yield pattern, text


def _itself(token: Token) -> Token:
    """`StringEquals` knows no wildcards."""
    return "*" if token == ANY else "?" if token == ONE else token


def _folded(token: Token) -> Token:
    return token.lower() if isinstance(token, str) else token
