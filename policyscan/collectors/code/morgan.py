"""The formats of morgan, a logger of requests for Express: which headers they write."""

from __future__ import annotations

import re

from msgspec import Struct

from policyscan.collectors.code.tls.values import text_of
from policyscan.resources.masking import HIDDEN

_LITERAL = re.compile(r"\w*\(\s*([\"'`])((?:\\.|(?!\1)[^\\])*)\1\s*[,)]", re.DOTALL)
"""A call with a text as its first argument."""
_TOKEN = re.compile(r":([-\w]{2,})(?:\[([^\]]+)\])?")
"""As morgan itself finds tokens."""
_NAMED = frozenset({"combined", "common", "default", "dev", "short", "tiny"})
"""Formats that morgan brings; none writes a header that holds a credential."""
_TOKENS = frozenset(
    "date http-version method pid referrer remote-addr remote-user req res response-time status "
    "total-time url".split()
)
"""Tokens that morgan brings. A program may define others, and they may write anything."""


class Format(Struct, frozen=True):
    """What a format writes."""

    headers: frozenset[str] = frozenset()
    """Headers of the request, in lower case."""
    query: bool = False
    doubt: str = ""
    """What is not known of it; empty if all is."""


def format_of(call: str, value: str) -> Format:
    """The format that a call gives. `call` is its text as written, `value` what its first argument
    stands for, without secrets: in `:req[authorization] :req[cookie]` the cookie looks like one."""
    written = _LITERAL.match(call)
    text = written[2] if written else text_of(value)
    if text is None:
        return Format(doubt="the format of morgan")
    if text in _NAMED:
        return Format(query=True)
    tokens = [(found[1], found[2]) for found in _TOKEN.finditer(text)]
    headers = frozenset(field.lower() for name, field in tokens if name == "req" and field)
    return Format(headers, any(name == "url" for name, _ in tokens), _doubt(text, tokens))


def _doubt(text: str, tokens: list[tuple[str, str | None]]) -> str:
    if "${" in text or "\\" in text or HIDDEN in text:
        return "the whole format of morgan"
    own = next((name for name, _ in tokens if name not in _TOKENS), None)
    if own is not None:
        return f"what :{own} writes"
    return "" if tokens or not re.fullmatch(r"[\w-]+", text) else f"what the format {text} writes"
