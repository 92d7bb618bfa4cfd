"""An HTTP proxy in front of a server of AWS operations: records calls and lets chosen ones fail.

A client reaches it as its endpoint (`AWS_ENDPOINT_URL`). A call is known by what it asks, whatever
happens to it: the service and region that its signature names, the operation and the parameters.
So a call that fails does so in all its attempts. It can answer from its recording, which is much
faster than the server behind it and always the same.
"""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from botocore.loaders import Loader

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_NOT_FORWARDED = {"connection", "keep-alive", "transfer-encoding", "content-length"}
_HELD_SECONDS = 30.0
"""How long a call that times out is held at most."""


class Fault(StrEnum):
    """How a call fails."""

    DENIED = "denied"
    ERROR = "error 500"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    """200 with the first half of the body, and a length that fits."""
    CUT = "cut"
    """200 with the length of the whole body, of which half comes before the connection closes."""
    RESET = "reset"


SIX = (
    Fault.DENIED,
    Fault.ERROR,
    Fault.THROTTLED,
    Fault.TIMEOUT,
    Fault.TRUNCATED,
    Fault.RESET,
)
"""One of each sort; `CUT` is the other way in which a body is truncated."""


@dataclass(frozen=True, order=True)
class Call:
    """What was asked, of whom."""

    service: str
    """As signatures and permissions call it: `ec2`, `elasticloadbalancing`."""
    region: str
    operation: str
    parameters: str = ""
    """The parameters as one text, in a fixed order."""
    caller: str = ""
    """The access key that signed it."""

    @property
    def subject(self) -> str:
        """`ec2:DescribeSecurityGroups`."""
        return f"{self.service}:{self.operation}"

    def __str__(self) -> str:
        return f"{self.subject} in {self.region} ({self.parameters[:80]})"


