"""What the rules found in one file, as facts, beside the shape of the code around them.

The metadata of a rule says what a match of it means:

    makes    the expression makes something that holds settings: a context, a `tls.Config`
    says     the setting that it is: `verify`, `min_version`, `ca` ...
    certain  it counts only if its value is known: its name is used for other things too
    global   it steers every client of the program

Its message holds the variable that the setting belongs to, what it is an argument of, and its
value, in which constants are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from policyscan.collectors.code.semgrep.model import BETWEEN, Match
from policyscan.collectors.code.tls.shape import Assigned, Branch, Function, Shape
from policyscan.text.source import Source, Span

_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)*")
_HEADER = 2_000
"""Bytes of a function in which its parameters are looked for."""


class Fact(Struct, frozen=True):
    """One setting, or one thing that holds settings."""

    rule: str
    library: str
    says: str
    makes: str
    subject: str
    """The variable that it belongs to; empty if it stands in an expression of its own."""
    module: str
    """What it is an argument of, or the key of a property."""
    value: str
    span: Span
    certain: bool = False
    is_global: bool = False


class FileFacts(Struct):
    """All that the rules found in one file, and the shape of the file."""

    source: Source
    shape: Shape
    facts: list[Fact] = field(default_factory=list)

    def function_at(self, place: int, *, named: bool = False) -> Function | None:
        """The innermost function around a place, perhaps of those that have a name."""
        return min(
            (f for f in self._around(place) if f.name or not named),
            key=lambda f: f.end - f.start,
            default=None,
        )

    def _around(self, place: int) -> list[Function]:
        return [f for f in self.shape.functions if f.start <= place < f.end]

    def function_called(self, name: str) -> Function | None:
        """The function of that name, if there is one and no other."""
        found = [f for f in self.shape.functions if f.name == name.rpartition(".")[2]]
        return found[0] if len(found) == 1 else None

    def branch_between(self, start: int, place: int) -> Branch | None:
        """The innermost branch that decides whether `place` is reached from `start`."""
        around = [b for b in self.shape.branches if start < b.start <= place < b.end]
        return min(around, key=lambda b: b.end - b.start, default=None)

    def values_of(self, name: str, place: int) -> tuple[Assigned, ...] | None:
        """What a variable or field is given anywhere in the file; None if a caller gives it."""
        last = re.split(r"[.?]+", name)[-1]
        if "." not in name and self._is_parameter(last, place):
            return None
        if not self.shape.is_known:
            return None
        return tuple(
            each for each in self.shape.assigned(last) if ("." in name) >= ("." in each.name)
        )

    def _is_parameter(self, name: str, place: int) -> bool:
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        return any(
            pattern.search(parameters_of(self.text(f.start, f.end))) for f in self._around(place)
        )

    def text(self, start: int, end: int) -> str:
        """The text of a range."""
        return self.source.data[start:end].decode("utf-8", "replace")

    def variable_of(self, span: Span) -> str:
        """The variable that is given this expression; empty if there is none."""
        return self.shape.variable_before(span.start)


def parameters_of(function: str) -> str:
    """The text of a function up to its body."""
    text = function[:_HEADER]
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and (letter == "{" or (letter == ":" and ")" in text[:at])):
            return text[:at]
        if depth == 0 and text.startswith("=>", at):
            return text[:at]
    return text


def is_name(text: str) -> bool:
    """Whether a text is a variable or a field of one."""
    return bool(_NAME.fullmatch(text))


def sort_facts(
    source: Source,
    language: str,
    matches: Iterable[Match],
    rules: Mapping[str, Mapping[str, Any]],
) -> FileFacts:
    """The matches of one file as facts, outer ones first; `rules` gives the metadata of each
    rule."""
    found = FileFacts(source, Shape(source, language))
    for match in matches:
        parts = [_bound(part) for part in match.text.split(BETWEEN)]
        span = source.span(match.start, match.end)
        found.facts.append(_fact(match.rule, rules[match.rule], parts, span))
    found.facts.sort(key=lambda fact: (fact.span.start, -fact.span.end, not fact.makes, fact.rule))
    return found


def _bound(part: str) -> str:
    """Part of a message; empty if it is a metavariable that matched nothing."""
    text = part.strip()
    return "" if re.fullmatch(r"\$[A-Z]|value\(\$[A-Z]\)", text) else text


def _fact(rule: str, about: Mapping[str, Any], parts: list[str], span: Span) -> Fact:
    subject, module, value = (*parts, "", "", "")[:3]
    return Fact(
        rule=rule,
        library=about["library"],
        says=about.get("says", ""),
        makes=about.get("makes", ""),
        subject=re.sub(r"\s+", "", subject),
        module=module,
        value=value,
        span=span,
        certain=about.get("certain", False),
        is_global=about.get("global", False),
    )
