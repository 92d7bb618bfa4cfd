"""What log4j2 and logback write, and what their layouts hide.

https://logging.apache.org/log4j/2.x/manual/pattern-layout.html
https://logback.qos.ch/manual/layouts.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policyscan.collectors.code.logging_facts import (
    Facts,
    Found,
    Redaction,
    attach_of,
    covers,
    level_of,
)
from policyscan.resources.logging import LEVELS
from policyscan.resources.redaction import OPAQUE, Terms, joined, terms_of_pattern
from policyscan.text.source import Span
from policyscan.values import Unknown, Why

WIRE_LOGGERS = (
    "httpclient.wire",
    "jdk.httpclient",
    "okhttp3",
    "org.apache.hc.client5.http",
    "org.apache.http",
    "reactor.netty.http.client",
)
"""Loggers that write requests with their headers when they are at debug."""
_REPLACE = re.compile(r"%(?:-?[0-9.]+)?replace\b")
_REFERENCE = re.compile(r"\$\$?\{([^{}]*)\}")
_BRACED = re.compile(r"\s*\{((?:[^{}\\]|\\.|\{[^{}]*\})*)\}", re.DOTALL)
_PLAIN_WORDS = frozenset(
    "c class contextName cn d date caller caller level p le logger lo m msg message marker mdc X"
    " property n nopex nopexception ex exception throwable r relative t thread thread tid threadId"
    " tn threadName tp threadPriority C F file L line l location M method highlight style clr color"
    " boldRed boldGreen red green blue cyan magenta yellow white black gray boldBlue boldCyan"
    " boldMagenta boldYellow boldWhite notEmpty variablesNotEmpty varsNotEmpty maxLen maxLength"
    " repeat pid processId sn sequenceNumber u uuid xEx xException xThrowable rEx rException"
    " rThrowable wEx wex enc encode equals equalsIgnoreCase K map MAP N nano x NDC kvp hostName"
    " applicationName correlationId esb i sn K fqcn".split()
)
_WORD = re.compile(r"%(?:-?[0-9]{0,5}\.?-?[0-9]{0,5})?([A-Za-z]+)")
_MESSAGE = re.compile(r"%(?:-?[0-9]{0,5}\.?-?[0-9]{0,5})?(?:message|msg|m(?![A-Za-z]))")
"""What writes the message itself."""
_LONGEST = 5_000
"""Characters of a pattern."""


class Properties:
    """Names that stand for texts in one file; what the environment says is not known."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def filled(self, text: str, span: Span) -> str | Unknown:
        """The text with every reference replaced."""
        for _ in range(5):
            found = _REFERENCE.search(text)
            if found is None:
                return text
            name, _, default = found[1].partition(":-")
            value = self._given.get(name) if not default else None
            if value is None:
                return Unknown(Why.VARIABLE_UNSET, f"the value of {found[0][:80]}", span)
            text = text[: found.start()] + value + text[found.end() :]
        return Unknown(Why.BUDGET, "a text of so many references", span)


def pattern_redactions(pattern: str, span: Span) -> Iterator[Redaction]:
    """What the conversion words of a pattern hide."""
    if len(pattern) > _LONGEST:
        needs = Unknown(Why.BUDGET, "what a pattern of this length hides", span)
        yield Redaction(needs, OPAQUE, span)
        return
    terms = [_terms(pattern, found.end()) for found in _REPLACE.finditer(pattern)]
    if terms and not _MESSAGE.search(_without_replaced(pattern)):
        yield Redaction(True, joined(terms), span)
    strange = next((w for w in _WORD.findall(pattern) if _is_strange(w)), "")
    if strange and not terms:
        needs = Unknown(Why.OUTSIDE, f"what %{strange} hides", span)
        yield Redaction(needs, OPAQUE, span)


def _without_replaced(pattern: str) -> str:
    """The pattern without what its `%replace` conversions take."""
    kept: list[str] = []
    at = 0
    for found in _REPLACE.finditer(pattern):
        if found.start() < at:
            continue
        kept.append(pattern[at : found.start()])
        if pattern[found.end() : found.end() + 1] == "(":
            at = _closing(pattern, found.end())
        else:
            what = _BRACED.match(pattern, found.end())
            at = what.end() if what else found.end()
    return "".join((*kept, pattern[at:]))


def _is_strange(word: str) -> bool:
    """Whether a conversion word is none of those that come with the framework. Letters may follow
    a short one without a break."""
    if word == "replace" or word in _PLAIN_WORDS:
        return False
    return not any(word.startswith(known) for known in _PLAIN_WORDS if len(known) > 2)


def _terms(pattern: str, at: int) -> Terms:
    """The expression of `%replace{what}{expression}{text}` or `%replace(what){'expression', …}`."""
    if pattern[at : at + 1] == "(":
        at = _closing(pattern, at)
        found = _BRACED.match(pattern, at)
        parts = re.match(r"\s*'([^']*)'|\s*\"([^\"]*)\"|\s*([^,]*)", found[1]) if found else None
        text = next((p for p in parts.groups() if p is not None), "") if parts else ""
        return terms_of_pattern(text)
    what = _BRACED.match(pattern, at)
    expression = _BRACED.match(pattern, what.end()) if what else None
    if what is None or expression is None:
        return OPAQUE
    inner = [_terms(what[1], f.end()) for f in _REPLACE.finditer(what[1])]
    return joined([terms_of_pattern(expression[1]), *inner])


def _closing(text: str, at: int) -> int:
    depth = 0
    for index in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    return len(text)


def java_level(text: str | None, properties: Properties, span: Span) -> str | Unknown | None:
    """The level that an attribute names; None if it names none."""
    if not text:
        return None
    value = properties.filled(text.strip(), span)
    return value if isinstance(value, Unknown) else level_of(value, span)


def note_levels(
    facts: Facts, loggers: list[tuple[str, str | Unknown | None, Span]], least: str | Unknown
) -> None:
    """Add the levels of loggers, as far as some appender writes what they log."""
    for name, level, span in loggers:
        if level is None:
            continue
        shown: str | Unknown = level
        if isinstance(level, str):
            if isinstance(least, Unknown):
                shown = least if LEVELS.index(level) <= LEVELS.index("debug") else level
            else:
                shown = max(level, least, key=LEVELS.index)
        facts.levels.append(Found(shown, span))
        if name.startswith(WIRE_LOGGERS):
            if isinstance(shown, Unknown):
                facts.wire.append(Found(shown, span))
            elif LEVELS.index(shown) <= LEVELS.index("debug"):
                facts.wire.append(Found(True, span))


def note_appenders(facts: Facts, appenders: Mapping[str, list[Redaction]]) -> None:
    """Add what the appenders in use hide."""
    for redactions in appenders.values():
        facts.redactions += redactions
    facts.attach = attach_of(covers(redactions) for redactions in appenders.values())


def lowest(levels: list[str | Unknown]) -> str | Unknown:
    """The lowest level that some appender lets through."""
    known = [each for each in levels if isinstance(each, str)]
    if "all" in known or not levels:
        return "all"
    doubt = next((each for each in levels if isinstance(each, Unknown)), None)
    return doubt if doubt is not None else min(known, key=LEVELS.index)
