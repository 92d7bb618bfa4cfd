"""What in a source file shows that its program talks to an exchange."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from policyscan.collectors.code.quick_look import words_around
from policyscan.resources.exchange_words import (
    exchange_named,
    exchange_of_environment,
)
from policyscan.resources.exchanges import (
    endpoint_of,
    exchange_of_header,
    exchange_of_import,
    exchange_of_package,
    exchanges,
)
from policyscan.resources.secret_signs import secret_name
from policyscan.text.words import words_of

SignKind = Literal["sdk", "import", "host", "header", "environment"]
KEY_SIGNS: frozenset[SignKind] = frozenset({"sdk", "import", "header", "environment"})
"""Signs of more than public market data."""

_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_PYTHON_IMPORT = re.compile(rb"[ \t]*(?:from[ \t]+|import[ \t]+(?:[\w., ]*,[ \t]*)?)\Z", re.ASCII)
_JAVA_IMPORT = re.compile(rb"[ \t]*import[ \t]+(?:static[ \t]+)?\Z")
_SCRIPT_IMPORT = re.compile(rb"(?:\bfrom|\brequire[ \t]*\(|\bimport[ \t]*\(?)[ \t]*[\"'`]\Z")
_GO_IMPORT = re.compile(rb"[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?[\"`]\Z", re.ASCII)
_QUOTES = (b'"', b"'", b"`")
_LINE = 200
"""Bytes before a name that are looked at."""


class Sign(NamedTuple):
    """One place of a file."""

    exchange: str
    sign: SignKind
    text: str
    start: int


def signs_of(data: bytes, lowered: bytes, language: str) -> Iterator[Sign]:
    """The signs of one source file; the same sign may come several times."""
    importing = _IMPORTS.get(language)
    for start, raw in words_around(data, lowered):
        word = raw.decode("ascii", "replace")
        for each in _plain(word):
            if each.sign != "environment" or _is_read(data, start + each.start, each.text):
                yield each._replace(start=start + each.start)
        found = importing(word) if importing else None
        if found is not None and _imported(data, start, language):
            yield Sign(found[0], "import", found[1], start)
        member = _member(word)
        if member is not None:
            yield Sign(member, "import", word, start)


def variables_in(data: bytes, lowered: bytes) -> Iterator[Sign]:
    """The signs of a file that hands variables to programs."""
    for start, raw in words_around(data, lowered):
        for each in _plain(raw.decode("ascii", "replace")):
            if each.sign == "environment":
                yield each._replace(start=start + each.start)


@lru_cache(maxsize=65_536)
def _plain(word: str) -> tuple[Sign, ...]:
    """The hosts, headers and variables in a run of text, each with its place in that run."""
    found: list[Sign] = []
    at = 0
    for piece in re.split(r"[/@]", word):
        name = piece.strip(".-")
        sign = _named(name) if name else None
        if sign is None and "." in name:
            name = name.rpartition(".")[2]
            sign = _variable(name)
        if sign is not None:
            found.append(Sign(sign[0], sign[1], name, at + piece.rindex(name)))
        at += len(piece) + 1
    return tuple(found)


def _named(name: str) -> tuple[str, SignKind] | None:
    endpoint = endpoint_of(name)
    if endpoint is not None:
        return endpoint.exchange, "host"
    header = exchange_of_header(name)
    if header is not None:
        return header, "header"
    return _variable(name)


def _variable(name: str) -> tuple[str, SignKind] | None:
    """The exchange for which a variable of the environment holds a credential."""
    exchange = exchange_of_environment(name) if _VARIABLE.fullmatch(name) else None
    return (exchange, "environment") if exchange is not None and secret_name(name) else None


def _is_read(data: bytes, start: int, name: str) -> bool:
    """Whether the name of a variable stands where a program takes it from its environment, and
    is no constant of its own: in quotes, behind `env.`, or as the field of a settings class."""
    before = data[max(0, start - 40) : start]
    after = data[start + len(name) : start + len(name) + 2]
    if before[-1:] in _QUOTES:
        return after[:1] == before[-1:]
    return before.endswith(b"env.") or bool(
        after[:1] == b":" and after != b":=" and not before.rpartition(b"\n")[2].strip()
    )


# -- imports -----------------------------------------------------------------------------------


@lru_cache(maxsize=65_536)
def _in_python(word: str) -> tuple[str, str] | None:
    exchange = exchange_of_import("python", word) if "/" not in word else None
    return None if exchange is None else (exchange, word)


@lru_cache(maxsize=65_536)
def _in_java(word: str) -> tuple[str, str] | None:
    exchange = exchange_of_import("java", word)
    return None if exchange is None else (exchange, word)


@lru_cache(maxsize=65_536)
def _in_script(word: str) -> tuple[str, str] | None:
    parts = word.split("/")
    package = "/".join(parts[: 2 if word.startswith("@") else 1])
    exchange = exchange_of_package("npm", package)
    return None if exchange is None else (exchange, package)


@lru_cache(maxsize=65_536)
def _in_go(word: str) -> tuple[str, str] | None:
    exchange = exchange_of_package("go", word)
    return None if exchange is None else (exchange, word)


@lru_cache(maxsize=65_536)
def _member(word: str) -> str | None:
    """The exchange that a library for several is asked for: `ccxt.binance`."""
    library, dot, rest = word.partition(".")
    whole = exchange_of_import("python", library) if dot and "/" not in word else None
    named = exchange_named(words_of(rest)) if whole is not None else None
    return named if named != whole else None


_IMPORTS: dict[str, Callable[[str], tuple[str, str] | None]] = {
    "python": _in_python,
    "java": _in_java,
    "kotlin": _in_java,
    "javascript": _in_script,
    "typescript": _in_script,
    "go": _in_go,
}


def _imported(data: bytes, start: int, language: str) -> bool:
    """Whether what stands before a name on its line makes it an import."""
    line = data[max(0, start - _LINE) : start]
    line = line[line.rfind(b"\n") + 1 :]
    if language == "python":
        return _PYTHON_IMPORT.match(line) is not None
    if language in ("java", "kotlin"):
        return _JAVA_IMPORT.match(line) is not None
    pattern = _GO_IMPORT if language == "go" else _SCRIPT_IMPORT
    return bool(pattern.match(line) if language == "go" else pattern.search(line))


def credential_terms(names: frozenset[str]) -> tuple[str, ...]:
    """What these exchanges call headers and parameters that are not for logs."""
    found = (
        term
        for each in exchanges()
        if each.name in names
        for term in (*each.header_names, *each.ambiguous_header_names, *each.secret_parameters)
    )
    return tuple(dict.fromkeys(found))
