"""The patterns of IAM policies: `*` is any text, `?` one character, `${…}` and holes are texts that
are not known. Each is matched against many names at once, and every answer has three values."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from policyscan.values import Ref, Unknown, Why

MAX_PATTERN = 2_048
"""Characters of the longest ARN that AWS takes; a longer text is a hole."""
MAX_STEPS = 1_500_000
"""Characters that all patterns of a run compare; what further patterns match is not known."""
_VARIABLE = re.compile(r"\$\{([^{}]{0,512})\}")
_ESCAPES = frozenset("*?$")
"""`${*}` is a star that means itself."""
_OWN = {
    "aws_region": ("region", frozenset({"name", "id", "region"})),
    "aws_caller_identity": ("account", frozenset({"account_id", "id"})),
    "aws_partition": ("partition", frozenset({"partition", "id"})),
}
"""Data sources that tell where one is, and which part of an ARN their attributes are."""
OWN = frozenset(key for key, _ in _OWN.values())
"""Holes that stand in every ARN of a root: nothing else matches them."""


class Hole(NamedTuple):
    """A piece of a name that is not known."""

    key: Hashable = None
    """Two holes of one key are the same text; None is like no other."""
    alphabet: frozenset[str] | None = None
    """The characters it may have, if it is at least one; None for any text, also the empty one."""
    single: bool = False
    """Exactly one character."""


class Wild(NamedTuple):
    """A wildcard: `*`, or `?` if it stands for one character."""

    single: bool


Token = str | Hole | Wild
"""One character, or what stands in its place."""
ANY, ONE = Wild(False), Wild(True)


def tokens_of(value: str | Ref | Unknown, *, wild: bool = True) -> tuple[Token, ...]:
    """A text as tokens; without `wild`, stars and question marks mean themselves."""
    if isinstance(value, Unknown) and value.parts:
        pieces: Sequence[str | Ref | Unknown] = value.parts
    else:
        pieces = (value,)
    found: list[Token] = []
    for piece in pieces:
        if isinstance(piece, str):
            found += _text(piece) if wild else piece
        else:
            found.append(Hole(_key(piece)))
        if len(found) > MAX_PATTERN:
            return (Hole(),)
    return tuple(found)


def _text(text: str) -> Iterator[Token]:
    end = 0
    for found in _VARIABLE.finditer(text):
        yield from map(_wild, text[end : found.start()])
        name = found[1]
        yield name if name in _ESCAPES else Hole()
        end = found.end()
    yield from map(_wild, text[end:])


def _wild(character: str) -> Token:
    return ANY if character == "*" else ONE if character == "?" else character


def _key(piece: Ref | Unknown) -> Hashable:
    """What makes two unknown texts of one root the same."""
    ref = piece if isinstance(piece, Ref) else piece.of
    if ref is not None:
        kind = ref.address.split(".")[-2:][0]
        if kind in _OWN and ref.attribute in _OWN[kind][1]:
            return _OWN[kind][0]
        return (ref.address, ref.attribute) if "[?]" not in ref.address else None
    if not isinstance(piece, Unknown) or piece.why is not Why.VARIABLE_UNSET:
        return None
    where = piece.where
    return (piece.needs, where and (where.source.path, where.start))


class Pattern:
    """A pattern as an automaton whose states are the bits of a number: bit `n` is set if what was
    read so far may be what stands before token `n`."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.literals: dict[str, int] = {}
        self.ones = self.stars = self.holes = 0
        self.keyed: dict[Hashable, int] = {}
        bit = 1
        for token in tokens:
            if isinstance(token, str):
                self.literals[token] = self.literals.get(token, 0) | bit
            elif isinstance(token, Hole):
                if token.key not in OWN:
                    self.holes |= bit
                if token.key is not None:
                    self.keyed[token.key] = self.keyed.get(token.key, 0) | bit
            elif token.single:
                self.ones |= bit
            else:
                self.stars |= bit
            bit <<= 1
        self.end = bit
        self.wide = self.stars | self.holes
        colons = self.literals.get(":", 0)
        self.behind_colons = (bit << 1) - (1 << colons.bit_length())
        """The states in which no more colon is to be read."""
        self._within: dict[frozenset[str], int] = {}

    def start(self) -> Progress:
        """The state before anything is read."""
        return Progress(_closed(1, self.stars), _closed(1, self.wide))

    def read(self, states: Progress, token: Token) -> Progress:
        """The state after one more token of the name."""
        if isinstance(token, str):
            here = self.literals.get(token, 0) | self.ones
            return self._one(states, here, here)
        assert isinstance(token, Hole)
        if token.single:
            return self._one(states, self.ones, self.ones | self._letters(token.alphabet))
        return Progress(self._surely(states.must, token), self._perhaps(states.may, token))

    def accepts(self, states: Progress) -> bool | None:
        """Whether the pattern matches, whatever the holes are; None if that depends on them."""
        if states.must & self.end:
            return True
        return None if states.may & self.end else False

    def _one(self, states: Progress, must: int, may: int) -> Progress:
        return Progress(
            _closed((states.must & must) << 1 | states.must & self.stars, self.stars),
            _closed((states.may & may) << 1 | states.may & self.wide, self.wide),
        )

    def _surely(self, states: int, hole: Hole) -> int:
        """A star takes any text, a hole the same text; `?*` whatever is not empty."""
        after = states & self.stars
        if hole.key is not None:
            after |= (states & self.keyed.get(hole.key, 0)) << 1
        if hole.alphabet is not None:
            after |= _closed((states & self.ones) << 1, self.stars) & self.stars
        return _closed(after, self.stars)

    def _perhaps(self, states: int, hole: Hole) -> int:
        """Any number of tokens of the pattern may lie in the hole."""
        if hole.alphabet is None:
            lowest = states & -states
            return (self.end << 1) - lowest if states else 0
        passable = self.ones | self._letters(hole.alphabet)
        same = (states & self.keyed.get(hole.key, 0)) << 1
        first = same | (states & passable) << 1 | states & self.wide
        reached, before = _closed(first, self.wide), 0
        while reached != before:
            before = reached
            reached = _closed(reached | (reached & passable) << 1, self.wide)
        return reached

    def _letters(self, alphabet: frozenset[str] | None) -> int:
        if alphabet is None:
            return self.end - 1
        found = self._within.get(alphabet)
        if found is None:
            found = 0
            for character, bits in self.literals.items():
                found |= bits if character in alphabet else 0
            self._within[alphabet] = found
        return found


