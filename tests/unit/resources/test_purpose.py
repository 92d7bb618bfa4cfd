"""Which secrets are API keys of an exchange."""

from __future__ import annotations

import pytest

from policyscan.resources.purpose import is_exchange_secret
from policyscan.values import Alternative, OneOf, Ref, Unknown, Why

UNKNOWN = Unknown(Why.VARIABLE_UNSET, "a value for var.name")


@pytest.mark.parametrize(
    "text",
    [
        "binance-api-key-prod", "prod/Binance", "BINANCE_API_KEY", "BinanceApiKey", "binanceapikey",
        "bots/kraken/futures", "gate.io key", "GATEIO_SECRET", "crypto.com credentials",
        "okx-passphrase", "binanceUsKey", "exchange-api-key", "exchange/credentials",
        "ExchangeApiSecret", "trading-api-key", "Key of the Bybit bot", "gemini-api-secret", "ccxt",
        "HTX_API_KEY",
    ],
)  # fmt: skip
def test_exchange_secrets(text: str) -> None:
    assert is_exchange_secret([text]) == "exchange_api_key"


@pytest.mark.parametrize(
    "text",
    [
        "", "db-password", "krakend-gateway", "gitkraken", "gemini", "google-gemini-api-key",
        "gemini-llm-key", "exchange", "exchange-rate-api-key", "microsoft-exchange-credentials",
        "key-exchange-secret", "trading-db-password", "gateway-key", "gate", "okxyz",
        "Secret for the exchange of messages with partners", "cryptocommons",
    ],
)  # fmt: skip
def test_other_secrets(text: str) -> None:
    assert is_exchange_secret([text]) == "other"


def test_any_text_may_decide() -> None:
    assert is_exchange_secret(["bot-7", "venue", "binance", None]) == "exchange_api_key"
    assert is_exchange_secret([]) == "other"


def test_what_is_not_known_leaves_it_open_unless_something_decides() -> None:
    assert is_exchange_secret([UNKNOWN, "db"]) is UNKNOWN
    assert is_exchange_secret([UNKNOWN, "binance"]) == "exchange_api_key"
    part = Unknown(Why.VARIABLE_UNSET, "a value for var.env", fragments=("binance-", "-key"))
    assert is_exchange_secret([part]) == "exchange_api_key"
    reference = is_exchange_secret([Ref("random_id.name", "hex")])
    assert isinstance(reference, Unknown)
    assert reference.needs == "the value of random_id.name.hex"


def test_alternatives_must_agree() -> None:
    def one_of(*values: object) -> OneOf[object]:
        return OneOf(tuple(Alternative(value, ()) for value in values), UNKNOWN)

    assert is_exchange_secret([one_of("binance-live", "binance-test")]) == "exchange_api_key"
    assert is_exchange_secret([one_of("db-live", "db-test")]) == "other"
    assert is_exchange_secret([one_of("binance", "db")]) is UNKNOWN
