"""From the files of a tree to programs, their logging and clients of TLS, gaps and the books.

What reads the configuration of loggers is imported when there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.code.looks import Looks
from policyscan.collectors.code.names import (
    ecosystem_of,
    is_aside,
    is_vendored,
    language_of,
    logging_format,
)
from policyscan.collectors.code.program_files import Layout
from policyscan.collectors.code.programs import (
    ASIDE,
    FAILED,
    MAX_CONFIG_BYTES,
    Seen,
    look_at,
    program_of,
)
from policyscan.collectors.interface import Declined, Item, Reading, Units
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.text.cache import cache_folder
from policyscan.text.source import Source
from policyscan.text.tree import Tree

if TYPE_CHECKING:
    from policyscan.collectors.code.python.program import PythonProgram
    from policyscan.resources.logging import LoggingConfig

OTHER = "something else"
VENDORED = "among copies of other people's code, which are not judged"
_LOGGING = "LoggingConfig"
_PROGRAM = "Program"


def read_all(tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
    """The programs and the logging configurations of all files, in the order of the paths, the
    gaps and the books."""
    vendored = [path for path in paths if is_vendored(path)]
    yield Declined(tuple(vendored), VENDORED)
    own = [path for path in paths if not is_vendored(path)] if vendored else paths
    yield from _Run(tree, own, reading.target).items()


class _Run:
    def __init__(self, tree: Tree, paths: Sequence[str], target: str) -> None:
        self._tree = tree
        self._paths = paths
        self._target = target
        self._layout = Layout(paths, tree.files())
        self._looks = Looks(cache_folder(tree))
        programs = self._layout.programs
        self._seen = {files.address: look_at(tree, files, self._looks) for files in programs}
        self._declined: list[str] = []
        self._left: Counter[str] = Counter()
        """Configuration files that gave no resource, by reason."""

    def items(self) -> Iterator[Item]:
        for seen in self._seen.values():
            yield program_of(seen, self._target)
            yield from seen.gaps
        code = 0
        given = 0
        searched = list(self._searched())
        self._looks.save()
        for item in (*self._python(), *self._java(), *self._nginx(), *searched):
            if isinstance(item, Resource) and item.kind == _LOGGING:
                given += 1
                code += "#" in item.address
            yield item
        yield from self._books(given, code)

    def _searched(self) -> Iterator[Item]:
        """What rules find in source: clients of TLS, and loggers of requests."""
        every = list(self._seen.values())
        if not any(seen.steering or seen.signs for seen in every):
            return
        from policyscan.collectors.code.tls.reader import TlsReader  # late: often not needed

        reader = TlsReader(self._tree, self._target, every)
        yield from reader.items()
        self._declined += reader.silent
        if reader.others:
            from policyscan.collectors.code.request_logs import request_logs
            from policyscan.collectors.code.semgrep.rules import load_rules

            about = {rule.id: rule.body["metadata"] for rule in load_rules().rules}
            yield from request_logs(self._tree, self._target, reader.others, about, reader.seen)

    # -- logging -------------------------------------------------------------------------------

    def _files(self, *formats: str) -> list[str]:
        """Configuration files by what their names say; examples are left out."""
        found = []
        for path in self._paths:
            if logging_format(path) not in formats:
                continue
            program = self._layout.program_of(path)
            if is_aside(path) and not (program is not None and program.is_aside):
                self._decline(path, ASIDE)
            else:
                found.append(path)
        return found

    def _decline(self, path: str, reason: str) -> None:
        self._left[reason] += 1
        self._declined.append(path)

    def _python(self) -> Iterator[LoggingConfig | Gap]:
        files = self._files("python_logging")
        if not files and not any(seen.logging for seen in self._seen.values()):
            return
        from policyscan.collectors.code.logging_resource import application_config
        from policyscan.collectors.code.python.program import (
            PythonProgram,
            facts_of_file,
            read_python_config,
        )

        nodes = {}
        for path in files:
            try:
                node = read_python_config(self._tree.read(path, limit=MAX_CONFIG_BYTES))
            except ReadError as error:
                yield self._gap(error)
                continue
            if node is None:
                self._decline(path, OTHER)
            else:
                nodes[path] = node
        programs = {
            seen.files.address: PythonProgram(seen) for seen in self._seen.values() if seen.logging
        }
        for path, node in nodes.items():
            seen = self._program(path)
            program = programs.get(seen.files.address) if seen is not None else None
            yield application_config(
                path,
                "python_logging",
                facts_of_file(node, program),
                program=seen,
                target=self._target,
            )
        for address, program in programs.items():
            yield from self._code(self._seen[address], program, list(nodes))

    def _code(
        self, seen: Seen, program: PythonProgram, files: Sequence[str]
    ) -> Iterator[LoggingConfig | Gap]:
        from policyscan.collectors.code.logging_resource import application_config

        for source in program.unread:
            yield _unread(source)
        own = [path for path in files if self._program(path) is seen]
        for framework, facts in program.facts(own):
            yield application_config(
                f"{seen.files.address}#{framework}",
                framework,
                facts,
                program=seen,
                target=self._target,
            )

    def _java(self) -> Iterator[LoggingConfig | Gap]:
        for path in self._files("log4j2", "logback"):
            from policyscan.collectors.code.java.files import read_java

            try:
                source = self._tree.read(path, limit=MAX_CONFIG_BYTES)
                found = read_java(source, logging_format(path), self._program(path), self._target)
            except ReadError as error:
                yield self._gap(error)
                continue
            if found is None:
                self._decline(path, OTHER)
            else:
                yield found

    def _nginx(self) -> Iterator[LoggingConfig | Gap]:
        readable = []
        for path in self._files("nginx"):
            try:
                self._tree.read(path, limit=MAX_CONFIG_BYTES)
                readable.append(path)
            except ReadError as error:
                yield self._gap(error)
        if not readable:
            return
        from policyscan.collectors.code.nginx_files import Nginx

        nginx = Nginx(self._tree, readable)
        for wrong in nginx.errors.values():
            yield self._gap(wrong)
        for path in nginx.others:
            self._decline(path, OTHER)
        found = list(nginx.resources(self._own_program, self._target))
        self._left["without a server that logs"] += len(nginx.files) - len(found)
        yield from found

    def _gap(self, error: ReadError) -> Gap:
        self._left[FAILED] += 1
        return Gap.of(error, hides=(_LOGGING,), unit=error.subject)

    def _program(self, path: str) -> Seen | None:
        files = self._layout.program_of(path)
        return self._seen[files.address] if files is not None else None

    def _own_program(self, path: str) -> Seen | None:
        """The program in whose directory a server's configuration lies; what lies at the top, or
        in a directory without a program of its own, may serve anything."""
        seen = self._program(path)
        return seen if seen is not None and seen.files.address != "." else None

    # -- books ---------------------------------------------------------------------------------

    def _books(self, given: int, code: int) -> Iterator[Item]:
        every = list(self._seen.values())
        yield Units(tuple(seen.files.address for seen in every))
        unread = sum((Counter(seen.unread) for seen in every), Counter[str]())
        sources = sum(bool(language_of(path)) for path in self._paths)
        read = sum(seen.read for seen in every)
        yield Tally(self._target, "source file", sources, read, dict(unread))
        yield Tally(self._target, _PROGRAM, _count_programs(self._paths), len(every))
        files = sum(bool(logging_format(path)) for path in self._paths)
        left = dict(+self._left)
        yield Tally(self._target, _LOGGING, files + code, given, left)
        declined = (*(path for seen in every for path in seen.declined), *self._declined)
        yield Declined(declined)


def _unread(source: Source) -> Gap:
    message = "this Python does not parse it; it may configure logging"
    kinds = (_LOGGING,)
    return Gap(GapReason.UNSUPPORTED, source.path, message, None, kinds, source.path)


def _count_programs(paths: Sequence[str]) -> int:
    """The directories with a manifest, and the top if anything lies outside of those."""
    folders: set[str] = set()
    builds: set[str] = set()
    for path in sorted(paths, key=lambda path: path.count("/")):
        ecosystem = ecosystem_of(path)
        folder, _, name = path.rpartition("/")
        if ecosystem == "maven":
            if not _below(path, builds - {folder}):
                builds.add(folder)
        elif ecosystem:
            nested = folder.rpartition("/")[2] == "requirements" and name.endswith(".txt")
            folders.add(folder.rpartition("/")[0] if nested else folder)
    folders |= builds
    outside = (not _below(path, folders) for path in paths if language_of(path))
    return len(folders) + ("" not in folders and any(outside))


def _below(path: str, folders: set[str]) -> bool:
    while path:
        path = path.rpartition("/")[0]
        if path in folders:
            return True
    return False
