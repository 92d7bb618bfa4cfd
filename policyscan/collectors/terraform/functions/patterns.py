"""Regular expressions in Go's syntax, run by Python where both agree and the work is bounded.

Go's engine is linear in the text; Python's backtracks. A pattern is run only if no repetition
holds another, and only on a text so short that even the worst order of tries ends soon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import comb

from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.value import Plain, Value
from policyscan.values import Why

MAX_PATTERN = 1000
MAX_SUBJECT = 65_536
MAX_TRIES = 20_000_000

_SAFE_ESCAPES = frozenset("dDwWbBAtnrfv")
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-\~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_GROUP = re.compile(
    r"\((?:\?(?:P?<(?P<name>[A-Za-z_][A-Za-z0-9_]*)>|(?P<flags>[ims]*)(?P<end>[:)])))?"
)
_REPEAT = re.compile(r"(?:[*+?]|\{(?P<least>[0-9]{1,4})(?P<open>,(?P<most>[0-9]{0,4}))?\})\??")
_TEMPLATE = re.compile(r"\$(?:\$|(?P<bare>[A-Za-z0-9_]+)|\{(?P<braced>[A-Za-z0-9_]+)\})")


class UnsupportedError(Exception):
    """The pattern means something else in Python, or could take too long."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A pattern and what bounds the work of matching it."""

    pattern: re.Pattern[str]
    repeats: int
    ways: int

    def tries(self, size: int) -> int:
        """At most so many orders of tries on a text: each repetition ends somewhere, not before
        the one on its left, and each group is taken in one of its ways."""
        return comb(size + self.repeats + 1, self.repeats + 1) * self.ways


@dataclass(slots=True)
class _Translator:
    """Reads a pattern once from left to right."""

    pattern: str
    position: int = 0
    out: list[str] = field(default_factory=list)
    flags: str = ""
    repeats: int = 0
    branches: list[int] = field(default_factory=lambda: [1])
    """The number of alternatives in each group that is open, the whole pattern first."""
    ways: int = 1
    """The number of ways through the groups that are closed."""

    def run(self) -> Compiled:
        """The whole pattern."""
        while self.position < len(self.pattern):
            char = self.pattern[self.position]
            if char == "(":
                self._open()
            elif char == ")":
                self._close()
            elif char == "|":
                self.branches[-1] += 1
                self._emit("|")
            elif char in "^$":
                self._emit(self._anchor(char))
            elif char in "*+?":
                raise UnsupportedError
            else:
                self._atom(char)
                self._repeat(single=True)
        try:
            compiled = re.compile("".join(self.out), re.ASCII)
        except (re.error, OverflowError) as error:
            raise UnsupportedError from error
        return Compiled(compiled, self.repeats, self.ways * self.branches[0])

    def _emit(self, text: str, width: int = 1) -> None:
        self.out.append(text)
        self.position += width

    def _open(self) -> None:
        match = _GROUP.match(self.pattern, self.position)
        if match is None or (match["flags"] and self.position):
            raise UnsupportedError
        self.flags += match["flags"] or ""
        text = f"(?P<{match['name']}>" if match["name"] else match[0]
        if match["end"] == ")" and not match["flags"]:
            raise UnsupportedError
        if match["end"] == ":" and match["flags"] and "m" in match["flags"]:
            raise UnsupportedError
        self._emit(text, len(match[0]))
        if match["end"] != ")":
            self.branches.append(1)

    def _close(self) -> None:
        if len(self.branches) == 1:
            raise UnsupportedError
        self.ways *= self.branches.pop()
        self._emit(")")
        if self.pattern.startswith("?", self.position):
            self.ways *= 2
        self._repeat(single=False)

    def _anchor(self, char: str) -> str:
        return char if char == "^" or "m" in self.flags else r"\Z"

    def _atom(self, char: str) -> None:
        if char == "[":
            self._class()
        elif char == "\\":
            self._escape(in_class=False)
        elif char > "\x7f" and "i" in self.flags:
            raise UnsupportedError
        else:
            self._emit(char if char.isalnum() or char in "._" else re.escape(char))

    def _escape(self, *, in_class: bool) -> None:
        char = self.pattern[self.position + 1 : self.position + 2]
        if char == "s":
            self._emit(r"\t\n\f\r " if in_class else r"[\t\n\f\r ]", 2)
        elif char == "z" and not in_class:
            self._emit(r"\Z", 2)
        elif char in _SAFE_ESCAPES and char and not (in_class and char in "bBA"):
            self._emit("\\" + char, 2)
        elif char and char.isascii() and not char.isalnum() and char != "_":
            self._emit(re.escape(char), 2)
        else:
            raise UnsupportedError

    def _class(self) -> None:
        self._emit("[")
        if self.pattern.startswith("^", self.position):
            self._emit("^")
        first = True
        while first or not self.pattern.startswith("]", self.position):
            char = self.pattern[self.position : self.position + 1]
            if not char or self.pattern.startswith("--", self.position):
                raise UnsupportedError
            if char == "\\":
                self._escape(in_class=True)
            elif self.pattern.startswith("[:", self.position):
                end = self.pattern.find(":]", self.position)
                name = self.pattern[self.position + 2 : end]
                if end < 0 or name not in _CLASSES:
                    raise UnsupportedError
                self._emit(_CLASSES[name], len(name) + 4)
            elif char > "\x7f" and "i" in self.flags:
                raise UnsupportedError
            else:
                self._emit(char if char.isalnum() or char == "-" else "\\" + char)
            first = False
        self._emit("]")

    def _repeat(self, *, single: bool) -> None:
        """A repetition after an atom; of a group only `?`, so that none holds another."""
        match = _REPEAT.match(self.pattern, self.position)
        if match is None:
            return
        if not single and not match[0].startswith("?"):
            raise UnsupportedError
        if max(int(match["least"] or 0), int(match["most"] or 0)) > 1000:
            raise UnsupportedError
        if match["least"] is None or match["open"]:
            self.repeats += 1
        self._emit(match[0], len(match[0]))
        if self.pattern.startswith(("*", "+", "?"), self.position):
            raise UnsupportedError
        if _REPEAT.match(self.pattern, self.position):
            raise UnsupportedError


