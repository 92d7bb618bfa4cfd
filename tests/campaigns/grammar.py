"""The productions of the language, one a row, and expressions made of them at random.

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

from tests.campaigns.estate import VARIABLES

SCALARS = ("bool", "int", "double", "string", "timestamp", "duration")
ORDERED = ("int", "double", "string", "timestamp", "duration")
LISTED = (*SCALARS, "list(int)")
LISTS = tuple(f"list({kind})" for kind in LISTED)
MAPS = tuple(f"map(string, {kind})" for kind in LISTED)
LETTERS: Mapping[str, tuple[str, ...]] = {
    "A": (*SCALARS, *LISTS, *MAPS),
    "O": ORDERED,
    "T": LISTED,
    "U": ("bool", "int", "double", "string", "duration"),
}
"""What each capital letter may be: anything, what has an order, what lists hold, what maps make."""

LOGIC = """
bool ::= true
bool ::= false
bool ::= !<bool>
bool ::= (<bool> && <bool>)
bool ::= (<bool> || <bool>)
bool ::= (<bool> && <bool> && <bool>)
bool ::= (<bool> || <bool> && <bool>)
bool ::= (<A> == <A>)
bool ::= (<A> != <A>)
bool ::= (<O> < <O>)
bool ::= (<O> <= <O>)
bool ::= (<O> > <O>)
bool ::= (<O> >= <O>)
bool ::= (~(<int>) < <double>)
bool ::= (<double> >= ~(<int>))
bool ::= (~(<int>) == <double>)
bool ::= (<T> in <list(T)>)
bool ::= (<T> in [<T>, <T>])
bool ::= (<string> in <map(string, T)>)
A ::= (<bool> ? <A> : <A>)
"""
NUMBERS = """
int ::= 0
int ::= 1
int ::= -1
int ::= 2
int ::= 0x10
int ::= 9223372036854775807
int ::= -9223372036854775808
int ::= -(<int>)
int ::= (<int> + <int>)
int ::= (<int> - <int>)
int ::= (<int> * <int>)
int ::= (<int> / <int>)
int ::= (<int> % <int>)
double ::= 0.0
double ::= -0.0
double ::= 1.0
double ::= .5
double ::= 1e308
double ::= (0.0 / 0.0)
double ::= -(<double>)
double ::= (<double> + <double>)
double ::= (<double> - <double>)
double ::= (<double> * <double>)
double ::= (<double> / <double>)
"""
STRINGS = r'''
string ::= ""
string ::= "a"
string ::= 'b"'
string ::= "\u00e9\x41\101\n"
string ::= r"\d"
string ::= """q"q"""
string ::= "日本"
string ::= (<string> + <string>)
string ::= <string>.lowerAscii()
bool ::= <string>.startsWith(<string>)
bool ::= <string>.endsWith(<string>)
bool ::= <string>.contains(<string>)
int ::= size(<string>)
int ::= <string>.size()
'''
TEXTS = r"""
string ::= <string>.upperAscii()
string ::= <string>.charAt(<int>)
int ::= <string>.indexOf(<string>)
int ::= <string>.indexOf(<string>, <int>)
int ::= <string>.lastIndexOf(<string>)
int ::= <string>.lastIndexOf(<string>, <int>)
string ::= <string>.substring(<int>)
string ::= <string>.substring(<int>, <int>)
string ::= <string>.replace(<string>, <string>)
string ::= <string>.replace(<string>, <string>, <int>)
list(string) ::= <string>.split(<string>)
list(string) ::= <string>.split(<string>, <int>)
string ::= <list(string)>.join()
string ::= <list(string)>.join(<string>)
string ::= <string>.trim()
string ::= <string>.reverse()
bool ::= <string>.matches("^[a-z.]+$")
bool ::= matches(<string>, r"\d+(h|m)?")
bool ::= <string>.matches("(?i)^A?.$")
bool ::= <string>.matches(r"\p{Han}|\.")
"""
TIMES = """
timestamp ::= timestamp("2024-02-29T12:00:00.25Z")
timestamp ::= timestamp("2026-01-31T23:59:59+02:00")
timestamp ::= (<timestamp> + <duration>)
timestamp ::= (<duration> + <timestamp>)
timestamp ::= (<timestamp> - <duration>)
duration ::= duration("0s")
duration ::= duration("1h30m")
duration ::= duration("-1.5s")
duration ::= duration("8760h")
duration ::= duration("250ms")
duration ::= (<timestamp> - <timestamp>)
duration ::= (<duration> + <duration>)
duration ::= (<duration> - <duration>)
duration ::= duration((<string> + "h"))
duration ::= duration((<string> + ""))
timestamp ::= timestamp((<string> + ""))
"""
CALENDAR = """
int ::= <timestamp>.getFullYear()
int ::= <timestamp>.getMonth()
int ::= <timestamp>.getDate()
int ::= <timestamp>.getDayOfMonth()
int ::= <timestamp>.getDayOfWeek()
int ::= <timestamp>.getDayOfYear()
int ::= <timestamp>.getHours()
int ::= <timestamp>.getMinutes()
int ::= <timestamp>.getSeconds()
int ::= <timestamp>.getMilliseconds()
int ::= <timestamp>.getHours("Europe/Berlin")
int ::= <timestamp>.getDayOfYear("+02:00")
int ::= <timestamp>.getDate("-11:30")
int ::= <timestamp>.getMinutes("Asia/Kathmandu")
int ::= <duration>.getHours()
int ::= <duration>.getMinutes()
int ::= <duration>.getSeconds()
int ::= <duration>.getMilliseconds()
"""
COLLECTIONS = """
list(T) ::= [<T>]
list(T) ::= [<T>, <T>]
list(T) ::= (<list(T)> + <list(T)>)
list(T) ::= (<list(T)> + [])
bool ::= (<list(T)> == [])
T ::= <list(T)>[<int>]
T ::= (size(<list(T)>) > 0 ? <0>[0] : <T>)
T ::= (size(<list(T)>) > 1 ? <0>[size(<0>) - 1] : <T>)
int ::= size(<list(T)>)
int ::= <list(T)>.size()
map(string, T) ::= {<string>: <T>}
map(string, T) ::= {"a": <T>, "k": <T>}
T ::= <map(string, T)>[<string>]
T ::= <map(string, T)>["a"]
T ::= {"a": <T>, "b": <T>}.b
T ::= <map(string, T)>.k
bool ::= has(<map(string, T)>.k)
T ::= (has(<map(string, T)>.a) ? <0>.a : <T>)
int ::= size(<map(string, T)>)
"""
CONVERSIONS = """
int ::= int(<double>)
int ::= int((<string> + ""))
int ::= int(string(<int>))
int ::= int(<timestamp>)
double ::= double(<int>)
double ::= double((<string> + ""))
double ::= (<double> == <0> ? double(string(<0>)) : .5)
string ::= string(<int>)
string ::= (<double> == <0> ? string(<0>) : "")
string ::= string(<bool>)
string ::= string(timestamp(int(<timestamp>)))
string ::= string(duration("1h30m"))
bool ::= bool((<string> + ""))
timestamp ::= timestamp((<int> + 0))
int ::= int(<int>)
double ::= double(<double>)
string ::= string(<string>)
bool ::= bool(<bool>)
"""
OPTIONALS = """
optional(T) ::= <map(string, T)>.?a
optional(T) ::= <map(string, T)>[?<string>]
optional(T) ::= <list(T)>[?<int>]
optional(T) ::= <list(T)>[?0]
optional(T) ::= optional.of(<T>)
optional(T) ::= optional.ofNonZeroValue(<T>)
optional(T) ::= <optional(T)>.or(<optional(T)>)
optional(int) ::= <map(string, list(int))>[?"k"][?1]
optional(string) ::= resource.?opt
optional(int) ::= resource.?count
optional(string) ::= <Door>.?label
T ::= <optional(T)>.orValue(<T>)
T ::= <optional(T)>.value()
bool ::= <optional(T)>.hasValue()
bool ::= (<optional(T)> == <optional(T)>)
bool ::= (<optional(T)> != optional.none())
"""
MACROS = """
bool ::= <list(T)>.all(@T, <bool>)
bool ::= <list(T)>.exists(@T, <bool>)
bool ::= <list(T)>.exists_one(@T, <bool>)
bool ::= <map(string, T)>.all(@string, <bool>)
bool ::= <map(string, T)>.exists(@string, <bool>)
bool ::= <map(string, T)>.exists_one(@string, <bool>)
list(T) ::= <list(T)>.filter(@T, <bool>)
list(U) ::= <list(T)>.map(@T, <U>)
"""
FIELDS = """
bool ::= resource.a
bool ::= resource.b
int ::= resource.i
int ::= resource.j
double ::= resource.d
string ::= resource.s
string ::= resource.t
timestamp ::= resource.built
duration ::= resource.lasts
list(int) ::= resource.xs
list(string) ::= resource.words
map(string, int) ::= resource.limits
list(Door) ::= resource.doors
bool ::= has(resource.opt)
string ::= (has(resource.opt) ? resource.opt : <string>)
bool ::= (has(resource.opt) && resource.opt == <string>)
bool ::= (!has(resource.count) || resource.count < <int>)
int ::= (has(resource.front) ? resource.front.port : <int>)
bool ::= (has(resource.front) && resource.front.open)
bool ::= <list(Door)>.all(@Door, <bool>)
bool ::= <list(Door)>.exists(@Door, <bool>)
bool ::= <list(Door)>.exists_one(@Door, <bool>)
list(Door) ::= <list(Door)>.filter(@Door, <bool>)
list(U) ::= <list(Door)>.map(@Door, <U>)
int ::= size(<list(Door)>)
int ::= <Door>.port
bool ::= <Door>.open
list(string) ::= <Door>.labels
bool ::= has(<Door>.label)
string ::= (has(<Door>.label) ? <0>.label : <string>)
Door ::= resource.doors[0]
Door ::= <list(Door)>[<int>]
"""
POLICIES = """
bool ::= (resource.opt == null)
bool ::= (resource.count != null && resource.count > <int>)
bool ::= (resource.tier_of == "high")
bool ::= (resource.tier_of in ["low", "medium"])
bool ::= (resource.tier_of.startsWith(<string>))
bool ::= has(resource.limits.x)
bool ::= has_distinct(<list(string)>, 2)
int ::= params.n
list(string) ::= params.names
map(string, int) ::= params.limits
duration ::= (now - resource.built)
duration ::= days((<int> + 0))
optional(int) ::= <map(string, list(int))>.?a[0]
bool ::= isIP(<string>)
bool ::= isCIDR(<string>)
bool ::= ip((<string> + "")).isLoopback()
bool ::= cidr("10.0.0.0/8").containsIP((<string> + ""))
bool ::= cidr("10.0.0.0/8").containsCIDR((<string> + ""))
int ::= cidr((<string> + "")).prefixLength()
bool ::= covers(["10.0.0.0/8", "::/0"], (<string> + ""))
bool ::= overlaps((<string> + ""), "10.1.0.0/16")
bool ::= is_public((<string> + ""))
"""
"""What only conditions of policies have, or what CEL has not."""
_EVERYWHERE = (
    *(
        LOGIC,
        NUMBERS,
        STRINGS,
        TEXTS,
        TIMES,
        CALENDAR,
        COLLECTIONS,
        CONVERSIONS,
        OPTIONALS,
        MACROS,
        FIELDS,
    ),
)


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


def productions(*sections: str) -> Mapping[str, tuple[tuple[Production, ...], ...]]:
    """By type, the rows of the sections that make it, each with what its letters may be."""
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


def variable_rows() -> str:
    """The free variables as rows."""
    return "\n".join(f"{kind} ::= {name}" for name, kind in VARIABLES.items())


@cache
def common() -> Mapping[str, tuple[tuple[Production, ...], ...]]:
    """What policies and CEL share, over free variables and a resource."""
    return productions(
        LOGIC,
        NUMBERS,
        STRINGS,
        TIMES,
        COLLECTIONS,
        CONVERSIONS,
        OPTIONALS,
        MACROS,
        FIELDS,
        variable_rows(),
    )


@cache
def judging() -> Mapping[str, tuple[tuple[Production, ...], ...]]:
    """What conditions of policies are made of."""
    return productions(
        LOGIC,
        NUMBERS,
        STRINGS,
        TIMES,
        COLLECTIONS,
        CONVERSIONS,
        OPTIONALS,
        MACROS,
        FIELDS,
        POLICIES,
    )


class Generator:
    """Makes expressions; the same seed makes the same ones."""

    def __init__(
        self, table: Mapping[str, tuple[tuple[Production, ...], ...]], random: Random
    ) -> None:
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
