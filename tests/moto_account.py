"""An account to ask: a moto server over HTTP, in a process of its own."""

from __future__ import annotations

import functools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

ACCOUNT = "123456789012"
"""The account that moto gives to credentials that no role of another account lent."""

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_MAX_ATTEMPTS": "",
}
"""What a process needs, with `AWS_ENDPOINT_URL`, to be a client of it and of nothing else."""


@dataclass(frozen=True)
class Account:
    """A running server."""

    url: str

    def reset(self) -> None:
        """Empties the account."""
        self._post("reset")

    @contextmanager
    def recorded(self) -> Iterator[list[dict[str, Any]]]:
        """The requests that come within the block, in the list once it has ended."""
        found: list[dict[str, Any]] = []
        self._post("recorder/reset-recording")
        self._post("recorder/start-recording")
        try:
            yield found
        finally:
            self._post("recorder/stop-recording")
            url = f"{self.url}/moto-api/recorder/download-recording"
            with urllib.request.urlopen(url, timeout=30) as answer:
                found.extend(json.loads(line) for line in answer.read().splitlines() if line)

    def _post(self, path: str) -> None:
        request = urllib.request.Request(f"{self.url}/moto-api/{path}", method="POST")
        with urllib.request.urlopen(request, timeout=30):
            pass

    def client(self, service: str, region: str = "eu-west-1", **settings: Any) -> Any:
        """A plain client, to build things with. It repeats nothing."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(**{"retries": {"total_max_attempts": 1}, **settings}),
        )

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Gives this process the environment of a client."""
        for name, value in ENVIRONMENT.items():
            if value:
                monkeypatch.setenv(name, value)
            else:
                monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_ENDPOINT_URL", self.url)


@contextmanager
def running_account() -> Iterator[Account]:
    """A server of its own, ended with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    recording = tempfile.NamedTemporaryFile(prefix="moto-")  # noqa: SIM115 - lives as long as it
    environment = {**os.environ, "MOTO_RECORDER_FILEPATH": recording.name}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    account = Account(f"http://127.0.0.1:{port}")
    try:
        _wait(account.url, process)
        yield account
    finally:
        process.terminate()
        process.wait(30)
        recording.close()


@contextmanager
def models_read_once() -> Iterator[None]:
    """botocore's models of services are read by the first session that needs them: to read them
    takes longer than most tests."""
    import botocore.session
    import pytest

    with pytest.MonkeyPatch.context() as patch:
        loader = functools.cache(botocore.session.create_loader)
        patch.setattr(botocore.session, "create_loader", loader)
        yield


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the moto server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the moto server did not answer within a minute")
