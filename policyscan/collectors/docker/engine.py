"""One engine: where it is, and the few questions that it is asked."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any

from policyscan.collectors.docker.guard import (
    Guard,
    RefusedError,
    SlowError,
    StatusError,
    TooLongError,
)
from policyscan.errors import GapReason, ReadError
from policyscan.resources.masking import mask

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
SECONDS = 15.0
"""For one request, unless the target says otherwise."""
_PING_SECONDS = 3.0
INSTALL = 'the docker SDK is not installed: pip install "policyscan[docker]"'
_VERSION = re.compile(r"1\.[0-9]{1,3}")


class GoneError(ReadError):
    """The engine itself cannot be reached: there is no use in asking on."""


class NotThereError(ReadError):
    """The engine answers, and has no such thing."""


def load_sdk() -> Any:
    """The docker SDK. Raises `ReadError` if it is not installed."""
    try:
        import docker  # type: ignore[import-untyped]  # heavy, and an extra
        import docker.context  # type: ignore[import-untyped]
    except ImportError as error:
        raise ReadError(GapReason.NOT_FETCHED, "docker", INSTALL) from error
    return docker


def place_of(docker: Any, host: str) -> tuple[str, Any]:
    """The address of the engine, and how TLS is set up: as given, else as the environment says,
    else that of the context in use, else the socket of this machine. Raises `ReadError`."""
    try:
        found = docker.utils.kwargs_from_env()
        if not host and not found.get("base_url") and not os.environ.get("DOCKER_HOST"):
            found = {**docker.context.ContextAPI.kwargs_from_context(), **found}
    except (docker.errors.DockerException, OSError, ValueError, TypeError, AttributeError) as error:
        message = f"the context or the certificates in use do not load ({type(error).__name__})"
        raise ReadError(GapReason.UNREADABLE, "docker", message) from error
    address = host or found.get("base_url") or DEFAULT_SOCKET
    if not address.startswith(("unix://", "tcp://", "http://", "https://")):
        message = "only unix:// and tcp:// are asked; forward the socket for anything else"
        raise ReadError(GapReason.UNSUPPORTED, shown(address), message)
    return address, found.get("tls") or False


def shown(address: str) -> str:
    """An address as it may be shown."""
    return mask(re.sub(r"//[^/@]*@", "//", address))[:200]


class Engine:
    """A connection to an engine; every method raises `ReadError`, and nothing else, for whatever
    the engine does."""

    def __init__(self, docker: Any, host: str, seconds: float) -> None:
        self.address, tls = place_of(docker, host)
        self._docker = docker
        self._seconds = seconds
        try:
            # With a version of its own the SDK asks nothing before the guard stands.
            client = docker.APIClient(
                base_url=self.address, version="1.41", timeout=seconds, tls=tls
            )
        except (docker.errors.DockerException, OSError, ValueError) as error:
            message = f"not the address of an engine ({type(error).__name__})"
            raise GoneError(GapReason.UNSUPPORTED, shown(self.address), message) from error
        # What files of the user hold (credentials, headers, proxies, .netrc) is for nobody here.
        client.trust_env = False
        client._auth_configs = docker.auth.AuthConfig({})
        client._general_configs = {}
        inner = getattr(client, "_custom_adapter", None) or client.get_adapter(client.base_url)
        self._guard = Guard(inner, seconds)
        client._custom_adapter = self._guard
        for prefix in [*client.adapters]:
            client.adapters[prefix] = self._guard
        self._client = client

    @property
    def calls(self) -> int:
        """Requests that were sent so far."""
        return self._guard.sent

    @property
    def now(self) -> datetime:
        """The clock of the engine at its latest answer, or else ours."""
        try:
            return parsedate_to_datetime(self._guard.date).astimezone(UTC)
        except (ValueError, TypeError):
            return datetime.now(UTC)

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def ping(self) -> bool:
        """Whether the engine still answers, and soon."""
        self._client.timeout = min(self._seconds, _PING_SECONDS)
        try:
            return bool(self._ask("GET /_ping", self._client.ping))
        except ReadError:
            return False
        finally:
            self._client.timeout = self._seconds

    def version(self) -> Any:
        """What it is; the questions that follow are asked in its version of the API."""
        data = self._ask("GET /version", lambda: self._client.version(api_version=False))
        spoken = data.get("ApiVersion") if isinstance(data, dict) else None
        if not isinstance(spoken, str) or not _VERSION.fullmatch(spoken):
            message = "it answers, and not like an engine: no version of the API"
            raise GoneError(GapReason.UNPARSEABLE, shown(self.address), message)
        self._client._version = spoken
        return data

    def info(self) -> Any:
        """How it is set up."""
        return self._ask("GET /info", self._client.info)

    def images(self) -> Any:
        """All images with a name, and those that lost theirs."""
        return self._ask("GET /images/json", self._client.images)

    def image(self, name: str) -> Any:
        """One image by name or id."""
        return self._ask(f"image {name}", lambda: self._client.inspect_image(name))

    def history(self, name: str) -> Any:
        """The lines that built an image, newest first."""
        return self._ask(f"image {name}", lambda: self._client.history(name))

    def containers(self) -> Any:
        """All containers, those that stand still included."""
        return self._ask("GET /containers/json", lambda: self._client.containers(all=True))

    def container(self, name: str) -> Any:
        """One container by id."""
        return self._ask(f"container {name}", lambda: self._client.inspect_container(name))

    def volumes(self) -> Any:
        """All volumes."""
        return self._ask("GET /volumes", self._client.volumes)

    def _ask(self, subject: str, call: Callable[[], Any]) -> Any:
        import requests.exceptions as broken  # late: heavy
        from urllib3.exceptions import HTTPError

        errors = self._docker.errors
        try:
            return call()
        except StatusError as error:
            raise _refused(subject, error) from error
        except RefusedError as error:
            raise ReadError(GapReason.UNSUPPORTED, subject, "not asked: no plain name") from error
        except TooLongError as error:
            raise ReadError(GapReason.TOO_LARGE, subject, "the answer is too long") from error
        except (broken.JSONDecodeError, RecursionError) as error:
            raise ReadError(GapReason.UNPARSEABLE, subject, "the answer is no JSON") from error
        except (
            broken.RequestException,
            errors.DockerException,
            HTTPError,
            HTTPException,
            SlowError,
            OSError,
        ) as error:
            raise self._gone(subject, error) from error
        except ValueError as error:
            raise ReadError(GapReason.UNPARSEABLE, subject, "the answer is no JSON") from error

    def _gone(self, subject: str, error: BaseException) -> ReadError:
        _close_sockets(error)
        where = shown(self.address)
        if _caused_by(error, PermissionError):
            message = f"no permission to speak to {where}"
            return GoneError(GapReason.DENIED, subject, message)
        if _is_slow(error):
            message = f"the engine at {where} did not answer in time"
            return GoneError(GapReason.UNREACHABLE, subject, message)
        message = f"the engine at {where} does not answer; start it, or name another: DOCKER_HOST"
        return GoneError(GapReason.UNREACHABLE, subject, message)


def _refused(subject: str, error: StatusError) -> ReadError:
    """What an answer with an error says."""
    status = error.status
    try:
        body = json.loads(error.body)
    except (ValueError, RecursionError):
        body = None
    told = body.get("message") if isinstance(body, dict) else None
    said = mask(" ".join(told[:1_000].split()))[:200] if isinstance(told, str) else ""
    message = f"the engine says {status}: {said}" if said else f"the engine says {status}"
    if status == 404:
        return NotThereError(GapReason.UNREACHABLE, subject, message)
    if status in (401, 403):
        return ReadError(GapReason.DENIED, subject, message)
    if status in (429, 503):
        return ReadError(GapReason.THROTTLED, subject, message)
    return ReadError(GapReason.UNREADABLE, subject, message)


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = next((each for each in error.args if isinstance(each, BaseException)), None)
        error = inner or error.__cause__ or error.__context__
    return found


def _close_sockets(error: BaseException) -> None:
    """Closes what the SDK leaves open where a connection fails: the socket, in a local variable."""
    for each in _chain(error):
        at = each.__traceback__
        while at is not None:
            left = at.tb_frame.f_locals.get("sock")
            if isinstance(left, socket.socket):
                left.close()
            at = at.tb_next


def _caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    texts = kind is PermissionError and "Permission denied" in str(error)
    return texts or any(isinstance(each, kind) for each in _chain(error))


def _is_slow(error: BaseException) -> bool:
    return any(
        isinstance(each, (TimeoutError, SlowError)) or "Timeout" in type(each).__name__
        for each in _chain(error)
    )