@dataclass(frozen=True)
class Reply:
    """An answer of the server behind."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass
class _Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    call: Call
    style: str
    """How its service writes errors: `ec2`, `query`, `json`, `rest`, `none` for unsigned ones."""


@dataclass
class FaultProxy:
    """The proxy; a context manager. `upstream` is the address of the server: `http://host:port`."""

    upstream: str
    replay: bool = False
    """Whether what was answered once is answered from memory."""
    faults: dict[Call, Fault] = field(default_factory=dict)
    choose: Callable[[Call], Fault | None] | None = None
    """Another way to choose calls that fail."""
    rewrite: Callable[[Call, bytes], bytes] | None = None
    """What to make of the body of a good answer."""
    quote: str = ""
    """What errors say besides."""
    calls: list[Call] = field(default_factory=list)
    """Every call in order of arrival, once, however often it was attempted."""
    attempts: list[Call] = field(default_factory=list)
    """Every request."""
    _seen: set[str] = field(default_factory=set)
    _recorded: dict[tuple[str, str, Call], Reply] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> FaultProxy:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Its own address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def share(self, other: FaultProxy) -> None:
        """Answers from what the other recorded."""
        self._recorded = other._recorded

    def forget(self) -> None:
        """Begins anew: no calls, no recording, no faults."""
        self._recorded.clear()
        self._seen.clear()
        self.faults.clear()
        self.calls.clear()
        self.attempts.clear()
        self.choose = self.rewrite = None

    @contextmanager
    def failing(self, calls: Call | Iterable[Call], fault: Fault) -> Iterator[None]:
        """Lets these calls fail for a while; the trace begins anew."""
        chosen = [calls] if isinstance(calls, Call) else list(calls)
        self.faults = dict.fromkeys(chosen, fault)
        self.calls, self.attempts = [], []
        try:
            yield
        finally:
            self.faults = {}

    def note(self, request: _Request) -> Fault | None:
        """Writes a request down, and says how it is to fail."""
        with self._lock:
            self.attempts.append(request.call)
            invocation = request.headers.get("amz-sdk-invocation-id", "")
            if not invocation or invocation not in self._seen:
                self._seen.add(invocation)
                self.calls.append(request.call)
        chosen = self.choose(request.call) if self.choose else None
        return self.faults.get(request.call, chosen)

    def reply(self, request: _Request) -> Reply:
        """The answer from memory or else of the server behind."""
        key = (request.method, request.path, request.call)
        reply = self._recorded.get(key)
        if reply is None:
            reply = _forwarded(self.upstream, request)
            if self.replay:
                self._recorded[key] = reply
        if self.rewrite is None:
            return reply
        return Reply(reply.status, reply.headers, self.rewrite(request.call, reply.body))

    def hold(self) -> None:
        """Waits as long as a call that times out is held."""
        self._stopping.wait(_HELD_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    proxy: FaultProxy

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._open: set[socket.socket] = set()

    def process_request(self, request: socket.socket, client_address: object) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Ends what clients have kept open, so that no thread outlives the proxy."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has given up is nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body go together
    server: _Server

    def log_message(self, *_: object) -> None:
        """Tests have nothing to read here."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = _understood(self.command, self.path, headers, body)
        fault = self.server.proxy.note(request)
        match fault:
            case Fault.RESET:
                self._reset()
            case Fault.TIMEOUT:
                self.server.proxy.hold()
                self.close_connection = True
            case Fault.DENIED | Fault.ERROR | Fault.THROTTLED:
                self._send(error_reply(request.style, fault, self.server.proxy.quote))
            case _:
                self._send(self.server.proxy.reply(request), fault)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer  # noqa: N815

    def _send(self, reply: Reply, fault: Fault | None = None) -> None:
        body = reply.body if fault is None else reply.body[: len(reply.body) // 2]
        length = len(reply.body) if fault is Fault.CUT else len(body)
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.close_connection |= fault is Fault.CUT

    def _reset(self) -> None:
        """Closes so that the client is sent RST and no FIN."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The two files keep the descriptor open; it must be closed before `shutdown` is called.
        self.rfile.close()
        self.wfile.close()
        self.connection.close()


# -- what is asked -----------------------------------------------------------------------------


def _understood(method: str, path: str, headers: Mapping[str, str], body: bytes) -> _Request:
    scope = _SCOPE.search(headers.get("authorization", ""))
    caller, region, service = scope.groups() if scope else ("", "", "")
    target = headers.get("x-amz-target", "")
    form = {}
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        plain = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        form = dict(parse_qsl(plain.decode(), keep_blank_values=True))
    if target:
        style, operation = "json", target.rpartition(".")[2]
        parameters = _canonical(body)
    elif "Action" in form:
        style = "ec2" if service == "ec2" else "query"
        operation = form.pop("Action")
        parameters = "&".join(f"{name}={form[name]}" for name in sorted(form))
    else:
        style = "rest" if service else "none"
        url = urlsplit(path)
        operation = _rest_operation(service, method, url.path)
        parameters = "&".join([url.path, *sorted(filter(None, url.query.split("&")))])
    call = Call(service, region, operation, parameters, caller)
    return _Request(method, path, headers, body, call, style)


def _canonical(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body or b"{}"), sort_keys=True)
    except ValueError:
        return body.decode("utf-8", "replace")


def _rest_operation(service: str, method: str, path: str) -> str:
    """The operation whose method and path are these: the most particular one."""
    fitting = [
        (template.count("{"), name)
        for verb, template, name in _rest_templates(service)
        if verb == method and re.fullmatch(_pattern(template), path.rstrip("/") or "/")
    ]
    return min(fitting)[1] if fitting else f"{method} {path}"


@cache
def _rest_templates(service: str) -> tuple[tuple[str, str, str], ...]:
    loader = Loader()
    if service not in loader.list_available_services("service-2"):
        return ()
    operations = loader.load_service_model(service, "service-2")["operations"]
    return tuple(
        (each["http"]["method"], each["http"]["requestUri"].partition("?")[0], name)
        for name, each in operations.items()
    )


@cache
def _pattern(template: str) -> str:
    pieces = re.split(r"(\{[^}]*\})", template.rstrip("/") or "/")
    return "".join(
        (".+" if piece.endswith("+}") else "[^/]+") if piece.startswith("{") else re.escape(piece)
        for piece in pieces
    )


# -- what is answered --------------------------------------------------------------------------


def _forwarded(upstream: str, request: _Request) -> Reply:
    address = urlsplit(upstream)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    try:
        connection.request(request.method, request.path, request.body, dict(request.headers))
        answer = connection.getresponse()
        headers = tuple(
            (name, value)
            for name, value in answer.getheaders()
            if name.lower() not in _NOT_FORWARDED
        )
        return Reply(answer.status, headers, answer.read())
    finally:
        connection.close()


_CODES = {
    Fault.DENIED: {
        "ec2": (403, "UnauthorizedOperation"),
        "query": (403, "AccessDenied"),
        "json": (400, "AccessDeniedException"),
        "rest": (403, "AccessDeniedException"),
    },
    Fault.ERROR: {
        "ec2": (500, "InternalError"),
        "query": (500, "InternalFailure"),
        "json": (500, "InternalServiceError"),
        "rest": (500, "InternalServerErrorException"),
    },
    Fault.THROTTLED: {
        "ec2": (503, "RequestLimitExceeded"),
        "query": (400, "Throttling"),
        "json": (400, "ThrottlingException"),
        "rest": (429, "TooManyRequestsException"),
    },
}
"""Status and code by the style of a service.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html"""


def error_reply(style: str, fault: Fault, quote: str = "") -> Reply:
    """The error as the service writes it."""
    status, code = _CODES[fault].get(style, (500, "InternalFailure"))
    message = f"this call was made to fail: {fault.value} {quote}".strip()
    kind = ("Content-Type", "text/xml")
    if style == "ec2":
        text = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            "</Errors><RequestID>0-0</RequestID></Response>"
        )
    elif style == "query":
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
            f"<Message>{message}</Message></Error><RequestId>0-0</RequestId></ErrorResponse>"
        )
    elif style == "json":
        kind = ("Content-Type", "application/x-amz-json-1.1")
        text = json.dumps({"__type": code, "message": message})
    else:
        kind = ("Content-Type", "application/json")
        text = json.dumps({"message": message})
    return Reply(status, (kind, ("x-amzn-ErrorType", code)), text.encode())
