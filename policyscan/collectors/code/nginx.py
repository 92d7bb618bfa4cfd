"""What nginx writes of requests: the logs that are in force, and the formats they use.

https://nginx.org/en/docs/http/ngx_http_log_module.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct, field

from policyscan.text.nginx import Directive, Word
from policyscan.text.source import Span
from policyscan.values import Unknown, Why

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
_WITH_QUERY = frozenset({"request", "request_uri", "args", "query_string"})
"""Variables that hold the query string. `$uri` does not."""
_SETTERS = frozenset("set js_set perl_set auth_request_set auth_jwt_claim_set".split())
"""Directives that begin with the variable that they make."""
_MAPPERS = frozenset("map geo split_clients".split())
"""Directives that end with it, after what it is made from."""
_PLAIN = frozenset("uri document_uri remote_addr host server_name request_method status".split())
_HOLDERS = frozenset({"server", "location", "if", "limit_except", "upstream"})
_DIRECTIVES = frozenset(
    "http server location events upstream log_format access_log error_log proxy_pass listen"
    " server_name worker_processes include map".split()
)
_HARMLESS = re.compile(r"mime\.types|\w+_params|[\w.-]*ssl[\w.-]*|[\w-]*modules[\w-]*", re.A)
DEFAULT = "combined"


class Log(Struct, frozen=True):
    """One log that is in force: where it is asked for, and the name of its format."""

    span: Span
    format: str | Unknown
    implied: bool = False
    """Not written anywhere: nginx logs so by itself."""


class Format(Struct, frozen=True):
    """The text of a `log_format`."""

    text: str
    span: Span


class NginxFile(Struct):
    """One file."""

    path: str
    directives: list[Directive]
    formats: dict[str, Format] = field(default_factory=dict)

    @property
    def http(self) -> Directive | None:
        """Its `http` block."""
        return next((d for d in self.directives if d.name == "http"), None)


def is_nginx(directives: Sequence[Directive]) -> bool:
    """Whether any directive is one that nginx knows."""
    return any(directive.name in _DIRECTIVES for directive in directives)


def of_file(path: str, directives: list[Directive]) -> NginxFile:
    """A file with its formats."""
    every = (each for top in directives for each in top.walk())
    formats = {
        each.words[0].text: Format(_format_text(each.words), each.span)
        for each in every
        if each.name == "log_format" and each.words
    }
    return NginxFile(path, directives, formats)


def _format_text(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words[1:] if not word.text.startswith("escape="))


def logs_of(file: NginxFile, others: Sequence[NginxFile]) -> list[Log]:
    """The logs that requests to the servers of a file end up in."""
    outside = _outside(file, others)
    found: list[Log] = []
    if file.http is not None:
        start = _inherited(file.http, file)
        found += _in_force(file.http, start)
    rest = [d for d in file.directives if d.name != "http"]
    own = _own(rest)
    if any(d.name in _HOLDERS or d.name == "access_log" for d in rest):
        top = Directive("", (), rest[0].span, rest)
        found += _in_force(top, own if own is not None else outside)
    return list({id(log.span): log for log in found}.values())


def _inherited(http: Directive, file: NginxFile) -> list[Log]:
    """What holds in `http` if it asks for no log: nginx's own, unless a file that is included
    may ask for one."""
    included = [
        word.text
        for d in http.inside
        if d.name == "include"
        for word in d.words
        if not _HARMLESS.fullmatch(word.text.rpartition("/")[2]) and "sites" not in word.text
    ]
    if included:
        needs = f"what {included[0]} logs, which {file.path} includes"
        return [Log(http.span, Unknown(Why.OUTSIDE, needs, http.span))]
    return [Log(http.span, DEFAULT, implied=True)]


def _outside(file: NginxFile, others: Sequence[NginxFile]) -> list[Log]:
    """What a file inherits from the one that includes it."""
    including = [
        other.http
        for other in others
        if other is not file and other.http is not None and _includes(other.http, file.path)
    ]
    if len(including) == 1:
        http = including[0]
        logs = _own(http.inside)
        return logs if logs is not None else [Log(http.span, DEFAULT, implied=True)]
    place = file.directives[0].span
    needs = Unknown(Why.OUTSIDE, f"what the file that includes {file.path} logs", place)
    return [Log(place, needs)]


def _includes(http: Directive, path: str) -> bool:
    tail = "/".join(path.split("/")[-2:])
    for directive in http.inside:
        for word in directive.words if directive.name == "include" else ():
            pattern = "/".join(word.text.split("/")[-2:])
            if fnmatchcase(tail, pattern) or fnmatchcase(tail, f"*/{pattern}"):
                return True
    return False


def _own(directives: Sequence[Directive]) -> list[Log] | None:
    """The logs that are asked for at one level; None if it says nothing about them."""
    asked = [d for d in directives if d.name == "access_log" and d.words]
    if not asked:
        return None
    return [_log(d) for d in asked if d.words[0].text != "off"]


def _log(directive: Directive) -> Log:
    name = directive.words[1].text if len(directive.words) > 1 else DEFAULT
    if "=" in name:
        name = DEFAULT
    if "$" in name:
        needs = f"the format that {name} names"
        return Log(directive.span, Unknown(Why.COMPUTED, needs, directive.span))
    return Log(directive.span, name)


def _in_force(block: Directive, inherited: list[Log]) -> Iterator[Log]:
    """The logs of the servers and locations in a block; of the block itself if it has none."""
    pending = [(block, inherited)]
    while pending:
        current, above = pending.pop()
        own = _own(current.inside)
        logs = above if own is None else own
        inner = [d for d in current.inside if d.block is not None and d.name in _HOLDERS]
        if current.name in _HOLDERS - {"upstream"} or not any(d.name == "server" for d in inner):
            yield from logs
        if current.name in _HOLDERS:
            yield from _included(current)
        pending += [(d, logs) for d in reversed(inner) if d.name != "upstream"]


def _included(block: Directive) -> Iterator[Log]:
    """The logs that a file may add which a server or location includes."""
    for directive in block.inside:
        for word in directive.words if directive.name == "include" else ():
            if not _HARMLESS.fullmatch(word.text.rpartition("/")[2]):
                needs = f"whether {word.text} asks for a log"
                yield Log(directive.span, Unknown(Why.OUTSIDE, needs, directive.span))


def variables_of(text: str) -> list[str]:
    """The variables in a format, in order."""
    return [a or b for a, b in _VARIABLE.findall(text)]


def headers_in(text: str) -> list[str]:
    """The request headers in a format, in lower case as HTTP writes them."""
    found = []
    for name in variables_of(text):
        if name.startswith("http_"):
            found.append(name.removeprefix("http_").replace("_", "-"))
        elif name.startswith("cookie_"):
            found.append("cookie")
    return found


def made_in(text: str, files: Sequence[NginxFile]) -> str:
    """A variable of a format that the configuration makes itself; empty if there is none."""
    made = {
        word.text.strip("${}")
        for file in files
        for top in file.directives
        for each in top.walk()
        for word in _made(each)
    }
    return next((name for name in variables_of(text) if name in made and name not in _PLAIN), "")


def _made(directive: Directive) -> Sequence[Word]:
    if directive.name in _SETTERS:
        return directive.words[:1]
    return directive.words[-1:] if directive.name in _MAPPERS else ()


def query_in(text: str) -> str:
    """The variable of a format that holds the query string; empty if none does."""
    found = (name for name in variables_of(text) if name in _WITH_QUERY or name.startswith("arg_"))
    return next(found, "")


COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent'
    ' "$http_referer" "$http_user_agent"'
)
"""The format that nginx has by itself."""


def format_of(name: str, file: NginxFile, others: Sequence[NginxFile]) -> Format | None:
    """The format of that name: of this file, or else the only one of that name."""
    if name in file.formats:
        return file.formats[name]
    found = [other.formats[name] for other in others if name in other.formats]
    return found[0] if len(found) == 1 else None


def texts(
    logs: Sequence[Log], file: NginxFile, others: Sequence[NginxFile]
) -> Iterator[tuple[Log, Format | Unknown]]:
    """Each log with its format."""
    for log in logs:
        if isinstance(log.format, Unknown):
            yield log, log.format
        elif log.format == DEFAULT:
            yield log, Format(COMBINED, log.span)
        else:
            found = format_of(log.format, file, others)
            needs = f"the log_format {log.format}"
            yield log, found or Unknown(Why.OUTSIDE, needs, log.span)
