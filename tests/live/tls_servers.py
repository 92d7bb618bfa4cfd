"""Servers and certificates of the tests, made by the openssl program, nginx and plain sockets."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policyscan.collectors.interface import Answer, Asked, Item, Reading, Target
from policyscan.collectors.tls import TlsCollector
from policyscan.config import Configuration
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import scan
from policyscan.request import ScanRequest
from policyscan.resources.base import Gap
from policyscan.resources.tls import TlsEndpoint

EVERY_CIPHER = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
FLAGS = {"1.0": "-no_tls1", "1.1": "-no_tls1_1", "1.2": "-no_tls1_2", "1.3": "-no_tls1_3"}
CONFIGURATION = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
unique_subject = no
policy = any
copy_extensions = copy
default_md = sha256
[any]
commonName = optional
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""


def needs(program: str) -> str:
    """The path of a program that `scripts/setup-tools` installs."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin")
    if found is None:
        pytest.skip(f"{program} is not installed; see scripts/setup-tools")
    return found


def openssl(*arguments: str, folder: Path) -> None:
    # Neither the policy of the distribution nor that of the user is in the way of weak things.
    environment = {**os.environ, "OPENSSL_CONF": str(folder / "openssl.cnf")}
    subprocess.run(
        [needs("openssl"), *arguments],
        check=True,
        capture_output=True,
        env=environment,
        timeout=60,
    )


@dataclass(frozen=True)
class Certificate:
    """Files in PEM: what a server shows, and its key."""

    chain: Path
    key: Path
    not_before: datetime
    not_after: datetime


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "ca.pem"
        (folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "index.txt").touch()
        (folder / "serial").write_text("01\n")
        self._counter = 0
        self._sign_root("ca", "/CN=Root of the tests", "sha256")

    def _sign_root(self, name: str, subject: str, digest: str) -> None:
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        files = [
            "-keyout",
            str(self.folder / f"{name}.key"),
            "-out",
            str(self.folder / f"{name}.pem"),
        ]
        more = ["-days", "3650", f"-{digest}", "-extensions", "root", "-subj", subject]
        openssl("req", "-x509", *key, *files, *more, folder=self.folder)

    def issue(
        self,
        names: str = "DNS:localhost",
        *,
        key: Sequence[str] = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        digest: str = "sha256",
        starts: timedelta = timedelta(days=-1),
        ends: timedelta = timedelta(days=90),
        issuer: str = "ca",
        self_signed: bool = False,
        is_ca: bool = False,
        with_chain: bool = True,
        extra: Sequence[str] = (),
    ) -> Certificate:
        """A certificate for `names` (as subjectAltName has them) and its key."""
        self._counter += 1
        base = self.folder / f"issued-{self._counter}"
        request, certificate = base.with_suffix(".csr"), base.with_suffix(".pem")
        extensions = [f"subjectAltName={names}"] if names else []
        extensions += ["basicConstraints=critical,CA:TRUE"] if is_ca else []
        asked = [part for each in (*extensions, *extra) for part in ("-addext", each)]
        subject = ["-subj", f"/CN=issued-{self._counter}"]
        made = ["-newkey", *key, "-nodes", "-keyout", str(base.with_suffix(".key"))]
        openssl("req", "-new", *made, *subject, *asked, "-out", str(request), folder=self.folder)
        now = datetime.now(UTC).replace(microsecond=0)
        dates = (now + starts, now + ends)
        period = [f"-{n}date" for n in ("start", "end")]
        stamps = [f"{date:%Y%m%d%H%M%SZ}" for date in dates]
        signer = ["-keyfile", str(base.with_suffix(".key")), "-selfsign"]
        if not self_signed:
            signer = ["-keyfile", str(self.folder / f"{issuer}.key")]
            signer += ["-cert", str(self.folder / f"{issuer}.pem")]
        openssl(
            "ca", "-batch", "-notext", "-in", str(request), "-out", str(certificate),
            "-md", digest, period[0], stamps[0], period[1], stamps[1], *signer,
            folder=self.folder,
        )  # fmt: skip
        if issuer != "ca" and with_chain and not self_signed:
            between = (self.folder / f"{issuer}.pem").read_text()
            certificate.write_text(certificate.read_text() + between)
        return Certificate(certificate, base.with_suffix(".key"), *dates)

    def intermediate(self, name: str, **how: object) -> str:
        """A CA between the root and others, to be named as their `issuer`."""
        made = self.issue("", is_ca=True, **how)  # type: ignore[arg-type]
        shutil.copy(made.chain, self.folder / f"{name}.pem")
        shutil.copy(made.key, self.folder / f"{name}.key")
        return name


