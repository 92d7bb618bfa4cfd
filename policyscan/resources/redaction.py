"""Which names the pattern of a redaction hides.

A pattern comes from somebody else's source and is never run: its texts are written out, as far as
it has few enough, and compared with the names by which credentials are logged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from policyscan.resources.exchanges import exchanges
from policyscan.resources.secret_signs import secret_name

MAX_PATTERN = 2_000
_MOST = 512
"""Texts that one pattern may stand for."""
_DEEPEST = 12
_GENERAL = (
    "Authorization",
    "apiKey",
    "api_key",
    "api_secret",
    "apiSecret",
    "secret",
    "signature",
    "token",
    "password",
    "passphrase",
    "cookie",
    "listenKey",
)
"""Names of credentials that are no exchange's own, in their usual spelling."""

SUSPECT = re.compile(
    r"(?i)redact|mask|scrub|saniti|censor|hide|hidden|secret|sensitive|obfus|anonym|clean"
)
"""Words in the name of a function or class that hides something."""

_GAP, _EDGE, _WORD, _VALUE, _APART = "\0", "\1", "\2", "\3", " "
"""Any text; the edge of a word; letters, digits and `_`; characters of some class; what separates
a name from its value."""
_NAME = re.compile(r"[\w-]*[A-Za-z][\w-]*", re.ASCII)
_SEPARATORS = frozenset("-_ .")
_EDGES = {"b": _EDGE, "B": "", "Z": "", "z": ""}


class Terms(Struct, frozen=True):
    """The names that a redaction hides; there may be others if not `certain`. A name that some
    exchange documents is spelled as there, and others are in lower case."""

    names: frozenset[str]
    certain: bool


OPAQUE = Terms(frozenset(), certain=False)


def joined(terms: Iterable[Terms]) -> Terms:
    """What several redactions hide together."""
    every = list(terms)
    names = frozenset(name for each in every for name in each.names)
    return Terms(names, all(each.certain for each in every))


def is_credential(word: str) -> bool:
    """Whether a word is the name of a credential."""
    lowered = word.strip().lower()
    return bool(secret_name(word)) or any(lowered == name.lower() for name in _names())


def terms_of_word(word: str) -> Terms:
    """What a comparison with a plain word hides: fields of exactly that name."""
    lowered = word.strip().lower()
    same = {name for name in _names() if name.lower() == lowered}
    return Terms(frozenset(same | ({lowered} if lowered else set())), certain=True)


def terms_of_pattern(pattern: str, *, ignore_case: bool = False) -> Terms:
    """What a regular expression hides whose matches are replaced."""
    if len(pattern) > MAX_PATTERN:
        return OPAQUE
    try:
        reader = _Reader(pattern, ignore_case)
        texts = reader.alternatives(0)
        if reader.at < len(pattern):
            return OPAQUE
    except _TooHardError:
        return OPAQUE
    found = [_terms_of_text(text, reader.ignore_case) for text in _shortest(texts)]
    return joined(found) if found else OPAQUE


def terms_of_part(word: str, *, ignore_case: bool) -> Terms:
    """What is hidden if every message that holds the word anywhere is."""
    return Terms(_hidden(word, "", _GAP, ignore_case), certain=True)


def _shortest(texts: list[str]) -> list[str]:
    """The texts without those that say a name and more where another says the name alone."""
    words = [_NAME.findall(text) for text in texts]
    alone = {each[0] for each in words if len(each) == 1}
    return [
        text
        for text, each in zip(texts, words, strict=True)
        if len(each) < 2 or each[0] not in alone
    ]


@cache
def _names() -> tuple[str, ...]:
    """Every name of a credential that is known, in its documented spelling."""
    found = [*_GENERAL]
    for each in exchanges():
        found += (*each.header_names, *each.ambiguous_header_names, *each.secret_parameters)
    return tuple(dict.fromkeys(found))


def _terms_of_text(text: str, ignore_case: bool) -> Terms:
    """What one text of a pattern hides: it must hold one name and say nothing else."""
    words = list(_NAME.finditer(text))
    if len(words) != 1:
        return OPAQUE
    word = words[0]
    before, after = text[: word.start()][-1:], text[word.end() :][:1]
    hidden = _hidden(word[0], before, after, ignore_case)
    own = word[0].lower().strip("-_")
    known = any(own == name.lower() for name in _names())
    return Terms(hidden if known else hidden | {own}, certain=True)


def _hidden(word: str, before: str, after: str, ignore_case: bool) -> frozenset[str]:
    """The names that hold `word`."""
    found = {name for name in _names() if _hides(word, name, before, after, ignore_case)}
    return frozenset(found | {name.lower() for name in found.intersection(_GENERAL)})


