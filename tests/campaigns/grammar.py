"""Expressions made at random of the productions of the language, which are rows of text.

`<int>` stands for an expression of that type, `<0>` for the text of the first one again, and `@int`
for a new variable of that type, which may occur in what follows. A row is repeated for each type
that a capital letter in it may be. `~(<int>)` is an int that Google's checker must take for any
value: ours compares numbers across types, and there only the runtime does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from tests.campaigns.rows import COMMON, JUDGING, LETTERS


@dataclass(frozen=True)
class Production:
    """One row for one choice of its letters: texts, with the parts that stand between them."""

    kind: str
    texts: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def is_leaf(self) -> bool:
        return not self.parts and "@" not in self.texts[0]


@dataclass(frozen=True)
class Expression:
    """A generated expression."""

    kind: str
    texts: tuple[str, ...]
    parts: tuple[Expression, ...] = ()

    def __str__(self) -> str:
        spelt = [str(part) for part in self.parts]
        text = self.texts[0]
        for part, after in zip(spelt, self.texts[1:], strict=True):
            text += part + after
        return re.sub(r"<(\d)>", lambda match: spelt[int(match[1])], text)

    @property
    def text(self) -> str:
        """As policies write it."""
        return str(self).replace("~", "")

    def below(self) -> Iterator[Expression]:
        """Everything inside it."""
        for part in self.parts:
            yield part
            yield from part.below()


_TYPE = r"[A-Za-z]+(?:\((?:[^()]|\([^()]*\))*\))?"
_PART = re.compile(rf"<({_TYPE})>")
_BINDER = re.compile(rf"@({_TYPE})")
_PLACES = re.compile(rf"^{_TYPE} ::=|<{_TYPE}>|@{_TYPE}")
"""Where a row speaks of types."""


Table = Mapping[str, tuple[tuple[Production, ...], ...]]
"""By type, the rows that make it, each with what its letters may be."""


def productions(*sections: str) -> Table:
    """The rows of some sections."""
    found: dict[str, list[tuple[Production, ...]]] = {}
    for row in "\n".join(sections).split("\n"):
        if row:
            by_kind: dict[str, list[Production]] = {}
            for one in _spelt_out(row):
                by_kind.setdefault(one.kind, []).append(one)
            for kind, expansions in by_kind.items():
                found.setdefault(kind, []).append(tuple(expansions))
    return {kind: tuple(rows) for kind, rows in found.items()}


def _spelt_out(row: str) -> Iterator[Production]:
    types = " ".join(_PLACES.findall(row))
    letter = next((each for each in LETTERS if re.search(rf"\b{each}\b", types)), None)
    if letter is None:
        kind, template = row.split(" ::= ", 1)
        pieces = _PART.split(template)
        yield Production(kind, tuple(pieces[::2]), tuple(pieces[1::2]))
        return
    for kind in LETTERS[letter]:
        chosen = re.compile(rf"\b{letter}\b")
        yield from _spelt_out(_PLACES.sub(lambda place: chosen.sub(kind, place[0]), row))  # noqa: B023


@cache
def common() -> Table:
    """What policies and CEL share."""
    return productions(*COMMON)


@cache
def judging() -> Table:
    """What conditions of policies are made of."""
    return productions(*JUDGING)


class Generator:
    """Makes expressions; the same seed makes the same ones."""

    def __init__(self, table: Table, random: Random) -> None:
        self._table = table
        self._random = random
        self._variables = 0

    def expression(self, kind: str, depth: int) -> Expression:
        """One of that type, with `depth` productions below one another at most, roughly."""
        self._variables = 0
        return self._made(kind, depth, {})

    def _made(self, kind: str, depth: int, scope: Mapping[str, str]) -> Expression:
        bound = [name for name, of in scope.items() if of == kind]
        if bound and self._random.random() < (0.4 if depth > 0 else 0.8):
            return Expression(kind, (self._random.choice(bound),))
        rows = self._table[kind]
        leaves = [row for row in rows if row[0].is_leaf]
        if leaves and (depth <= 0 or self._random.random() < 0.12):
            rows = tuple(leaves)
        elif depth > 0:
            rows = tuple(row for row in rows if not row[0].is_leaf) or rows
        else:
            rows = (min(rows, key=lambda row: len(row[0].parts)),)
        return self._filled(self._random.choice(self._random.choice(rows)), depth - 1, scope)

    def simplest(self, production: Production) -> Expression:
        """The production with something simple for each part."""
        return self._filled(production, 0, {})

    def _filled(self, production: Production, depth: int, scope: Mapping[str, str]) -> Expression:
        texts, parts = [], []
        for number, text in enumerate(production.texts):
            binder = _BINDER.search(text)
            if binder is not None:
                name = f"v{self._variables}"
                self._variables += 1
                scope = {**scope, name: binder[1]}
                text = text[: binder.start()] + name + text[binder.end() :]  # noqa: PLW2901
            texts.append(text)
            if number < len(production.parts):
                parts.append(self._made(production.parts[number], depth, scope))
        return Expression(production.kind, tuple(texts), tuple(parts))


_SIMPLEST = {
    "bool": ("true", "false"),
    "int": ("0", "1"),
    "double": ("0.0", "1.0"),
    "string": ('""', '"a"'),
    "timestamp": ('timestamp("2026-01-01T00:00:00Z")',),
    "duration": ('duration("0s")',),
}


def smallest(expression: Expression, fails: Callable[[Expression], bool]) -> Expression:
    """A smaller expression that still fails: simpler parts take the place of its parts."""
    shrinking, tries = True, 2_000
    while shrinking and tries > 0:
        shrinking = False
        for candidate in sorted(_simpler(expression), key=lambda each: len(str(each))):
            tries -= 1
            if len(str(candidate)) < len(str(expression)) and fails(candidate):
                expression, shrinking = candidate, True
                break
            if tries <= 0:
                break
    return expression


def _simpler(expression: Expression) -> Iterator[Expression]:
    for simple in _SIMPLEST.get(expression.kind, ()):
        yield Expression(expression.kind, (simple,))
    yield from (each for each in expression.below() if each.kind == expression.kind)
    for number, part in enumerate(expression.parts):
        for simpler in _simpler(part):
            parts = (*expression.parts[:number], simpler, *expression.parts[number + 1 :])
            yield replace(expression, parts=parts)
