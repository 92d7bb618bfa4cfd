"""Servers that do everything but what they should: each ends in a verdict or a gap, in time."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from policyscan.collectors.tls import endpoint, every_cipher, handshake
from policyscan.errors import GapReason
from policyscan.resources.tls import TlsEndpoint
from policyscan.values import PartialList
from tests.live.tls_servers import (
    Authority,
    free_port,
    listener,
    look,
    s_server,
    scan_endpoints,
)
from tests.scanning import verdicts

Behaviour = Callable[[socket.socket], None]
SECONDS = 10.5
"""What an endpoint may cost, and a little for the machine."""


def hold(connection: socket.socket) -> None:
    """Until the client goes away."""
    while connection.recv(65_536):
        pass


def record(kind: int, body: bytes, version: bytes = b"\x03\x03") -> bytes:
    return bytes((kind,)) + version + len(body).to_bytes(2, "big") + body


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def server_hello(version: bytes = b"\x03\x03", suite: bytes = b"\xc0\x2f") -> bytes:
    renegotiation = b"\xff\x01\x00\x01\x00"
    extensions = len(renegotiation).to_bytes(2, "big") + renegotiation
    return message(2, version + os.urandom(32) + b"\x00" + suite + b"\x00" + extensions)


def saying(*answers: bytes, then: Behaviour = hold) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.recv(65_536)
        for answer in answers:
            connection.sendall(answer)
        then(connection)

    return behave


def greeting(text: bytes, then: Behaviour = hold) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.sendall(text)
        then(connection)

    return behave


def close(_connection: socket.socket) -> None:
    """At once."""


def reset(connection: socket.socket) -> None:
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def dripping(data: bytes, pause: float) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.recv(65_536)
        while True:
            for byte in data:
                connection.sendall(bytes((byte,)))
                time.sleep(pause)

    return behave


def pouring(data: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.recv(65_536)
        while True:
            connection.sendall(data)

    return behave


def endless_chain(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(record(22, server_hello()))
    one = (200_000).to_bytes(3, "big") + bytes(200_000)
    body = message(11, len(one).to_bytes(3, "big") + one)
    for start in range(0, len(body), 16_000):
        connection.sendall(record(22, body[start : start + 16_000]))
    pouring(record(22, bytes(16_000)))(connection)


HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"

SERVERS: dict[str, tuple[Behaviour, GapReason | None]] = {
    "silent": (hold, GapReason.UNREACHABLE),
    "never reads": (lambda _: time.sleep(SECONDS), GapReason.UNREACHABLE),
    "closes at once": (close, GapReason.UNREACHABLE),
    "resets at once": (reset, GapReason.UNREACHABLE),
    "closes after the hello": (saying(then=close), GapReason.UNREACHABLE),
    "resets after the hello": (saying(then=reset), GapReason.UNREACHABLE),
    "plain http": (saying(HTTP, then=close), GapReason.UNPARSEABLE),
    "plain http that stays": (saying(HTTP), GapReason.UNPARSEABLE),
    "smtp": (greeting(b"220 mail.example ESMTP\r\n"), GapReason.UNPARSEABLE),
    "starttls junk": (
        greeting(b"220 ready\r\n250-STARTTLS\r\n" * 2_000),
        GapReason.UNPARSEABLE,
    ),
    "imap": (greeting(b"* OK IMAP4rev1 STARTTLS\r\n"), GapReason.UNPARSEABLE),
    "ssh": (greeting(b"SSH-2.0-OpenSSH_9.2\r\n"), GapReason.UNPARSEABLE),
    "zeros": (saying(bytes(70_000)), GapReason.UNPARSEABLE),
    "noise": (saying(bytes(range(1, 21)) * 500), GapReason.UNPARSEABLE),
    "an echo": (lambda c: c.sendall(c.recv(65_536)) or hold(c), GapReason.UNPARSEABLE),
    "a byte a second": (dripping(record(22, server_hello()), 1), GapReason.UNREACHABLE),
    "a hello, dripped": (dripping(record(22, server_hello()), 0.02), None),
    "alerts without end": (pouring(record(21, b"\x01\x70")), None),
    "empty records without end": (pouring(record(22, b"")), GapReason.UNPARSEABLE),
    "requests for a hello without end": (pouring(record(22, message(0, b""))), None),
    "a record of the greatest length": (saying(b"\x16\x03\x03\xff\xff" + bytes(65_535)), None),
    "a message of sixteen megabytes": (
        pouring(record(22, b"\x02\xff\xff\xff" + bytes(16_000))),
        None,
    ),
    "an endless chain": (endless_chain, None),
    "half a hello": (saying(record(22, server_hello())[:20]), None),
    "half a hello, then closed": (saying(record(22, server_hello())[:20], then=close), None),
    "a hello, then silence": (saying(record(22, server_hello())), None),
    "a hello, then a reset": (saying(record(22, server_hello()), then=reset), None),
    "a hello of ssl 3": (saying(record(22, server_hello(b"\x03\x00"), b"\x03\x00")), None),
    "a hello of tls 1.9": (saying(record(22, server_hello(b"\x03\x0a"))), None),
    "a cipher that was not offered": (saying(record(22, server_hello(suite=b"\0\x02"))), None),
    "data before any handshake": (saying(record(23, bytes(64))), GapReason.UNPARSEABLE),
    "an alert that nobody knows": (saying(record(21, b"\x02\xfe")), None),
    "half an alert": (saying(b"\x15\x03\x03\x00"), None),
    "handshake failure, always": (saying(record(21, b"\x02\x28")), None),
    "internal error, always": (saying(record(21, b"\x02\x50")), None),
}


AT_FULL_LENGTH = ("silent", "a byte a second", "half a hello")
"""Servers that are given all the time that a scan gives them."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of the time, so that many servers can be waited for."""
    monkeypatch.setattr(handshake, "SECONDS", handshake.SECONDS / 5)
    monkeypatch.setattr(every_cipher, "SECONDS", every_cipher.SECONDS / 5)
    monkeypatch.setattr(endpoint, "SECONDS", endpoint.SECONDS / 5)


