"""What the source code of a program says to Python's `logging`, structlog and loguru."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from policyscan.collectors.code.dict_config import WRITE_ALL
from policyscan.collectors.code.facts import Facts, Found, Redaction, attach_of, level_of
from policyscan.collectors.code.nodes import Node
from policyscan.collectors.code.python_redaction import read_redaction
from policyscan.collectors.code.python_source import PythonSource, argument, dotted
from policyscan.collectors.code.python_walk import Conditions, in_order
from policyscan.resources.logging import LEVELS
from policyscan.resources.redaction import OPAQUE, SUSPECT
from policyscan.text.source import Span
from policyscan.values import Unknown, Why

WIRE_LOGGERS = ("http.client", "urllib3", "requests", "httpcore", "httpx", "ccxt", "aiohttp")
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

    def of(self, name: str) -> Redaction | None:
        """What the class or function of that dotted name hides; None if it is not the program's."""
        last = name.rpartition(".")[2]
        if last not in self._bodies:
            return None
        if last not in self._read:
            source, body = self._bodies[last]
            self._read[last] = read_redaction(source, body)
            if isinstance(body, ast.ClassDef):
                self._read[last] = self._with_bases(source, body, self._read[last])
        return self._read[last]

    def _with_bases(self, source: PythonSource, body: ast.ClassDef, own: Redaction) -> Redaction:
        """What a class hides together with what it inherits."""
        for base in body.bases:
            name = source.called(base)
            if own.present is not False or name.startswith("logging.") or name == body.name:
                continue
            inherited = self.of(name) if name.rpartition(".")[2] not in self._read else None
            inherited = inherited or self._read.get(name.rpartition(".")[2])
            if inherited is not None:
                own = inherited
            elif name.rpartition(".")[2].endswith(_BASES):
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


class Handler(Struct):
    """One handler that the code makes, and what is known of what it hides."""

    name: str
    span: Span
    conditions: Conditions
    redactions: list[Redaction] = field(default_factory=list)
    level: str | Unknown = "all"

    @property
    def covered(self) -> bool | Unknown:
        """Whether it hides anything."""
        answers = [redaction.present for redaction in self.redactions]
        if any(each is True for each in answers):
            return True
        return next((each for each in answers if isinstance(each, Unknown)), False)


class SetLevel(Struct, frozen=True):
    """A level that the code sets on a logger."""

    found: Found
    named: bool
    """Whether the logger is one below the root."""


class Logging(Struct):
    """What all files of a program say to `logging` together."""

    facts: Facts | None = None
    handlers: list[Handler] = field(default_factory=list)
    everywhere: list[bool | Unknown] = field(default_factory=list)
    """Redaction that a loop attaches to all handlers."""
    on_loggers: list[bool | Unknown] = field(default_factory=list)
    factories: list[bool | Unknown] = field(default_factory=list)
    strays: list[Unknown] = field(default_factory=list)
    """Filters of which it is not known what they are attached to."""
    levels: list[SetLevel] = field(default_factory=list)
    dicts: list[Node] = field(default_factory=list)
    """What `dictConfig` is given."""
    files: list[tuple[str, Span]] = field(default_factory=list)
    """What `fileConfig` is given; empty text if that is not known."""
    used: set[str] = field(default_factory=set)
    """Names of the program's own classes that are attached somewhere."""
    main: Span | None = None
    """The first place that gives a logger something to write with."""

    def configure(self, span: Span) -> Facts:
        """The facts, now that something is given to a logger."""
        if self.main is None:
            self.main = span
        return self.at(span)

    def at(self, span: Span) -> Facts:
        """The facts, which begin at the first place that says anything."""
        if self.facts is None:
            self.facts = Facts(span)
        return self.facts


class LoggingReader:
    """Reads one file after the other into a `Logging`."""

    def __init__(self, classes: Classes) -> None:
        self.found = Logging()
        self._classes = classes

    def read(self, source: PythonSource) -> None:
        """Add what one file says."""
        file = _File(source, self.found, self._classes)
        for node, conditions in in_order(source.tree):
            file.look(node, conditions)

    def finish(self) -> Logging:
        """All files together: where redaction is attached."""
        found = self.found
        facts = found.facts
        if facts is None:
            return found
        facts.place = found.main or facts.place
        for handler in found.handlers:
            facts.redactions += handler.redactions
        facts.levels = _of_the_program(found.levels)
        facts.levels = [_let_through(level, found.handlers) for level in facts.levels]
        handlers = [h.covered for h in found.handlers]
        attach = attach_of(found.everywhere or handlers)
        if any(each is True for each in found.factories):
            facts.attach = "log_record_factory"
        elif attach is not None:
            facts.attach = attach
        elif found.strays:
            facts.attach = found.strays[0]
        elif any(each is True for each in found.on_loggers):
            facts.attach = "logger"
        return found


