"""What reports say of things that run, in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from policyscan.findings import DriftAttribute, Unpaired, Verdict, VerdictPair
from policyscan.findings.report import LedgerEntry
from policyscan.reporters.drift_words import (
    attribute,
    drift_sentence,
    one_side,
    told_verdicts,
    verdict_pair,
)
from policyscan.reporters.words import asked, gap_unit, place_seen, seen
from tests.sample_report import DRIFT, LIVE, LIVE_GROUP, PUBLIC, sample_report


def test_when_where_and_by_what_it_was_seen() -> None:
    assert seen(LIVE_GROUP) == (
        "observed at 2026-08-17T09:15:01Z in account 123456789012, eu-west-1, "
        "by ec2:DescribeSecurityGroups"
    )
    assert seen(replace(LIVE_GROUP, observed_by="")).endswith("in account 123456789012, eu-west-1")
    assert seen(LIVE) == ""


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("111122223333/eu-west-1", "account 111122223333, eu-west-1"),
        ("111122223333/global", "account 111122223333, global"),
        ("111122223333", "account 111122223333"),
        ("desk.example:443", "desk.example:443"),
        ("infra/prod", "infra/prod"),
        ("", ""),
    ],
)
def test_a_unit(unit: str, words: str) -> None:
    assert place_seen(unit) == words


BOOK = LedgerEntry(
    "aws", "aws", "Secret", asked=2, returned=1, found=5, normalised=4, dropped={"deleted": 1},
    gaps=1, judged=8, policies=2, resources=4, unit="1/2", calls=7, pages=3, denied=1,
)  # fmt: skip


def test_the_books_in_one_line() -> None:
    assert asked(BOOK) == (
        "2 questions, 1 answered whole, 7 calls, 3 pages, 5 found, 4 read, 1 left out (1 deleted), "
        "1 DENIED"
    )
    assert asked(replace(BOOK, found=6)).endswith("1 DENIED, books NOT BALANCED")
    assert asked(replace(BOOK, judged=7)).endswith("books NOT BALANCED")


def test_a_place_that_the_question_names_is_told_once() -> None:
    endpoint = replace(
        LIVE_GROUP, unit="desk.example:443", observed_by="TLS handshake with desk.example:443"
    )
    assert seen(endpoint) == (
        "observed at 2026-08-17T09:15:01Z, by TLS handshake with desk.example:443"
    )


def test_a_gap_names_its_unit_once() -> None:
    parsed, _, denied = sample_report().gaps
    assert gap_unit(denied) == "123456789012/eu-west-1"
    assert gap_unit(replace(denied, subject="x in 123456789012/eu-west-1")) == ""
    assert gap_unit(replace(parsed, unit="infra/prod")) == ""


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (DriftAttribute("retention_days", "30", "7"), "retention_days: 30 declared, 7 observed"),
        (DriftAttribute("ingress", "tcp 22", ""), "ingress: only declared: tcp 22"),
        (DriftAttribute("ingress", "", "tcp 22"), "ingress: only observed: tcp 22"),
    ],
)
def test_an_attribute(one: DriftAttribute, words: str) -> None:
    assert attribute(one) == words


def test_verdicts_that_differ_come_first() -> None:
    told = told_verdicts(DRIFT[0])
    assert [one.policy_id for one in told] == ["PS-NET-004", "PS-NET-001"]
    assert verdict_pair(told[0]) == "PS-NET-004: unknown declared, pass observed"
    assert verdict_pair(VerdictPair("P", None, Verdict.FAIL)) == (
        "P: not judged declared, fail observed"
    )


def test_one_side_alone() -> None:
    assert one_side(Unpaired("Secret", 1, 2, not_told=("it was denied",))) == (
        "Secret, in no pair: 1 declared, 2 observed; not told of all: it was denied"
    )
    assert one_side(Unpaired("Secret", 1, 1, missing=(PUBLIC,), unmanaged=(LIVE_GROUP,))) == (
        "Secret, in no pair: 1 declared (1 not there), 1 observed (1 declared by no code)"
    )


def test_the_sentence() -> None:
    assert drift_sentence(sample_report()) == (
        "2 things are both declared and there: 1 differs from the code; 1 may be one of several"
    )
    assert drift_sentence(replace(sample_report(), drift=DRIFT[1:], drift_doubts=())) == (
        "1 thing is both declared and there: 0 differ from the code"
    )
