"""A quick look at Python source: whether it may configure logging."""

from __future__ import annotations

_WORDS = (
    b"basicConfig",
    b"dictConfig",
    b"fileConfig",
    b"addFilter",
    b"addHandler",
    b"setLevel",
    b"LogRecord",
    b"Filter)",
    b"Formatter)",
    b"Handler)",
    b"setLoggerClass",
    b"structlog",
    b"loguru",
    b"debuglevel",
)
_WORDS_OF_WIRE = (b"verbose", b"ccxt")


def may_configure(data: bytes) -> bool:
    """Whether a file holds a word without which nothing in it configures logging."""
    return any(word in data for word in _WORDS) or all(word in data for word in _WORDS_OF_WIRE)
