"""A server on a unix socket that answers as it is told: an engine that misbehaves."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

Reply = bytes | Callable[[socket.socket], None]

VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "Os": "linux"}


def reply(data: Any, status: str = "200 OK", head: str = "") -> bytes:
    """A whole answer: JSON, or raw bytes."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    date = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    return f"HTTP/1.1 {status}\r\n{date}{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Server:
    """Replies by the path after the version of the API, without the query."""

    def __init__(self, path: Path, replies: Mapping[str, Reply]) -> None:
        self.host = f"unix://{path}"
        self.replies = {"/version": reply(VERSION), "/_ping": reply(b"OK"), **replies}
        self.requests: list[str] = []
        self.raw: list[bytes] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(16)
        self._open: list[socket.socket] = []

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._open.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as received:
            while line := received.readline():
                head = [line]
                while (more := received.readline()) not in (b"\r\n", b""):
                    head.append(more)
                method, target, _ = line.decode().split(" ")
                self.requests.append(f"{method} {target}")
                self.raw.append(b"".join(head))
                path = target.partition("?")[0]
                path = path[6:] if path.startswith("/v1.") else path
                answer = self.replies.get(path, reply({"message": "no such"}, "404 Not Found"))
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer)

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for each in (self._listening, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def serving(path: Path, replies: Mapping[str, Reply]) -> Iterator[Server]:
    """A server for the length of the block."""
    server = Server(path, replies)
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        server.close()
