"""What a secret is for, by the words of its name, tags and description."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Literal, NamedTuple

from policyscan.data import load_tables
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why

Purpose = Literal["exchange_api_key", "other"]

_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_KEY = frozenset({"key", "keys", "apikey", "apikeys", "secret", "secrets", "apisecret", "api"})
_CREDENTIAL = _KEY | {"credential", "credentials", "creds", "passphrase"}
_JOINED = re.compile(
    r"(?:us|futures|spot|testnet|prod|live|trading|bot)?(?:api)?(?:keys?|secrets?|creds|credentials)?"
)
"""What people write onto the name of an exchange without a separator: `binanceapikey`."""

_OTHER_EXCHANGE = frozenset({"key", "token", "microsoft", "ms", "office", "mail", "code", "data"})
"""A word before `exchange` that makes it another one: a key exchange, Microsoft Exchange."""
_MODEL = frozenset({"google", "genai", "vertex", "llm", "ai", "model", "models", "chat"})
"""Words beside `gemini` that mean Google's language model."""


class ExchangeWords(NamedTuple):
    """The words that name an exchange, each as the sequence of its parts."""

    certain: frozenset[tuple[str, ...]]
    ambiguous: frozenset[tuple[str, ...]]
    """Names of other things too; they count beside a word like `key` only."""


@cache
def exchange_words() -> ExchangeWords:
    """The words of all exchanges that policyscan knows."""
    certain, ambiguous = (
        frozenset(tuple(word.split()) for data in load_tables("exchanges") for word in data[field])
        for field in ("words", "ambiguous_words")
    )
    return ExchangeWords(certain, ambiguous)


def is_exchange_secret(texts: Iterable[object]) -> Purpose | Unknown:
    """Whether a secret with these texts is an API key of an exchange.

    What is known of a text that is not known counts as well; if nothing decides, the answer is the
    first unknown one among them.
    """
    doubts: list[Unknown] = []
    for text in texts:
        decided = _decide(text)
        if decided is True:
            return "exchange_api_key"
        if isinstance(decided, Unknown):
            doubts.append(decided)
    return doubts[0] if doubts else "other"


def _decide(text: object) -> bool | Unknown:
    if isinstance(text, OneOf):
        answers = [_decide(each.value) for each in text.alternatives]
        return answers[0] if all(each is answers[0] for each in answers) else text.unknown.derived
    if isinstance(text, Unknown):
        return any(_says_exchange(piece) for piece in text.fragments) or text.derived
    if isinstance(text, Ref):
        return Unknown(Why.COMPUTED, f"the value of {text}", text.where)
    if isinstance(text, PartialList):
        return any(_decide(each) is True for each in text.known) or text.unknown.derived
    return isinstance(text, str) and _says_exchange(text)


def names_exchange(text: str) -> bool:
    """Whether a name has the name of an exchange in it."""
    words = [word.lower() for word in _HUMP.findall(text)]
    return any(_names(words, name) for name in exchange_words().certain)


def _says_exchange(text: str) -> bool:
    words = [word.lower() for word in _HUMP.findall(text)]
    known = exchange_words()
    if any(_names(words, name) for name in known.certain):
        return True
    if any(_occurs(words, name) for name in known.ambiguous):
        return not _CREDENTIAL.isdisjoint(words) and _MODEL.isdisjoint(words)
    return any(_generic_signs(words))


def _generic_signs(words: Sequence[str]) -> Iterator[bool]:
    """`exchange-api-key`, `trading-api-key`: a word for the venue, and soon after one for a key."""
    for index, word in enumerate(words):
        following = words[index + 1 : index + 3]
        if word == "exchange":
            before = words[index - 1] if index else ""
            named = before not in _OTHER_EXCHANGE and following[:1] not in (["rate"], ["rates"])
            yield named and not _CREDENTIAL.isdisjoint(following)
        elif word == "trading":
            yield "api" in following or "apikey" in following


def _occurs(words: Sequence[str], name: tuple[str, ...]) -> bool:
    size = len(name)
    return any(tuple(words[at : at + size]) == name for at in range(len(words) - size + 1))


def _names(words: Sequence[str], name: tuple[str, ...]) -> bool:
    """Whether the words name the exchange, perhaps with more written onto it."""
    if len(name) > 1:
        return _occurs(words, name)
    (start,) = name
    return any(
        word.startswith(start) and _JOINED.fullmatch(word, len(start)) is not None for word in words
    )
