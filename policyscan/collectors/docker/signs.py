"""Which secrets an engine's answer gives away, by the signs that hold for Dockerfiles.

This runs before anything is kept: what is found leaves its name and the sign, never its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyscan.resources.instructions import build_arguments, parted
from policyscan.resources.masking import mask_value
from policyscan.resources.secret_files import Holds, holds_secret
from policyscan.resources.secret_forms import assigned_secrets, is_literal
from policyscan.resources.secret_signs import secret_name, token_format

MAX_TEXT = 100_000
"""Characters of one text that are looked at; of a longer one the rest may hold more."""
_PAIR = re.compile(r"(?:^|(?<=\s))\"?([A-Za-z_][\w./-]*)\"?=")
_FLAGS = re.compile(r"(?:--[a-z-]+(?:=\S*)?\s+)*")
_HASHED = re.compile(r"(?:file|dir|multi):[0-9a-f]{64}")

Found = dict[str, Any]
"""`name`, `instruction` and `because` of a secret; or `doubt`, what would tell whether there is
another."""


def of_pair(instruction: str, name: str, value: str) -> Iterator[Found]:
    """The secret that a variable, build argument or label holds, if it does."""
    reason = token_format(value[:MAX_TEXT])
    if not reason and instruction != "LABEL" and (named := secret_name(name)):
        reason = named if is_literal(value[:MAX_TEXT], named) else ""
    if reason:
        yield _found(plain_name(name), instruction, reason)


def of_text(instruction: str, text: str) -> Iterator[Found]:
    """Tokens and assignments in a command."""
    if reason := token_format(text):
        yield _found(reason.removeprefix("the value is "), instruction, reason)
    for name, reason in assigned_secrets(text):
        yield _found(plain_name(name), instruction, reason)


def of_line(line: str) -> Iterator[Found]:
    """The secrets in a line of a history."""
    if len(line) > MAX_TEXT:
        yield {"doubt": f"the part of a line of the history after {MAX_TEXT} characters"}
    keyword, rest = parted(line[:MAX_TEXT])
    if keyword in ("ENV", "ARG", "LABEL"):
        for name, value in _pairs(rest):
            yield from of_pair(keyword, name, value)
    elif keyword in ("COPY", "ADD"):
        yield from _of_sources(keyword, rest)
        yield from of_text(keyword, rest)
    elif keyword == "RUN":
        arguments = build_arguments(rest)
        for name, value in _pairs(arguments):
            yield from of_pair("ARG", name, value)
        yield from of_text("RUN", rest[len(arguments) :])
    elif keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
        yield from of_text(keyword, rest)


def plain_name(name: str) -> str:
    """A name, which may itself be a token."""
    return mask_value(name) if token_format(name) else name[:200]


def once(found: Iterator[Found]) -> list[Found]:
    """Each secret once, in order."""
    seen: dict[tuple[str, ...], Found] = {}
    for each in found:
        seen.setdefault(tuple(str(value) for value in each.values()), each)
    return [*seen.values()]


def _found(name: str, instruction: str, because: str) -> Found:
    return {"name": name, "instruction": instruction, "because": because}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Names and values; an engine writes values without quotes, so each goes to the next name."""
    found = [*_PAIR.finditer(text)]
    ends = [*(each.start() for each in found[1:]), len(text)]
    for each, end in zip(found, ends, strict=False):
        yield each[1], text[each.end() : end].strip().strip("\"'")


def _of_sources(keyword: str, rest: str) -> Iterator[Found]:
    words = rest[_FLAGS.match(rest).end() :].split()  # type: ignore[union-attr]  # matches nothing too
    for word in words[:-1]:
        if _HASHED.search(word) or word == "in":
            continue
        holds, reason = holds_secret(word)
        if holds is Holds.SECRET:
            yield _found(plain_name(word), keyword, reason)
        elif holds is Holds.PERHAPS:
            yield {"doubt": reason}
