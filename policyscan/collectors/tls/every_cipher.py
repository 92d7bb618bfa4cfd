"""An offer of one old version with every cipher that has a number, for which no library is needed.

A server that answers `handshake_failure` or `internal_error` may mean the version, or the ciphers
that were offered; OpenSSL has only some of those that were ever defined. So the first message is
sent once more, with all of them. Only the first answer is looked at: the choice of a version, or
another refusal.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import time

from policyscan.collectors.tls.addresses import Peer, seconds_until
from policyscan.collectors.tls.handshake import (
    INTERNAL_ERROR,
    SECONDS,
    WIRE,
    Outcome,
    Shaken,
    answered_alert,
    chosen_version,
)

_SUITES = (*range(0x0001, 0x00C6), 0x00FF, *range(0xC001, 0xC0B0), *range(0xCCA8, 0xCCAF))
"""https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml#tls-parameters-4, without
those of TLS 1.3; numbers that nobody has are skipped by servers."""
_GROUPS = (*range(1, 31), *range(256, 261))
_SIGNATURES = tuple(
    (digest << 8) | scheme for digest in range(1, 7) for scheme in (1, 2, 3)
) + tuple(range(0x0804, 0x080C))
_REFUSALS = (40, 70, 71, INTERNAL_ERROR)
"""Alerts that say that there is nothing to agree on; others complain about the message."""
_MOST_BYTES = 20_000


def offer(version: str, peer: Peer, name: str, deadline: float) -> Shaken:
    """What a server answers to it, by `deadline`. Raises for nothing that a server does."""
    wanted = WIRE[version]
    deadline = min(deadline, time.monotonic() + SECONDS)
    head = b""
    try:
        with socket.socket(peer.family, socket.SOCK_STREAM) as connection:
            connection.settimeout(seconds_until(deadline))
            connection.connect(peer.sockaddr)
            connection.sendall(client_hello(wanted, name))
            while len(head) < 11 and time.monotonic() < deadline:
                connection.settimeout(seconds_until(deadline))
                data = connection.recv(_MOST_BYTES)
                head += data
                if not data or answered_alert(head) is not None:
                    break
    except OSError:
        return Shaken(Outcome.CLOSED, "gave no answer to the offer of every cipher")
    alert = answered_alert(head)
    chosen = chosen_version(head)
    if chosen == wanted:
        return Shaken(Outcome.CHOSEN, "chose the version with a cipher that OpenSSL lacks here")
    if alert in _REFUSALS or chosen:
        why = "refused the version with every cipher there is"
        return Shaken(Outcome.VERSION_REFUSED, why, code=alert or 0)
    return Shaken(Outcome.CLOSED, "gave no answer to the offer of every cipher")


def client_hello(version: bytes, name: str) -> bytes:
    """The first message of a handshake (RFC 5246, 7.4.1.2), as one record."""
    extensions = b"".join(
        (
            _server_name(name),
            _extension(10, _vector(_numbers(_GROUPS), 2)),
            _extension(11, _vector(bytes((0, 1, 2)), 1)),
            _extension(13, _vector(_numbers(_SIGNATURES), 2)) if version == WIRE["1.2"] else b"",
        )
    )
    body = version + os.urandom(32) + _vector(b"", 1)
    body += _vector(_numbers(_SUITES), 2) + _vector(b"\0", 1) + _vector(extensions, 2)
    return b"\x16\x03\x01" + _vector(b"\x01" + _vector(body, 3), 2)


def _server_name(name: str) -> bytes:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return _extension(0, _vector(b"\0" + _vector(name.encode("ascii", "replace"), 2), 2))
    return b""


def _extension(number: int, data: bytes) -> bytes:
    return number.to_bytes(2, "big") + _vector(data, 2)


def _vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


def _numbers(values: tuple[int, ...]) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in values)