def _hides(word: str, name: str, before: str, after: str, ignore_case: bool) -> bool:
    """Whether a match of `word` lies in `name`, up to its end unless anything may follow."""
    if ignore_case:
        word, name = word.lower(), name.lower()
    at = name.rfind(word)
    rest = name[at + len(word) :]
    if at < 0 or (rest and after != _GAP and not (after == _WORD and rest.isalnum())):
        return False
    return before != _EDGE or at == 0 or not (name[at - 1].isalnum() or name[at - 1] == "_")


class _TooHardError(Exception):
    """A pattern that is not written out."""


class _Reader:
    """Writes out the texts of a regular expression, at most `_MOST`."""

    def __init__(self, pattern: str, ignore_case: bool) -> None:
        self.at = 0
        self.ignore_case = ignore_case
        self._pattern = pattern

    def alternatives(self, depth: int) -> list[str]:
        """The texts up to the end of the group that is open."""
        if depth > _DEEPEST:
            raise _TooHardError
        found, current = [], [""]
        while self.at < len(self._pattern) and self._pattern[self.at] != ")":
            if self._pattern[self.at] == "|":
                self.at += 1
                found += current
                current = [""]
                continue
            pieces = self._quantified(self._item(depth))
            if len(current) * len(pieces) + len(found) > _MOST:
                raise _TooHardError
            current = [text + piece for text in current for piece in pieces]
        return found + current

    def _item(self, depth: int) -> list[str]:
        char = self._pattern[self.at]
        self.at += 1
        if char == "\\":
            return [self._escape()]
        if char == "[":
            return self._class()
        if char == "(":
            return self._group(depth)
        if char == "^":
            raise _TooHardError
        if char in ".$":
            return [_GAP if char == "." else ""]
        return [_APART if char.isspace() else char]

    def _escape(self) -> str:
        char = self._next()
        if char in _EDGES:
            return _EDGES[char]
        if char in "wdSD":
            return {"w": _WORD, "d": _VALUE}.get(char, _GAP)
        if char in "sWtnr":
            return _APART
        if char.isalnum():
            raise _TooHardError
        return char

    def _class(self) -> list[str]:
        if self._pattern.startswith("^", self.at):
            without, ranges = self._members()
            return [_VALUE if ranges or any(m.isalnum() or m in "-_" for m in without) else _GAP]
        members, open_ended = self._members()
        if not open_ended and members <= _SEPARATORS:
            return sorted(members)
        if not open_ended and not any(m.isalnum() for m in members):
            return [_APART]
        return sorted(members) if not open_ended and len(members) <= 4 else [_VALUE]

    def _members(self) -> tuple[frozenset[str], bool]:
        """The characters of a class, and whether it has ranges or classes inside."""
        members: set[str] = set()
        open_ended, first = False, True
        while (char := self._next()) != "]" or first:
            first = False
            if char == "\\":
                char = self._next()
                open_ended |= char in "wdSDW"
                char = " " if char in "stnr" else char
            elif self._pattern.startswith("-", self.at) and self._pattern[self.at + 1 :][:1] != "]":
                self.at += 2
                open_ended = True
            members.add(char)
        return frozenset(members), open_ended

    def _group(self, depth: int) -> list[str]:
        negative = False
        if self._pattern.startswith("?", self.at):
            head = re.compile(r"\?(?:P?<\w+>|<?([=!])|([aiLmsux]*)(?:-[imsx]+)?([:)])|>)").match(
                self._pattern, self.at
            )
            if head is None:
                raise _TooHardError
            self.at = head.end()
            self.ignore_case |= "i" in (head[2] or "")
            negative = head[1] == "!"
            if head[3] == ")":
                return [""]
        texts = self.alternatives(depth + 1)
        self._next()
        return [_EDGE] if negative else texts

    def _quantified(self, texts: list[str]) -> list[str]:
        found = re.compile(r"(?:[*+?]|\{[0-9]*(?:,[0-9]*)?\})[?+]?").match(self._pattern, self.at)
        if found is None:
            return texts
        self.at = found.end()
        optional = found[0][0] in "*?" or found[0].startswith(("{0,", "{,"))
        apart = all(text in (_APART, _GAP, _WORD, _VALUE) for text in texts)
        return ["", *texts] if optional and not apart else texts

    def _next(self) -> str:
        if self.at >= len(self._pattern):
            raise _TooHardError
        self.at += 1
        return self._pattern[self.at - 1]
