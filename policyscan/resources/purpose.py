"""What a secret is for, by the words of its name, tags and description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from policyscan.resources.exchange_words import exchange_named, exchange_words, occurs
from policyscan.text.words import words_of
from policyscan.values import OneOf, PartialList, Ref, Unknown, reason_of

Purpose = Literal["exchange_api_key", "other"]

_KEY = frozenset({"key", "keys", "apikey", "apikeys", "secret", "secrets", "apisecret", "api"})
_CREDENTIAL = _KEY | {"credential", "credentials", "creds", "passphrase"}

_SETTING = frozenset(
    "amount amounts quantity size pair pairs symbol symbols market markets url endpoint host "
    "region interval schedule cron threshold limit percent percentage leverage mode enabled".split()
)
"""Words at the end of a name that make it that of a setting: `kraken-daily-amount`."""
_OTHER_EXCHANGE = frozenset({"key", "token", "microsoft", "ms", "office", "mail", "code", "data"})
"""A word before `exchange` that makes it another one: a key exchange, Microsoft Exchange."""
_MODEL = frozenset({"google", "genai", "vertex", "llm", "ai", "model", "models", "chat"})
"""Words beside `gemini` that mean Google's language model."""


def is_exchange_secret(texts: Iterable[object]) -> Purpose | Unknown:
    """Whether a secret with these texts is an API key of an exchange.

    What is known of a text that is not known counts as well; if nothing decides, the answer is the
    first unknown one among them. A text that names a setting makes it none.
    """
    texts = tuple(texts)
    if any(isinstance(text, str) and _names_setting(text) for text in texts):
        return "other"
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
        return reason_of(text)
    if isinstance(text, PartialList):
        return any(_decide(each) is True for each in text.known) or text.unknown.derived
    return isinstance(text, str) and _says_exchange(text)


def _names_setting(text: str) -> bool:
    words = words_of(text)
    return bool(words) and words[-1] in _SETTING and _CREDENTIAL.isdisjoint(words)


def names_exchange(text: str) -> bool:
    """Whether a name has the name of an exchange in it."""
    return exchange_named(words_of(text)) is not None


def _says_exchange(text: str) -> bool:
    words = words_of(text)
    if exchange_named(words) is not None:
        return True
    if any(occurs(words, name) for name in exchange_words().ambiguous):
        return not _CREDENTIAL.isdisjoint(words) and _MODEL.isdisjoint(words)
    return any(_generic_signs(words))


def _generic_signs(words: Sequence[str]) -> Iterator[bool]:
    """`exchange-api-key`, `trading-api-key`: a word for the venue, and soon after one for a key."""
    for index, word in enumerate(words):
        following = words[index + 1 : index + 3]
        if word == "exchange":
            before = words[index - 1] if index else ""
            named = before not in _OTHER_EXCHANGE and following[:1] not in (("rate",), ("rates",))
            yield named and not _CREDENTIAL.isdisjoint(following)
        elif word == "trading":
            yield "api" in following or "apikey" in following
