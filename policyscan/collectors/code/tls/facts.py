"""What the rules found in one file, as facts and as the shape of the code around them.

The metadata of a rule says what a match of it means:

    makes    the expression makes something that holds settings: a context, a `tls.Config`
    says     the setting that it is: `verify`, `min_version`, `ca` ...
    shape    it is no fact but a function, a branch, or an assignment
    certain  it counts only if its value is known: its name is used for other things too
    global   it steers every client of the program

Its message holds the variable that the setting belongs to, what it is an argument of, and its
value, in which constants are filled in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from policyscan.collectors.code.semgrep.model import Match
from policyscan.text.source import Source, Span

BETWEEN = "␟"
"""Between the parts of a message."""
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


class Function(Struct, frozen=True):
    """A function and where it is; an anonymous one has no name."""

    name: str
    span: Span


class Branch(Struct, frozen=True):
    """A statement that may or may not be run, and what decides."""

    condition: str
    span: Span


class Assigned(Struct, frozen=True):
    """A variable or field and what it is given, in one place."""

    name: str
    value: str
    span: Span


class FileFacts(Struct):
    """All that the rules found in one file."""

    source: Source
    facts: list[Fact] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    assigned: dict[str, list[Assigned]] = field(default_factory=lambda: defaultdict(list))
    """By the last part of the name: `verify` for `self.verify`."""

    def function_at(self, place: int) -> Function | None:
        """The innermost function around a place."""
        around = [f for f in self.functions if f.span.start <= place < f.span.end]
        return min(around, key=lambda f: f.span.end - f.span.start, default=None)

    def named_function_at(self, place: int) -> Function | None:
        """The innermost function around a place that has a name."""
        around = [f for f in self.functions if f.name and f.span.start <= place < f.span.end]
        return min(around, key=lambda f: f.span.end - f.span.start, default=None)

    def function_called(self, name: str) -> Function | None:
        """The function of that name, if there is one and no other."""
        found = [f for f in self.functions if f.name == name.rpartition(".")[2]]
        return found[0] if len(found) == 1 else None

    def branch_between(self, start: int, place: int) -> Branch | None:
        """The innermost statement that decides whether `place` is reached from `start`."""
        around = [
            b for b in self.branches if b.span.start <= place < b.span.end and start < b.span.start
        ]
        return min(around, key=lambda b: b.span.end - b.span.start, default=None)

    def values_of(self, name: str, place: int) -> tuple[Assigned, ...] | None:
        """What a variable or field is given anywhere in the file; None if a caller gives it."""
        last = re.split(r"[.?]+", name)[-1]
        if "." not in name and self._is_parameter(last, place):
            return None
        found = [
            each for each in self.assigned.get(last, ()) if ("." in name) >= ("." in each.name)
        ]
        return tuple(found)

    def _is_parameter(self, name: str, place: int) -> bool:
        around = [f for f in self.functions if f.span.start <= place < f.span.end]
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        return any(pattern.search(parameters_of(f.span)) for f in around)

    def variable_of(self, span: Span) -> str:
        """The variable that is given exactly this expression; empty if there is none."""
        for each in self._by_end.get(span.end, ()):
            head = self.source.data[each.span.start : span.start]
            if span.start >= each.span.start and re.search(
                rb"(?::=|=|,)[\s&(]*(?:new\s+)?\Z", head
            ):
                return each.name
        return ""

    @property
    def _by_end(self) -> Mapping[int, list[Assigned]]:
        found: dict[int, list[Assigned]] = defaultdict(list)
        for each in (one for listed in self.assigned.values() for one in listed):
            found[each.span.end].append(each)
            data = self.source.data
            if data[each.span.end - 1 : each.span.end] == b";":
                found[each.span.end - 1].append(each)
        return found


def parameters_of(function: Span) -> str:
    """The text of a function up to its body."""
    text = function.text[:_HEADER]
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
    source: Source, matches: Iterable[Match], rules: Mapping[str, Mapping[str, Any]]
) -> FileFacts:
    """The matches of one file by what they are; `rules` gives the metadata of each rule."""
    found = FileFacts(source)
    for match in matches:
        about = rules[match.rule]
        span = source.span(match.start, match.end)
        parts = [_bound(part) for part in match.text.split(BETWEEN)]
        shape = about.get("shape")
        if shape == "function":
            found.functions.append(Function(parts[0], span))
        elif shape == "branch":
            if "__name__" not in parts[0]:
                found.branches.append(Branch(parts[0], span))
        elif shape == "assign":
            _assign(found, parts, span)
        else:
            found.facts.append(_fact(match.rule, about, parts, span))
    found.facts.sort(key=lambda fact: (fact.span.start, -fact.span.end, not fact.makes, fact.rule))
    return found


def _bound(part: str) -> str:
    """Part of a message; empty if it is a metavariable that matched nothing."""
    text = part.strip()
    return "" if re.fullmatch(r"\$[A-Z]|value\(\$[A-Z]\)", text) else text


def _assign(found: FileFacts, parts: list[str], span: Span) -> None:
    value = parts[1] if len(parts) > 1 else ""
    name = parts[0].partition(",")[0].strip()
    if is_name(name):
        known = found.assigned[re.split(r"[.?]+", name)[-1]]
        if not any(each.span == span or each.span.end == span.end for each in known):
            known.append(Assigned(name, value, span))


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
