"""The rules that are shipped are ours, well formed, and cannot match without their literals."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from policyscan.collectors.code import CodeCollector
from policyscan.collectors.code.names import LANGUAGES
from policyscan.collectors.code.semgrep.engines import find_engines
from policyscan.collectors.code.semgrep.model import Rule
from policyscan.collectors.code.semgrep.rules import (
    Prefilter,
    load_rules,
    shipped_literals,
)
from tests.unit.collectors.code.semgrep_runs import search, tree_of

RULES = load_rules().rules

every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def test_there_are_rules_for_four_languages() -> None:
    assert {"python", "javascript", "typescript", "go", "java"} <= set(shipped_literals())


def test_no_two_share_a_name() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@every_rule
def test_its_form(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", rule.id)
    assert set(rule.languages) <= set(LANGUAGES.values())
    assert rule.kind in CodeCollector.kinds
    assert rule.literals
    assert all(literal.isascii() and len(literal) > 2 for literal in rule.literals)
    assert not {"fix", "fix-regex", "options", "paths", "mode"} & rule.body.keys()


def test_literals_are_read_without_the_rules() -> None:
    quick = {language: set(literals) for language, literals in shipped_literals().items()}
    assert quick == load_rules().literals()


# -- no match without a literal -------------------------------------------------------------------


def needs_one(node: Mapping[str, Any], literals: Iterable[str]) -> bool:
    """Whether nothing matches this part of a rule where none of the literals stands. Conservative:
    it may say no of a part of which it is true."""
    return any(_needs(key, value, literals) for key, value in node.items())


def _needs(key: str, value: Any, literals: Iterable[str]) -> bool:
    match key:
        case "pattern" | "pattern-inside":
            return any(literal in value for literal in literals)
        case "pattern-regex":
            return in_every_match(value, literals)
        case "patterns":
            return any(needs_one(each, literals) for each in value)
        case "pattern-either":
            return all(needs_one(each, literals) for each in value)
        case "metavariable-regex":
            return in_every_match(value["regex"], literals)
        case "metavariable-pattern":
            return needs_one(value, literals)
    return False


def in_every_match(regex: str, literals: Iterable[str]) -> bool:
    from re import _parser  # type: ignore[attr-defined]

    return any(_in_sequence(_parser.parse(regex), literal) for literal in literals) or all(
        any(literal in text for literal in literals) for text in _alternatives(regex)
    )


def _alternatives(regex: str) -> Iterator[str]:
    """The branches of a regular expression that is nothing but a choice of words."""
    start = r"\^?(?:\(?\.\*(?:\[\.\]\)\?)?)?"
    inner = re.fullmatch(start + r"\(?(?:\?:)?([\w|.\\\"-]+)\)?\$?", regex)
    yield from inner[1].split("|") if inner else [""]


def _in_sequence(parsed: Any, literal: str) -> bool:
    run = ""
    for operation, argument in parsed:
        name = str(operation)
        run = run + chr(argument) if name == "LITERAL" else ""
        if literal in run:
            return True
        if name == "SUBPATTERN" and _in_sequence(argument[3], literal):
            return True
        if name == "BRANCH" and all(_in_sequence(branch, literal) for branch in argument[1]):
            return True
        if (
            name in ("MAX_REPEAT", "MIN_REPEAT")
            and argument[0]
            and _in_sequence(argument[2], literal)
        ):
            return True
    return False


def shape_only(rule: Rule) -> bool:
    """Whether a rule only tells of the code around what others find. It may match anywhere, and
    names the literals of all others of its language."""
    return "shape" in rule.body["metadata"]


SAYS_WHICH = {
    "log-go-call",
    "log-go-resty-debug",
    "log-java-feign",
    "log-java-okhttp",
    "log-java-spring",
    "log-java-spring-filter",
    "log-java-spring-query",
    "log-javascript-call",
    "log-javascript-pino-hidden",
    "log-javascript-pino-http",
    "log-javascript-pino-serializer",
    "log-python-call",
    "log-python-print",
    "tls-go-config",
    "tls-go-config-skip",
    "tls-go-config-minimum",
    "tls-go-config-roots",
    "tls-go-config-own-check",
    "tls-go-config-server",
    "tls-go-field-skip",
    "tls-go-field-minimum",
    "tls-go-field-roots",
    "tls-go-field-own-check",
    "tls-go-field-server",
    "tls-go-flag-skip",
    "tls-java-context-init",
    "tls-javascript-option-ca",
    "tls-python-context-options",
}
"""Rules whose pattern fits other things too: the literal is the library, or the constant, of which
their matches mean anything."""


@every_rule
def test_it_cannot_match_without_one_of_its_literals(rule: Rule) -> None:
    if shape_only(rule):
        for language in rule.languages:
            assert {
                literal
                for other in load_rules().of(language)
                if not shape_only(other)
                for literal in other.literals
            } >= set(rule.literals)
    else:
        assert needs_one(rule.body, rule.literals) is (rule.id not in SAYS_WHICH), rule.body


@pytest.mark.parametrize(
    ("body", "needed"),
    [
        ({"pattern": "f(verify=$V)"}, True),
        ({"pattern": "f($V)"}, False),
        ({"pattern-either": [{"pattern": "verify"}, {"pattern": "other"}]}, False),
        ({"pattern-either": [{"pattern": "verify"}, {"pattern": "verify2"}]}, True),
        ({"patterns": [{"pattern": "$X"}, {"pattern-inside": "f(verify=$V)"}]}, True),
        ({"patterns": [{"pattern": "$X"}, {"pattern-not": "f(verify=$V)"}]}, False),
        ({"patterns": [{"pattern-not-inside": "verify"}]}, False),
        ({"pattern-regex": "a.*verify"}, True),
        ({"pattern-regex": "a.*(verify)?"}, False),
        ({"pattern-regex": "verify|other"}, False),
        ({"patterns": [{"metavariable-regex": {"metavariable": "$V", "regex": "^verify$"}}]}, True),
    ],
)
def test_what_the_law_knows(body: dict[str, Any], needed: bool) -> None:
    assert needs_one(body, ["verify"]) is needed


# -- with the real engine -------------------------------------------------------------------------


SUFFIXES = {"python": "py", "javascript": "js", "typescript": "ts", "go": "go", "java": "java"}


def test_semgrep_takes_every_rule(tmp_path: Path) -> None:
    """A rule that it does not take would hide every file."""
    comments = {"python": "#"}
    files = {
        f"empty.{SUFFIXES[language]}": f"{comments.get(language, '//')} {min(literals)}\n"
        for language, literals in shipped_literals().items()
    }
    assert len(files) == 5
    for engine in find_engines():
        assert search(tree_of(tmp_path, files), rules=load_rules(), engines=[engine]) == []


def test_the_prefilter_knows_every_literal() -> None:
    ours = Prefilter(shipped_literals())
    for rule in RULES:
        for language in rule.languages:
            for literal in rule.literals:
                assert ours.may_match(b"x" + literal.encode() + b"y", language)
            assert not ours.may_match(b"nothing of interest", language)
    assert not ours.may_match(b"verify", "rust")
    assert not ours.looks_at("rust")


def test_reading_the_literals_loads_no_yaml() -> None:
    code = (
        "import sys, json\n"
        "from policyscan.collectors.code.semgrep.rules import prefilter\n"
        "prefilter().may_match(b'x', 'python')\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(run.stdout)
    assert "yaml" not in loaded
    assert "policyscan.collectors.code.semgrep.batches" not in loaded
