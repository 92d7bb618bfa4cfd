"""What is read of certificates that no honest authority signs."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from policyscan.collectors.tls.certificate import facts_of

DATES = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def signed(key: Any, digest: Any, names: list[str]) -> bytes:
    name = x509.Name([])
    alternatives = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, *DATES)
    return made.add_extension(alternatives, False).sign(key, digest).public_bytes(Encoding.DER)


EC = ec.generate_private_key(ec.SECP384R1())


@pytest.mark.parametrize(
    ("key", "digest", "facts"),
    [
        (EC, SHA256(), ("ec", 384, "sha256")),
        (ed448.Ed448PrivateKey.generate(), None, ("ed448", 456, None)),
        (dsa.generate_private_key(1024), SHA256(), ("dsa", 1024, "sha256")),
    ],
)
def test_keys_and_signatures(key: Any, digest: Any, facts: tuple[object, ...]) -> None:
    found = facts_of(signed(key, digest, ["desk.example"]))
    assert tuple(found[name] for name in ("key_type", "key_bits", "signature_hash")) == facts
    assert found["not_before"] == "2026-01-01T00:00:00+00:00"
    assert found["not_after"] == "2027-01-01T00:00:00+00:00"
    assert found["names"] == ["desk.example"]


def test_names_are_few_and_nothing_but_names() -> None:
    hostile = ["\x1b[31mred", "a b", "<script>", *(f"n{i}.example" for i in range(9))]
    found = facts_of(signed(EC, SHA256(), hostile))
    assert found["names"] == [f"n{i}.example" for i in range(5)]


@pytest.mark.filterwarnings("ignore")  # as they are where it is called
def test_any_change_of_a_byte_is_read_or_not_and_nothing_raises() -> None:
    chance = random.Random(7)
    good = signed(EC, SHA256(), ["desk.example"])
    for _ in range(3_000):
        broken = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        found = facts_of(bytes(broken[: chance.choice((len(broken), chance.randrange(900)))]))
        assert found == {} or {"not_before", "not_after"} <= set(found)


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", bytes(10_000)])
def test_what_is_no_certificate(data: bytes) -> None:
    assert facts_of(data) == {}
