"""Laws that hold for all policies: more allowed is never less reach, more denied is never more, and
no filling of a hole contradicts an answer that was definite."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from policyscan.inventory.reach import Reach
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.iam.patterns import match, tokens_of
from policyscan.values import PartialList, Unknown, Why
from tests.iam.built import answer, secrets, statement
from tests.iam.documents import DCA_NAME, GRID_NAME, IF, NO, OPEN, YES, Statement, sm

EXAMPLES = 80
RANK = {NO: 0, OPEN: 1, IF: 2, YES: 3}
ACTIONS = some.sampled_from(
    (
        "* secretsmanager:* secretsmanager:Get* secretsmanager:GetSecretValue secretsmanager:Put*"
        " secretsmanager:${var.verb} ${var.verb} ssm:* s3:*"
    ).split()
)
RESOURCES = some.sampled_from(
    [
        *("*", sm("*"), sm("binance-*"), sm(GRID_NAME + "-*"), sm(DCA_NAME + "-??????")),
        *("${aws_secretsmanager_secret.grid.arn}", "${aws_secretsmanager_secret.dca.arn}"),
        *("${var.arn}", sm("binance-api-key-${var.env}-*"), sm("*-grid-*", "${var.region}:*")),
        *("${data.aws_secretsmanager_secret.one.arn}", sm("kraken-*"), "arn:aws:s3:::*"),
        sm(GRID_NAME + "-*", "eu-west-1:123456789012"),
    ]
)
TAGS = some.sampled_from(
    [
        None,
        {"StringEquals": {"aws:ResourceTag/Environment": "production"}},
        {"StringNotEquals": {"aws:ResourceTag/Environment": "${var.env}"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"Null": {"aws:ResourceTag/Bot": "true"}},
    ]
)


@some.composite
def statements(draw: Any, effect: str | None = None) -> Statement:
    """Any statement."""
    negated = draw(some.sampled_from(["", "Not", ""]))
    element = draw(some.sampled_from(["Action", "Resource"]))
    names = {"Action": "Action", "Resource": "Resource"} | {element: negated + element}
    made = {
        "Effect": effect or draw(some.sampled_from(["Allow", "Allow", "Deny"])),
        names["Action"]: draw(some.lists(ACTIONS, min_size=1, max_size=3)),
        names["Resource"]: draw(some.lists(RESOURCES, min_size=1, max_size=3)),
    }
    when = draw(TAGS)
    return made if when is None else {**made, "Condition": when}


POLICIES = some.lists(statements(), min_size=1, max_size=4)
FILLINGS = some.fixed_dictionaries(
    {
        "${var.verb}": some.sampled_from(
            ["GetSecretValue", "*", "Put*", "secretsmanager:*", "s3:x"]
        ),
        "${var.arn}": some.sampled_from(
            ["*", sm("*"), sm("binance-*"), "arn:aws:s3:::x", "x", "?*"]
        ),
        "${var.env}": some.sampled_from(["production", "staging", "*", "dev", "production-grid"]),
        "${var.region}": some.sampled_from(["*", "eu-west-1", "us-*", "?????????"]),
    }
)


def answers(policy: list[Statement]) -> tuple[str, str]:
    resources = [*secrets(), *(statement(each, n) for n, each in enumerate(policy))]
    return answer(resources, "grid"), answer(resources, "dca")


@given(POLICIES, statements("Allow"))
@settings(max_examples=EXAMPLES, deadline=None)
def test_an_allow_more_takes_nothing_away(policy: list[Statement], more: Statement) -> None:
    for before, after in zip(answers(policy), answers([*policy, more]), strict=True):
        assert RANK[after] >= RANK[before]


@given(POLICIES, ACTIONS, RESOURCES)
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_wider_allow_takes_nothing_away(
    policy: list[Statement], action: str, resource: str
) -> None:
    wider = [
        {**each, name: [*each[name], more]} if each["Effect"] == "Allow" and name in each else each
        for each in policy
        for name, more in [("Action", action) if "Action" in each else ("Resource", resource)]
    ]
    for before, after in zip(answers(policy), answers(wider), strict=True):
        assert RANK[after] >= RANK[before]


@given(POLICIES, statements("Deny"))
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_deny_more_gives_nothing(policy: list[Statement], more: Statement) -> None:
    for before, after in zip(answers(policy), answers([*policy, more]), strict=True):
        assert RANK[after] <= RANK[before]


def filled(value: Any, filling: dict[str, str]) -> Any:
    """A policy with its holes filled."""
    if isinstance(value, dict):
        return {key: filled(each, filling) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, filling) for each in value]
    for hole, text in filling.items():
        value = value.replace(hole, text)
    return value


@given(POLICIES, FILLINGS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_filling_contradicts(policy: list[Statement], filling: dict[str, str]) -> None:
    for before, after in zip(answers(policy), answers(filled(policy, filling)), strict=True):
        assert OPEN in (before, after) or (before == NO) == (after == NO)
        assert (before, after) != (YES, IF)


@given(POLICIES, FILLINGS)
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_filling_contradicts_the_fields(
    policy: list[Statement], filling: dict[str, str]
) -> None:
    for one, other in zip(fields(policy), fields(filled(policy, filling)), strict=True):
        for before, after in zip(one, other, strict=True):
            open_ended = isinstance(before, Unknown) or isinstance(after, Unknown)
            assert open_ended or before == after


def fields(policy: list[Statement]) -> list[tuple[object, object]]:
    """Whether each statement allows everything, and whether it reaches an exchange secret."""
    joined = Reach([*secrets(), *(statement(each, n) for n, each in enumerate(policy))]).filled()
    found = [each for each in joined if isinstance(each, IamStatement)]
    return [(each.admin, each.reaches_exchange_secret) for each in found]


LETTERS = some.text("ab-:", max_size=6)
PATTERNS = some.lists(some.sampled_from(["a", "b", "-", ":", "*", "?", "ab", "HOLE"]), max_size=7)


def glob(pattern: str, name: str) -> bool:
    """The definition: a star is any text, a question mark one character."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(glob(pattern[1:], name[cut:]) for cut in range(len(name) + 1))
    return bool(name) and pattern[0] in ("?", name[0]) and glob(pattern[1:], name[1:])


