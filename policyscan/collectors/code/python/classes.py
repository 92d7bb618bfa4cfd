"""The filters, formatters and handlers that a program defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from policyscan.collectors.code.logging_facts import Redaction
from policyscan.collectors.code.python.redaction import read_redaction
from policyscan.collectors.code.python.source import PythonSource, dotted
from policyscan.resources.redaction import OPAQUE
from policyscan.values import Unknown, Why

_DEEPEST = 20
"""Classes that inherit from each other in a row."""
_BASES = ("Filter", "Formatter", "Handler", "LoggerAdapter")
"""How the names of base classes end whose children may hide something."""


class Classes:
    """The filters, formatters and handlers that a program defines, by name."""

    def __init__(self, sources: Sequence[PythonSource]) -> None:
        self._sources = sources
        self._bodies: dict[str, tuple[PythonSource, ast.ClassDef | ast.FunctionDef]] = {}
        self._read: dict[str, Redaction] = {}
        for source in sources:
            for name, node in source.classes.items():
                self._bodies.setdefault(name, (source, node))
        for source in sources:
            for name, function in source.functions.items():
                if isinstance(function, ast.FunctionDef):
                    self._bodies.setdefault(name, (source, function))

    def of(self, name: str, depth: int = 0) -> Redaction | None:
        """What the class or function of that dotted name hides; None if it is not the program's."""
        last = name.rpartition(".")[2]
        if last not in self._bodies:
            return None
        if last not in self._read:
            source, body = self._bodies[last]
            self._read[last] = read_redaction(source, body)
            if isinstance(body, ast.ClassDef):
                self._read[last] = self._with_bases(source, body, depth)
        return self._read[last]

    def _with_bases(self, source: PythonSource, body: ast.ClassDef, depth: int) -> Redaction:
        """What a class hides together with what it inherits."""
        own = self._read[body.name]
        for base in body.bases:
            name = source.called(base)
            if own.present is not False or name.startswith("logging.") or name == body.name:
                continue
            last = name.rpartition(".")[2]
            inherited = self._read.get(last) or (
                self.of(name, depth + 1) if depth < _DEEPEST else None
            )
            if inherited is not None:
                own = inherited
            elif last.endswith(_BASES) or last in self._bodies:
                span = source.span(base)
                own = Redaction(Unknown(Why.OUTSIDE, f"what {name} hides", span), OPAQUE, span)
        return own

    def redactors(self) -> Iterator[tuple[str, Redaction]]:
        """The filters and formatters that certainly hide something."""
        for name, (_, body) in self._bodies.items():
            if isinstance(body, ast.ClassDef) and any(
                dotted(base).endswith(("Filter", "Formatter")) for base in body.bases
            ):
                found = self.of(name)
                if found is not None and found.present is True:
                    yield name, found
