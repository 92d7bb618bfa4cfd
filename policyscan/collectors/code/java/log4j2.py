"""Log4j 2: the appenders that loggers write to, their layouts, and the levels.

https://logging.apache.org/log4j/2.x/manual/configuration.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyscan.collectors.code.java.shared import (
    Properties,
    java_level,
    lowest,
    note_appenders,
    note_levels,
    pattern_redactions,
)
from policyscan.collectors.code.logging_facts import Facts, Redaction
from policyscan.collectors.code.nodes import Node
from policyscan.resources.redaction import OPAQUE
from policyscan.text.source import Source, Span
from policyscan.text.xml import Element
from policyscan.values import Unknown, Why

_LAYOUTS = frozenset(
    "jsonlayout jsontemplatelayout htmllayout xmllayout csvparameterlayout csvlogeventlayout"
    " gelflayout serializedlayout rfc5424layout sysloglayout yamllayout messagelayout".split()
)
_LOGGERS = ("logger", "root", "asynclogger", "asyncroot")
_PROPERTY = re.compile(
    rb"[ \t]*([^=:#!\s][^=:\s]{0,200})[ \t]*[=:][ \t]*([^\n]*)\Z",
)


def is_log4j2(top: Element) -> bool:
    """Whether a document is a configuration of log4j 2."""
    return top.name.lower() == "configuration"


def read_log4j2(top: Element, facts: Facts) -> None:
    """Add what a configuration says to `facts`."""
    _Log4j2(top, facts).read()


class _Log4j2:
    def __init__(self, top: Element, facts: Facts) -> None:
        self._facts = facts
        self._top = top
        self._properties = Properties(
            {
                str(e.attribute("name")): (e.attribute("value") or e.text).strip()
                for e in top.named("property")
                if e.attribute("name")
            }
        )
        holders = [e for e in top.children if e.name.lower() == "appenders"]
        self._appenders = {
            str(each.attribute("name")): each for holder in holders for each in holder.children
        }

    def read(self) -> None:
        loggers = list(self._top.named(*_LOGGERS))
        used = {ref for each in loggers for ref in self._references(each)} or {*self._appenders}
        hidden: dict[str, list[Redaction]] = {}
        for name in sorted(used):
            for last, redactions in self._written(name, [], 0):
                hidden.setdefault(last, []).extend(redactions)
        note_appenders(self._facts, hidden)
        levels = [
            (
                each.attribute("name") or "",
                java_level(each.attribute("level"), self._properties, each.span),
                each.span,
            )
            for each in loggers
        ]
        note_levels(self._facts, levels, lowest([self._threshold(name) for name in sorted(used)]))

    def _references(self, element: Element) -> list[str]:
        return [
            str(ref.attribute("ref"))
            for ref in element.named("appenderref", "appender-ref")
            if ref.attribute("ref") in self._appenders
        ]

    def _written(
        self, name: str, before: list[Redaction], depth: int
    ) -> Iterator[tuple[str, list[Redaction]]]:
        """The appenders behind one that write, each with what is hidden on the way to it."""
        appender = self._appenders[name]
        inner = [ref for ref in self._references(appender) if ref != name]
        here = [*before, *self._redactions(appender)]
        if not inner or depth > 8:
            yield name, here
        for ref in inner if depth <= 8 else ():
            yield from self._written(ref, here, depth + 1)

    def _threshold(self, name: str) -> str | Unknown:
        for each in self._appenders[name].named("thresholdfilter"):
            level = java_level(each.attribute("level"), self._properties, each.span)
            return level if level is not None else "error"
        return "all"

    def _redactions(self, appender: Element) -> list[Redaction]:
        found: list[Redaction] = []
        for each in appender.walk():
            name = each.name.lower()
            if name == "patternlayout" and each.attribute("pattern") is not None:
                found += self._pattern(str(each.attribute("pattern")), each.span)
            elif name == "pattern":
                found += self._pattern(each.text or str(each.attribute("value") or ""), each.span)
            elif (name.endswith("layout") and name not in {*_LAYOUTS, "patternlayout"}) or (
                name.endswith("policy") and appender.name.lower() == "rewrite"
            ):
                needs = Unknown(Why.OUTSIDE, f"what {each.name} hides", each.span)
                found.append(Redaction(needs, OPAQUE, each.span))
        return found

    def _pattern(self, text: str, span: Span) -> list[Redaction]:
        filled = self._properties.filled(text, span)
        if isinstance(filled, Unknown):
            return [Redaction(filled, OPAQUE, span)]
        return list(pattern_redactions(filled, span))


# -- other notations ---------------------------------------------------------------------------


def element_of_properties(source: Source) -> Element | None:
    """The configuration in a file of Java properties; None if it is none."""
    tree: dict[str, object] = {}
    spans: dict[tuple[str, ...], Span] = {}
    at = 0
    for line in source.data.split(b"\n"):
        found = _PROPERTY.match(line)
        if found:
            key = tuple(found[1].decode("utf-8", "replace").split("."))
            span = source.span(at + found.start(1), at + found.end(2))
            spans[key] = span
            _put(tree, key, found[2].decode("utf-8", "replace").strip())
        at += len(line) + 1
    if not {"appender", "appenders", "rootLogger", "logger", "loggers"} & tree.keys():
        return None
    return _Properties(source, spans).top(tree)


def _put(tree: dict[str, object], key: tuple[str, ...], value: str) -> None:
    for part in key[:-1]:
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            inner = tree[part] = {"": inner}
        tree = inner
    if isinstance(tree.get(key[-1]), dict):
        tree[key[-1]][""] = value  # type: ignore[index]
    else:
        tree[key[-1]] = value


class _Properties:
    """Brings properties into the form of the XML notation."""

    def __init__(self, source: Source, spans: dict[tuple[str, ...], Span]) -> None:
        self._source = source
        self._spans = spans

    def top(self, tree: dict[str, object]) -> Element:
        whole = self._source.whole()
        appenders = [
            self._element(value, ("appender", name), "")
            for name, value in _tables(tree.get("appender"))
        ]
        loggers = [
            self._element(value, ("logger", name), "Logger")
            for name, value in _tables(tree.get("logger"))
        ]
        root = tree.get("rootLogger")
        if root is not None:
            loggers.append(self._element(root, ("rootLogger",), "Root"))
        given = [
            Element("Property", {"name": name, "value": value}, whole)
            for name, value in _texts(tree.get("property"), "")
        ]
        return Element(
            "Configuration",
            {},
            whole,
            [
                Element("Properties", {}, whole, given),
                Element("Appenders", {}, whole, appenders),
                Element("Loggers", {}, whole, loggers),
            ],
        )

    def _element(self, value: object, path: tuple[str, ...], name: str) -> Element:
        """One component: its texts are attributes, what is below it is inside."""
        if not isinstance(value, dict):
            level, *refs = [part.strip() for part in str(value).split(",")]
            inside = [Element("AppenderRef", {"ref": ref}, self._span(path)) for ref in refs]
            return Element(name, {"level": level}, self._span(path), inside)
        attributes = {key: text for key, text in value.items() if isinstance(text, str) and key}
        inside = [
            self._element(inner, (*path, key), key)
            for key, inner in value.items()
            if isinstance(inner, dict)
        ]
        inside = [each for child in inside for each in self._unfolded(child)]
        kind = attributes.get("type") or name or path[-1]
        return Element(kind, attributes, self._span((*path, "level"), path), inside)

    def _unfolded(self, child: Element) -> list[Element]:
        """`appenderRef.stdout.ref` has one level more than the XML notation."""
        plain = child.name in ("appenderRef", "appenderRefs", "filter", "policies")
        if plain and not child.attributes:
            for each in child.children:
                each.name = child.name if child.name != "filter" else each.name
            return child.children
        return [child]

    def _span(self, *paths: tuple[str, ...]) -> Span:
        for path in paths:
            if path in self._spans:
                return self._spans[path]
        prefix = paths[-1]
        inside = (span for key, span in self._spans.items() if key[: len(prefix)] == prefix)
        return next(inside, self._source.whole())


def _tables(value: object) -> Iterator[tuple[str, object]]:
    yield from value.items() if isinstance(value, dict) else ()


def _texts(value: object, prefix: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(inner, str):
            yield name, inner
        else:
            yield from _texts(inner, name)


def element_of_node(node: Node) -> Element | None:
    """The configuration in YAML or JSON; None if it is none."""
    top = node.get("Configuration") or node.get("configuration")
    return _element("Configuration", top) if top is not None and top.members else None


def _element(name: str, node: Node) -> Element:
    attributes = {
        key: str(each.value)
        for key, each in node.members.items()
        if not isinstance(each.value, (Unknown, dict, tuple)) and each.value is not None
    }
    inside = [
        _element(key, item)
        for key, each in node.members.items()
        for item in ((each,) if isinstance(each.value, dict) else each.items)
        if isinstance(item.value, dict)
    ]
    return Element(name, attributes, node.span, inside)
