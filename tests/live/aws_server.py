"""A moto server in a process of its own, as an AWS to ask, and clients of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import Session

ACCOUNT = "123456789012"
"""The account of every caller that assumes no role."""
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def environment(url: str, region: str = "eu-west-1") -> Mapping[str, str]:
    """What a client of `url` has in its environment, besides nothing of whoever runs the tests."""
    nothing = os.devnull
    return {
        **KEYS,
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": nothing,
        "AWS_SHARED_CREDENTIALS_FILE": nothing,
    }


@dataclass(frozen=True)
class AwsServer:
    """The address of a moto server."""

    url: str

    def reset(self) -> None:
        """Empties all accounts."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    def enter(self, monkeypatch: pytest.MonkeyPatch, url: str = "") -> None:
        """Gives this process the environment of a client of it, or of a proxy at `url`."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in environment(url or self.url).items():
            monkeypatch.setenv(name, value)

    def client(self, service: str, region: str = "eu-west-1", **settings: Any) -> Any:
        """A client of a service, with no retries and no time to lose."""
        return client(self.url, service, region, **settings)


def client(url: str, service: str, region: str = "eu-west-1", **settings: Any) -> Any:
    """A botocore client of whatever answers at `url`."""
    config = Config(**{"retries": {"total_max_attempts": 1}, **settings})
    return _session().create_client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        config=config,
    )


@cache
def _session() -> Session:
    """One, because it reads each service's model once."""
    session = Session()
    session.set_config_variable("metadata_service_num_attempts", 0)
    return session


@contextmanager
def running() -> Iterator[AwsServer]:
    """A moto server on a free port of this machine, stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("moto_server")
    with subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            server = AwsServer(f"http://127.0.0.1:{port}")
            _wait(server, process)
            yield server
        finally:
            process.kill()


def _wait(server: AwsServer, process: subprocess.Popen[bytes]) -> None:
    """Until it answers; it imports for a few seconds."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"moto_server ended with {process.returncode}")
        try:
            server.reset()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("moto_server does not answer")
