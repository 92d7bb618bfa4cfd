"""Logging: what the configuration of a framework writes, and what it keeps out."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Resource
from policyscan.values import Many, Maybe

Framework = Literal[
    "python_logging", "structlog", "loguru", "log4j2", "logback", "nginx", "express_winston",
    "morgan", "pino", "bunyan", "okhttp", "feign", "spring", "httputil", "resty",
    "websocket_client", "log_calls",
]  # fmt: skip
"""`log_calls` are calls of any logger that write the headers of a request."""
AttachPoint = Literal[
    "log_record_factory", "processor", "all_handlers", "some_handlers", "logger", "none"
]
"""Where redaction is attached. A record factory and a processor see every record; a filter on a
logger sees only the records that are logged on that very logger, not those of its children."""
LEVELS = ("all", "trace", "debug", "info", "warning", "error", "critical", "off")
"""The words for levels, the most talkative first; those of other frameworks become one of them."""


class LoggingConfig(Resource):
    """One configuration of logging: a file; or what the source code of a program says to one
    framework, wherever in that program it says it."""

    kind: ClassVar[str] = "LoggingConfig"

    framework: Framework
    form: Literal["application", "access"]
    """Whether it logs what a program says, or the requests that a server answers."""
    program: str = ""
    """The address of the program that logs with it; empty if it belongs to none."""
    level: Maybe[str | None] = None
    """The most talkative level that is written anywhere, one of `LEVELS`; None if none is set."""
    redaction_present: Maybe[bool] = False
    redacted_terms: Many[str] = ()
    """What the redaction hides by name: headers and parameters in the spelling of the exchange
    that has them, and other names in lower case."""
    attach_point: Maybe[AttachPoint | None] = None
    """None without redaction."""
    exchange_terms: Many[str] = ()
    """What the exchanges of its program call headers and parameters that are not for logs."""
    logged_headers: Many[str] = ()
    """Request headers that are written, in lower case, as far as they are known by name."""
    logs_all_headers: Maybe[bool] = False
    """Whether every header of a request is written but those in `hidden_headers`."""
    hidden_headers: Many[str] = ()
    """Headers that a logger of all of them leaves out, in lower case."""
    logs_query: Maybe[bool] = False
    """Whether the query string of a request is written."""
    http_wire_debug: Maybe[bool] = False
    """Whether a client library writes its requests with their headers: `debuglevel` of
    `http.client`, `verbose` of ccxt, the wire loggers of Java."""
