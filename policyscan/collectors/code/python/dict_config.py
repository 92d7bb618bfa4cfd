"""What a configuration for `logging.config` says: the mapping of `dictConfig`, or the sections of
`fileConfig` brought into its form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from policyscan.collectors.code.logging_facts import (
    Facts,
    Found,
    Redaction,
    attach_of,
    covers,
    level_of,
)
from policyscan.collectors.code.nodes import Node
from policyscan.resources.exchanges import wire_loggers
from policyscan.resources.logging import LEVELS
from policyscan.resources.redaction import OPAQUE, SUSPECT
from policyscan.values import Unknown, Why

Resolve = Callable[[str], Redaction | None]
"""What a class of the program hides, by its dotted name; None if it is not the program's own."""

WIRE_LOGGERS = ("http.client", "requests.packages.urllib3", "urllib3", "httpcore")
"""Loggers that write requests with their query or headers when they are at debug."""
WRITE_ALL = (
    "logging.",
    "StreamHandler",
    "FileHandler",
    "RotatingFileHandler",
    "TimedRotatingFileHandler",
    "handlers.",
    "rich.logging.",
    "colorlog.",
    "coloredlogs.",
    "pythonjsonlogger.",
    "uvicorn.logging.",
    "concurrent_log_handler.",
    "cloghandler.",
)
"""Classes of the standard library and of widespread ones that write what they are given."""
_SILENT = "NullHandler"


def is_dict_config(node: Node) -> bool:
    """Whether a mapping has the shape that `dictConfig` takes."""
    members = node.members
    version = members.get("version")
    return (
        version is not None
        and str(version.value if not isinstance(version.value, Unknown) else "") == "1"
        and bool({"handlers", "loggers", "root", "formatters"} & members.keys())
    )


def is_file_config(node: Node) -> bool:
    """Whether INI sections have the shape that `fileConfig` takes."""
    return {"loggers", "handlers"} <= node.members.keys()


def as_dict_config(node: Node) -> Node:
    """The sections of `fileConfig` in the form of `dictConfig`."""
    top: dict[str, Node] = {}
    for kind in ("handlers", "formatters", "loggers"):
        top[kind] = Node(dict(_sections(node, kind, kind.removesuffix("s"))), node.span)
    loggers = dict(top["loggers"].members)
    root = loggers.pop("root", None)
    top["loggers"] = Node(loggers, node.span)
    if root is not None:
        top["root"] = root
    return Node(top, node.span)


def _sections(node: Node, kind: str, section: str) -> Iterator[tuple[str, Node]]:
    listed = node.get(kind, "keys")
    for key in str(listed.value if listed else "").split(","):
        found = node.get(f"{section}_{key.strip()}")
        if found is None:
            continue
        members = dict(found.members)
        if "handlers" in members:
            handlers = members["handlers"]
            names = [name.strip() for name in str(handlers.value).split(",") if name.strip()]
            members["handlers"] = Node(tuple(Node(n, handlers.span) for n in names), handlers.span)
        name = members["qualname"].value if kind == "loggers" and "qualname" in members else key
        yield str(name).strip(), Node(members, found.span)


def read_dict_config(node: Node, facts: Facts, resolve: Resolve) -> None:
    """Add what the configuration says to `facts`."""
    _DictConfig(node, facts, resolve).read()


