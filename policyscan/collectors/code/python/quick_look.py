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
_VERBOSE = re.compile(rb"[\"']verbose[\"']\s?[:\]]|\.verbose\s?=")
"""How a client of ccxt is told to show its requests."""


def may_configure(data: bytes) -> bool:
    """Whether a file holds a word without which nothing in it configures logging."""
    return any(word in data for word in _WORDS) or (
        b"ccxt" in data and _VERBOSE.search(data) is not None
    )