@contextmanager
def s_server(certificate: Certificate, *options: str, host: str = "127.0.0.1") -> Iterator[int]:
    """`openssl s_server` with a certificate; its port."""
    first = ["-cert_chain", str(certificate.chain), "-cert", str(certificate.chain)]
    command = [needs("openssl"), "s_server", "-accept", f"{host}:0", *first]
    command += ["-key", str(certificate.key), *options]
    folder = certificate.chain.parent
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "OPENSSL_CONF": str(folder / "openssl.cnf")},
    )
    assert process.stdout is not None
    told: list[str] = []
    try:
        for line in process.stdout:
            told.append(line)
            if line.startswith("ACCEPT"):
                break
        else:
            pytest.fail(f"openssl s_server did not start: {told}")
        port = int(told[-1].rpartition(":")[2])
        drain = threading.Thread(target=process.stdout.read, daemon=True)
        drain.start()
        yield port
    finally:
        process.kill()
        process.wait()
        drain.join(5)
        process.stdout.close()
        assert process.stdin is not None
        process.stdin.close()


@contextmanager
def nginx(folder: Path, servers: Sequence[str]) -> Iterator[None]:
    """nginx with these `server` blocks' bodies, in the foreground."""
    for name in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (folder / name).mkdir(exist_ok=True)
    temporary = "".join(
        f"{name}_temp_path {folder / (name if name != 'client_body' else 'body')};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    blocks = "".join(f"server {{\n{body}\n}}\n" for body in servers)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{blocks}}}\n"
    )
    command = [needs("nginx"), "-p", str(folder), "-c", str(configuration)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    pytest.fail(f"nothing listens on {port}")


@contextmanager
def listener(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of plain sockets that treats every connection alike; its port."""
    server = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(20)
            with suppress(OSError):  # the client has gone
                behave(connection)

    def accept() -> None:
        while not stopped.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        stopped.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


@dataclass(frozen=True)
class Seen:
    """What the collector brought of one endpoint."""

    answers: tuple[Answer, ...]
    asked: tuple[Asked, ...]
    gaps: tuple[Gap, ...]
    items: tuple[Item, ...]

    @property
    def endpoint(self) -> TlsEndpoint:
        (found,) = [item for item in self.items if isinstance(item, TlsEndpoint)]
        return found


def look(*endpoints: tuple[str, int], **settings: object) -> Seen:
    """Asks endpoints as a scan does."""
    target = Target("tls", "tls", {"endpoints": endpoints, **settings})
    reading = Reading("tls", target.settings, None, frozenset({"TlsEndpoint"}))
    collector = TlsCollector()
    found = tuple(collector.collect(target, reading))
    answers = tuple(each for each in found if isinstance(each, Answer))
    return Seen(
        answers,
        tuple(each for each in found if isinstance(each, Asked)),
        tuple(each for each in found if isinstance(each, Gap)),
        tuple(collector.read(answers, reading)),
    )


def scan_endpoints(folder: Path, *endpoints: tuple[str, int], **settings: object) -> Report:
    """The report of a whole scan by the policies on TLS."""
    request = ScanRequest(
        path=None,
        configuration=Configuration(),
        profile=load_profile("audit", folder),
        targets=(Target("tls", "tls", {"endpoints": endpoints, **settings}),),
        select=("PS-TLS-003", "PS-TLS-009"),
    )
    return scan(request, now=datetime.now(UTC))
