"""What the source code of a program says to structlog and to loguru."""

from __future__ import annotations

import ast

from policyscan.collectors.code.logging_facts import Facts, Found, Redaction, level_of
from policyscan.collectors.code.python.classes import Classes
from policyscan.collectors.code.python.redaction import read_redaction
from policyscan.collectors.code.python.source import PythonSource, argument, dotted
from policyscan.collectors.code.python.walk import Conditions
from policyscan.resources.redaction import OPAQUE
from policyscan.values import Unknown, Why


class Frameworks:
    """Reads one file after the other; what is said to each framework is in `facts`."""

    def __init__(self, classes: Classes) -> None:
        self.facts: dict[str, Facts] = {}
        self._classes = classes
        self._sinks: list[bool] = []
        """For each sink of loguru, whether it hides anything."""

    def read(self, source: PythonSource) -> None:
        """Add what one file says."""
        for node, conditions in source.survey.places:
            if not isinstance(node, ast.Call):
                continue
            called = source.called(node.func)
            if called == "structlog.configure":
                self._structlog(source, node, conditions)
            elif called.startswith("loguru.logger."):
                self._loguru(source, node, called.rpartition(".")[2], conditions)

    def _at(self, framework: str, source: PythonSource, node: ast.AST) -> Facts:
        return self.facts.setdefault(framework, Facts(source.span(node)))

    # -- structlog -----------------------------------------------------------------------------

    def _structlog(self, source: PythonSource, call: ast.Call, conditions: Conditions) -> None:
        facts = self._at("structlog", source, call)
        processors = argument(call, "processors", 0)
        if processors is not None and dotted(processors) in source.constants:
            processors = source.constants[dotted(processors)]
        if isinstance(processors, (ast.List, ast.Tuple)):
            for each in processors.elts:
                self._hide(facts, source, each, "processor", conditions)
        elif processors is not None:
            span = source.span(processors)
            needs = Unknown(Why.COMPUTED, "which processors these are", span)
            facts.redactions.append(Redaction(needs, OPAQUE, span))
        wrapper = argument(call, "wrapper_class")
        if isinstance(wrapper, ast.Call) and wrapper.args:
            self._level(facts, source, wrapper.args[0], conditions)
        else:
            span = source.span(call)
            needs = Unknown(Why.OUTSIDE, "the level of the loggers behind structlog", span)
            facts.levels.append(Found(needs, span))

    # -- loguru --------------------------------------------------------------------------------

    def _loguru(
        self, source: PythonSource, call: ast.Call, method: str, conditions: Conditions
    ) -> None:
        if method not in ("add", "configure", "patch"):
            return
        facts = self._at("loguru", source, call)
        if method == "add":
            self._sink(facts, source, call, conditions)
            return
        patcher = argument(call, "patcher", 0 if method == "patch" else -1)
        if patcher is not None:
            self._hide(facts, source, patcher, "processor", conditions)
        if argument(call, "handlers") is not None:
            span = source.span(call)
            needs = Unknown(Why.UNSUPPORTED, "the level of these handlers", span)
            facts.levels.append(Found(needs, span))

    def _sink(
        self, facts: Facts, source: PythonSource, call: ast.Call, conditions: Conditions
    ) -> None:
        level = argument(call, "level")
        if level is not None:
            self._level(facts, source, level, conditions)
        elif any(keyword.arg is None for keyword in call.keywords):
            needs = Unknown(Why.COMPUTED, "what this sink is given", source.span(call))
            facts.levels.append(Found(needs, source.span(call)))
        else:
            facts.levels.append(Found("debug", source.span(call), "the default level of loguru"))
        hides = False
        for name in ("filter", "format"):
            given = argument(call, name)
            if given is not None and not isinstance(given, (ast.Constant, ast.JoinedStr, ast.Dict)):
                hides |= self._hide(facts, source, given, "some_handlers", conditions)
        self._sinks.append(hides)
        if facts.attach is not None and _is_sinks(facts.attach):
            facts.attach = "all_handlers" if all(self._sinks) else "some_handlers"

    # -- both ----------------------------------------------------------------------------------

    def _level(
        self, facts: Facts, source: PythonSource, node: ast.expr, conditions: Conditions
    ) -> None:
        value = source.value(node)
        level = level_of(value.value, value.span)
        if conditions and isinstance(level, str):
            level = Unknown(Why.CONDITION, f"whether the level is set to {level}", value.span)
        facts.levels.append(Found(level, value.span))

    def _hide(
        self,
        facts: Facts,
        source: PythonSource,
        given: ast.expr,
        attach: str,
        conditions: Conditions,
    ) -> bool:
        """Add what a processor, a patcher, a filter or a format hides; whether that is anything."""
        span = source.span(given)
        called = source.called(given.func if isinstance(given, ast.Call) else given)
        if called.startswith("structlog.") or dotted(given) in source.constants:
            return False
        own = read_redaction(source, given) if isinstance(given, ast.Lambda) else None
        own = own or (self._classes.of(called) if called else None)
        needs = Unknown(Why.OUTSIDE, f"what {called or 'this'} hides", span)
        found = own or Redaction(needs, OPAQUE, span)
        if found.present is True and conditions:
            needs = Unknown(Why.CONDITION, f"whether {called or 'this'} is in use", span)
            found = Redaction(needs, OPAQUE, span)
        facts.redactions.append(found)
        if found.present is True and facts.attach != "processor":
            facts.attach = attach
        elif isinstance(found.present, Unknown) and facts.attach is None:
            facts.attach = found.present
        return found.present is True


def _is_sinks(attach: object) -> bool:
    return isinstance(attach, str) and attach.endswith("_handlers")
