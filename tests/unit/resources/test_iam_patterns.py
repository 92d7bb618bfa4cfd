"""Patterns of IAM policies against names, one by one and all at once."""

from __future__ import annotations

import time
from typing import Any

import pytest

from policyscan.resources.iam import patterns as iam_patterns
from policyscan.resources.iam.matching import arn_of, arn_tokens, covers_all
from policyscan.resources.iam.patterns import Hole, Matched, Names, match, tokens_of
from policyscan.values import Ref, Unknown, Why

REGION = Ref("data.aws_region.current", "name")
ACCOUNT = Ref("data.aws_caller_identity.current", "account_id")
VARIABLE = Unknown(Why.VARIABLE_UNSET, "a value for var.x")
ELSE = Unknown(Why.VARIABLE_UNSET, "a value for var.y")


def text(*parts: Any) -> Any:
    return Unknown(Why.COMPUTED, "a text", parts=parts)


def arn(*name: Any) -> Any:
    return arn_of("aws_sm", tokens_of(text(*name), wild=False))


@pytest.mark.parametrize(
    ("pattern", "name", "answer"),
    [
        (text("arn:aws:secretsmanager:", REGION, ":", ACCOUNT, ":secret:k-*"), ("k",), True),
        (text("arn:aws:secretsmanager:", ACCOUNT, ":", REGION, ":secret:k-*"), ("k",), False),
        (text("arn:aws:secretsmanager:", VARIABLE, ":*:secret:k-*"), ("k",), None),
        ("arn:aws:secretsmanager:eu-west-1:*:secret:k-*", ("k",), None),
        ("arn:aws:secretsmanager:EU-WEST-1:*:secret:k-*", ("k",), False),
        ("arn:aws:secretsmanager:*:123456789012:secret:k-??????", ("k",), None),
        ("arn:aws:secretsmanager:*:root:secret:k-??????", ("k",), False),
        ("arn:aws-us-gov:secretsmanager:*:*:secret:k-??????", ("k",), True),
        ("arn:aws.com:secretsmanager:*:*:secret:k-??????", ("k",), False),
        ("arn:aws:secretsmanager:*:*:secret:k-*", ("k-", VARIABLE), True),
        ("arn:aws:secretsmanager:*:*:secret:k-prod-*", ("k-", VARIABLE), None),
        (text("arn:aws:secretsmanager:", REGION, ":", ACCOUNT, ":x:*"), ("k-", VARIABLE), False),
        (text("arn:aws:secretsmanager:*:*:secret:k-", VARIABLE, "-*"), ("k-", VARIABLE), True),
        (text("arn:aws:secretsmanager:*:*:secret:k-", ELSE, "-*"), ("k-", VARIABLE), None),
        (VARIABLE, ("k",), None),
        ("", ("k",), False),
    ],
)
def test_an_arn(pattern: Any, name: tuple[Any, ...], answer: bool | None) -> None:
    assert match(arn_tokens(pattern), arn(*name)) is answer


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("*", True),
        ("arn:*", True),
        ("arn:aws:secretsmanager:*", True),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:*", True),
        ("arn:aws:secretsmanager:*:*:secret:*-??????", True),
        ("arn:aws:ssm:*:*:parameter/*", True),
        ("arn:aws:ssm:*:*:parameter/prod/*", False),
        ("arn:aws:secretsmanager:*:*:secret:?*", False),
        ("arn:aws:secretsmanager:*:*:secret:a*", False),
        ("arn:aws:s3:::*", False),
        (VARIABLE, False),
        (Ref("aws_secretsmanager_secret.k", "arn"), False),
    ],
)
def test_all_secrets(pattern: Any, answer: bool) -> None:
    assert covers_all(pattern) is answer


def test_many_names_at_once() -> None:
    names = Names([tuple("ab"), tuple("abc"), (*"ab", Hole()), tuple("x:y")])
    assert names.matching(tokens_of("ab*")) == Matched(0b0111, 0b0111)
    assert names.matching(tokens_of("abc")) == Matched(0b0010, 0b0110)
    assert names.matching(tokens_of("*:*")) == Matched(0b1000, 0b1000)
    assert names.matching(tokens_of("?:?")) == Matched(0b1000, 0b1000)


def test_a_policy_variable_is_a_text_that_is_not_known() -> None:
    assert match(tokens_of("a/${aws:username}/*"), tokens_of("a/b/c")) is None
    assert match(tokens_of("a/${aws:username}/*"), tokens_of("b/b/c")) is False
    assert match(tokens_of("a${*}"), tokens_of("a*", wild=False)) is True
    assert match(tokens_of("a${*}"), tokens_of("ab")) is False
    assert match(tokens_of("a${"), tokens_of("a${", wild=False)) is True


def test_hostile_patterns_cost_little() -> None:
    started = time.process_time()
    names = Names([tuple("a" * 500 + str(number)) for number in range(200)])
    for pattern in ("*a" * 1000, "a*" * 1000, "?*" * 1000, "${" * 1000, "*" * 100_000):
        names.matching(tokens_of(pattern))
    assert time.process_time() - started < 5


def test_patterns_beyond_the_budget_match_perhaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iam_patterns, "MAX_STEPS", 10)
    names = Names([tuple("abcdef"), tuple("xyz")])
    assert names.matching(tokens_of("*f")) == Matched(0b01, 0b01)
    assert names.matching(tokens_of("*y*")) == Matched(0b10, 0b10)
    assert names.matching(tokens_of("q")) == Matched(0b00, 0b11)
