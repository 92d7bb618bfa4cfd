"""Which addresses are never connected to, however they are written."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from policyscan.collectors.tls import addresses, endpoint
from policyscan.collectors.tls.addresses import refusal, resolve
from policyscan.errors import GapReason, ReadError
from tests.live.tls_servers import listener, look

NEVER = [
    # the same address of a cloud's metadata, in all the forms that a resolver takes
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "025177524776",
    "0xa9.0xfe.0xa9.0xfe",
    "169.254.43518",
    "169.16689662",
    "0xa9.254.0251.254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "::169.254.169.254",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
    # others of theirs
    "169.254.170.2",
    "169.254.0.1",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd00:0ec2:0000:0000:0000:0000:0000:0254",
    "fd20:ce::254",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    # no address of a server at all
    "0.0.0.0",
    "0",
    "0x0",
    "0.1.2.3",
    "::",
    "::ffff:0.0.0.0",
    "255.255.255.255",
    "240.0.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "ff02::1",
    "ff05::1:3",
    "fe80::1",
    "fe80::a9fe:a9fe",
    "febf::1",
    # this machine, spelled as nobody spells it who means it
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.1",
]


@pytest.mark.parametrize("host", NEVER)
def test_never(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[Any] = []
    monkeypatch.setattr(endpoint, "shake", lambda *arguments: connected.append(arguments))
    seen = look((host, 443))
    assert not connected
    assert [(gap.reason, gap.hides) for gap in seen.gaps] == [(GapReason.DENIED, ("TlsEndpoint",))]
    assert "was not asked" in seen.gaps[0].message
    assert [(each.calls, each.failed) for each in seen.asked] == [(0, GapReason.DENIED)]
    assert not seen.answers


def test_a_spelling_of_this_machine_sees_no_connection() -> None:
    connections: list[socket.socket] = []
    with listener(connections.append) as port:
        for host in ("2130706433", "0x7f.1", "0177.0.0.1", "127.1"):
            look((host, port))
    assert not connections


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.9",
     "fd12:3456::1", "100.64.0.1", "198.51.100.7", "2001:db8::1", "2606:4700::1", "8.8.8.8"],
)  # fmt: skip
def test_addresses_that_a_person_may_name(host: str) -> None:
    (peer,) = resolve(host, 443)
    assert peer.address == host


Resolver = Callable[..., list[tuple[Any, ...]]]


def resolving(**names: list[str]) -> Resolver:
    """A resolver of our own; every further question about a name gets the next answer."""
    real = socket.getaddrinfo
    left = {name.replace("_", "."): list(found) for name, found in names.items()}

    def ask(host: str, port: int | None, *_: Any, flags: int = 0, **__: Any) -> Any:
        if flags:
            return real(host, port, flags=flags)
        found = left[host].pop(0) if len(left[host]) > 1 else left[host][0]
        return [entry for each in found.split() for entry in real(each, port, type=1)]

    return ask


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("169.254.169.254", "where a cloud answers"),
        ("198.51.100.7 169.254.169.254", "where a cloud answers"),
        ("198.51.100.7 fe80::1", "link-local"),
        ("127.0.0.1", "this machine; name the address itself"),
        ("::1", "this machine"),
        ("::ffff:127.0.0.1", "this machine"),
        ("0.0.0.0", "no address of a server"),
    ],
)
def test_names_that_lead_where_nobody_meant_to_go(
    found: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(desk_example=[found]))
    with pytest.raises(ReadError, match=told) as raised:
        resolve("desk.example", 443)
    assert raised.value.reason is GapReason.DENIED


def test_private_addresses_behind_a_name_are_somebodys_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(desk_example=["10.1.2.3 10.1.2.4"]))
    assert [peer.address for peer in resolve("desk.example", 443)] == ["10.1.2.3", "10.1.2.4"]


def test_this_machine_may_be_meant_by_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Desk-7")
    for host in ("localhost", "LOCALHOST", "localhost.", "api.localhost", "desk-7"):
        assert refusal(host, "127.0.0.1") == ""
    assert refusal("desk-8", "127.0.0.1") != ""


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that changes its answer, once it was checked, changes nothing."""
    connections: list[socket.socket] = []
    rebinding = resolving(desk_example=["127.0.0.2", "169.254.169.254"])
    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(addresses, "_names_this_machine", lambda _host: True)
    asked: list[Any] = []
    shake = endpoint.shake

    def watched(context: Any, peer: addresses.Peer, *more: Any) -> Any:
        asked.append(peer.address)
        return shake(context, peer, *more)

    monkeypatch.setattr(endpoint, "shake", watched)
    with listener(connections.append) as port:
        look(("desk.example", port))
    assert set(asked) == {"127.0.0.2"}


@pytest.mark.parametrize("host", ["a..b", "." * 3, "x" * 64 + ".example", "no-such.invalid"])
def test_names_that_do_not_resolve(host: str) -> None:
    seen = look((host, 443))
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNREACHABLE]
    assert not seen.answers


def test_a_resolver_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "RESOLVING", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2) or [])
    start = time.monotonic()
    with pytest.raises(ReadError, match="the resolver did not answer in time"):
        resolve("desk.example", 443)
    assert time.monotonic() - start < 1
