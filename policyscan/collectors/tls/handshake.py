"""One handshake: a connection, a ClientHello, and what comes of it. No data follows it."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import time
from contextlib import suppress
from enum import StrEnum

from msgspec import Struct

from policyscan.collectors.tls.addresses import Peer, seconds_until

SECONDS = 4.0
"""For one handshake, the connection included."""
CONNECTING = 2.5
"""Seconds for the connection alone."""
MOST_BYTES = 300_000
"""Bytes of a server that are read; OpenSSL itself takes chains of up to 100 kB."""

_ALERT, _HANDSHAKE = 21, 22
_SERVER_HELLO = 2
_PROTOCOL_VERSION = 70
INTERNAL_ERROR = 80
"""The alert of OpenSSL's servers for versions that their level of security leaves no cipher for;
and of servers that are broken."""
WIRE = {"1.0": b"\x03\x01", "1.1": b"\x03\x02", "1.2": b"\x03\x03"}
"""How a ServerHello names the version that it chose; TLS 1.3 calls itself 1.2 in that place."""
_ALERTS = {
    10: "unexpected_message",
    20: "bad_record_mac",
    40: "handshake_failure",
    42: "bad_certificate",
    47: "illegal_parameter",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    109: "missing_extension",
    112: "unrecognized_name",
    116: "certificate_required",
    120: "no_application_protocol",
}
"""https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml#tls-parameters-6"""


_NAMES = {
    ssl.TLSVersion.TLSv1: "1.0",
    ssl.TLSVersion.TLSv1_1: "1.1",
    ssl.TLSVersion.TLSv1_2: "1.2",
}


class Outcome(StrEnum):
    """What came of a handshake."""

    DONE = "done"
    CHOSEN = "chosen"
    """The server chose a version, and then one of both sides gave up."""
    VERSION_REFUSED = "version refused"
    ALERT = "alert"
    UNVERIFIED = "unverified"
    """Ours was to verify its certificate, and it did not hold."""
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    CLOSED = "closed"
    NOT_TLS = "not tls"
    BROKEN = "broken"
    """It began like TLS and went on like nothing that can be understood."""
    NOT_OFFERED = "not offered"
    """Nothing was sent: the library here cannot."""


class Shaken(Struct, frozen=True):
    """A handshake that is over."""

    outcome: Outcome
    why: str = ""
    """What happened, as it continues `api.example.com:443 ...`."""
    version: str = ""
    """The one that is spoken, after a whole handshake."""
    certificate: bytes = b""
    cipher: str = ""
    code: int = 0
    """The number of an alert, or of what OpenSSL found wrong with a chain."""


def shake(context: ssl.SSLContext, peer: Peer, name: str, deadline: float) -> Shaken:
    """Connects to an address and shakes hands, as a client of `name`; ends at `deadline` (of the
    monotonic clock) or after `SECONDS`. Raises for nothing that a server does."""
    deadline = min(deadline, time.monotonic() + SECONDS)
    try:
        with socket.socket(peer.family, socket.SOCK_STREAM) as connection:
            connection.settimeout(min(CONNECTING, seconds_until(deadline)))
            connection.connect(peer.sockaddr)
            return _Exchange(context, connection, name, deadline).run()
    except OSError as error:
        return Shaken(Outcome.UNREACHABLE, _unreachable(error))


