"""What the source code of a program says to Python's `logging`."""

from __future__ import annotations

import ast

from policyscan.collectors.code.logging_facts import Found, Redaction, level_of
from policyscan.collectors.code.nodes import Node
from policyscan.collectors.code.python.classes import Classes
from policyscan.collectors.code.python.dict_config import WRITE_ALL
from policyscan.collectors.code.python.redaction import read_redaction
from policyscan.collectors.code.python.source import PythonSource, argument, dotted
from policyscan.collectors.code.python.state import Handler, Logging, SetLevel
from policyscan.collectors.code.python.walk import Conditions, base_name
from policyscan.resources.exchanges import wire_loggers, wire_options
from policyscan.resources.logging import LEVELS
from policyscan.resources.redaction import OPAQUE, SUSPECT
from policyscan.values import Unknown, Why

WIRE_LOGGERS = ("http.client", "urllib3", "requests", "httpcore", "httpx", "aiohttp")


class LoggingReader:
    """Reads one file after the other into a `Logging`."""

    def __init__(self, classes: Classes) -> None:
        self.found = Logging()
        self._classes = classes

    def read(self, source: PythonSource) -> None:
        """Add what one file says."""
        file = _File(source, self.found, self._classes)
        for node, conditions in source.survey.places:
            file.look(node, conditions)


