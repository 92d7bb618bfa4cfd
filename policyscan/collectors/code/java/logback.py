"""Logback: the appenders that loggers write to, their patterns, and the levels.

https://logback.qos.ch/manual/configuration.html
"""

from __future__ import annotations

from policyscan.collectors.code.java.shared import (
    Properties,
    java_level,
    lowest,
    note_appenders,
    note_levels,
    pattern_redactions,
)
from policyscan.collectors.code.logging_facts import Facts, Redaction
from policyscan.resources.redaction import OPAQUE, Terms, joined, terms_of_pattern, terms_of_word
from policyscan.text.source import Span
from policyscan.text.xml import Element
from policyscan.values import Unknown, Why

_WRITE_ALL = ("ch.qos.logback.", "net.logstash.logback.", "com.github.loki4j.")


def is_logback(top: Element) -> bool:
    """Whether a document is a configuration of logback, or a part that one includes."""
    return top.name in ("configuration", "included")


def read_logback(top: Element, facts: Facts) -> None:
    """Add what a configuration says to `facts`."""
    _Logback(top, facts).read()


class _Logback:
    def __init__(self, top: Element, facts: Facts) -> None:
        self._top = top
        self._facts = facts
        self._properties = Properties(
            {
                str(each.attribute("name")): str(each.attribute("value"))
                for each in top.named("property", "variable")
                if each.attribute("name") and each.attribute("value") is not None
            }
        )
        self._appenders = {str(each.attribute("name")): each for each in top.named("appender")}
        self._own_words = [
            str(each.attribute("conversionWord")) for each in top.named("conversionRule")
        ]

    def read(self) -> None:
        loggers = list(self._top.named("logger", "root"))
        used = {ref for each in loggers for ref in self._references(each)} or {*self._appenders}
        used = self._behind(used)
        hidden = {name: self._redactions(self._appenders[name]) for name in sorted(used)}
        note_appenders(self._facts, hidden)
        branches = self._top.named("if", "springProfile")
        conditional = {id(inner) for each in branches for inner in each.walk()}
        levels: list[tuple[str, str | Unknown | None, Span]] = []
        for each in loggers:
            level = java_level(each.attribute("level") or _child(each), self._properties, each.span)
            if isinstance(level, str) and id(each) in conditional:
                level = Unknown(Why.CONDITION, f"whether the level is {level}", each.span)
            if level is None and each.name == "root":
                level = "debug"
            levels.append((each.attribute("name") or "", level, each.span))
        if self._top.name == "configuration" and not list(self._top.named("root")):
            levels.append(("", "debug", self._top.span))
        note_levels(self._facts, levels, lowest([self._threshold(n) for n in sorted(used)]))
        for included in self._top.named("include"):
            self._include(included)

    def _include(self, included: Element) -> None:
        """Another file may say more; those that come with Spring Boot hide nothing."""
        resource = included.attribute("resource") or ""
        if resource.startswith("org/springframework/boot/logging/logback/"):
            return
        needs = Unknown(Why.OUTSIDE, "what the file that is included here says", included.span)
        if not self._facts.redactions:
            self._facts.redactions.append(Redaction(needs, OPAQUE, included.span))

    def _references(self, element: Element) -> list[str]:
        return [
            str(ref.attribute("ref"))
            for ref in element.children
            if ref.name == "appender-ref" and ref.attribute("ref") in self._appenders
        ]

    def _behind(self, names: set[str]) -> set[str]:
        """The appenders that write, in place of those that only hand on."""
        found: set[str] = set()
        for name in names:
            inner = self._references(self._appenders[name])
            found |= set(inner) or {name}
        return found

    def _threshold(self, name: str) -> str | Unknown:
        for each in self._appenders[name].named("filter"):
            if str(each.attribute("class")).endswith(("ThresholdFilter", "LevelFilter")):
                level = java_level(_child(each), self._properties, each.span)
                if level is not None:
                    return level
        return "all"

    def _redactions(self, appender: Element) -> list[Redaction]:
        found: list[Redaction] = []
        for each in appender.walk():
            name = each.attribute("class") or ""
            if each.name == "pattern":
                found += self._pattern(each)
            elif name.endswith("MaskingJsonGeneratorDecorator"):
                found.append(Redaction(True, _masked(each), each.span))
            elif name and not name.startswith(_WRITE_ALL):
                doubt = Unknown(Why.OUTSIDE, f"what {name} hides", each.span)
                found.append(Redaction(doubt, OPAQUE, each.span))
        return found

    def _pattern(self, element: Element) -> list[Redaction]:
        text = self._properties.filled(element.text, element.span)
        if isinstance(text, Unknown):
            return [Redaction(text, OPAQUE, element.span)]
        word = next((w for w in self._own_words if f"%{w}" in text), "")
        found = list(pattern_redactions(text, element.span))
        if word and not found:
            needs = Unknown(Why.OUTSIDE, f"what %{word} hides", element.span)
            found.append(Redaction(needs, OPAQUE, element.span))
        return found


def _masked(decorator: Element) -> Terms:
    """The paths and values that logstash's encoder masks."""
    terms = [
        terms_of_word(part)
        for each in decorator.named("path", "paths")
        for part in each.text.replace("/", ",").split(",")
        if part.strip()
    ]
    terms += [
        terms_of_pattern(each.text.strip())
        for each in decorator.named("value", "values")
        if each.text.strip()
    ]
    return joined(terms) if terms else OPAQUE


def _child(element: Element) -> str | None:
    """The text of a `level` inside an element."""
    for each in element.children:
        if each.name == "level":
            return each.attribute("value") or each.text.strip()
    return None
