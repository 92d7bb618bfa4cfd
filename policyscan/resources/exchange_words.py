"""The words by which names and texts tell of an exchange."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from policyscan.resources.exchanges import exchanges
from policyscan.text.words import words_of

_JOINED = re.compile(
    r"(?:us|futures|spot|testnet|prod|live|trading|bot)?(?:api)?(?:keys?|secrets?|creds|credentials)?"
)
"""What people write onto the name of an exchange without a separator: `binanceapikey`."""
_CREDENTIAL = ("key", "keys", "secret", "secrets", "passphrase", "password", "creds", "credentials")
"""How a word ends that says that a variable holds a credential."""


class ExchangeWords(NamedTuple):
    """The words that name an exchange, each as the sequence of its parts."""

    certain: Mapping[tuple[str, ...], str]
    """By words, the name of the exchange."""
    ambiguous: frozenset[tuple[str, ...]]
    """Names of other things too; they count beside a word like `key` only."""


@cache
def exchange_words() -> ExchangeWords:
    """The words of all exchanges that policyscan knows."""
    every = exchanges()
    return ExchangeWords(
        {tuple(word.split()): each.name for each in every for word in each.words},
        frozenset(tuple(word.split()) for each in every for word in each.ambiguous_words),
    )


@lru_cache(maxsize=4096)  # the same labels and names are asked about again and again
def exchange_named(words: tuple[str, ...]) -> str | None:
    """The exchange that the words name, perhaps with more written onto it."""
    certain = exchange_words().certain
    return next((certain[name] for name in certain if _names(words, name)), None)


def occurs(words: Sequence[str], name: tuple[str, ...]) -> bool:
    """Whether the words of a name stand side by side."""
    size = len(name)
    return any(tuple(words[at : at + size]) == name for at in range(len(words) - size + 1))


def exchange_of_environment(name: str) -> str | None:
    """The exchange for which a variable of that name holds a credential: a table lists the name,
    or it has the word of an exchange and one for a credential, as `MY_BINANCE_API_KEY`."""
    listed = _environment_names().get(name.upper())
    if listed is not None:
        return listed
    words = words_of(name)
    return exchange_named(words) if any(word.endswith(_CREDENTIAL) for word in words) else None


def _names(words: Sequence[str], name: tuple[str, ...]) -> bool:
    if len(name) > 1:
        return occurs(words, name)
    (start,) = name
    return any(
        word.startswith(start) and _JOINED.fullmatch(word, len(start)) is not None for word in words
    )


@cache
def _environment_names() -> Mapping[str, str]:
    return {name: each.name for each in exchanges() for name in each.environment_names}
