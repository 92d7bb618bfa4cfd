"""The files of nginx in a tree: read, and turned into resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from policyscan.collectors.code.logging_resource import exchange_terms
from policyscan.collectors.code.nginx import (
    Format,
    Log,
    NginxFile,
    headers_in,
    is_nginx,
    logs_of,
    made_in,
    of_file,
    query_in,
    texts,
)
from policyscan.collectors.code.programs import MAX_CONFIG_BYTES, Seen
from policyscan.errors import ParseError
from policyscan.resources.base import Chain, Origin, ProofLevel, Step, StepKind
from policyscan.resources.logging import LoggingConfig
from policyscan.text.nginx import read_nginx
from policyscan.text.tree import Tree
from policyscan.values import Many, Maybe, PartialList, Unknown, Why

ProgramOf = Callable[[str], Seen | None]


class Nginx:
    """The files of nginx in a tree: they name each other's formats."""

    def __init__(self, tree: Tree, paths: Sequence[str]) -> None:
        self._tree = tree
        self.files: dict[str, NginxFile] = {}
        self.errors: dict[str, ParseError] = {}
        self.others: list[str] = []
        """Files that are something else."""
        for path in paths:
            self._read(path)

    def _read(self, path: str) -> None:
        source = self._tree.read(path, limit=MAX_CONFIG_BYTES)
        try:
            directives = read_nginx(source)
        except ParseError as wrong:
            error = wrong
            if b"{{" in source.data or b"{%" in source.data:
                message = "a template: what it makes is not known before it is rendered"
                error = ParseError(path, message, span=source.whole())
            if b"server" in source.data or b"http" in source.data:
                self.errors[path] = error
            else:
                self.others.append(path)
            return
        if is_nginx(directives):
            self.files[path] = of_file(path, directives)
        else:
            self.others.append(path)

    def resources(self, program_of: ProgramOf, target: str) -> Iterator[LoggingConfig]:
        """One for each file whose servers log anything, or that says that they do not."""
        every = list(self.files.values())
        for path, file in self.files.items():
            logs = logs_of(file, every)
            if logs or _turns_off(file):
                yield _access(path, list(texts(logs, file, every)), file, every, program_of, target)


def _turns_off(file: NginxFile) -> bool:
    return any(each.name == "access_log" for top in file.directives for each in top.walk())


def _access(
    path: str,
    logs: Sequence[tuple[Log, Format | Unknown]],
    file: NginxFile,
    every: Sequence[NginxFile],
    program_of: ProgramOf,
    target: str,
) -> LoggingConfig:
    query, query_chain = _query(logs, every)
    headers, header_chain = _headers(logs, every)
    first = logs[0][0].span if logs else file.directives[0].span
    program = program_of(path)
    return LoggingConfig(
        address=path,
        origin=Origin("code", target, path, first, ProofLevel.CONFIGURED),
        chains={"logs_query": query_chain, "logged_headers": header_chain},
        framework="nginx",
        form="access",
        program=program.files.address if program else "",
        exchange_terms=exchange_terms(program),
        logged_headers=headers,
        logs_query=query,
    )


def _query(
    logs: Sequence[tuple[Log, Format | Unknown]], every: Sequence[NginxFile]
) -> tuple[Maybe[bool], Chain]:
    doubt: tuple[Maybe[bool], Chain] = (False, _chain(logs))
    for log, format_ in logs:
        if isinstance(format_, Unknown):
            doubt = (format_, _steps(log, None))
        elif query_in(format_.text):
            return True, _steps(log, format_)
        elif made := made_in(format_.text, every):
            needs = Unknown(Why.COMPUTED, f"what ${made} holds", format_.span)
            doubt = (needs, _steps(log, format_))
    return doubt


def _headers(
    logs: Sequence[tuple[Log, Format | Unknown]], every: Sequence[NginxFile]
) -> tuple[Many[str], Chain]:
    known = [(log, f) for log, f in logs if isinstance(f, Format)]
    names = tuple(dict.fromkeys(name for _, f in known for name in headers_in(f.text)))
    doubt = next((f for _, f in logs if isinstance(f, Unknown)), None)
    made = ((f, made_in(f.text, every)) for _, f in known)
    doubts = (Unknown(Why.COMPUTED, f"what ${name} holds", f.span) for f, name in made if name)
    doubt = next(doubts, None) if doubt is None else doubt
    place = next((pair for pair in known if headers_in(pair[1].text)), None)
    chain = _steps(*place) if place else _chain(logs)
    return (names if doubt is None else PartialList(names, doubt)), chain


def _chain(logs: Sequence[tuple[Log, Format | Unknown]]) -> Chain:
    if not logs:
        return ()
    log, format_ = logs[0]
    return _steps(log, format_ if isinstance(format_, Format) else None)


def _steps(log: Log, format_: Format | None) -> Chain:
    if log.implied:
        return (Step(StepKind.IMPLIED, "nginx logs as `combined` by itself", log.span),)
    asked = Step(StepKind.ATTRIBUTE, "access_log", log.span)
    if format_ is None or format_.span == log.span:
        return (asked,)
    return (Step(StepKind.ATTRIBUTE, "log_format", format_.span), asked)
