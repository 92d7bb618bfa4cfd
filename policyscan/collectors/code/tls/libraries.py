"""Which library a setting is for, as the file around it tells."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from policyscan.collectors.code.tls.facts import Fact, FileFacts
from policyscan.resources.exchanges import exchange_of_import

_PYTHON_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE
)
_CLIENTS = (
    "requests", "httpx", "ccxt", "niquests", "cloudscraper", "requests_html", "requests_oauthlib",
    "requests_futures", "curl_cffi", "boto3", "hvac", "authlib", "urllib3", "aiohttp",
)  # fmt: skip
"""Libraries for Python whose clients have a setting `verify`, likelier ones first."""
_SOUNDS_LIKE_CLIENT = re.compile(r"session|client|exchange|http|adapter|requests", re.IGNORECASE)
_ASKS_FOR_CLIENT = frozenset({"requests"})
_BEFORE = 80
_HANDED_ON = re.compile(
    rb"\b(?:requests?|session|client|http|provider)_?(?:kwargs|args|params|options)[\"']?\s*[=:]\s*\Z"
)
"""What stands before a mapping whose settings another library hands on to its client."""


def library_of(fact: Fact, file: FileFacts, language: str) -> str:
    """The library; empty if the setting is of something that is no client of TLS."""
    if language == "python":
        return _of_python(fact, file)
    if language in ("javascript", "typescript") and fact.library == "https":
        return _of_node(fact, file)
    return fact.library


def _of_python(fact: Fact, file: FileFacts) -> str:
    names = _imported(file.source.data)
    first = re.split(r"[.(\[]", fact.module)[0]
    if first in names and names[first] not in ("functools", "self"):
        return names[first]
    if fact.library not in _ASKS_FOR_CLIENT:
        return fact.library
    before = file.source.data[max(0, fact.span.start - _BEFORE) : fact.span.start]
    if _HANDED_ON.search(before):
        return first if first in names else fact.library
    there = set(names.values())
    client = next((each for each in _CLIENTS if each in there), "") or _package(there)
    if client or _SOUNDS_LIKE_CLIENT.search(fact.subject or fact.module):
        return client or fact.library
    return ""


def _package(modules: Collection[str]) -> str:
    """The package for an exchange among these modules, if there is one."""
    return next((each for each in sorted(modules) if exchange_of_import("python", each)), "")


@lru_cache(maxsize=64)
def _imported(data: bytes) -> dict[str, str]:
    """The modules that a file imports by the names that it gives them."""
    names: dict[str, str] = {}
    for found in _PYTHON_IMPORT.finditer(data):
        if found[1]:
            top = found[1].decode().split(".")[0]
            names.setdefault(top, top)
            continue
        for each in found[2].decode().split(","):
            module, _, alias = each.strip().partition(" as ")
            top = module.strip().split(".")[0]
            names[alias.strip() or top] = top
    return names


def _of_node(fact: Fact, file: FileFacts) -> str:
    before = file.source.data[max(0, fact.span.start - _BEFORE) : fact.span.start]
    text = before.decode("utf-8", "replace")
    if re.search(r"WebSocket\s*\([^()]*\Z", text):
        return "ws"
    if re.search(r"\btls\.connect\s*\([^()]*\Z", text):
        return "tls"
    if b"undici" in file.source.data and re.search(r"(?:Agent|Pool|Client)\s*\([^()]*\Z", text):
        return "undici"
    if re.search(r"\bgot[\w.]*\s*\([^()]*\Z", text):
        return "got"
    return "https"
