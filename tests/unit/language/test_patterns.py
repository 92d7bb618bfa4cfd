"""Regular expressions: RE2 alone, from a literal or a parameter, in linear time."""

from __future__ import annotations

import sys
import time
from random import Random
from types import ModuleType

import pytest
from houses import house, judge, truth, unknown

from policyscan.errors import PolicyError
from policyscan.language import Environment, compile_expression
from policyscan.language.functions import patterns
from policyscan.language.functions.arithmetic import Fault, TooLarge
from policyscan.language.types import STRING, constant
from policyscan.values import Why


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("prod-bot", "bot", True),
        ("prod-bot", "^bot", False),
        ("prod\nbot", "^bot", False),
        ("prod\nbot", "(?m)^bot", True),
        ("prod\nbot", "prod.bot", False),
        ("PROD", "(?i)prod", True),
        ("é", "^.$", True),
        ("日本", r"^\p{Han}{2}$", True),
        ("", "", True),
        ("a\x00b", "a\x00b", True),
    ],
)
def test_a_part_of_the_text_matches(text: str, pattern: str, found: bool) -> None:
    assert patterns.matches(text, pattern) is found


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "missing )"),
        ("a{1001}", "invalid repetition size"),
        ("(?=a)", "invalid perl operator"),
        (r"(a)\1", "invalid escape sequence"),
        ("(?:a{30}){30}{30}", ""),
        ("a" * 1_001, "at most 1000 characters"),
        (r"(?:\pL{0,300}){0,3}", ""),
        ("\ud800", "not a text of Unicode characters"),
    ],
)
def test_what_is_not_a_pattern(pattern: str, says: str) -> None:
    with pytest.raises(Fault, match=r"^not a ") as caught:
        patterns.compiled(pattern)
    assert says in str(caught.value)


def test_nothing_is_written_by_the_library(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Fault):
        patterns.compiled("((((a{0,100}){0,100}){0,100}){0,100})")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)*(.*)*x", "a?" * 30 + "a" * 30]
)
def test_what_explodes_elsewhere_is_linear(pattern: str) -> None:
    start = time.process_time()
    patterns.matches("a" * 20_000 + "!", pattern)
    assert time.process_time() - start < 0.5


def test_a_text_may_be_too_long() -> None:
    assert patterns.matches("a" * 100_000, "^a+$") is True
    with pytest.raises(TooLarge):
        patterns.matches("a" * 100_000, "(?:ab?c?){100}d")
    outcome = judge('resource.s.matches("(?:ab?c?){100}d")', house(s="a" * 100_000))
    assert (outcome.truth, outcome.reasons[0].why) == (None, Why.BUDGET)


def test_work_counts_against_the_budget() -> None:
    words = tuple("a" * 10_000 + str(number) for number in range(1_000))
    test = 'resource.words.all(w, !w.matches("(?:a?b?c?){30}d$"))'
    start = time.process_time()
    outcome = judge(test, house(words=words))
    assert (outcome.truth, outcome.reasons[0].why) == (None, Why.BUDGET)
    assert time.process_time() - start < 3


def test_hard_work_ends_in_time() -> None:
    random = Random(1)
    words = tuple("".join(random.choice("ab") for _ in range(1_200)) for _ in range(1_000))
    start = time.process_time()
    outcome = judge('resource.words.all(w, !w.matches(".*a.{400}c"))', house(words=words))
    assert (outcome.truth, outcome.reasons[0].why) == (None, Why.BUDGET)
    assert time.process_time() - start < 3


def test_what_is_not_known_stays_open() -> None:
    assert truth('resource.s.matches("^x")', s="xy") is True
    assert truth('matches(resource.s, "^x")', s="yx") is False
    assert truth('resource.s.matches("^x")', s=unknown()) is None
    assert truth('resource.words.exists(w, w.matches("^x"))', words=(unknown(), "xy")) is True


def test_a_parameter_is_tried_when_it_is_given() -> None:
    assert constant("^x", "pattern") == "^x"
    assert constant(["^x", "y$"], "list(pattern)") == ("^x", "y$")
    with pytest.raises(ValueError, match="missing"):
        constant("(", "pattern")
    with pytest.raises(ValueError, match="missing"):
        constant(["x", "("], "list(pattern)")
    with pytest.raises(ValueError, match="expected pattern, found 7"):
        constant(7, "pattern")


def test_parameters_of_the_type_are_the_only_other_patterns() -> None:
    env = Environment(
        params={"name": "pattern", "names": "list(pattern)", "text": "string"},
        variables={"s": STRING},
    )
    for text in ("s.matches(params.name)", "params.names.exists(p, s.matches(p))"):
        compile_expression(text, env)
    for text in ("s.matches(params.text)", "s.matches(s)", 's.matches("a" + "b")'):
        with pytest.raises(PolicyError, match="must be a literal, or a parameter of type pattern"):
            compile_expression(text, env)


@pytest.mark.parametrize("found", [None, ModuleType("re2")])
def test_without_the_library_the_policy_says_how_to_install_it(
    found: ModuleType | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "re2", found)
    patterns.compiled.cache_clear()
    with pytest.raises(PolicyError) as caught:
        judge('resource.s.matches("^x")')
    assert caught.value.message == ('matches() needs google-re2: pip install "policyscan[regex]"')
    assert (caught.value.line, caught.value.column) == (1, 20)
