"""By what names a file knows the libraries that make connections, and what of them does.

A pattern matches where a client is made or asked: `requests.get`, `Session`, `new WebSocket`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_METHODS = "get|post|put|delete|patch|head|options|request"
ANYTHING = r"\w+"
"""Packages for exchanges: whatever is made of them is a client."""
PYTHON = {
    "requests": f"{_METHODS}|Session|session",
    "httpx": f"{_METHODS}|stream|Client|AsyncClient",
    "aiohttp": "ClientSession|request",
    "urllib3": "PoolManager|ProxyManager|HTTPSConnectionPool|connection_from_url|request",
    "urllib.request": "urlopen|urlretrieve|build_opener",
    "http.client": "HTTPSConnection",
    "websockets": "connect",
    "websocket": "WebSocketApp|WebSocket|create_connection",
    "pycurl": "Curl",
    "ccxt": ANYTHING,
    "binance": ANYTHING,
    "pybit": ANYTHING,
}
"""By module, what of it is a client or makes a connection."""
SCRIPT = {
    "https": "request|get|Agent",
    "axios": f"{_METHODS}|create|default",
    "node-fetch": "default",
    "got": f"{_METHODS}|extend|stream|paginate|default",
    "ws": "WebSocket|default",
    "undici": "fetch|request|stream|Agent|Client|Pool",
    "request": f"{_METHODS}|defaults",
    "superagent": f"{_METHODS}|del|agent",
    "ccxt": ANYTHING,
}
_CALLABLE = frozenset({"axios", "node-fetch", "got", "ws", "request", "superagent"})
"""What is called by the name of the module itself."""
_PARTS = frozenset(
    "request client sessions api async_support pro sync asyncio spot um_futures cm_futures"
    " unified_trading".split()
)
"""Modules of these libraries that are imported by their own names."""
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([\w., \t]+)", re.MULTILINE)
_FROM = re.compile(
    rb"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^()]{0,4000}\)|[^\n;]*)", re.MULTILINE
)
_LIBRARY = rb"[\"'](?:node:)?(https|axios|node-fetch|got|ws|undici|ccxt|request|superagent)[\"']"
_REQUIRED = re.compile(
    rb"\b(?:const|let|var)[ \t]+([\w$]+|\{[^{}]{0,1000}\})[ \t]*(?::[^=\n]{0,100})?="
    rb"\s*(?:await[ \t]+)?(?:require|import)[ \t]*\([ \t]*" + _LIBRARY
)
_IMPORTED = re.compile(
    rb"\bimport[ \t]+(?!type\b)([\w$*{][^\"'`;]{0,1000}?)\s*\bfrom[ \t]*" + _LIBRARY
    + rb"|\bimport[ \t]+([\w$]+)[ \t]*=[ \t]*require[ \t]*\([ \t]*" + _LIBRARY
)  # fmt: skip
_AT_ONCE = re.compile(rb"\brequire[ \t]*\([ \t]*" + _LIBRARY + rb"[ \t]*\)(?=[ \t]*[.(])")


def in_python(blank: bytes) -> Iterator[tuple[str, re.Pattern[bytes]]]:
    """By module, patterns of its clients in a text without comments and strings."""
    for found in _IMPORT.finditer(blank):
        for item in found[1].decode().split(","):
            name, _, alias = (part.strip() for part in item.partition(" as "))
            module = _module(name)
            if module:
                # `import a.b` binds `a`
                bound = alias or (module if "." in module else name.split(".")[0])
                yield module, _members(bound, PYTHON[module])
    for found in _FROM.finditer(blank):
        for item in found[2].decode().strip("()").split(","):
            name, _, alias = (part.strip() for part in " ".join(item.split()).partition(" as "))
            whole = f"{found[1].decode()}.{name}"
            module = _module(whole)
            if not module or not name.isidentifier():
                continue
            if re.fullmatch(PYTHON[module], name) and whole != module:
                yield module, _name(alias or name)
            if name in _PARTS:
                yield module, _members(alias or name, PYTHON[module])


def _module(dotted: str) -> str:
    """The library that a dotted name is of; empty if of none."""
    parts = dotted.split(".")
    return next(
        (name for name in (".".join(parts[:2]), parts[0]) if name in PYTHON),
        "",
    )


def in_script(data: bytes, blank: bytes) -> Iterator[tuple[str, re.Pattern[bytes]]]:
    """By package, patterns of its clients in JavaScript and TypeScript."""
    for pattern in (_REQUIRED, _IMPORTED):
        for found in pattern.finditer(data):
            if blank[found.start()] == data[found.start()]:
                bound, package = (part.decode() for part in found.groups() if part is not None)
                yield from _script_names(bound, package)
    for found in _AT_ONCE.finditer(data):
        if blank[found.start()] == data[found.start()]:
            package = found[1].decode()
            yield package, re.compile(re.escape(b"require(") + rb"\s*\)" + _tail(package, True))


def _script_names(bound: str, package: str) -> Iterator[tuple[str, re.Pattern[bytes]]]:
    outside, brace, inside = bound.partition("{")
    for item in outside.split(","):
        name = item.replace("* as ", "").strip()
        if re.fullmatch(r"[\w$]+", name):
            own = _tail(package, package in _CALLABLE)
            yield package, re.compile(rb"(?<![\w$.])" + re.escape(name.encode()) + own)
    for item in inside.rstrip("} \t\r\n").split(",") if brace else ():
        renamed = re.sub(r"\s+as\s+|:", " as ", item, count=1)
        name, _, alias = (part.strip() for part in renamed.partition(" as "))
        if re.fullmatch(SCRIPT[package], name):
            yield package, _name(alias or name)


def _tail(package: str, is_called: bool) -> bytes:
    members = rb"(?:\.\w+)?\.(?:" + SCRIPT[package].encode() + rb")\b"
    return rb"(?:" + members + (rb"|(?=[ \t]*\()" if is_called else b"") + rb")"


def _members(name: str, members: str) -> re.Pattern[bytes]:
    return re.compile(
        rb"(?<![\w.])"
        + re.escape(name.encode())
        + rb"(?:\.\w+)*?\.(?:"
        + members.encode()
        + rb")\b"
        rb"|\bgetattr\([ \t]*" + re.escape(name.encode()) + rb"[ \t]*(?=,)"
    )


def _name(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?<![\w$.])" + re.escape(name.encode()) + rb"\b")
