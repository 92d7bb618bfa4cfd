"""The logging configurations of Python programs: what their code says, and what their files say."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence

from policyscan.collectors.code.logging_facts import Facts, Found, Redaction, attach_of
from policyscan.collectors.code.nodes import Node, read_ini, read_nodes
from policyscan.collectors.code.programs import Seen
from policyscan.collectors.code.python.classes import Classes
from policyscan.collectors.code.python.dict_config import (
    as_dict_config,
    is_dict_config,
    is_file_config,
    read_dict_config,
)
from policyscan.collectors.code.python.frameworks import Frameworks
from policyscan.collectors.code.python.logging_calls import LoggingReader
from policyscan.collectors.code.python.source import PythonSource, parse_python
from policyscan.resources.redaction import OPAQUE
from policyscan.text.source import Source
from policyscan.values import Maybe, Unknown, Why


class PythonProgram:
    """What the source of one program says to the frameworks, and which classes it defines."""

    def __init__(self, seen: Seen) -> None:
        parsed = [parse_python(source) for source in seen.logging]
        self.sources: Sequence[PythonSource] = [each for each in parsed if each is not None]
        self.unread = [s for s, each in zip(seen.logging, parsed, strict=True) if each is None]
        """Sources that this Python does not read."""
        self.classes = Classes(self.sources)
        reader, frameworks = LoggingReader(self.classes), Frameworks(self.classes)
        for source in self.sources:
            reader.read(source)
            frameworks.read(source)
        self.logging = reader.found
        self.logging.finish()
        self.others: Mapping[str, Facts] = frameworks.facts

    def facts(self, files: Sequence[str]) -> Iterator[tuple[str, Facts]]:
        """By framework, what the code says; `files` are the configuration files beside it."""
        for node in self.logging.dicts:
            self._dict(node, files)
        for name, span in self.logging.files:
            facts = self.logging.at(span)
            if not (any(_is_file(name, path) for path in files) if name else files):
                needs = Unknown(Why.OUTSIDE, "the file that is loaded here", span)
                _unknown(facts, needs)
        self._idle_redactors()
        said = self.logging.facts
        if said is not None and self._says_something(files):
            yield "python_logging", said
        yield from self.others.items()

    def attached(self, name: str) -> Redaction | None:
        """What a class hides that a configuration attaches; None if it is not the program's."""
        self.logging.used.add(name.rpartition(".")[2])
        return self.classes.of(name)

    def _dict(self, node: Node, files: Sequence[str]) -> None:
        facts = self.logging.at(node.span)
        if is_dict_config(node):
            said = Facts(node.span)
            read_dict_config(node, said, self.attached)
            facts.redactions += said.redactions
            facts.levels += said.levels
            facts.wire += said.wire
            facts.attach = self._together(facts.attach, said.attach)
        elif not _is_loaded(node, files):
            needs = Unknown(Why.COMPUTED, "what dictConfig is given", node.span)
            _unknown(facts, needs)

    def _together(self, code: Maybe[str | None], file: Maybe[str | None]) -> Maybe[str | None]:
        """Where redaction is attached if code makes some handlers and a mapping others."""
        if isinstance(code, str) and code == "log_record_factory":
            return code
        own = [handler.covered for handler in self.logging.handlers.values()]
        if not own:
            return code if file is None else file
        if isinstance(file, Unknown):
            return file
        if isinstance(file, str) and file not in ("all_handlers",):
            return file
        return attach_of([*own, file == "all_handlers"])

    def _idle_redactors(self) -> None:
        """Filters that hide something and that nothing here attaches."""
        for name, redaction in self.classes.redactors():
            if name in self.logging.used:
                continue
            facts = self.logging.at(redaction.span)
            facts.redactions.append(redaction)
            facts.attach = facts.attach if facts.attach is not None else "none"

    def _says_something(self, files: Sequence[str]) -> bool:
        """Whether the code does more than load a file that is judged on its own."""
        found = self.logging
        facts = found.facts
        if facts is None:
            return False
        return bool(
            found.handlers
            or found.factories
            or facts.redactions
            or facts.levels
            or facts.wire
            or not all(_is_loaded(node, files) for node in found.dicts)
            or (found.files and not files)
        )


def _is_loaded(node: Node, files: Sequence[str]) -> bool:
    """Whether a mapping comes from a file beside the code, which is judged on its own, and is taken
    as it is."""
    loaded = isinstance(node.value, Unknown) and node.value.why is not Why.CONDITION
    return loaded and bool(files)


def _unknown(facts: Facts, needs: Unknown) -> None:
    facts.redactions.append(Redaction(needs, OPAQUE, facts.place))
    facts.levels.append(Found(needs, facts.place))
    if facts.attach is None:
        facts.attach = needs


def _is_file(name: str, path: str) -> bool:
    return bool(name) and posixpath.basename(path) == posixpath.basename(name)


def read_python_config(source: Source) -> Node | None:
    """The configuration in a file, in the form of `dictConfig`; None if the file is none. Raises
    `ReadError`."""
    data = source.data
    if source.path.endswith((".yaml", ".yml", ".json")):
        if not (b"handlers" in data and b"version" in data):
            return None
        node = read_nodes(source)
        return _dict_inside(node) if node is not None else None
    if b"[loggers]" not in data or b"[handlers]" not in data:
        return None
    sections = read_ini(source)
    return as_dict_config(sections) if is_file_config(sections) else None


def _dict_inside(node: Node) -> Node | None:
    """The configuration that a file is, or that it holds under one of its keys."""
    if is_dict_config(node):
        return node
    return next((each for each in node.members.values() if is_dict_config(each)), None)


def facts_of_file(node: Node, program: PythonProgram | None) -> Facts:
    """What a file says. What the code of its program attaches may reach its handlers too."""
    facts = Facts(node.span)
    read_dict_config(node, facts, program.attached if program else lambda _: None)
    if program is None:
        return facts
    factories = program.logging.factories
    loose = [
        each
        for each in (*factories, *program.logging.everywhere, *program.logging.on_loggers)
        if each is not False
    ]
    if any(each is True for each in factories):
        code = program.logging.facts
        facts.redactions += [r for r in (code.redactions if code else ()) if r.present is True]
        facts.attach = "log_record_factory"
    elif loose or program.logging.strays:
        needs = Unknown(Why.OUTSIDE, "what the code of the program hides besides", node.span)
        facts.redactions.append(Redaction(needs, OPAQUE, node.span))
        facts.attach = needs if facts.attach is None else facts.attach
    return facts
