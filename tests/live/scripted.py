"""A server that answers as a test says, where a real service would have to break for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/audit</Arn>"
    "<UserId>AIDA</UserId><Account>111122223333</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)


@dataclass
class Reply:
    """One answer as bytes; without `body` the connection is reset."""

    body: bytes | None
    status: int = 200
    date: str = ""
    cut: int = 0
    """Bytes that were announced and are not sent."""
    drip: float = 0
    """Seconds between single bytes, of which there is no end."""
    endless: bool = False
    """The body is repeated for ever."""


@dataclass
class Script:
    """What to answer, by the name of the operation, and what was asked."""

    answers: dict[str, Callable[[dict[str, Any]], Reply]]
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def reply(self, operation: str, parameters: dict[str, Any]) -> Reply:
        self.asked.append(operation)
        if operation == "GetCallerIdentity" and operation not in self.answers:
            return Reply(IDENTITY.encode())
        if operation == "GetResources" and operation not in self.answers:
            return as_json({"ResourceTagMappingList": []})
        return self.answers[operation](parameters)


def as_json(data: Any, status: int = 200, **more: Any) -> Reply:
    return Reply(json.dumps(data).encode(), status, **more)


def refused(code: str, status: int = 400, message: str = "") -> Reply:
    return as_json({"__type": code, "message": message}, status)


@contextmanager
def scripted(answers: dict[str, Callable[[dict[str, Any]], Reply]]) -> Iterator[Script]:
    """The server, ended with the block."""
    script = Script(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # one packet for head and body: two wait for each other

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = self.headers.get("X-Amz-Target")
            if target:
                operation, parameters = target.rpartition(".")[2], json.loads(body or b"{}")
            else:
                form = {key: value[0] for key, value in parse_qs(body.decode()).items()}
                operation, parameters = form.pop("Action"), form
            self._send(script.reply(operation, parameters))

        def _send(self, reply: Reply) -> None:
            if reply.body is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response_only(reply.status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            if not (reply.drip or reply.endless):
                self.send_header("Content-Length", str(len(reply.body) + reply.cut))
            self.send_header("Date", reply.date or self.date_time_string())
            self.end_headers()
            self.wfile.write(reply.body)
            while reply.drip or reply.endless:
                self.wfile.write(b" " if reply.drip else reply.body)
                self.wfile.flush()
                time.sleep(reply.drip)
            if reply.cut:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that gives up is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