@lru_cache(maxsize=256)
def translate(pattern: str) -> Compiled:
    """The pattern for Python. Raises `UnsupportedError`."""
    if len(pattern) > MAX_PATTERN:
        raise UnsupportedError
    return _Translator(pattern).run()


def _compiled(call: Invocation, pattern: str, text: str) -> re.Pattern[str]:
    try:
        compiled = translate(pattern)
    except UnsupportedError as error:
        raise call.unsupported("a simpler regular expression") from error
    if len(text) > MAX_SUBJECT or compiled.tries(len(text)) > MAX_TRIES:
        raise call.unsupported("a shorter text for this regular expression", Why.BUDGET)
    return compiled.pattern


def first(call: Invocation, pattern: str, text: str) -> Plain | Value:
    """What the first match captures."""
    match = _compiled(call, pattern, text).search(text)
    if match is None:
        raise call.error("the text does not match")
    return _captures(call, match)


def every(call: Invocation, pattern: str, text: str) -> Plain:
    """What each match captures."""
    return tuple(
        call.make(_captures(call, match))
        for match in _matches(call, _compiled(call, pattern, text), text)
    )


def substitute(call: Invocation, pattern: str, text: str, template: str) -> Plain:
    """`text` with each match replaced by `template`, in which `$1` and `${name}` are groups."""
    pieces, end, size = [], 0, len(text)
    for match in _matches(call, _compiled(call, pattern, text), text):
        size += len(template) + len(match[0]) * template.count("$")
        call.room_for(size)
        pieces += [text[end : match.start()], _expand(template, match)]
        end = match.end()
    return "".join([*pieces, text[end:]])


def _matches(call: Invocation, compiled: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """All matches; as in Go, no empty one right after another match."""
    found: list[re.Match[str]] = []
    for match in compiled.finditer(text):
        call.spend(1 + compiled.groups)
        if match[0] or not found or match.start() != found[-1].end():
            found.append(match)
    return found


def _captures(call: Invocation, match: re.Match[str]) -> Plain:
    names, groups = match.re.groupindex, match.groups()
    if not groups:
        return match[0]
    if names and len(names) != len(groups):
        raise call.error("the pattern mixes groups with and without names")
    if names:
        return {name: call.make(match[name]) for name in names}
    return tuple(call.make(group) for group in groups)


def _expand(template: str, match: re.Match[str]) -> str:
    def group(reference: re.Match[str]) -> str:
        name = reference["bare"] or reference["braced"]
        if name is None:
            return "$"
        try:
            return match[int(name) if name.isdigit() else name] or ""
        except IndexError:
            return ""

    return _TEMPLATE.sub(group, template)
