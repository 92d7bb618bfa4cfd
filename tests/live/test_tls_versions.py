"""Which versions real servers accept: every combination, by openssl and by nginx, and what
sslscan says of the same servers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from lxml import etree

from policyscan.values import PartialList
from tests.live.tls_servers import (
    EVERY_CIPHER,
    FLAGS,
    Authority,
    free_port,
    look,
    needs,
    nginx,
    s_server,
    scan_endpoints,
    wait_for,
)
from tests.scanning import verdicts

VERSIONS = tuple(FLAGS)
COMBINATIONS = [some for size in range(1, 5) for some in combinations(VERSIONS, size)]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def versions_of_sslscan(port: int) -> tuple[str, ...]:
    quick = ["--no-ciphersuites", "--no-fallback", "--no-renegotiation", "--no-compression"]
    command = [needs("sslscan"), "--no-colour", "--xml=-", *quick, "--no-groups"]
    command += ["--no-heartbleed", f"127.0.0.1:{port}"]
    told = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    found = etree.fromstring(told[told.index(b"<document") :])
    return tuple(
        each.get("version")
        for each in found.iter("protocol")
        if each.get("type") == "tls" and each.get("enabled") == "1"
    )


@pytest.mark.parametrize("spoken", COMBINATIONS, ids="+".join)
def test_openssl_with_every_combination(spoken: tuple[str, ...], authority: Authority) -> None:
    certificate = authority.issue()
    off = [flag for version, flag in FLAGS.items() if version not in spoken]
    with s_server(certificate, "-cipher", EVERY_CIPHER, *off) as port:
        endpoint = look(("localhost", port)).endpoint
        assert endpoint.accepted_versions == spoken
        assert endpoint.refused_versions == tuple(v for v in VERSIONS if v not in spoken)
        assert versions_of_sslscan(port) == spoken


@pytest.fixture(scope="module")
def nginx_ports(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, ...], int]]:
    certificate = authority.issue()
    ports = {spoken: free_port() for spoken in COMBINATIONS}
    servers = [
        f"listen 127.0.0.1:{port} ssl;\nssl_certificate {certificate.chain};\n"
        f"ssl_certificate_key {certificate.key};\nssl_ciphers '{EVERY_CIPHER}';\n"
        f"ssl_protocols {' '.join('TLSv' + v.removesuffix('.0') for v in spoken)};"
        for spoken, port in ports.items()
    ]
    with nginx(tmp_path_factory.mktemp("nginx"), servers):
        for port in ports.values():
            wait_for(port)
        yield ports


@pytest.mark.parametrize("spoken", COMBINATIONS, ids="+".join)
def test_nginx_with_every_combination(
    spoken: tuple[str, ...], nginx_ports: dict[tuple[str, ...], int]
) -> None:
    port = nginx_ports[spoken]
    assert look(("localhost", port)).endpoint.accepted_versions == spoken
    assert versions_of_sslscan(port) == spoken


def test_a_server_whose_level_of_security_leaves_old_versions_no_cipher(
    authority: Authority,
) -> None:
    with s_server(authority.issue(), "-cipher", "DEFAULT:@SECLEVEL=2") as port:
        endpoint = look(("localhost", port)).endpoint
        assert endpoint.accepted_versions == ("1.2", "1.3") == versions_of_sslscan(port)


def test_a_server_that_asks_for_a_certificate_of_the_client(authority: Authority) -> None:
    demanding = ("-Verify", "1", "-verify_return_error", "-CAfile", str(authority.file))
    with s_server(authority.issue(), "-cipher", EVERY_CIPHER, *demanding) as port:
        endpoint = look(("localhost", port)).endpoint
        assert endpoint.accepted_versions == VERSIONS


def test_a_version_that_cannot_be_offered_is_not_refused(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from policyscan.collectors.tls import asking

    offered = {**asking.probes(), "1.0": "no protocols available"}
    monkeypatch.setattr(asking, "probes", lambda: offered)
    with s_server(authority.issue(), "-tls1_3") as port:
        seen = look(("localhost", port))
        report = scan_endpoints(tmp_path, ("localhost", port), ca_file=str(authority.file))
    assert isinstance(seen.endpoint.accepted_versions, PartialList)
    assert seen.endpoint.accepted_versions.known == ("1.3",)
    assert "1.0 cannot be offered from here" in seen.endpoint.accepted_versions.unknown.needs
    assert [gap.message for gap in seen.gaps] == [
        "TLS 1.0 cannot be offered from here: no protocols available"
    ]
    assert verdicts(report, "PS-TLS-003") == {f"localhost:{port}": "unknown"}
    assert verdicts(report, "PS-TLS-009") == {f"localhost:{port}": "pass"}


@pytest.mark.parametrize(
    ("spoken", "owned", "verdict"),
    [
        (("1.3",), True, "pass"),
        (("1.2", "1.3"), True, "fail"),
        (("1.2", "1.3"), False, "pass"),
        (("1.2",), False, "fail"),
    ],
)
def test_verdicts(
    spoken: tuple[str, ...], owned: bool, verdict: str, authority: Authority, tmp_path: Path
) -> None:
    off = [flag for version, flag in FLAGS.items() if version not in spoken]
    with s_server(authority.issue(), *off) as port:
        report = scan_endpoints(tmp_path, ("localhost", port), owned=owned)
    assert verdicts(report, "PS-TLS-003") == {f"localhost:{port}": verdict}
