"""Names of TLS versions and ciphers. Which ciphers are AEAD: RFC 5116, and the tables of IANA."""

from __future__ import annotations

import pytest

from policyscan.resources.tls_ciphers import aead_only, tls_versions


@pytest.mark.parametrize(
    "name",
    [
        "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_CCM_8_SHA256",
        "TLS_AES_128_CCM_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-CCM8",
    ],
)
def test_aead(name: str) -> None:
    assert aead_only([name])


@pytest.mark.parametrize(
    "name",
    [
        "ECDHE-RSA-AES128-SHA256",
        "AES128-SHA",
        "DES-CBC3-SHA",
        "RC4-MD5",
        "ECDHE-RSA-AES256-SHA384",
        "CAMELLIA256-SHA",
        "",
        "NOTGCMX",
    ],
)
def test_not_aead(name: str) -> None:
    assert not aead_only(["TLS_AES_128_GCM_SHA256", name])


def test_versions() -> None:
    assert tls_versions(["TLSv1.3", "TLSv1.2"]) == ("1.2", "1.3")
    assert tls_versions(["TLSv1", "TLSv1.1"]) == ("1.0", "1.1")
    assert tls_versions(["SSLv3", "TLSv1.2"]) == ("1.0", "1.2")
    assert tls_versions(["TLSv1.2", "TLSv1.4"]) == ()
    assert tls_versions([]) == ()