class _File:
    def __init__(self, source: PythonSource, found: Logging, classes: Classes) -> None:
        self._source = source
        self._found = found
        self._classes = classes
        self._kinds: dict[str, str] = {}
        """By variable, `logger`, `handler`, or the class that it is an instance of."""
        self._handlers: dict[str, Handler] = {}

    # -- dispatch ------------------------------------------------------------------------------

    def look(self, node: ast.AST, conditions: Conditions) -> None:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            self._assign(node, conditions)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            if dotted(node.iter).endswith("handlers") or "handlers" in ast.dump(node.iter):
                self._kinds[node.target.id] = "every handler"
        elif isinstance(node, ast.Call):
            self._call(node, conditions)

    def _assign(self, node: ast.Assign | ast.AnnAssign, conditions: Conditions) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            name = dotted(target)
            if name.endswith(".debuglevel") and node.value is not None:
                self._debuglevel(node.value, conditions)
            elif name and isinstance(node.value, ast.Call):
                self._bind(name, node.value, conditions)

    def _bind(self, name: str, call: ast.Call, conditions: Conditions) -> None:
        called = self._source.called(call.func)
        if called.rpartition(".")[2] in ("getLogger", "get_logger", "Logger"):
            root = called == "logging.getLogger" and not call.args
            self._kinds[name] = "root logger" if root else "logger"
        elif called.endswith("Handler") and not called.endswith("NullHandler"):
            self._kinds[name] = "handler"
            self._handlers[name] = handler = self._handler(name, call, conditions)
            if called.startswith("logging."):
                self._use(handler)
        elif called:
            self._kinds[name] = f"instance of {called}"

    def _use(self, handler: Handler) -> None:
        """Count a handler: it is one of `logging`, or a logger is given it."""
        if handler not in self._found.handlers:
            self._found.handlers.append(handler)
            self._found.configure(handler.span)

    def _give(self, given: ast.expr, conditions: Conditions) -> None:
        """A logger is given a handler."""
        if isinstance(given, ast.Call):
            self._bind("", given, conditions)
            if self._kinds.get("") == "handler" and self._handlers[""].span == self._source.span(
                given
            ):
                self._use(self._handlers[""])
        elif dotted(given) in self._handlers:
            self._use(self._handlers[dotted(given)])

    def _handler(self, name: str, call: ast.Call, conditions: Conditions) -> Handler:
        handler = Handler(name, self._source.span(call), conditions)
        level = argument(call, "level")
        if level is not None:
            handler.level = self._level_value(level, ())
        called = self._source.called(call.func)
        own = self._classes.of(called)
        if own is None and SUSPECT.search(called):
            own = self._redaction(call.func)
        if own is not None and own.present is not False:
            handler.redactions.append(own)
        return handler

    def _call(self, call: ast.Call, conditions: Conditions) -> None:
        called = self._source.called(call.func)
        last = called.rpartition(".")[2] or getattr(call.func, "attr", "")
        if last in ("basicConfig", "dictConfig", "fileConfig", "setLogRecordFactory"):
            self._found.configure(self._source.span(call))
        match last:
            case "basicConfig":
                self._basic(call, conditions)
            case "dictConfig" if call.args:
                self._found.dicts.append(self._source.value(call.args[0]))
            case "fileConfig":
                self._file_config(call)
            case "setLogRecordFactory" if call.args:
                redaction = self._attached(call.args[0], conditions, ())
                self._found.factories.append(self._note(redaction, call.args[0]))
            case "addFilter" if call.args and isinstance(call.func, ast.Attribute):
                self._add_filter(call.func.value, call.args[0], conditions)
            case "setFormatter" if call.args and isinstance(call.func, ast.Attribute):
                self._set_formatter(call.func.value, call.args[0], conditions)
            case "addHandler" if call.args:
                self._give(call.args[0], conditions)
            case "setLevel" if call.args and isinstance(call.func, ast.Attribute):
                self._set_level(call.func.value, call.args[0], conditions)
            case "set_debuglevel" if call.args:
                self._debuglevel(call.args[0], conditions)
        self._verbose(call, called, conditions)

    # -- what calls say ------------------------------------------------------------------------

    def _basic(self, call: ast.Call, conditions: Conditions) -> None:
        level = argument(call, "level")
        if level is not None:
            self._level(level, conditions, named=False)
        handlers = argument(call, "handlers")
        if any(keyword.arg is None for keyword in call.keywords):
            span = self._source.span(call)
            needs = Unknown(Why.COMPUTED, "what basicConfig is given", span)
            self._found.configure(span)
            self._found.levels.append(SetLevel(Found(needs, span), named=False))
        if handlers is None:
            handler = Handler("", self._source.span(call), conditions)
            self._found.handlers.append(handler)
        elif isinstance(handlers, (ast.List, ast.Tuple)):
            for item in handlers.elts:
                self._give(item, conditions)

    def _file_config(self, call: ast.Call) -> None:
        node = self._source.value(call.args[0]) if call.args else None
        name = node.value if node is not None and isinstance(node.value, str) else ""
        self._found.files.append((name, self._source.span(call)))

    def _set_level(self, receiver: ast.expr, level: ast.expr, conditions: Conditions) -> None:
        span = self._source.span(level)
        name = self._logger_name(receiver)
        if name is not None and name.startswith(WIRE_LOGGERS):
            value = self._level_value(level, conditions)
            if isinstance(value, Unknown) or LEVELS.index(value) <= LEVELS.index("debug"):
                wire = value if isinstance(value, Unknown) else True
                self._found.at(span).wire.append(Found(wire, span))
            return
        handler = self._handlers.get(dotted(receiver))
        if handler is not None:
            handler.level = self._level_value(level, conditions)
            return
        if name is not None or self._kinds.get(dotted(receiver)) in ("logger", "root logger"):
            root = name == "" or self._kinds.get(dotted(receiver)) == "root logger"
            self._level(level, conditions, named=not root)

    def _logger_name(self, receiver: ast.expr) -> str | None:
        """The name in `logging.getLogger(name)`; empty for the root, `?` for one not known."""
        if self._source.called(receiver) == "logging.root":
            return ""
        if not isinstance(receiver, ast.Call):
            return None
        if self._source.called(receiver.func).rpartition(".")[2] != "getLogger":
            return None
        if not receiver.args:
            return ""
        name = self._source.value(receiver.args[0]).value
        return name if isinstance(name, str) else "" if name is None else "?"

    def _level(self, level: ast.expr, conditions: Conditions, *, named: bool) -> None:
        span = self._source.span(level)
        value = self._level_value(level, conditions)
        if named and isinstance(value, str) and value == "all":
            return
        self._found.at(span)
        self._found.levels.append(SetLevel(Found(value, span), named))

    def _level_value(self, level: ast.expr, conditions: Conditions) -> str | Unknown:
        node = self._source.value(level)
        value = level_of(node.value, node.span)
        if conditions and isinstance(value, str):
            return Unknown(Why.CONDITION, f"whether the level is set to {value}", node.span)
        return value

    def _debuglevel(self, value: ast.expr, conditions: Conditions) -> None:
        span = self._source.span(value)
        node = self._source.value(value)
        if isinstance(node.value, (int, str)) and not node.value:
            return
        known = isinstance(node.value, int) and not conditions
        needs = Unknown(Why.CONDITION, "the debug level of http.client", span)
        self._found.at(span).wire.append(Found(True if known else needs, span))

    def _verbose(self, call: ast.Call, called: str, conditions: Conditions) -> None:
        """`verbose` in what an exchange of ccxt is made with."""
        given = call.args[0] if call.args and called.startswith("ccxt.") else None
        if not isinstance(given, ast.Dict):
            return
        for key, value in zip(given.keys, given.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "verbose":
                self._debuglevel(value, conditions)

    # -- redaction -----------------------------------------------------------------------------

    def _add_filter(self, receiver: ast.expr, given: ast.expr, conditions: Conditions) -> None:
        name = dotted(receiver)
        kind = self._kinds.get(name, "")
        handler = self._handlers.get(name)
        redaction = self._attached(given, conditions, handler.conditions if handler else ())
        if redaction.present is False:
            return
        if handler is not None:
            handler.redactions.append(redaction)
            return
        answer = self._note(redaction, given)
        if kind == "every handler":
            self._found.everywhere.append(answer)
        elif kind.endswith("logger") or self._logger_name(receiver) is not None:
            self._found.on_loggers.append(answer)
        else:
            span = self._source.span(receiver)
            needs = f"whether {name or 'this'} is a logger or a handler"
            self._found.strays.append(Unknown(Why.COMPUTED, needs, span))

    def _set_formatter(self, receiver: ast.expr, given: ast.expr, conditions: Conditions) -> None:
        name = dotted(receiver)
        handler = self._handlers.get(name)
        redaction = self._attached(given, conditions, handler.conditions if handler else ())
        if redaction.present is False:
            return
        if handler is not None:
            handler.redactions.append(redaction)
            return
        answer = self._note(redaction, given)
        if self._kinds.get(name) == "every handler":
            self._found.everywhere.append(answer)
        else:
            needs = f"which handler {name or 'this'} is"
            self._found.strays.append(Unknown(Why.COMPUTED, needs, self._source.span(receiver)))

    def _attached(self, given: ast.expr, conditions: Conditions, around: Conditions) -> Redaction:
        """What is attached hides; `around` are the conditions of what it is
        attached to."""
        span = self._source.span(given)
        redaction = self._redaction(given)
        if redaction.present is True and conditions[: len(around)] == around != conditions:
            needs = Unknown(Why.CONDITION, "whether this filter is attached", span)
            redaction = Redaction(needs, OPAQUE, span)
        return redaction

    def _note(self, redaction: Redaction, given: ast.expr) -> bool | Unknown:
        self._found.at(self._source.span(given)).redactions.append(redaction)
        return redaction.present

    def _redaction(self, given: ast.expr) -> Redaction:
        span = self._source.span(given)
        name = self._class_of(given)
        self._found.used.add(name.rpartition(".")[2])
        if isinstance(given, ast.Lambda):
            return read_redaction(self._source, given)
        if name.startswith(WRITE_ALL):
            return Redaction(False, OPAQUE, span)
        own = self._classes.of(name) if name else None
        if own is not None:
            return own
        needs = f"what {name or 'this filter'} hides"
        return Redaction(Unknown(Why.OUTSIDE, needs, span), OPAQUE, span)

    def _class_of(self, node: ast.expr) -> str:
        """The class of what an expression makes, or the function that it names."""
        if isinstance(node, ast.Call):
            return self._source.called(node.func)
        name = dotted(node)
        kind = self._kinds.get(name, "")
        if kind.startswith("instance of "):
            return kind.removeprefix("instance of ")
        return self._source.called(node) if name else ""


def _of_the_program(levels: Sequence[SetLevel]) -> list[Found]:
    """The levels that say how much a program tells. Each of several scripts may set its own; where
    only some are talkative, it is not known which of them runs."""
    talkative = {each.found.span.source.path for each in levels if _is_talkative(each)}
    others = [
        each
        for each in levels
        if not each.named and isinstance(each.found.value, str) and not _is_talkative(each)
    ]
    apart = [each for each in others if each.found.span.source.path not in talkative]
    if not talkative or not apart:
        roots = [each.found for each in levels if not each.named or _is_talkative(each)]
        return roots or [each.found for each in levels]
    first = next(each.found for each in levels if _is_talkative(each))
    needs = f"whether the program runs this or {apart[0].found.span.place}"
    return [Found(Unknown(Why.OUTSIDE, needs, first.span), first.span)]


def _is_talkative(level: SetLevel) -> bool:
    value = level.found.value
    return isinstance(value, str) and LEVELS.index(value) <= LEVELS.index("debug")


def _let_through(level: Found, handlers: Sequence[Handler]) -> Found:
    """A level as far as some handler writes what is logged at it."""
    least = [handler.level for handler in handlers]
    known = [each for each in least if isinstance(each, str)]
    if not least or not isinstance(level.value, str):
        return level
    lowest = min(known, key=LEVELS.index, default="off")
    if LEVELS.index(lowest) <= LEVELS.index(level.value):
        return level
    doubt = next((each for each in least if isinstance(each, Unknown)), None)
    return Found(lowest if doubt is None else doubt, level.span)
