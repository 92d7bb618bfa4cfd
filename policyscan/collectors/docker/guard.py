"""Stands between the docker SDK and the engine: lets through what only reads, and bounds what comes
back."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import unquote, urlsplit

from policyscan.collectors.docker.subjects import allowed

MAX_BYTES = 32 * 1024 * 1024
"""A longer answer is not read."""
_HEADERS = frozenset({"accept", "connection", "host", "user-agent"})
"""What is sent; nothing of a configuration file (credentials, headers of its own) ever is."""


class RefusedError(Exception):
    """A request that is not one of those that only read. It was not sent."""


class TooLongError(Exception):
    """An answer that is longer than `MAX_BYTES`."""


class SlowError(Exception):
    """An answer that did not end in time."""


class StatusError(Exception):
    """An answer that is none: a refusal, an error, a redirection."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body


class Guard:
    """An adapter around the one of the SDK."""

    def __init__(self, inner: Any, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self.sent = 0
        """Requests that were let through."""
        self.date = ""
        """The clock of the engine, from its latest answer."""

    def send(self, request: Any, **options: Any) -> Any:
        """The whole answer to a request. Raises `RefusedError` for one that is not allowed, and
        `TooLongError`, `SlowError` and `StatusError`."""
        path = unquote(urlsplit(request.url).path)
        if not allowed(request.method, path) or request.body:
            raise RefusedError(f"{request.method} {path}")
        for name in [*request.headers]:
            if name.lower() not in _HEADERS:
                del request.headers[name]
        self.sent += 1
        ends = time.monotonic() + self._seconds
        response = self._inner.send(request, **{**options, "stream": True})
        self.date = response.headers.get("Date", "")
        body = self._read(response, ends)
        if response.status_code != 200:
            raise StatusError(response.status_code, body)
        response._content = body
        response._content_consumed = True
        return response

    def _read(self, response: Any, ends: float) -> bytes:
        parts: list[bytes] = []
        length = 0
        try:
            while part := response.raw.read1(65_536):
                parts.append(part)
                length += len(part)
                if length > MAX_BYTES:
                    raise TooLongError
                if time.monotonic() > ends:
                    raise SlowError
        finally:
            response.close()
        return b"".join(parts)

    def close(self) -> None:
        """Closes the connections."""
        self._inner.close()
