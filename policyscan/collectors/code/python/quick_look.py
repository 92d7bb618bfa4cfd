"""A quick look at Python source: whether it may configure logging."""

from __future__ import annotations

import re

_WORDS = (
    b"basicConfig",
    b"dictConfig",
    b"fileConfig",
    b"addFilter",
    b"addHandler",
    b"setLevel",
    b"LogRecord)",
    b"LogRecordFactory",
    b"Filter)",
    b"Formatter)",
    b"Handler)",
    b"setLoggerClass",
    b"structlog",
    b"loguru",
    b"debuglevel",
)
_OPTION = re.compile(rb"[\"'](\w{3,30})[\"']\s?[:\]]|\.(\w{3,30})\s?=")
"""How a client is told an option."""
_SHOWS = b"verbose"
"""In the names of options that make a client show its requests."""


def may_configure(data: bytes) -> bool:
    """Whether a file holds a word without which nothing in it configures logging."""
    return any(word in data for word in _WORDS) or (_SHOWS in data and _shows_requests(data))


def _shows_requests(data: bytes) -> bool:
    """Whether a client of an exchange may be told to show its requests."""
    from policyscan.resources.exchanges import wire_options  # late: few files say so

    options = frozenset[str]().union(*wire_options().values())
    named = {(found[1] or found[2]).decode() for found in _OPTION.finditer(data)}
    clients = any(module.encode() in data for module in wire_options())
    return clients and not options.isdisjoint(named)
