"""Conditions over a finite number of cases, so that all of them can be tried.

A *term* is whatever an expression compares: a field, the size of a list, a call. Of each term only
the cases matter that the comparisons tell apart: the words of an enumeration, or for a number the
values that it is compared with and the gaps between them. What cannot be split into such cases is a
term of its own that is true or false. There may be more cases than there are values, never fewer:
what holds in all cases holds for all values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Union

from msgspec import Struct

from policyscan.language import types as t

MAX_WORK = 200_000
"""Comparisons in all cases together; of a condition that takes more nothing is said."""
Case = Union[None, bool, str, int, float]


class Truth(Struct, frozen=True):
    """Always the same."""

    value: bool


class Fact(Struct, frozen=True, eq=False):
    """How a term compares with a value: `==`, `<`, `<=`, `>`, `>=`; `null`; or one of `words`."""

    term: str
    operator: str
    value: object = None


class Not(Struct, frozen=True, eq=False):
    """The opposite."""

    part: Formula


class Every(Struct, frozen=True, eq=False):
    """All parts."""

    parts: tuple[Formula, ...]


class Some(Struct, frozen=True, eq=False):
    """At least one part."""

    parts: tuple[Formula, ...]


Formula = Union[Truth, Fact, Not, Every, Some]


class Term(Struct, frozen=True):
    """What is known of a term: its type, whether it may be null, and its least value if there is
    one. A term without a type relates two others: less, equal, greater, or none of them."""

    kind: t.Type | None
    null: bool = False
    least: int | None = None
    words: tuple[Case, ...] = ()


def facts(formula: Formula) -> Iterator[Fact]:
    """Every fact that the formula is made of."""
    match formula:
        case Fact():
            yield formula
        case Not():
            yield from facts(formula.part)
        case Every() | Some():
            for part in formula.parts:
                yield from facts(part)


def always(
    formula: Formula, terms: Mapping[str, Term], most: int = MAX_WORK
) -> tuple[bool | None, int]:
    """The truth of the formula in every case; None if it differs, or would take more than `most`
    comparisons. And how many it took."""
    if isinstance(formula, Truth):
        return formula.value, 0
    names, cases = [], []
    marks = _marks(formula)
    size = sum(1 for _ in facts(formula))
    work = size
    for name, values in marks.items():
        here = _cases(terms[name], values)
        names.append(name)
        cases.append(here)
        work *= len(here)
        if work > most:
            return None, 0
    places = {name: {mark: 2 * n + 1 for n, mark in enumerate(marks[name])} for name in names}
    found: bool | None = None
    for number, chosen in enumerate(product(*cases), 1):
        truth = _holds(formula, dict(zip(names, chosen, strict=True)), places)
        if found is not None and truth is not found:
            return None, number * size
        found = truth
    return found, work


Marks = dict[str, list[object]]
Places = Mapping[str, Mapping[object, int]]


def _marks(formula: Formula) -> Marks:
    """The values that each term is compared with, in order."""
    found: Marks = {}
    for fact in facts(formula):
        here = found.setdefault(fact.term, [])
        if fact.value is not None and fact.value not in here:
            here.append(fact.value)
    for values in found.values():
        values.sort(key=_order)
    return found


def _order(value: object) -> tuple[str, object]:
    return type(value).__name__, value


def _cases(term: Term, marks: list[object]) -> list[Case]:
    """The cases of a term. Of an ordered one: 2n + 1 is the mark n, 2n the gap before it."""
    null: list[Case] = [None] if term.null else []
    if term.words:
        return [*term.words, *null]
    if isinstance(term.kind, t.Choice):
        return [*term.kind.values, *null]
    found: list[Case] = []
    for place in range(2 * len(marks) + 1):
        if term.kind != t.INT or not _empty(place, marks, term.least):
            found.append(place)
    return [*found, *([math.nan] if term.kind == t.DOUBLE else []), *null]


def _empty(place: int, marks: list[object], least: int | None) -> bool:
    """Whether no whole number is in a case: a mark below the least, or a gap without room."""
    numbers = [mark for mark in marks if isinstance(mark, int)]
    number = place // 2
    if place % 2:
        return least is not None and numbers[number] < least
    below = numbers[number - 1] if number else None
    above = numbers[number] if number < len(numbers) else None
    if least is not None and (below is None or below < least):
        below = least - 1
    return below is not None and above is not None and above - below < 2


def _holds(formula: Formula, case: Mapping[str, Case], places: Places) -> bool:
    match formula:
        case Truth():
            return formula.value
        case Fact():
            return _is(formula, case[formula.term], places[formula.term])
        case Not():
            return not _holds(formula.part, case, places)
        case Every():
            return all(_holds(part, case, places) for part in formula.parts)
        case Some():
            return any(_holds(part, case, places) for part in formula.parts)


def _is(fact: Fact, case: Case, places: Mapping[object, int]) -> bool:
    if fact.operator == "null":
        return case is None
    if case is None:
        return False
    if isinstance(case, (str, bool)):
        return case == fact.value
    place = places[fact.value]
    match fact.operator:
        case "<":
            return case < place
        case "<=":
            return case <= place
        case ">":
            return case > place
        case ">=":
            return case >= place
    return case == place