class _DictConfig:
    def __init__(self, node: Node, facts: Facts, resolve: Resolve) -> None:
        self._facts = facts
        self._resolve = resolve
        self._node = node
        self._handlers = _members(node, "handlers")
        self._filters = _members(node, "filters")
        self._formatters = _members(node, "formatters")
        self._loggers = dict(_members(node, "loggers"))
        root = node.get("root") or self._loggers.pop("", None)
        self._root = root if root is not None else self._loggers.pop("root", None)

    def read(self) -> None:
        self._doubts()
        used = self._used()
        hidden = {name: self._redactions(name) for name in used}
        on_loggers = [r for logger in self._all_loggers() for r in self._filtered(logger)]
        for redactions in hidden.values():
            self._facts.redactions += redactions
        self._facts.redactions += on_loggers
        covered = attach_of(covers(redactions) for redactions in hidden.values())
        if covered is None and any(r.present is True for r in on_loggers):
            covered = "logger"
        if covered is not None:
            self._facts.attach = covered
        for logger in self._all_loggers():
            self._level(logger)
        for name, logger in self._loggers.items():
            self._wire(name, logger)

    def _doubts(self) -> None:
        """What stands in place of a whole section and is not known."""
        for key in ("handlers", "filters", "formatters", "loggers", "root"):
            section = self._node.get(key)
            if section is None or not isinstance(section.value, Unknown):
                continue
            self._facts.redactions.append(Redaction(section.value, OPAQUE, section.span))
            if key in ("loggers", "root"):
                self._facts.levels.append(Found(section.value, section.span))

    def _all_loggers(self) -> list[Node]:
        return [*([self._root] if self._root is not None else []), *self._loggers.values()]

    def _used(self) -> list[str]:
        """Names of the handlers that some logger writes to; all if that cannot be told."""
        names: dict[str, None] = {}
        for logger in self._all_loggers():
            listed = logger.get("handlers")
            for item in listed.items if listed else ():
                if not isinstance(item.value, str):
                    return list(self._handlers)
                names[item.value] = None
        return [name for name in names if name in self._handlers and not self._is_silent(name)]

    def _is_silent(self, name: str) -> bool:
        return _text(self._handlers[name].get("class")).endswith(_SILENT)

    def _redactions(self, name: str) -> list[Redaction]:
        """What one handler hides by its filters, its formatter and its own class."""
        handler = self._handlers[name]
        found = self._filtered(handler)
        found += self._of_class(handler, "class", is_handler=True)
        listed = handler.get("formatter")
        if listed is not None and isinstance(listed.value, Unknown):
            found.append(Redaction(listed.value, OPAQUE, listed.span))
        formatter = self._formatters.get(_text(listed))
        if formatter is not None:
            found += self._of_class(formatter, "class") + self._of_class(formatter, "()")
        return found

    def _filtered(self, node: Node) -> list[Redaction]:
        found: list[Redaction] = []
        listed = node.get("filters")
        for item in listed.items if listed else ():
            if not isinstance(item.value, str):
                needs = Unknown(Why.UNSUPPORTED, "which filters these are", item.span)
                found.append(Redaction(needs, OPAQUE, item.span))
            elif item.value in self._filters:
                found += self._of_class(self._filters[item.value], "()")
        return found

    def _of_class(self, node: Node, key: str, *, is_handler: bool = False) -> list[Redaction]:
        """What the class named under `key` hides; a filter or formatter of somebody else may hide
        anything, and a handler writes what it is given unless its name says otherwise."""
        named = node.get(key)
        if named is None:
            return []
        name = _text(named).removeprefix("ext://")
        if name.startswith(WRITE_ALL):
            return []
        own = self._resolve(name) if name else None
        if own is not None:
            return [] if own.present is False else [own]
        if is_handler and name and not SUSPECT.search(name):
            return []
        needs = f"whether {name or 'this class'} hides credentials"
        return [Redaction(Unknown(Why.OUTSIDE, needs, named.span), OPAQUE, named.span)]

    def _level(self, logger: Node) -> None:
        """What gets out of one logger: its own level, as far as a handler lets it through."""
        own = logger.get("level")
        if own is None:
            return
        value = level_of(own.value, own.span)
        least = self._least(logger)
        if isinstance(value, str) and isinstance(least, str):
            value = max(value, least, key=LEVELS.index)
        elif isinstance(value, str) and LEVELS.index(value) <= LEVELS.index("debug"):
            assert isinstance(least, Unknown)
            value = least
        self._facts.levels.append(Found(value, own.span))

    def _least(self, logger: Node) -> str | Unknown:
        """The lowest level that the handlers of a logger, and of the root, let through."""
        names = [_text(i) for at in (logger, self._root) if at for i in _handlers_of(at)]
        levels: list[str] = []
        for name in names:
            handler = self._handlers.get(name)
            stated = handler.get("level") if handler is not None else None
            level = level_of(stated.value, stated.span) if stated is not None else "all"
            if isinstance(level, Unknown):
                return level
            levels.append(level)
        return min(levels, key=LEVELS.index, default="all")

    def _wire(self, name: str, logger: Node) -> None:
        level = logger.get("level")
        if level is None or not name.startswith((*WIRE_LOGGERS, *wire_loggers())):
            return
        value = level_of(level.value, level.span)
        if isinstance(value, Unknown):
            self._facts.wire.append(Found(value, level.span))
        elif LEVELS.index(value) <= LEVELS.index("debug"):
            self._facts.wire.append(Found(True, level.span))


def _members(node: Node, key: str) -> Mapping[str, Node]:
    found = node.get(key)
    return found.members if found is not None else {}


def _handlers_of(logger: Node) -> tuple[Node, ...]:
    listed = logger.get("handlers")
    return listed.items if listed is not None else ()


def _text(node: Node | None) -> str:
    """The text of a node; empty if it is none or not known."""
    return node.value if node is not None and isinstance(node.value, str) else ""
