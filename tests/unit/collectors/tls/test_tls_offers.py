"""What is offered: proven on ourselves, and whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from policyscan.collectors.tls import contexts
from policyscan.collectors.tls.contexts import VERSIONS, probes
from policyscan.collectors.tls.every_cipher import client_hello
from policyscan.collectors.tls.handshake import WIRE

STRICT = """
openssl_conf = default
[default]
ssl_conf = ssl
[ssl]
system_default = strict
[strict]
MinProtocol = TLSv1.2
CipherString = DEFAULT@SECLEVEL=2
"""


def test_the_policy_of_the_system_takes_no_version_away(tmp_path: Path) -> None:
    (tmp_path / "openssl.cnf").write_text(STRICT)
    code = (
        "from policyscan.collectors.tls.contexts import probes\n"
        "print([name for name, each in probes().items() if isinstance(each, str)])"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "OPENSSL_CONF": str(tmp_path / "openssl.cnf")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "[]\n"


def test_a_version_that_the_library_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    only = contexts._only

    def lacking(side: int, version: object) -> object:
        if version is VERSIONS["1.1"]:
            raise ValueError("Unsupported protocol version 0x302")
        context = only(side, version)  # type: ignore[arg-type]
        if version is VERSIONS["1.0"]:
            context.set_ciphers("ECDHE+AESGCM")  # which need TLS 1.2
        return context

    monkeypatch.setattr(contexts, "_only", lacking)
    found = {name: each for name, each in probes().items() if isinstance(each, str)}
    assert found == {"1.0": "no ciphers available", "1.1": "it knows no such version"}


@pytest.mark.parametrize("version", WIRE)
@pytest.mark.parametrize("name", ["desk.example", "127.0.0.1", "::1"])
def test_the_hello_with_every_cipher(version: str, name: str) -> None:
    """RFC 5246, 7.4.1.2: the lengths are those of what follows, to the last byte."""
    hello = client_hello(WIRE[version], name)
    assert hello[:3] == b"\x16\x03\x01"
    assert int.from_bytes(hello[3:5], "big") == len(hello) - 5
    assert hello[5] == 1
    assert int.from_bytes(hello[6:9], "big") == len(hello) - 9
    assert hello[9:11] == WIRE[version]
    at = 11 + 32
    assert hello[at] == 0
    suites = int.from_bytes(hello[at + 1 : at + 3], "big")
    offered = hello[at + 3 : at + 3 + suites]
    pairs = {offered[i : i + 2] for i in range(0, len(offered), 2)}
    assert len(pairs) == suites // 2
    # RC4-MD5 for export, RC4-SHA, 3DES, DHE-AES, ECDHE-AES-GCM, ChaCha20; no fallback signal
    for number in (0x0003, 0x0005, 0x000A, 0x0033, 0xC02F, 0xCCA8):
        assert number.to_bytes(2, "big") in pairs
    assert b"\x56\x00" not in pairs
    at += 3 + suites
    assert hello[at : at + 2] == b"\x01\x00"
    extensions = hello[at + 4 :]
    assert int.from_bytes(hello[at + 2 : at + 4], "big") == len(extensions)
    assert (b"desk.example" in extensions) is (name == "desk.example")
    assert len(hello) < 1_200
