"""The rules that are shipped, and the literals by which a file is known to need them."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from policyscan.collectors.code.semgrep.model import Rule, RuleSet
from policyscan.text.many_words import any_of

FOLDER = Path(__file__).parents[1] / "rules"


@cache
def load_rules() -> RuleSet:
    """All rules of `collectors/code/rules/*.yaml`, in the order of the files."""
    import yaml  # late: a scan without source code needs no rules

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    digest = hashlib.sha256()
    rules: list[Rule] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        data = path.read_bytes()
        digest.update(b"%d:" % len(data) + data)
        rules += map(rule_of, yaml.load(data, Loader=loader)["rules"])  # noqa: S506 - a safe loader
    return RuleSet(tuple(rules), digest.hexdigest())


def rule_of(body: dict[str, Any]) -> Rule:
    """A rule as its file has it."""
    about = body["metadata"]
    return Rule(
        id=body["id"],
        languages=tuple(body["languages"]),
        kind=about["kind"],
        literals=tuple(about["literals"]),
        body=body,
    )


class Prefilter:
    """Whether any rule can match a file, told by the literals that stand in it."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._patterns: dict[str, re.Pattern[bytes] | None] = {}

    def may_match(self, data: bytes, language: str) -> bool:
        """False only if no rule for the language can match these bytes."""
        if language not in self._patterns:
            self._patterns[language] = _pattern(self._rules.of(language))
        pattern = self._patterns[language]
        return pattern is not None and pattern.search(data) is not None


def _pattern(rules: tuple[Rule, ...]) -> re.Pattern[bytes] | None:
    literals = {literal for rule in rules for literal in rule.literals}
    shortest = {one for one in literals if not any(o in one and o != one for o in literals)}
    return any_of([literal.encode() for literal in shortest]) if shortest else None


@cache
def prefilter() -> Prefilter:
    """That of the rules that are shipped."""
    return Prefilter(load_rules())
