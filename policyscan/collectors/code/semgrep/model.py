"""What the engine is given and what it gives: rules, matches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

MAX_TEXT = 200
"""Characters of a match's text that are kept."""

BETWEEN = "\u241f"
"""Stands between the parts of a rule's message; the last is a value, those before it are names."""


class Rule(Struct, frozen=True):
    """One rule, as its file has it."""

    id: str
    """Letters, digits and `-`; no two rules share one."""
    languages: tuple[str, ...]
    """As `names.LANGUAGES` calls them: `python`, `javascript`, `typescript`, `go`, `java`."""
    kind: str
    """`metadata.kind`: the kind of resource that its matches become, so what is hidden where it
    could not look."""
    literals: tuple[str, ...]
    """`metadata.literals`: a file in which none of these texts stands cannot match. In the files of
    rules `languages` and `literals` are lists on one line each, in this order."""
    body: Mapping[str, Any]
    """The whole rule, as semgrep takes it."""


class RuleSet(Struct, frozen=True):
    """The rules of one run; they are handed over together."""

    rules: tuple[Rule, ...]
    digest: str
    """SHA-256 of the files that hold them."""

    def of(self, language: str) -> tuple[Rule, ...]:
        """Those that look at files of a language."""
        return tuple(rule for rule in self.rules if language in rule.languages)

    def literals(self) -> dict[str, set[str]]:
        """By language, the literals of its rules."""
        found: dict[str, set[str]] = {}
        for rule in self.rules:
            for language in rule.languages:
                found.setdefault(language, set()).update(rule.literals)
        return found

    def kinds(self, language: str) -> tuple[str, ...]:
        """What is hidden if a file of that language could not be looked at, sorted."""
        return tuple(sorted({rule.kind for rule in self.of(language)}))


class Match(Struct, frozen=True):
    """One place where a rule matches."""

    rule: str
    path: str
    """As the tree names it."""
    start: int
    """Byte offsets into the file, `end` exclusive."""
    end: int
    text: str
    """The rule's message with its metavariables filled in, as the source has them; cut after
    `MAX_TEXT` characters, and what looks like a secret is masked."""