class _File:
    def __init__(self, source: PythonSource, found: Logging, classes: Classes) -> None:
        self._source = source
        self._found = found
        self._classes = classes
        self._kinds: dict[str, str] = {}
        """By variable, `logger`, `handler`, or the class that it is an instance of."""
        self._handlers: dict[str, Handler] = {}
        self._looped: set[str] = set()
        """Variables that go over handlers which are made in this file."""

    # -- dispatch ------------------------------------------------------------------------------

    def look(self, node: ast.AST, conditions: Conditions) -> None:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            self._assign(node, conditions)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            if self._is_all_handlers(node.iter):
                self._kinds[node.target.id] = "every handler"
            elif self._handlers:
                self._looped.add(node.target.id)
        elif isinstance(node, ast.Call):
            self._call(node, conditions)

    def _is_all_handlers(self, node: ast.expr) -> bool:
        """Whether an expression is the handlers of the root logger, or a copy of them."""
        if isinstance(node, ast.Call) and len(node.args) == 1:
            node = node.args[0]
        if isinstance(node, ast.Subscript):
            node = node.value
        if not isinstance(node, ast.Attribute) or node.attr != "handlers":
            return False
        owner = node.value
        return self._logger_name(owner) == "" or self._kinds.get(dotted(owner)) == "root logger"

    def _assign(self, node: ast.Assign | ast.AnnAssign, conditions: Conditions) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            name = dotted(target)
            owner, _, option = name.rpartition(".")
            loud = owner and (option == "debuglevel" or option in self._wire_options())
            if loud and node.value is not None:
                self._debuglevel(node.value, conditions)
            elif name and isinstance(node.value, ast.Call):
                self._bind(name, node.value, conditions)
            elif (
                name and isinstance(node.value, ast.IfExp) and isinstance(node.value.body, ast.Call)
            ):
                self._bind(name, node.value.body, conditions)

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
        self._found.handlers[id(handler)] = handler
        self._found.configure(handler.span)

    def _give(self, given: ast.expr, conditions: Conditions) -> None:
        """A logger is given a handler."""
        if isinstance(given, ast.Call):
            self._bind("", given, conditions)
            if self._kinds.get("") == "handler" and self._handlers[""].span == self._source.span(
                given
            ):
                self._use(self._handlers[""])
            elif not self._is_silent(given):
                self._use(self._stranger(given, conditions))
        elif dotted(given) in self._handlers:
            self._use(self._handlers[dotted(given)])
        elif dotted(given) not in self._looped:
            self._use(self._stranger(given, conditions))

    def _is_silent(self, call: ast.Call) -> bool:
        return self._source.called(call.func).endswith("NullHandler")

    def _stranger(self, given: ast.expr, conditions: Conditions) -> Handler:
        """A handler that is made elsewhere."""
        span = self._source.span(given)
        handler = Handler("", span, conditions)
        needs = Unknown(Why.OUTSIDE, f"what {dotted(given) or 'this handler'} hides", span)
        handler.doubt = needs
        return handler

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
                self._found.dicts.append(self._given(call.args[0]))
            case "fileConfig":
                self._file_config(call)
            case "setLogRecordFactory" if call.args:
                redaction = self._attached(call.args[0], conditions, ())
                self._found.factories.append(self._note(redaction, call.args[0]))
            case "addFilter" if call.args and isinstance(call.func, ast.Attribute):
                self._add_filter(call.func.value, call.args[0], conditions)
            case "removeFilter":
                span = self._source.span(call)
                needs = Unknown(Why.COMPUTED, "which filters are taken off again", span)
                self._found.removed = needs
            case "setFormatter" if call.args and isinstance(call.func, ast.Attribute):
                self._set_formatter(call.func.value, call.args[0], conditions)
            case "addHandler" if call.args:
                self._give(call.args[0], conditions)
            case "setLevel" if call.args and isinstance(call.func, ast.Attribute):
                self._set_level(call.func.value, call.args[0], conditions)
            case "set_debuglevel" if call.args:
                self._debuglevel(call.args[0], conditions)
            case "HTTPHandler" | "HTTPSHandler":
                level = argument(call, "debuglevel")
                if level is not None:
                    self._debuglevel(level, conditions)
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
            self._use(Handler("", self._source.span(call), conditions))
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
        if name is not None and name.startswith((*WIRE_LOGGERS, *wire_loggers())):
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

    def _given(self, mapping: ast.expr) -> Node:
        """What `dictConfig` is given; not known if the program changes what it has loaded."""
        name = base_name(mapping)
        if isinstance(mapping, ast.Dict) or self._source.survey.changes[name] < 2:
            return self._source.value(mapping)
        span = self._source.span(mapping)
        return Node(Unknown(Why.CONDITION, f"what the program makes of {name}", span), span)

    def _wire_options(self) -> frozenset[str]:
        """The options that show requests, of the clients that the file imports."""
        known = wire_options()
        heads = {name.partition(".")[0] for name in self._source.survey.imports.values()}
        return frozenset[str]().union(*(known[head] for head in heads if head in known))

    def _verbose(self, call: ast.Call, called: str, conditions: Conditions) -> None:
        """An option that shows requests, in what a client of an exchange is made with."""
        options = wire_options().get(called.partition(".")[0], frozenset())
        given = call.args[0] if call.args and options else None
        if not isinstance(given, ast.Dict):
            return
        for key, value in zip(given.keys, given.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in options:
                self._debuglevel(value, conditions)

    # -- redaction -----------------------------------------------------------------------------

    def _add_filter(self, receiver: ast.expr, given: ast.expr, conditions: Conditions) -> None:
        answer = self._beyond_handlers(receiver, given, conditions)
        if answer is None:
            return
        name = dotted(receiver)
        kind = self._kinds.get(name, "")
        if kind == "every handler":
            self._found.everywhere.append(answer)
        elif kind.endswith("logger") or self._logger_name(receiver) is not None:
            self._found.on_loggers.append(answer)
        else:
            span = self._source.span(receiver)
            needs = f"whether {name or 'this'} is a logger or a handler"
            self._found.strays.append(Unknown(Why.COMPUTED, needs, span))

    def _set_formatter(self, receiver: ast.expr, given: ast.expr, conditions: Conditions) -> None:
        answer = self._beyond_handlers(receiver, given, conditions)
        if answer is None:
            return
        name = dotted(receiver)
        if self._kinds.get(name) == "every handler":
            self._found.everywhere.append(answer)
        else:
            needs = f"which handler {name or 'this'} is"
            self._found.strays.append(Unknown(Why.COMPUTED, needs, self._source.span(receiver)))

    def _beyond_handlers(
        self, receiver: ast.expr, given: ast.expr, conditions: Conditions
    ) -> bool | Unknown | None:
        """Whether what is attached to something else than a handler hides anything; None if there
        is nothing more to say."""
        handler = self._handlers.get(dotted(receiver))
        redaction = self._attached(given, conditions, handler.conditions if handler else ())
        if redaction.present is False:
            return None
        if handler is not None:
            handler.redactions.append(redaction)
            return None
        return self._note(redaction, given)

    def _note(self, redaction: Redaction, given: ast.expr) -> bool | Unknown:
        self._found.at(self._source.span(given)).redactions.append(redaction)
        return redaction.present

    def _attached(self, given: ast.expr, conditions: Conditions, around: Conditions) -> Redaction:
        """What is attached hides; `around` are the conditions of what it is attached to."""
        span = self._source.span(given)
        redaction = self._redaction(given)
        if redaction.present is True and conditions[: len(around)] == around != conditions:
            needs = Unknown(Why.CONDITION, "whether this filter is attached", span)
            redaction = Redaction(needs, OPAQUE, span)
        return redaction

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
        needs = f"what {name or 'this'} hides"
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
