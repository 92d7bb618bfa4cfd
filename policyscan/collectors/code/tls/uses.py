"""Where a file uses a library as it comes: a call or a construction that sets nothing about TLS.

An import is no client. What is read is the text without comments and strings, with the names under
which the file knows the library: nothing here ever says more than what the library does by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from policyscan.collectors.code.tls.bindings import in_python, in_script
from policyscan.collectors.code.tls.shape import Shape
from policyscan.text.source import Source

_MOST = 300
"""Uses of one name in one file that are looked at, and places of one variable."""
_MOST_NAMES = 40
"""Names of libraries in one file: nobody writes more."""
_ARGUMENTS = 4_000
_PYTHON_SETS = re.compile(
    rb"\b(?:context|connector|transport)\s*=(?!=)"
    rb"|\b(?:verify|verify_ssl|ssl|ssl_context|sslopt|cert_reqs|ca_certs)(?:\s*=(?!=)|[\"']\s*:)"
)
_SCRIPT_SETS = re.compile(
    rb"\b(?:rejectUnauthorized|strictSSL|checkServerIdentity|minVersion|secureProtocol|secureContext"
    rb"|httpsAgent|agent|agentOptions|dispatcher|connect|https(?!:/)|ca)\b[\"']?\s*[:,}]"
)
_GO_SETS = re.compile(
    rb"\b(?:Transport|TLSClientConfig|TLSConfig|SetTLSClientConfig|SetTransport|NetDialTLSContext"
    rb"|NewWithClient)\b"
)
_JAVA_SETS = re.compile(
    rb"\.(?:sslContext|sslParameters|sslSocketFactory|hostnameVerifier|connectionSpecs|setSSL\w*"
    rb"|setSslcontext|setConnectionManager|setHostnameVerifier|setTlsSocketStrategy)\("
)
_SETS = {"python": _PYTHON_SETS, "go": _GO_SETS, "java": _JAVA_SETS}
_ASKS = frozenset(
    b"get post put delete patch head options request send stream ws_connect run_forever urlopen"
    b" open perform extend".split()
)
"""Methods of a client that make a connection."""
_HOLDS = re.compile(
    rb"\.(?:verify|mount|defaults|options|Transport|TLSClientConfig|TLSConfig|SetTLSClientConfig"
    rb"|SetTransport|sslSocketFactory|hostnameVerifier|sslContext|setSSL\w*|setHostnameVerifier)\b"
)
"""Fields and methods of a client that set something for all its connections."""
_HOLDS_BELOW = re.compile(rb"\.(?:session|client|http|agent)\.(?:verify|mount)\b")
_GO = (
    (
        "net/http",
        re.compile(
            rb"\bhttp\.(?:Client\{|Transport\{|DefaultClient\b|DefaultTransport\b|(?:Get|Head|Post|"
            rb"PostForm)\()|\bnew\(http\.Client\)|(?<![*\w.\])])http\.Client[ \t]*(?=\r?\n)"
        ),
    ),
    ("gorilla/websocket", re.compile(rb"\bwebsocket\.(?:DefaultDialer\b|Dialer\{)")),
    ("resty", re.compile(rb"\bresty\.New\(")),
    ("fasthttp", re.compile(rb"\bfasthttp\.(?:Client\{|Do\(|Get\()")),
)
_JAVA = (
    ("java.net.http", re.compile(rb"\bHttpClient\.new(?:HttpClient|Builder)\(")),
    ("okhttp", re.compile(rb"\bnew[ \t]+OkHttpClient(?:\.Builder)?\(")),
    (
        "httpclient",
        re.compile(
            rb"\bHttp(?:Async)?Clients\.(?:create\w+|custom)\(|\bHttp(?:Async)?ClientBuilder\.create\("
        ),
    ),
    ("javax.net.ssl", re.compile(rb"\([ \t]*HttpsURLConnection[ \t]*\)")),
)
_NO_USE = re.compile(
    rb"^[ \t]*(?:from|import)\b|\b(?:except|raise|throw|instanceof)\b"
    rb"|\b(?:isinstance|issubclass|patch(?:\.object)?)\([^()]*\Z|\bfunction[ \t*]*\Z|\bdef[ \t]+\Z"
)
"""What stands before a name on its line that is no use."""
_NO_CLIENT = re.compile(rb"(?:Error|Exception|Warning|Timeout|Type)\Z")
_HANDED = re.compile(rb"(?:[(,]|(?<![=!])=|\breturn)[ \t]*\Z")
"""What stands before a client that is handed on: an argument, a value, a base class."""
_NAMED = {"websocket": "websocket-client", "urllib.request": "urllib"}


class Uses(Struct):
    """Of one library in one file."""

    library: str
    found: int = 0
    """All that were seen."""
    plain: tuple[int, int] | None = None
    """The range of the first that sets nothing."""


def uses_of(source: Source, language: str) -> list[Uses]:
    """By library; without those that the file imports and does not use."""
    look = _Look(source, language)
    found: dict[str, Uses] = {}
    for library, pattern in islice(dict.fromkeys(look.patterns()), _MOST_NAMES):
        uses = found.setdefault(library, Uses(library))
        for match in islice(pattern.finditer(look.blank), _MOST):
            if uses.plain is not None and uses.plain[0] < match.start():
                break
            if look.is_use(match):
                uses.found += 1
                if not look.sets(match):
                    uses.plain = match.span()
    return [uses for uses in found.values() if uses.found]


class _Look:
    """At one file."""

    def __init__(self, source: Source, language: str) -> None:
        self._data = source.data
        self._language = language
        self._shape = Shape(source, language)
        self.blank = self._shape.blank
        self._holders: dict[str, bool] = {}
        self._sets = _SETS.get(language, _SCRIPT_SETS)

    def patterns(self) -> Iterator[tuple[str, re.Pattern[bytes]]]:
        """By library, what is a client of it or makes a connection."""
        if self._language == "go":
            yield from _GO
        elif self._language == "java":
            yield from _JAVA
        elif self._language == "python":
            for module, pattern in in_python(self.blank):
                yield _NAMED.get(module, module), pattern
        else:
            yield from in_script(self._data, self.blank)

    def is_use(self, match: re.Match[bytes]) -> bool:
        """Whether a name stands for a client here, and is no import and no type."""
        if self._language in ("go", "java"):
            return True
        after = self.blank[match.end() : match.end() + 100].lstrip(b" \t")
        before = self.blank[max(0, match.start() - 200) : match.start()]
        line = before.rpartition(b"\n")[2]
        if _NO_USE.search(line) or _NO_CLIENT.search(match[0]):
            return False
        if re.match(rb"(?:<[^()]{0,90}>)?(?:\?\.)?\(|`", after) or match[0].startswith(b"getattr"):
            bare = self._language != "python" and b"." not in match[0]
            return not (bare and re.match(rb"\([^()]*\)\s*(?::[^;\n]{0,30})?\{", after))
        if match[0].endswith(b".default"):
            return False
        if after[:1] == b".":
            return bool(re.match(rb"\.(?:create|connect)\w*\(", after))
        return bool(_HANDED.search(before)) and after[:1] not in (b":", b"]", b"|")

    def sets(self, match: re.Match[bytes]) -> bool:
        """Whether something about TLS is set, here or on the variable that is given it."""
        start, end = match.start(), self._end(match)
        text = self._data[match.end() : end]
        if self._sets.search(text) or self._hands_on(text):
            return True
        if self._language == "python" and self._is_set_beside(match, end):
            return True
        if self._language == "java" and match[0].startswith(b"("):
            return bool(_JAVA_SETS.search(self._data))
        held = re.match(rb"[ \t]*as[ \t]+([\w.]+)", self.blank[end : end + 100])
        name = held[1].decode() if held else self._shape.variable_before(start)
        if name:
            if name not in self._holders:
                self._holders[name] = self._holder_sets(re.escape(name.encode()))
            return self._holders[name]
        return self._language == "go" and bool(
            re.match(
                rb"(?:\.\(\*http\.Transport\))?\.TLSClientConfig\b", self.blank[match.end() :][:60]
            )
        )

    def _is_set_beside(self, match: re.Match[bytes], end: int) -> bool:
        """Whether it is an argument itself, and not what a call of it gives, and a setting another:
        `partial(requests.get, verify=False)`."""
        start = match.start()
        called = self.blank[match.end() : end].lstrip(b" \t").startswith(b"(")
        if called or not re.search(rb"[(,]\s*\Z", self.blank[max(0, start - 60) : start]):
            return False
        return bool(self._sets.search(self._data[start : self._closing(start)]))

    def _end(self, match: re.Match[bytes]) -> int:
        """Where the arguments end; in Java the statement does, as settings are calls there."""
        if self._language == "java":
            end = self.blank.find(b";", match.end(), match.end() + _ARGUMENTS)
            return end if end >= 0 else match.end()
        if match[0].startswith(b"getattr"):
            end = self._closing(match.end())
            return self._closing(end + 1) if self.blank[end : end + 1] == b"(" else end
        opened = re.compile(rb"(?:<[^()]{0,100}>)?[ \t]*[({]?").match(self.blank, match.end())
        inside = match.end() if match[0][-1:] in b"({" else opened.end() if opened else match.end()
        if self.blank[inside - 1 : inside] not in (b"(", b"{"):
            return match.end()
        end = self._closing(inside)
        if self._language == "go":  # resty.New().SetTLSClientConfig(...)
            line = self.blank.find(b"\n", end, end + 300)
            return line if line >= 0 and match[0].endswith(b"New(") else end
        return end

    def _closing(self, at: int) -> int:
        """Behind the bracket that closes the one before a place."""
        depth = 1
        for found in re.compile(rb"[()\[\]{}]").finditer(self.blank, at, at + _ARGUMENTS):
            depth += 1 if found[0] in b"([{" else -1
            if depth == 0:
                return found.end()
        return min(len(self.blank), at + _ARGUMENTS)

    def _hands_on(self, text: bytes) -> bool:
        """Whether a mapping that is handed on holds settings: `**options`, `...options`."""
        pattern = rb"(?:\*\*|\.\.\.|[(,]\s*)([A-Za-z_$][\w$.]*)\s*(?=[,)}])"
        for found in islice(re.finditer(pattern, text), 8):
            name = found[1].decode()
            given = self._shape.assigned(name.rpartition(".")[2])
            if any(self._sets.search(each.value.encode() + b"}") for each in given):
                return True
            key = rb"\b" + re.escape(found[1]) + rb"(?:\.|\[[\"'])(\w+)(?:[\"']\])?\s*=(?!=)"
            if any(
                self._sets.match(each[1] + b"=") or self._sets.match(each[1] + b":")
                for each in re.finditer(key, self._data)
            ):
                return True
        return False

    def _holder_sets(self, name: bytes) -> bool:
        """Whether a variable holds settings, or each connection that it makes has its own."""
        asked = plain = 0
        pattern = re.compile(rb"(?<![\w.$])" + name + rb"(?=\.)")
        for found in islice(pattern.finditer(self.blank), _MOST):
            if _HOLDS.match(self.blank, found.end()) or _HOLDS_BELOW.match(self.blank, found.end()):
                return True
            method = re.compile(rb"\.(\w+)\(").match(self.blank, found.end())
            if method and method[1] in _ASKS:
                asked += 1
                text = self._data[found.end() : self._closing(method.end())]
                plain += not (self._sets.search(text) or self._hands_on(text))
        return asked > 0 and plain == 0
