"""Clients that are used as they come: what no rule can match, as nothing is set there.

A program that handles keys of an exchange reaches it by some client. Where the client is used
without settings, its library decides, so each library of such a program is one client: at the first
place that imports it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import Struct

from policyscan.collectors.code.exchange_signs import KEY_SIGNS, signs_of
from policyscan.collectors.code.names import language_of
from policyscan.collectors.code.programs import MAX_SOURCE_BYTES, Seen
from policyscan.collectors.code.tls.defaults import default_roots, plain
from policyscan.collectors.code.tls.meanings import Fields
from policyscan.errors import ReadError
from policyscan.resources.exchanges import exchange_of_import, exchange_of_package
from policyscan.text.source import Span
from policyscan.text.tree import Tree
from policyscan.values import Unknown, Why

_PYTHON = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+"
    rb"(requests|httpx|aiohttp|urllib3|urllib\.request|http\.client|websockets|websocket|ccxt|"
    rb"pycurl|binance|pybit)\b",
    re.MULTILINE,
)
_SCRIPT = re.compile(
    rb"(?:\bfrom|\brequire[ \t]*\(|\bimport[ \t]*\(?)[ \t]*[\"'](?:node:)?"
    rb"(https|axios|node-fetch|got|ws|undici|ccxt|request|superagent)[\"']"
)
_GO = re.compile(
    rb"\b(http\.(?:Client\{|DefaultClient|Get\(|Post\(|PostForm\(|NewRequest)|"
    rb"websocket\.(?:DefaultDialer|Dialer\{)|resty\.New\(|fasthttp\.(?:Client\{|Do\())"
)
_JAVA = re.compile(
    rb"^[ \t]*import[ \t]+(java\.net\.http|okhttp3|org\.apache\.http|org\.apache\.hc|"
    rb"javax\.net\.ssl\.HttpsURLConnection)\b",
    re.MULTILINE,
)
_IMPORTS = {
    "python": _PYTHON,
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "go": _GO,
    "java": _JAVA,
}
_NAMES = {
    "http": "net/http",
    "websocket": "gorilla/websocket",
    "org.apache.http": "httpclient",
    "org.apache.hc": "httpclient",
    "javax.net.ssl.HttpsURLConnection": "javax.net.ssl",
    "okhttp3": "okhttp",
}


class Plain(Struct, frozen=True):
    """One library of a program, as it comes."""

    library: str
    language: str
    span: Span
    talks: bool
    """Whether a file that imports it names an exchange, or it is a package for one."""
    fields: Fields


def plain_clients(tree: Tree, seen: Seen, own: Collection[str]) -> Iterator[Plain]:
    """The libraries by which a program that handles keys makes connections; `own` are the names of
    directories in the tree, whose modules are no libraries."""
    if not any(sign.sign in KEY_SIGNS for sign, _ in seen.signs.values()):
        return
    found: dict[tuple[str, str], Plain] = {}
    for path in seen.files.counted(seen.files.sources):
        language = language_of(path)
        pattern = _IMPORTS.get(language)
        try:
            data = tree.peek(path, limit=MAX_SOURCE_BYTES) if pattern else b""
        except ReadError:
            continue  # the gap is given where the file is looked at for signs
        for match in pattern.finditer(data) if pattern else ():
            library = _library(match[1].decode(), language)
            key = spoken(language), library
            known = found.get(key)
            if known is not None and known.talks:
                continue
            talks = _is_package(library, language) or _names_exchange(data, language)
            if known is None or talks:
                span = tree.read(path, limit=MAX_SOURCE_BYTES).span(match.start(1), match.end(1))
                fields = plain(default_roots(library, language))
                found[key] = Plain(library, language, span, talks, fields)
    yield from _packages(tree, seen, found, own)
    yield from found.values()


def spoken(language: str) -> str:
    """The language, of which TypeScript is no other."""
    return "javascript" if language == "typescript" else language


def _library(text: str, language: str) -> str:
    if language == "go":
        text = text.split(".", maxsplit=1)[0]
        return _NAMES.get(text, text)
    if language == "python":
        names = {"websocket": "websocket-client", "urllib.request": "urllib"}
        return names.get(text, text)
    return _NAMES.get(text, text)


def _is_package(library: str, language: str) -> bool:
    """Whether a library is made for exchanges."""
    if language == "python":
        return exchange_of_import("python", library) is not None
    return spoken(language) == "javascript" and exchange_of_package("npm", library) is not None


def _names_exchange(data: bytes, language: str) -> bool:
    return next(signs_of(data, data.lower(), language), None) is not None


def _packages(
    tree: Tree, seen: Seen, found: dict[tuple[str, str], Plain], own: Collection[str]
) -> Iterator[Plain]:
    """Packages for an exchange: what they do inside is not in this tree."""
    libraries = {library for _, library in found}
    module = _go_module(tree, seen)
    for sign, span in seen.signs.values():
        language = language_of(span.source.path)
        name = re.split(r"[./]", sign.text)[0] if language == "python" else sign.text
        known = name in libraries or name.split(".")[0] in libraries
        if sign.sign != "import" or known or language not in _IMPORTS:
            continue
        libraries.add(name)
        if name in own or (module and f"{name}/".startswith(f"{module}/")):
            continue
        inside = Unknown(Why.OUTSIDE, f"how {name} makes its connections", span)
        fields: Fields = dict.fromkeys(plain("system"), inside)
        yield Plain(name, language, span, True, fields)


def _go_module(tree: Tree, seen: Seen) -> str:
    """The path under which a program written in Go imports its own packages."""
    for path in seen.files.manifests:
        if path.rpartition("/")[2] == "go.mod":
            try:
                found = re.search(rb"^module[ \t]+(\S+)", tree.peek(path), re.MULTILINE)
            except ReadError:
                return ""
            return found[1].decode("utf-8", "replace") if found else ""
    return ""
