"""The language is CEL: every case of the specification is answered as it says, or refused with the
reason for which policies have it not."""

from __future__ import annotations

from collections import Counter

import pytest
from cases import Case, Excluded, cases, excluded
from evaluators import TIERS, Error, alike, compiled, google
from lifted import lifted

from policyscan.errors import PolicyError
from policyscan.language import Environment, compile_expression
from policyscan.language.checking.checker import Checker
from policyscan.language.fast import LEFT
from policyscan.language.left_out import LeftOut, left_out
from policyscan.language.syntax.parser import parse

SPECIFICATION = {
    "basic": 43,
    "bindings_ext": 8,
    "block_ext": 37,
    "comparisons": 406,
    "conversions": 109,
    "dynamic": 226,
    "encoders_ext": 4,
    "enums": 85,
    "fields": 60,
    "fp_math": 30,
    "integer_math": 64,
    "lists": 39,
    "logic": 30,
    "macros": 44,
    "macros2": 46,
    "math_ext": 199,
    "namespace": 14,
    "network_ext": 69,
    "optionals": 70,
    "parse": 219,
    "plumbing": 5,
    "proto2": 118,
    "proto2_ext": 18,
    "proto3": 85,
    "string": 51,
    "string_ext": 216,
    "timestamps": 78,
    "type_deduction": 47,
    "wrappers": 36,
}
"""How many cases each file of the specification has (google/cel-spec, tests/simple/testdata, as of
commit 508bd98)."""
CASES = cases()
ANSWERED = [case for case in CASES if case.error or case.value is not ...]
EXCLUDED = list(excluded())
every_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def test_each_case_stands_once() -> None:
    names = Counter(case.name for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []
    places = Counter(place for each in (*CASES, *EXCLUDED) for place in each.places)
    assert [place for place, count in places.items() if count > 1] == []
    assert all(place.count("/") == 2 for place in places)


def test_every_case_of_the_specification_is_answered_or_excluded() -> None:
    places = (place for each in (*CASES, *EXCLUDED) for place in each.places)
    assert Counter(place.partition("/")[0] for place in places) == SPECIFICATION


def test_each_case_says_what_is_right() -> None:
    for case in CASES:
        assert bool(case.error) + (case.value is not ...) <= 1, case
        assert case.error or case.type or case.value is not ..., case


@every_case
@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_answers_as_specified(tier: str, case: Case) -> None:
    _assert_right(TIERS[tier](case), case)


@every_case
@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_answers_the_same_of_variables(tier: str, case: Case) -> None:
    _assert_right(TIERS[tier](lifted(case)), case)


def test_the_compiled_tier_answers_most_cases_itself() -> None:
    answers = [compiled(lifted(case)) for case in ANSWERED if not case.error]
    assert answers.count(LEFT) * 8 < len(answers)


def _assert_right(answer: object, case: Case) -> None:
    if case.error:
        assert isinstance(answer, Error), answer
        assert case.error in answer.says
    elif case.value is not ...:
        assert alike(answer, case.value), answer


@pytest.mark.parametrize("case", [c for c in CASES if c.type], ids=lambda case: case.name)
def test_the_checker_finds_the_type(case: Case) -> None:
    found = Checker({}).check(parse(case.expression), case.types, is_condition=False)
    assert str(found) == case.type


@pytest.mark.parametrize("case", ANSWERED, ids=[case.name for case in ANSWERED])
def test_google_has_the_same_answer(case: Case) -> None:
    answer = google(case)
    expected = Error("") if case.error else case.value
    same = isinstance(answer, Error) if case.error else alike(answer, expected)
    assert same is not bool(case.oracle), answer


@pytest.mark.parametrize("each", EXCLUDED, ids=lambda each: each.expression[:60])
def test_what_is_excluded_is_refused_with_its_reason(each: Excluded) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_expression(each.expression, Environment(), is_condition=False)
    assert caught.value.message.partition("; did you mean")[0] == each.message


@pytest.mark.parametrize("row", left_out(), ids=lambda row: row.name)
def test_each_row_of_what_is_left_out_is_true(row: LeftOut) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_expression(row.example, Environment(), is_condition=False)
    assert caught.value.message == row.message
