"""From answers to resources, without any server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from policyscan.collectors.interface import Answer, Reading
from policyscan.collectors.tls import TlsCollector
from policyscan.resources.base import ProofLevel, Tally
from policyscan.resources.tls import TlsEndpoint
from policyscan.values import PartialList, Unknown

AT = datetime(2026, 1, 1, tzinfo=UTC)


def hand(version: str, outcome: str, unit: str = "desk.example:443", **more: str) -> Answer:
    return Answer(unit, "handshake", {"outcome": outcome, **more}, version, at=AT)


def read(*answers: Answer, **options: object) -> list[Any]:
    return list(TlsCollector().read(answers, Reading("tls:desk", options)))


def one(*answers: Answer, **options: object) -> TlsEndpoint:
    (found,) = [each for each in read(*answers, **options) if isinstance(each, TlsEndpoint)]
    return found


def test_every_endpoint_has_its_books() -> None:
    items = read(
        hand("1.3", "accepted"),
        hand("1.3", "accepted", "[2001:db8::1]:8443"),
        hand("1.2", "refused"),
    )
    endpoints = [each for each in items if isinstance(each, TlsEndpoint)]
    assert [(e.address, e.host, e.port) for e in endpoints] == [
        ("desk.example:443", "desk.example", 443),
        ("[2001:db8::1]:8443", "2001:db8::1", 8443),
    ]
    tallies = [each for each in items if isinstance(each, Tally)]
    assert [(t.target, t.kind, t.found, t.normalised, t.unit) for t in tallies] == [
        ("tls:desk", "TlsEndpoint", 1, 1, "desk.example:443"),
        ("tls:desk", "TlsEndpoint", 1, 1, "[2001:db8::1]:8443"),
    ]
    origin = endpoints[0].origin
    assert (origin.proof, origin.observed_at, origin.unit) == (
        ProofLevel.OBSERVED,
        AT,
        "desk.example:443",
    )


@pytest.mark.parametrize(
    ("unit", "setting", "owned"),
    [
        ("desk.example:443", None, True),
        ("api.binance.com:443", None, False),
        ("api.binance.com.:443", None, False),
        ("api.binance.com:443", True, True),
        ("desk.example:443", False, False),
    ],
)
def test_whose_it_is(unit: str, setting: bool | None, owned: bool) -> None:
    options = {} if setting is None else {"owned": setting}
    assert one(hand("1.3", "accepted", unit), **options).owned is owned


def test_what_was_not_answered_is_not_known() -> None:
    endpoint = one(hand("1.3", "accepted"), hand("1.1", "unclear", why="reset the connection"))
    assert isinstance(endpoint.accepted_versions, PartialList)
    assert endpoint.accepted_versions.known == ("1.3",)
    assert endpoint.accepted_versions.unknown.needs == (
        "whether desk.example:443 accepts TLS 1.0 and TLS 1.1 and TLS 1.2 (1.0 cannot be offered "
        "from here; 1.1: it reset the connection; 1.2 cannot be offered from here)"
    )
    fields = ("chain_trusted", "chain_in_time", "chain_strong", "hostname_match", "not_before")
    for field in (*fields, "not_after", "key_type", "key_bits", "signature_hash"):
        assert isinstance(getattr(endpoint, field), Unknown), field


def test_an_untrusted_chain_has_neither_time_nor_strength() -> None:
    data = {"trusted": False, "why": "self-signed certificate", "strong": True, "in_time": True}
    endpoint = one(hand("1.3", "accepted"), Answer("desk.example:443", "chain", data, at=AT))
    assert endpoint.chain_trusted is False
    assert isinstance(endpoint.chain_in_time, Unknown)
    assert isinstance(endpoint.chain_strong, Unknown)


def test_a_wrong_name_is_shown_with_the_right_ones() -> None:
    unit = "desk.example:443"
    names = {"names": ["other.example", "*.other.example"], "signature_hash": None}
    endpoint = one(
        hand("1.3", "accepted"),
        Answer(unit, "name", {"matches": False, "why": "Hostname mismatch"}, at=AT),
        Answer(unit, "certificate", names, at=AT),
    )
    assert endpoint.signature_hash is None
    assert [step.label for step in endpoint.chains["hostname_match"]] == [
        "its certificate is for other.example, *.other.example",
        "Hostname mismatch",
        "TLS handshake with desk.example:443, at 2026-01-01T00:00:00Z",
    ]