def _unreachable(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "takes no connection in time"
    if error.errno == errno.ECONNREFUSED:
        return "refuses connections"
    told = os.strerror(error.errno) if error.errno else type(error).__name__
    return f"cannot be connected to ({told})"


def answered_alert(head: bytes) -> int | None:
    """The number of the alert that came first, if one did."""
    return head[6] if len(head) > 6 and head[0] == _ALERT and head[1] == 3 else None


def chosen_version(head: bytes) -> bytes:
    """The version in the ServerHello, if that is what came first."""
    first = len(head) > 10 and head[0] == _HANDSHAKE and head[5] == _SERVER_HELLO
    return head[9:11] if first else b""


class _Exchange:
    """The bytes of one handshake, moved between a socket and the library within limits."""

    def __init__(
        self, context: ssl.SSLContext, connection: socket.socket, name: str, deadline: float
    ) -> None:
        self._connection = connection
        self._deadline = deadline
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._received = 0
        self._head = b""

    def run(self) -> Shaken:
        """The whole handshake."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                ended = self._move()
                if ended is not None:
                    return ended
            except ssl.SSLCertVerificationError as error:
                self._say_goodbye()
                return Shaken(Outcome.UNVERIFIED, error.verify_message, code=error.verify_code)
            except ssl.SSLError as error:
                return self._failed(error)
            else:
                return self._done()

    def _done(self) -> Shaken:
        certificate = self._tls.getpeercert(binary_form=True) or b""
        cipher = self._tls.cipher()
        with suppress(ssl.SSLError):  # the goodbye is written; nobody waits for the answer
            self._tls.unwrap()
        self._say_goodbye()
        version = (self._tls.version() or "").removeprefix("TLSv")
        version = version if "." in version else f"{version}.0"
        return Shaken(Outcome.DONE, "", version, certificate, cipher[0] if cipher else "")

    def _move(self) -> Shaken | None:
        """Sends what there is to send and takes what comes; what ended it, if anything did."""
        try:
            if self._outgoing.pending:
                self._connection.settimeout(seconds_until(self._deadline))
                self._connection.sendall(self._outgoing.read())
            if time.monotonic() >= self._deadline:
                raise TimeoutError
            self._connection.settimeout(seconds_until(self._deadline))
            data = self._connection.recv(16_384)
        except TimeoutError:
            return self._ended(Outcome.SILENT, "did not finish the handshake in time")
        except OSError:
            return self._ended(Outcome.CLOSED, "reset the connection")
        if not data:
            return self._ended(Outcome.CLOSED, "closed the connection")
        self._received += len(data)
        self._head += data[: 64 - len(self._head)]
        if self._received > MOST_BYTES:
            return self._ended(Outcome.BROKEN, f"sent more than {MOST_BYTES} bytes")
        self._incoming.write(data)
        return None

    def _ended(self, outcome: Outcome, why: str) -> Shaken:
        if self._head and not self._speaks_tls:
            return self._not_tls()
        if chosen_version(self._head):
            return self._chosen(why)
        if outcome is Outcome.SILENT and not self._head:
            why = "did not answer"
        return Shaken(outcome, why)

    def _failed(self, error: ssl.SSLError) -> Shaken:
        """What the library could not go on after; it has nothing of the server's text in it."""
        self._say_goodbye()
        told = (error.reason or "an error").lower().replace("_", " ")
        if not self._head:
            return Shaken(Outcome.NOT_OFFERED, f"OpenSSL: {told}")
        if not self._speaks_tls:
            return self._not_tls()
        code = answered_alert(self._head)
        if code is not None:
            refused = code == _PROTOCOL_VERSION
            outcome = Outcome.VERSION_REFUSED if refused else Outcome.ALERT
            named = _ALERTS.get(code, f"number {code}")
            return Shaken(outcome, f"answered with the alert {named}", code=code)
        if chosen_version(self._head):
            return self._chosen(told)
        return Shaken(Outcome.BROKEN, f"sent what is no handshake (OpenSSL: {told})")

    @property
    def _speaks_tls(self) -> bool:
        head = self._head
        return head[0] in (_ALERT, _HANDSHAKE) and head[1:2] in (b"", b"\x03")

    def _chosen(self, why: str) -> Shaken:
        """A handshake that did not end well after the server had chosen a version. Up to TLS 1.2 a
        server that cannot do what is offered answers with a lower version."""
        wanted = WIRE.get(_NAMES.get(self._tls.context.maximum_version, ""))
        other = wanted is not None and chosen_version(self._head) != wanted
        if why == "unsupported protocol" or other:
            return Shaken(Outcome.VERSION_REFUSED, "answered with a lower version")
        return Shaken(Outcome.CHOSEN, f"chose the version; then: {why}")

    def _not_tls(self) -> Shaken:
        head = self._head
        if head.startswith(b"HTTP/"):
            return Shaken(Outcome.NOT_TLS, "answers with plain HTTP, not with TLS")
        if head.startswith((b"220", b"* OK", b"+OK")):
            told = "greets like a mail or file server; STARTTLS is not asked for"
            return Shaken(Outcome.NOT_TLS, told)
        if head.startswith(b"SSH-"):
            return Shaken(Outcome.NOT_TLS, "speaks SSH, not TLS")
        return Shaken(Outcome.NOT_TLS, "answers with something that is not TLS")

    def _say_goodbye(self) -> None:
        """Sends the last alert, if the other side still listens."""
        with suppress(OSError):
            self._connection.settimeout(0.2)
            self._connection.sendall(self._outgoing.read())