class Progress(NamedTuple):
    """How far a pattern has come: with any filling of the holes, and with some."""

    must: int
    may: int


def _closed(states: int, free: int) -> int:
    """The states with those behind tokens that may be empty."""
    while True:
        more = states | (states & free) << 1
        if more == states:
            return states
        states = more


class Matched(NamedTuple):
    """Which names a pattern matches, as bits: for certain, and perhaps or for certain."""

    must: int = 0
    may: int = 0

    def __or__(self, other: object) -> Matched:
        assert isinstance(other, Matched)
        return Matched(self.must | other.must, self.may | other.may)

    def both(self, other: Matched) -> Matched:
        """The names that are in both."""
        return Matched(self.must & other.must, self.may & other.may)

    def either_of(self, other: Matched) -> Matched:
        """What is left if it is one of the two, and nobody knows which."""
        return Matched(self.must & other.must, self.may | other.may)

    def outside(self, every: int) -> Matched:
        """All but these."""
        return Matched(every & ~self.may, every & ~self.must)

    @property
    def doubtful(self) -> Matched:
        """The same, none of it for certain."""
        return Matched(0, self.may)


NONE = Matched()


class _Node(Struct):
    following: dict[Token, _Node]
    names: int = 0
    colons: bool = False
    """Whether a colon follows in any name. None does in the names of secrets."""


class Names:
    """Names, each a bit, as one tree: a pattern walks what they have in common once."""

    def __init__(self, names: Iterable[Sequence[Token]]) -> None:
        self._root = _Node({})
        self._found: dict[tuple[Token, ...], Matched] = {}
        self._steps = MAX_STEPS
        bit = 1
        for name in names:
            node, colons = self._root, name.count(":")
            for token in name:
                colons -= token == ":"
                node = node.following.setdefault(token, _Node({}))
                node.colons = node.colons or colons > 0
            node.names |= bit
            bit <<= 1
        self.every = bit - 1

    def matching(self, tokens: tuple[Token, ...]) -> Matched:
        """The names that the pattern of these tokens matches."""
        if tokens not in self._found:
            self._found[tokens] = self._walk(Pattern(tokens))
        return self._found[tokens]

    def _walk(self, pattern: Pattern) -> Matched:
        if self._steps < 0:
            return Matched(0, self.every)
        must = may = 0
        last = pattern.behind_colons
        stack = [(self._root, pattern.start())]
        while stack:
            node, states = stack.pop()
            if node.names and states.may & pattern.end:
                may |= node.names
                must |= node.names if states.must & pattern.end else 0
            self._steps -= len(node.following)
            for token, following in node.following.items():
                after = pattern.read(states, token)
                if not following.colons:
                    after = Progress(after.must & last, after.may & last)
                if after.may:
                    stack.append((following, after))
        return Matched(must, may)


def match(pattern: Iterable[Token], name: Iterable[Token]) -> bool | None:
    """Whether one pattern matches one name; None if that depends on holes."""
    automaton = Pattern(pattern)
    states = automaton.start()
    for token in name:
        states = automaton.read(states, token)
    return automaton.accepts(states)


def bits_of(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def literal(tokens: Iterable[Token]) -> str:
    """The text without its wildcards and holes, each a blank."""
    return "".join(token if isinstance(token, str) else " " for token in tokens)


def lowered(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """The tokens in lower case: names of actions know no case."""
    return tuple(token.lower() if isinstance(token, str) else token for token in tokens)
