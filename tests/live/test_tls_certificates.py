"""Certificates of every sort on real servers: each fact by itself, and the verdict."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from policyscan.errors import GapReason
from policyscan.values import Unknown
from tests.live.tls_servers import (
    EVERY_CIPHER,
    Authority,
    Certificate,
    look,
    needs,
    s_server,
    scan_endpoints,
)
from tests.scanning import verdicts

DAY = timedelta(days=1)
RSA_1024 = ("rsa:1024",)
RSA_2048 = ("rsa:2048",)
P_521 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-521")
P_192 = ("ec", "-pkeyopt", "ec_paramgen_curve:prime192v1")

HOLDS = {
    "chain_trusted": True,
    "chain_in_time": True,
    "chain_strong": True,
    "hostname_match": True,
    "key_type": "ec",
    "key_bits": 256,
    "signature_hash": "sha256",
}
UNSEEN = "unseen"
"""Stands for a value that is not known."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("authority"))
    made.intermediate("between")
    made.intermediate("rsa-between", key=RSA_2048)
    made.intermediate("expired-between", starts=-9 * DAY, ends=-DAY)
    made.intermediate("sha1-between", digest="sha1")
    made.intermediate("small-between", key=RSA_1024)
    return made


Making = Callable[[Authority], Certificate]

