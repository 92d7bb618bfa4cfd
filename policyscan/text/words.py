"""The words that names are made of; names, values and numbers as words."""

from __future__ import annotations

import re

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FIELD = re.compile(r"[a-z0-9_]+(?:\[[0-9]+\])?(?:\.[a-z0-9_]+(?:\[[0-9]+\])?)*")
_ADDRESS = re.compile(r"(?:^|\.)aws_")
"""In a path that begins with the address of a resource, perhaps of a module or a data source."""
_WHOLE = re.compile(r"(-?[0-9]+)\.0")
_TIME = re.compile(r'timestamp\("([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2})[^"]*"\)')
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 gap`, `3,000 gaps`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def commit_words(name: str) -> str:
    """What a commit is called, its whole id cut to 12 characters."""
    return name[:12] if _ID.fullmatch(name) else name


def field_words(path: str) -> str:
    """A field as people say it: `permissions.spot_margin` is `permissions spot margin`. The path of
    another resource's field stays as it is."""
    if not _FIELD.fullmatch(path) or _ADDRESS.search(path):
        return path
    return re.sub(r"\[[0-9]+\]", "", path).replace("_", " ").replace(".", " ")


def value_words(value: str) -> str:
    """A whole number without its point, and a time without the spelling of the policies."""
    if whole := _WHOLE.fullmatch(value):
        return whole[1]
    if (found := _TIME.fullmatch(value)) is None:
        return value
    return found[1] if found[2] == "00:00" else f"{found[1]} {found[2]} UTC"


def words_of(text: str) -> tuple[str, ...]:
    """The words and numbers of a name in lower case: `prodTrading-bot1` has four."""
    return tuple(word.lower() for word in _WORD.findall(text))
