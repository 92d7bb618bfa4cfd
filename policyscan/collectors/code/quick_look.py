"""A quick look at bytes: whether a file may say anything about an exchange, and where.

Every name in the tables of exchanges holds one of a few short *stems* (`binance`, `x-mbx-apikey`),
so that a file without a stem needs no closer look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from policyscan.resources.exchanges import exchanges
from policyscan.text.many_words import any_of

_LONGEST = 120
"""Characters of a name on either side of its stem."""
_MOST = 2000
"""Places of one stem in one file that are looked at."""
_PARTS = frozenset(b"_@./-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@cache
def stems() -> tuple[bytes, ...]:
    """Texts in lower case of which every name in the tables holds at least one."""
    words = {word for each in exchanges() for word in each.words if " " not in word}
    names = {name.lower() for name in _names()}
    every = words | {name for name in names if not any(word in name for word in words)}
    shortest = {stem for stem in every if not any(o in stem and o != stem for o in every)}
    return tuple(stem.encode() for stem in sorted(shortest))


def _names() -> Iterator[str]:
    for each in exchanges():
        yield from (*each.hosts.production, *each.hosts.test)
        yield from (*each.header_names, *each.environment_names)
        for ecosystem, listed in each.packages.items():
            yield from listed
            if ecosystem in ("pypi", "cargo"):
                yield from (name.replace("-", "_") for name in listed)
        for listed in each.imports.values():
            yield from listed


def may_tell(lowered: bytes) -> bool:
    """Whether bytes in lower case hold any stem."""
    return _pattern().search(lowered) is not None


def words_around(data: bytes, lowered: bytes) -> Iterator[tuple[int, bytes]]:
    """Every run of letters, digits and `_@./-` around a stem, with its place; stem by stem."""
    for stem, places in sorted(_places(lowered).items()):
        end = looked = 0
        for at in places:
            if at >= end and looked < _MOST:
                looked += 1
                start, end = _run(data, at, at + len(stem))
                yield start, data[start:end]


def _places(lowered: bytes) -> dict[bytes, list[int]]:
    """Where each stem stands, also where one begins inside of another."""
    search = _pattern().search
    found: dict[bytes, list[int]] = {}
    match = search(lowered)
    while match is not None:
        found.setdefault(match[0], []).append(match.start())
        match = search(lowered, match.start() + 1)
    return found


@cache
def _pattern() -> re.Pattern[bytes]:
    return any_of(stems())


def _run(data: bytes, start: int, end: int) -> tuple[int, int]:
    first = max(0, start - _LONGEST)
    while start > first and data[start - 1] in _PARTS:
        start -= 1
    last = min(len(data), end + _LONGEST)
    while end < last and data[end] in _PARTS:
        end += 1
    return start, end


_QUOTED = tuple(
    quote + name.encode() + quote
    for name in ("https node:https axios node-fetch got ws undici ccxt request superagent".split())
    for quote in (b"'", b'"')
)
_CLIENTS = {
    "python": tuple(
        b"requests httpx aiohttp urllib http websocket pycurl ccxt binance pybit".split()
    ),
    "javascript": _QUOTED,
    "typescript": _QUOTED,
    "go": tuple(b"net/http websocket resty fasthttp".split()),
    "java": tuple(b"java.net.http okhttp3 org.apache.h HttpsURLConnection".split()),
}
"""By language, words of which one stands in each file that uses a library for connections."""


def names_client(data: bytes, language: str) -> bool:
    """False only if no library by which programs make connections is named in these bytes."""
    return any(word in data for word in _CLIENTS.get(language, ()))
