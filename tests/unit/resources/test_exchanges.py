"""The tables of exchanges: their shape, and what is found by them."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable

import pytest

from policyscan.resources.addresses import parse_network
from policyscan.resources.exchange_words import (
    exchange_of_environment,
    exchange_words,
)
from policyscan.resources.exchanges import (
    Endpoint,
    Exchange,
    endpoint_of,
    exchange_of_header,
    exchange_of_import,
    exchange_of_package,
    exchanges,
)

HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
HEADER = re.compile(r"[A-Za-z][A-Za-z-]*[A-Za-z]")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
SPELLED = {
    "pypi": re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"),
    "npm": re.compile(r"(?:@[a-z0-9._-]+/)?[a-z0-9._-]+"),
    "go": re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._-]+)+"),
    "cargo": re.compile(r"[a-z0-9_-]+"),
    "maven": re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+(?::[a-z0-9._-]+)?"),
    "nuget": re.compile(r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*"),
}
EACH = pytest.mark.parametrize("exchange", exchanges(), ids=lambda each: each.name)


def repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


@EACH
def test_a_table_says_when_and_where_it_was_looked_up(exchange: Exchange) -> None:
    assert datetime.date(2026, 1, 1) <= exchange.as_of <= datetime.date(2030, 1, 1)
    assert exchange.source.startswith("https://")
    assert exchange.words or exchange.ambiguous_words


@EACH
def test_every_name_is_well_formed(exchange: Exchange) -> None:
    for host in (*exchange.hosts.production, *exchange.hosts.test):
        assert HOST.fullmatch(host), host
    for header in (*exchange.header_names, *exchange.ambiguous_header_names):
        assert HEADER.fullmatch(header), header
    for variable in exchange.environment_names:
        assert VARIABLE.fullmatch(variable), variable
    for ecosystem, names in exchange.packages.items():
        for name in names:
            assert SPELLED[ecosystem].fullmatch(name), f"{ecosystem} {name}"
    for module in [name for names in exchange.imports.values() for name in names]:
        assert re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", module), module
    for published in exchange.address_ranges:
        assert parse_network(published.cidr) is not None, published
        assert published.owner


@EACH
def test_error_codes_and_statuses_have_a_meaning(exchange: Exchange) -> None:
    assert all(text.strip() for text in exchange.error_codes.values())
    assert all(400 <= status < 600 for status in exchange.http_status)


def test_a_name_belongs_to_one_exchange() -> None:
    every = exchanges()
    assert not repeated(each.name for each in every)
    assert not repeated(host for each in every for host in each.hosts.production + each.hosts.test)
    assert not repeated(name.lower() for each in every for name in each.header_names)
    assert not repeated(name for each in every for name in each.environment_names)
    assert not repeated(
        f"{ecosystem} {name}"
        for each in every
        for ecosystem, names in each.packages.items()
        for name in names
    )
    assert not repeated(
        f"{language} {name}"
        for each in every
        for language, names in each.imports.items()
        for name in names
    )


def test_a_header_that_others_use_is_not_listed_as_that_of_one() -> None:
    certain = {name.lower() for each in exchanges() for name in each.header_names}
    assert not certain & {n.lower() for each in exchanges() for n in each.ambiguous_header_names}


def test_words_are_lower_case_and_told_apart() -> None:
    words = exchange_words()
    assert words.certain[("binance",)] == "Binance"
    assert ("gemini",) in words.ambiguous
    assert not words.certain.keys() & words.ambiguous
    assert all(part == part.lower() for name in [*words.certain, *words.ambiguous] for part in name)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.binance.com", Endpoint("Binance", "production")),
        ("API.Binance.com.", Endpoint("Binance", "production")),
        ("testnet.binance.vision", Endpoint("Binance", "test")),
        ("wspap.okx.com", Endpoint("OKX", "test")),
        ("api.binance.com.example.org", None),
        ("notapi.binance.com", None),
        ("", None),
    ],
)
def test_hosts(host: str, expected: Endpoint | None) -> None:
    assert endpoint_of(host) == expected


def test_headers_are_found_whatever_their_case() -> None:
    assert exchange_of_header("x-mbx-apikey") == "Binance"
    assert exchange_of_header("OK-ACCESS-SIGN") == "OKX"
    assert exchange_of_header("api-key") is None
    assert exchange_of_header("X-Api-Key") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BINANCE_API_KEY", "Binance"), ("binance_api_key", "Binance"),
        ("MY_BINANCE_APIKEY", "Binance"), ("BINANCE_SECRET_ARN", "Binance"),
        ("KrakenApiSecret", "Kraken"), ("BOT1_OKX_PASSPHRASE_2", "OKX"),
        ("CRYPTO_COM_API_KEY", "Crypto.com"), ("GEMINI_API_SECRET", "Gemini"),
        ("BINANCE_API_URL", None), ("BINANCE_TOKENS", None), ("KRAKEND_API_KEY", None),
        ("GEMINI_API_KEY", None), ("API_KEY", None), ("", None),
    ],
)  # fmt: skip
def test_variables(name: str, expected: str | None) -> None:
    assert exchange_of_environment(name) == expected


@pytest.mark.parametrize(
    ("ecosystem", "name", "expected"),
    [
        ("pypi", "Python_Binance", "Binance"), ("pypi", "ccxt", "several exchanges"),
        ("pypi", "binance-unrelated", None), ("npm", "@binance/connector", "Binance"),
        ("go", "github.com/adshao/go-binance/v2/futures", "Binance"),
        ("go", "github.com/adshao/go-binance-fork", None), ("go", "github.com/adshao", None),
        ("maven", "io.github.binance:binance-connector-java", "Binance"),
        ("nuget", "binance.net", "Binance"), ("cargo", "requests", None),
    ],
)  # fmt: skip
def test_packages(ecosystem: str, name: str, expected: str | None) -> None:
    assert exchange_of_package(ecosystem, name) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("python", "binance.client", "Binance"), ("python", "binance", "Binance"),
        ("python", "binances", None), ("python", "ccxt.pro", "several exchanges"),
        ("java", "com.binance.connector.client.impl.SpotClientImpl", "Binance"),
        ("csharp", "Binance.Net.Clients", "Binance"), ("python", "", None),
    ],
)  # fmt: skip
def test_imports(language: str, name: str, expected: str | None) -> None:
    assert exchange_of_import(language, name) == expected  # type: ignore[arg-type]
