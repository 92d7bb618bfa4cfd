"""The rules that are shipped, and the literals by which a file is known to need them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from policyscan.collectors.code.semgrep.model import Rule, RuleSet
from policyscan.text.many_words import any_of

FOLDER = Path(__file__).parents[1] / "rules"
MOST_ONE_BY_ONE = 20
_LISTED = re.compile(r"^ +(languages|literals): (?:&\w+ )?\[(.*)\]$", re.M)
_ITEM = re.compile(r"'([^']*)'|\"([^\"]*)\"|([^\s,'\"]+)")


def rule_files() -> list[Path]:
    """The files of `collectors/code/rules`, in order."""
    return sorted(FOLDER.glob("*.yaml"))


@cache
def load_rules() -> RuleSet:
    """All rules that are shipped, in the order of the files."""
    import yaml  # late: most scans need no rules

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    digest = hashlib.sha256()
    rules: list[Rule] = []
    for path in rule_files():
        data = path.read_bytes()
        digest.update(b"%d:" % len(data) + data)
        rules += map(rule_of, yaml.load(data, Loader=loader)["rules"])  # noqa: S506 - a safe loader
    return RuleSet(tuple(rules), digest.hexdigest())


def rule_of(body: Mapping[str, Any]) -> Rule:
    """A rule as its file has it."""
    about = body["metadata"]
    return Rule(
        id=body["id"],
        languages=tuple(body["languages"]),
        kind=about["kind"],
        literals=tuple(about["literals"]),
        body=body,
    )


@cache
def shipped_literals() -> Mapping[str, Collection[str]]:
    """By language the literals of all rules that are shipped. They are read from the lines that
    list them, as every scan of source code needs them and few need the rules."""
    found: dict[str, set[str]] = {}
    for path in rule_files():
        languages: list[str] = []
        for key, listed in _LISTED.findall(path.read_text("utf-8")):
            items = ["".join(item) for item in _ITEM.findall(listed)]
            if key == "languages":
                languages = items
            for language in languages if key == "literals" else ():
                found.setdefault(language, set()).update(items)
    return found


class Prefilter:
    """Whether any rule can match a file, told by the literals that stand in it."""

    def __init__(self, literals: Mapping[str, Collection[str]]) -> None:
        self._literals = literals
        self._tests: dict[str, Callable[[bytes], object]] = {}

    def may_match(self, data: bytes, language: str) -> bool:
        """False only if no rule for the language can match these bytes."""
        if language not in self._tests:
            self._tests[language] = _test(self._literals.get(language, ()))
        return bool(self._tests[language](data))

    def looks_at(self, language: str) -> bool:
        """Whether there are rules for a language."""
        return bool(self._literals.get(language))


@cache
def prefilter() -> Prefilter:
    """That of the rules that are shipped."""
    return Prefilter(shipped_literals())


def _test(literals: Collection[str]) -> Callable[[bytes], object]:
    """Whether bytes hold one of the literals. A few are looked for one by one: each takes a
    thirtieth of the time that a pattern of them takes."""
    words = [text.encode() for text in literals]
    shortest = {word for word in words if not any(o in word and o != word for o in words)}
    if len(shortest) > MOST_ONE_BY_ONE:
        return any_of(shortest).search
    return lambda data: any(word in data for word in shortest)
