"""How endpoints are named, and what is never repeated of what was written in their place."""

from __future__ import annotations

from pathlib import Path

import certifi
import pytest

from policyscan.cli import main
from policyscan.collectors.tls.contexts import trust_of
from policyscan.config import parse_configuration
from policyscan.config.targets import endpoint
from policyscan.errors import FileError, UsageError


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("desk.example:443", "desk.example", 443),
        ("Desk_1.Example.:8443", "Desk_1.Example.", 8443),
        ("127.0.0.1:1", "127.0.0.1", 1),
        ("[2001:db8::1]:65535", "2001:db8::1", 65535),
        ("xn--bcher-kva.example:443", "xn--bcher-kva.example", 443),
    ],
)
def test_endpoints(text: str, host: str, port: int) -> None:
    assert endpoint(text) == (host, port)


WRONG = [
    "desk.example",
    "desk.example:",
    "desk.example:0",
    "desk.example:65536",
    "desk.example:https",
    ":443",
    "2001:db8::1:443",
    "-desk.example:443",
    "bücher.example:443",
    "desk.example:４４３",
    "https://desk.example:443",
    "trader:c2VjcmV0@desk.example:443",
    "https://trader:c2VjcmV0@desk.example:443/",
    "c2VjcmV0 c2VjcmV0",
    "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_endpoint_is_told_and_not_repeated(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError) as raised:
        endpoint(text)
    assert "c2VjcmV0" not in str(raised.value) + raised.value.hint + repr(raised.value)
    assert main(["scan", f"--tls={text}"]) == 2
    told = "".join(capsys.readouterr())
    assert "an endpoint is host:port" in told
    assert "c2VjcmV0" not in told


@pytest.mark.parametrize("text", WRONG)
def test_nor_is_it_in_a_configuration(text: str) -> None:
    quoted = text.replace("\n", "\\n")
    source = f'version: 1\ntargets:\n  - tls: {{endpoints: ["{quoted}"]}}\n'
    with pytest.raises(FileError, match="an endpoint is host:port") as raised:
        parse_configuration("policyscan.yaml", source.encode())
    assert (raised.value.line, raised.value.snippet) == (3, "")
    assert "c2VjcmV0" not in f"{raised.value}{raised.value.hint}"


def test_the_setting_of_a_target() -> None:
    source = (
        "version: 1\ntargets:\n  - tls: {name: desk, endpoints: [desk.example:443], "
        "owned: false, ca_file: ca.pem}\n"
    )
    (target,) = parse_configuration("policyscan.yaml", source.encode()).targets
    assert (target.collector, target.name) == ("tls", "tls:desk")
    assert target.settings == {
        "endpoints": (("desk.example", 443),),
        "owned": False,
        "ca_file": "ca.pem",
    }


def test_cas_of_the_trusted_side_are_not_read_from_disk(tmp_path: Path) -> None:
    pem = Path(certifi.where()).read_text("ascii", "ignore")

    class Blobs:
        def read(self, path: Path) -> bytes:
            if path != Path("ca.pem"):
                raise FileNotFoundError(2, "no such file in origin/main")
            return pem.encode()

        def exists(self, path: Path) -> bool:
            return path == Path("ca.pem")

        def folder(self, path: Path) -> Path:
            return path

        def source(self, path: Path) -> str:
            return "disk" if path.is_absolute() else "origin/main"

    text = '{version: 1, targets: [{tls: {endpoints: ["desk.example:443"], ca_file: %s}}]}'
    (target,) = parse_configuration("p.yaml", (text % "ca.pem").encode(), Blobs()).targets
    assert trust_of(target.settings).problem == ""
    assert trust_of({**target.settings, "ca_pem": ""}).problem.endswith("no certificates in PEM")
    (outside,) = parse_configuration("p.yaml", (text % "/ca.pem").encode(), Blobs()).targets
    assert "ca_pem" not in outside.settings
    with pytest.raises(UsageError, match=r"other\.pem: no such file in origin/main"):
        parse_configuration("p.yaml", (text % "other.pem").encode(), Blobs())