def holed(pieces: list[str]) -> Any:
    """A text in which some pieces are not known."""
    hole = Unknown(Why.COMPUTED, "a piece")
    parts = tuple(hole if piece == "HOLE" else piece for piece in pieces)
    return Unknown(Why.COMPUTED, "a text", parts=parts) if parts else ""


@given(PATTERNS, LETTERS, some.lists(some.text("ab*?-", max_size=3), min_size=7, max_size=7))
@settings(max_examples=5 * EXAMPLES, deadline=None)
def test_patterns_do_what_they_are_defined_to(
    pieces: list[str], name: str, texts: list[str]
) -> None:
    found = match(tokens_of(holed(pieces)), tokens_of(name, wild=False))
    supply = iter(texts)
    pattern = "".join(next(supply) if piece == "HOLE" else piece for piece in pieces)
    assert found is None or found is glob(pattern, name)
    assert "HOLE" in pieces or found is not None


@given(
    some.text("ab*?-", max_size=7),
    some.lists(some.sampled_from(["a", "b", "-", "HOLE"]), max_size=6),
    some.lists(some.text("ab-", max_size=3), min_size=6, max_size=6),
)
@settings(max_examples=5 * EXAMPLES, deadline=None)
def test_names_with_holes_are_matched_whatever_fills_them(
    pattern: str, pieces: list[str], texts: list[str]
) -> None:
    found = match(tokens_of(pattern), tokens_of(holed(pieces), wild=False))
    supply = iter(texts)
    name = "".join(next(supply) if piece == "HOLE" else piece for piece in pieces)
    assert found is None or found is glob(pattern, name)


def test_an_open_list_of_actions_may_be_more() -> None:
    why = Unknown(Why.VARIABLE_UNSET, "a value for var.actions")
    given_statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    made = statement(given_statement, actions=PartialList(("s3:*",), why))
    assert answer([*secrets(), made], "grid") == OPEN