@pytest.mark.parametrize("name", SERVERS)
def test_a_hostile_server(name: str, request: pytest.FixtureRequest) -> None:
    behave, reason = SERVERS[name]
    if name not in AT_FULL_LENGTH:
        request.getfixturevalue("impatient")
    with listener(behave) as port:
        start = time.monotonic()
        seen = look(("localhost", port))
        assert time.monotonic() - start <= SECONDS
    endpoints = [item for item in seen.items if isinstance(item, TlsEndpoint)]
    assert endpoints or seen.gaps, name
    if reason is not None:
        assert {gap.reason for gap in seen.gaps} == {reason}
        assert not endpoints
        assert all(gap.unit == f"localhost:{port}" for gap in seen.gaps)
        assert seen.asked[-1].failed is reason
    for each in endpoints:
        accepted = each.accepted_versions
        known = accepted.known if isinstance(accepted, PartialList) else accepted
        assert isinstance(known, tuple)
        assert "1.3" not in known, "none of them ever ends a handshake"


def test_nothing_that_a_server_says_is_repeated() -> None:
    with listener(greeting(b"220 c2VjcmV0 \x1b[31mred\r\n")) as port:
        seen = look(("localhost", port))
    assert "c2VjcmV0" not in repr(seen)
    assert [gap.message for gap in seen.gaps] == [
        "it greets like a mail or file server; STARTTLS is not asked for"
    ]


def test_a_port_that_refuses_and_one_whose_queue_is_full(tmp_path: Path) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        filling = [socket.create_connection(full.getsockname()) for _ in range(1)]
        port = full.getsockname()[1]
        start = time.monotonic()
        report = scan_endpoints(tmp_path, ("localhost", free_port()), ("127.0.0.1", port))
        assert time.monotonic() - start <= SECONDS
        for each in filling:
            each.close()
    assert [gap.reason.value for gap in report.gaps] == ["unreachable"] * 2
    assert any("refuses connections" in gap.message for gap in report.gaps)
    assert not report.findings
    assert report.summary.exit_code == 3


def by_first_version(version: int, behave: Behaviour, port: int) -> Behaviour:
    """Treats hellos of one version on its own, and hands all others to a server on `port`."""

    def serve(connection: socket.socket) -> None:
        hello = connection.recv(65_536)
        if hello[9:11] == bytes((3, version)):
            behave(connection)
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall(hello)
            threading.Thread(target=pipe, args=(connection, server), daemon=True).start()
            pipe(server, connection)

    return serve


def pipe(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
    except OSError:
        pass


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("behave", "told", "gap"),
    [
        (reset, "1.0: it reset the connection", False),
        (close, "1.0: it closed the connection", False),
        (hold, "1.0: it did not answer", True),
        (saying(), "1.0: it did not answer", True),
    ],
)
def test_one_version_without_an_answer_is_not_refused(
    behave: Behaviour, told: str, gap: bool, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with (
        s_server(authority.issue(), "-tls1_3") as behind,
        listener(by_first_version(1, behave, behind)) as port,
    ):
        seen = look(("localhost", port), ca_file=str(authority.file))
        report = scan_endpoints(tmp_path, ("localhost", port), ca_file=str(authority.file))
    accepted = seen.endpoint.accepted_versions
    assert isinstance(accepted, PartialList)
    assert (accepted.known, seen.endpoint.refused_versions) == (("1.3",), ("1.1", "1.2"))
    assert told in accepted.unknown.needs
    assert [each.reason for each in seen.gaps] == [GapReason.UNREACHABLE] * gap
    assert verdicts(report, "PS-TLS-003") == {f"localhost:{port}": "unknown"}
    assert verdicts(report, "PS-TLS-009") == {f"localhost:{port}": "pass"}


@pytest.mark.usefixtures("impatient")
def test_endpoints_come_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    slow = dripping(b"\x16", 1)
    with (
        s_server(authority.issue(), "-tls1_3") as good,
        listener(slow) as bad,
        listener(saying(HTTP)) as plain,
    ):
        named = [("localhost", bad), ("LOCALHOST", good), ("localhost", plain)]
        named += [("localhost", good), ("127.0.0.1", good)]
        start = time.monotonic()
        seen = look(*named)
        assert time.monotonic() - start <= SECONDS
        again = look(*named)
    units = list(dict.fromkeys(each.unit for each in seen.asked))
    wanted = [("localhost", bad), ("localhost", good), ("localhost", plain), ("127.0.0.1", good)]
    assert units == [f"{host}:{port}" for host, port in wanted]
    assert [(e.unit, e.subject, e.about) for e in seen.answers] == [
        (e.unit, e.subject, e.about) for e in again.answers
    ]


def test_the_books_of_a_scan(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with s_server(authority.issue(), "-tls1_3") as good, listener(saying(HTTP)) as plain:
        report = scan_endpoints(
            tmp_path, ("localhost", good), ("localhost", plain), ca_file=str(authority.file)
        )
    entries = {entry.unit: entry for entry in report.ledger}
    one, other = entries[f"localhost:{good}"], entries[f"localhost:{plain}"]
    assert (one.kind, one.found, one.normalised, one.policies, one.judged) == (
        "TlsEndpoint", 1, 1, 2, 2,
    )  # fmt: skip
    assert (one.asked, one.returned) == (3, 3)
    assert (other.asked, other.returned, other.found, other.judged) == (1, 0, 0, 0)
    assert report.summary.exit_code == 3