CASES: dict[str, tuple[Making, Mapping[str, Any], str]] = {
    "holds": (lambda ca: ca.issue(), {}, "pass"),
    "through an intermediate": (lambda ca: ca.issue(issuer="between"), {}, "pass"),
    "rsa": (
        lambda ca: ca.issue(key=RSA_2048),
        {"key_type": "rsa", "key_bits": 2048},
        "pass",
    ),
    "a large curve, sha512": (
        lambda ca: ca.issue(key=P_521, digest="sha512"),
        {"key_bits": 521, "signature_hash": "sha512"},
        "pass",
    ),
    "ed25519 key": (
        lambda ca: ca.issue(key=("ed25519",)),
        {"key_type": "ed25519"},
        "pass",
    ),
    "ed25519, signed by itself": (
        lambda ca: ca.issue(key=("ed25519",), self_signed=True, digest="default"),
        {"key_type": "ed25519", "signature_hash": None, "chain_trusted": False},
        "fail",
    ),
    "expired": (
        lambda ca: ca.issue(starts=-9 * DAY, ends=-DAY),
        {"chain_in_time": False},
        "fail",
    ),
    "not valid yet": (
        lambda ca: ca.issue(starts=DAY, ends=90 * DAY),
        {"chain_in_time": False},
        "fail",
    ),
    "ends in twenty days": (lambda ca: ca.issue(ends=20 * DAY), {}, "fail"),
    "ends in twenty-two days": (lambda ca: ca.issue(ends=22 * DAY), {}, "pass"),
    "another name": (
        lambda ca: ca.issue("DNS:other.example"),
        {"hostname_match": False},
        "fail",
    ),
    "no name but the common one": (
        lambda ca: ca.issue(""),
        {"hostname_match": False},
        "fail",
    ),
    "signed by itself": (
        lambda ca: ca.issue(self_signed=True),
        {"chain_trusted": False},
        "fail",
    ),
    "signed by itself, expired, another name": (
        lambda ca: ca.issue("DNS:a.example", self_signed=True, starts=-9 * DAY, ends=-DAY),
        {"chain_trusted": False, "hostname_match": False},
        "fail",
    ),
    "the intermediate is not served": (
        lambda ca: ca.issue(issuer="between", with_chain=False),
        {"chain_trusted": False},
        "fail",
    ),
    "the intermediate has expired": (
        lambda ca: ca.issue(issuer="expired-between"),
        {"chain_in_time": False},
        "fail",
    ),
    "the intermediate is signed with sha1": (
        lambda ca: ca.issue(issuer="sha1-between"),
        {"chain_strong": False},
        "fail",
    ),
    "the intermediate has a small key": (
        lambda ca: ca.issue(issuer="small-between"),
        {"chain_strong": False},
        "fail",
    ),
    "a small key": (
        lambda ca: ca.issue(key=RSA_1024),
        {"key_type": "rsa", "key_bits": 1024, "chain_strong": False},
        "fail",
    ),
    "a small key that has expired": (
        lambda ca: ca.issue(key=RSA_1024, starts=-9 * DAY, ends=-DAY),
        {"key_type": "rsa", "key_bits": 1024, "chain_strong": False, "chain_in_time": False},
        "fail",
    ),
    "signed with sha1": (
        lambda ca: ca.issue(digest="sha1"),
        {"signature_hash": "sha1", "chain_strong": False},
        "fail",
    ),
    "signed with md5": (
        lambda ca: ca.issue(issuer="rsa-between", digest="md5"),
        {"signature_hash": "md5", "chain_strong": False},
        "fail",
    ),
    "for clients alone": (
        lambda ca: ca.issue(extra=("extendedKeyUsage=clientAuth",)),
        {"chain_trusted": False, "hostname_match": UNSEEN},
        "fail",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_sort_of_certificate(name: str, authority: Authority, tmp_path: Path) -> None:
    make, differs, verdict = CASES[name]
    certificate = make(authority)
    with s_server(certificate, "-cipher", EVERY_CIPHER) as port:
        here, ca_file = ("localhost", port), str(authority.file)
        endpoint = look(here, ca_file=ca_file).endpoint
        report = scan_endpoints(tmp_path, here, ca_file=ca_file)
        theirs = told_by_sslscan(port)
    wanted = {**HOLDS, **differs}
    if wanted["chain_trusted"] is False:
        wanted |= {"chain_in_time": UNSEEN, "chain_strong": UNSEEN}
    if wanted["key_type"] == "ed25519":
        wanted["key_bits"] = 256
    found = {field: getattr(endpoint, field) for field in wanted}
    assert {f: UNSEEN if isinstance(v, Unknown) else v for f, v in found.items()} == wanted
    assert (endpoint.not_before, endpoint.not_after) == (
        certificate.not_before,
        certificate.not_after,
    )
    assert verdicts(report, "PS-TLS-009") == {f"localhost:{port}": verdict}
    agrees(theirs, wanted, certificate)


def told_by_sslscan(port: int) -> etree._Element:
    quick = ["--no-ciphersuites", "--no-fallback", "--no-renegotiation", "--no-compression"]
    command = [needs("sslscan"), "--no-colour", "--xml=-", *quick, "--no-groups"]
    command += ["--no-heartbleed", "--show-certificate", f"127.0.0.1:{port}"]
    told = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return etree.fromstring(told[told.index(b"<document") :])


def agrees(theirs: etree._Element, wanted: Mapping[str, Any], certificate: Certificate) -> None:
    """The key, the signature and the dates, as sslscan tells them."""
    found = theirs.find(".//certificate[@type='short']")
    assert found is not None
    dates = (found.findtext("not-valid-before"), found.findtext("not-valid-after"))
    assert [re.sub(" +", " ", str(each)) for each in dates] == [
        f"{each:%b} {each.day} {each:%H:%M:%S %Y} GMT"
        for each in (certificate.not_before, certificate.not_after)
    ]
    algorithm = str(found.findtext("signature-algorithm")).lower()
    if wanted["signature_hash"]:
        assert wanted["signature_hash"] in algorithm
    key = found.find("pk")
    if key is not None and key.get("bits"):
        assert (key.get("type") or "").lower() == wanted["key_type"]
        bits = wanted["key_bits"]  # of a curve sslscan tells the strength
        assert int(key.get("bits") or 0) == (bits if wanted["key_type"] == "rsa" else bits // 2)


def test_a_curve_that_no_client_offers_leaves_the_certificate_unseen(
    authority: Authority, tmp_path: Path
) -> None:
    with s_server(authority.issue(key=P_192), "-cipher", EVERY_CIPHER) as port:
        here, ca_file = ("localhost", port), str(authority.file)
        endpoint = look(here, ca_file=ca_file).endpoint
        report = scan_endpoints(tmp_path, here, ca_file=ca_file)
    assert endpoint.accepted_versions == ("1.0", "1.1", "1.2")
    assert isinstance(endpoint.chain_trusted, Unknown)
    assert isinstance(endpoint.key_bits, Unknown)
    assert verdicts(report, "PS-TLS-009") == {f"localhost:{port}": "unknown"}


@pytest.fixture
def names_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolvers differ in what they say of `api.localhost`."""
    asked = socket.getaddrinfo

    def resolve(host: str, *arguments: Any, **options: Any) -> Any:
        local = host.rstrip(".").endswith(".localhost") and not options.get("flags")
        return asked("127.0.0.1" if local else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.usefixtures("names_of_this_machine")
@pytest.mark.parametrize(
    ("names", "host", "matches"),
    [
        ("DNS:*.desk.localhost", "api.desk.localhost", True),
        ("DNS:*.desk.localhost", "a.b.desk.localhost", False),
        ("DNS:*.desk.localhost", "desk.localhost", False),
        ("DNS:*.localhost", "api.localhost", False),  # as if for all of `*.com`
        ("DNS:api.*", "api.localhost", False),
        ("DNS:ap*.desk.localhost", "api.desk.localhost", False),
        ("DNS:*", "localhost", False),
        ("DNS:API.LOCALHOST", "api.localhost", True),
        ("DNS:api.localhost", "api.localhost.", True),
        ("DNS:xn--bcher-kva.localhost", "xn--bcher-kva.localhost", True),
        ("DNS:*.desk.localhost", "xn--bcher-kva.desk.localhost", True),
        ("DNS:other.example,DNS:localhost", "localhost", True),
        ("IP:127.0.0.1", "127.0.0.1", True),
        ("IP:127.0.0.2", "127.0.0.1", False),
        ("DNS:127.0.0.1", "127.0.0.1", False),
        ("IP:127.0.0.1", "localhost", False),
        ("IP:0:0:0:0:0:0:0:1", "::1", True),
        ("email:localhost@example.org", "localhost", False),
    ],
)
def test_names_and_addresses(names: str, host: str, matches: bool, authority: Authority) -> None:
    listens = "[::1]" if host == "::1" else "127.0.0.1"
    with s_server(authority.issue(names), host=listens) as port:
        endpoint = look((host, port), ca_file=str(authority.file)).endpoint
    assert endpoint.hostname_match is matches
    assert endpoint.chain_trusted is True


@pytest.mark.usefixtures("names_of_this_machine")
def test_each_name_is_shown_its_own_certificate(authority: Authority) -> None:
    one, other = authority.issue("DNS:one.localhost"), authority.issue("DNS:two.localhost")
    by_name = ("-servername", "two.localhost", "-cert2", str(other.chain))
    with s_server(one, *by_name, "-key2", str(other.key)) as port:
        for host in ("one.localhost", "two.localhost"):
            assert look((host, port), ca_file=str(authority.file)).endpoint.hostname_match is True


def test_the_system_does_not_trust_our_authority(authority: Authority) -> None:
    with s_server(authority.issue()) as port:
        endpoint = look(("localhost", port)).endpoint
    assert endpoint.chain_trusted is False
    told = [step.label for step in endpoint.chains["chain_trusted"]]
    assert told[0] == "unable to get local issuer certificate"
    assert told[1].startswith("against the CAs of this system")
    assert told[2].startswith(f"TLS handshake with localhost:{port}, at 127.0.0.1")


def test_without_a_store_of_authorities_nothing_is_untrusted(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with s_server(authority.issue()) as port:
        seen = look(("localhost", port))
    assert isinstance(seen.endpoint.chain_trusted, Unknown)
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNREADABLE]


@pytest.mark.parametrize("content", [None, "", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\n"])
def test_a_ca_file_that_holds_none(
    content: str | None, authority: Authority, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)
    with s_server(authority.issue()) as port:
        seen = look(("localhost", port), ca_file=str(ca_file))
        report = scan_endpoints(tmp_path, ("localhost", port), ca_file=str(ca_file))
    assert isinstance(seen.endpoint.chain_trusted, Unknown)
    assert [(gap.reason, gap.subject) for gap in seen.gaps] == [
        (GapReason.UNREADABLE, str(ca_file))
    ]
    assert "c2VjcmV0" not in repr(seen)
    assert verdicts(report, "PS-TLS-009") == {f"localhost:{port}": "unknown"}


def test_without_the_extra_the_certificate_is_not_read(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from policyscan.collectors.tls import asking, endpoint

    for module in (asking, endpoint):
        monkeypatch.setattr(module, "is_readable_here", lambda: False)
    with s_server(authority.issue(), "-tls1_3") as port:
        seen = look(("localhost", port), ca_file=str(authority.file))
        report = scan_endpoints(tmp_path, ("localhost", port), ca_file=str(authority.file))
    assert [(gap.reason, gap.message) for gap in seen.gaps] == [
        (
            GapReason.NOT_FETCHED,
            "keys, dates and signatures of certificates were not read: "
            'cryptography is not installed: pip install "policyscan[tls]"',
        )
    ]
    assert seen.endpoint.chain_trusted is True
    assert isinstance(seen.endpoint.key_bits, Unknown)
    assert verdicts(report, "PS-TLS-003") == {f"localhost:{port}": "pass"}
    assert verdicts(report, "PS-TLS-009") == {f"localhost:{port}": "unknown"}
