"""Which words tell whose a secret is."""

from __future__ import annotations

import pytest

from policyscan.resources.own_words import Owners, own_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("binance-api-key-production-grid", {"grid"}),
        ("prod/binance/api-key", set()),
        ("TradingBotRole", set()),
        ("grid_bot_role", {"grid"}),
        ("GridBotTaskRole", {"grid"}),
        ("bot-1", {"bot1"}),
        ("binance-bot1-secret", {"bot1"}),
        ("kraken/desk-7/key", {"desk7"}),
        ("arn:aws:iam::123456789012:role/eu-west-1-maker", {"maker"}),
        ("binance-eu-west-1-key", set()),
        ("", set()),
        ("x" * 100_000, {"x" * 2048}),
    ],
)
def test_words_that_tell(name: str, words: set[str]) -> None:
    assert own_words(name) == words


def owns(workload: str, secret: str, workloads: list[str], secrets: list[str]) -> bool:
    owners = Owners.of(map(own_words, workloads), map(own_words, secrets))
    return owners.owns(own_words(workload), own_words(secret))


@pytest.mark.parametrize(
    ("workload", "secret", "workloads", "secrets", "expected"),
    [
        ("grid-bot", "binance-grid", ["grid-bot"], ["binance-grid"], True),
        ("grid-bot", "binance-dca", ["grid-bot"], ["binance-dca"], False),
        ("trading-bot", "binance-trading-key", ["trading-bot"], ["binance-trading-key"], False),
        # The word of the firm is of every workload, or of every secret.
        ("acme-grid", "acme-dca", ["acme-grid", "acme-dca"], ["acme-grid", "acme-dca"], False),
        ("acme-grid", "acme-grid", ["acme-grid", "acme-dca"], ["acme-grid", "acme-dca"], True),
        ("acme-grid", "acme-dca", ["acme-grid"], ["acme-grid", "acme-dca"], False),
        ("acme", "acme-key", ["acme"], ["acme-key", "acme-secret"], True),
        # A word of another workload stands against it.
        ("grid-desk", "desk-dca", ["grid-desk", "dca"], ["desk-dca", "grid"], False),
        # The role that starts a task and the one it runs under are one workload.
        ("grid-task", "grid-key", ["grid-task", "grid-execution"], ["grid-key"], True),
        ("bot-1", "binance-bot-2", ["bot-1", "bot-2"], ["binance-bot-1", "binance-bot-2"], False),
        ("bot-1", "binance-bot-1", ["bot-1", "bot-2"], ["binance-bot-1", "binance-bot-2"], True),
    ],
)
def test_who_owns_a_secret(
    workload: str, secret: str, workloads: list[str], secrets: list[str], expected: bool
) -> None:
    assert owns(workload, secret, workloads, secrets) is expected
