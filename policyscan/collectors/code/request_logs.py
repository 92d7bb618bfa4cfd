"""Loggers of requests in the code of programs: whether they write headers, and which they hide.

What one program says to one framework is judged together, as `bots/maker#express_winston`: if any
of its loggers writes a header, the program does. Calls that log the headers of a request count as
the framework `log_calls`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from msgspec import Struct

from policyscan.collectors.code.logging_resource import exchange_terms
from policyscan.collectors.code.morgan import format_of
from policyscan.collectors.code.names import language_of
from policyscan.collectors.code.programs import MAX_SEARCHED_BYTES, Seen
from policyscan.collectors.code.semgrep.model import BETWEEN, Match
from policyscan.collectors.code.tls.shape import Shape
from policyscan.collectors.code.tls.values import text_of, truth
from policyscan.errors import ReadError
from policyscan.resources.base import Chain, Origin, ProofLevel, Step, StepKind
from policyscan.resources.exchanges import exchange_of_header
from policyscan.resources.logging import Framework, LoggingConfig
from policyscan.text.source import Span
from policyscan.text.tree import Tree
from policyscan.values import Many, Maybe, PartialList, Unknown, Why, opened

Answer = bool | Unknown
_PATH = re.compile(r"headers(?:\.|\[\\?[\"'])([\w-]+)")
_MESSAGE = re.compile(r"\{\{\s*req\.headers(?:\.|\[\\?[\"'])([\w-]+)")
"""A header that a message of express-winston takes out of a request, hidden elsewhere or not."""
_WRITES = r"(?:log|logger|slog|zap|fmt|logrus|sugar|logging)\w*\.\w+\([^\n]*\b"
_EVERY = "*"
_TAKEN = re.compile(
    r"\.[hH]eaders?\b(?P<taken>\s*(?:\.[gG]et\(|\[)\s*(?:[\"'`](?P<text>[\w-]+)[\"'`])?"
    r"|\.(?P<field>\w+))?"
)
"""Headers of a request, and which of them is taken."""
_WHOLE = frozenset({"items", "entries", "values", "copy", "toString", "raw", "multi_items"})


class Logger(Struct):
    """One logger of requests."""

    framework: str
    span: Span
    every: Answer = False
    """Whether it writes all headers but the hidden ones."""
    headers: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    query: Answer = False


class _Said(Struct, frozen=True):
    """One match."""

    framework: str
    makes: str
    says: str
    value: str
    span: Span


def request_logs(
    tree: Tree,
    target: str,
    found: Iterable[Match],
    rules: Mapping[str, Mapping[str, Any]],
    seen: Mapping[str, Seen],
) -> Iterator[LoggingConfig]:
    """By program and framework, what the matches of the rules say."""
    together: dict[tuple[str, str], list[Logger]] = {}
    programs: dict[str, Seen] = {}
    files: dict[str, list[Match]] = {}
    for match in found:
        files.setdefault(match.path, []).append(match)
    for path, listed in files.items():
        program = programs.setdefault(seen[path].files.address, seen[path])
        for logger in _of_file(tree, path, listed, rules):
            together.setdefault((program.files.address, logger.framework), []).append(logger)
    for (address, framework), loggers in sorted(together.items()):
        yield _config(address, framework, loggers, programs[address], target)


def _of_file(
    tree: Tree, path: str, found: Sequence[Match], rules: Mapping[str, Mapping[str, Any]]
) -> Iterator[Logger]:
    try:
        source = tree.read(path, limit=MAX_SEARCHED_BYTES)
    except ReadError:
        return
    said = [
        _Said(
            rules[each.rule]["framework"],
            rules[each.rule].get("makes", ""),
            rules[each.rule].get("says", ""),
            each.text.split(BETWEEN)[-1].removeprefix("value($V)"),
            source.span(each.start, each.end),
        )
        for each in found
    ]
    shape = Shape(source, language_of(path))
    taken: list[Span] = []
    for each in said:
        if not each.makes or any(s.start <= each.span.start < s.end for s in taken):
            continue
        taken.append(each.span)
        settings = [one for one in said if one.says and _belongs(one, each)]
        logger = _logger(each, settings, shape)
        if logger is not None:
            yield logger


def _belongs(setting: _Said, maker: _Said) -> bool:
    """Whether a setting is for this logger: in its expression, or, where methods set it, anywhere
    in the file."""
    if setting.framework != maker.framework:
        return False
    if maker.makes in ("okhttp", "spring"):
        return True
    return maker.span.start <= setting.span.start and setting.span.end <= maker.span.end


def _logger(maker: _Said, settings: Sequence[_Said], shape: Shape) -> Logger | None:
    logger = Logger(maker.framework, maker.span)
    if maker.makes == "morgan":
        return _morgan(logger, maker.value)
    if maker.makes in ("trace", "spring"):
        logger.every = _truth(maker)
    elif maker.makes == "okhttp":
        logger.every, logger.query = _okhttp(maker)
    elif maker.makes == "feign":
        logger.every = maker.span.text.endswith(("FULL", "HEADERS"))
        logger.query = not maker.span.text.endswith("NONE")
    elif maker.makes == "dump":
        logger.every = logger.query = _dumped(maker, shape)
    elif maker.makes == "bunyan":
        logger.every = _serializes(maker)
    elif maker.makes == "call":
        _called(logger)
    else:
        logger.every = logger.query = True
        logger.headers = frozenset(name.lower() for name in _MESSAGE.findall(maker.span.text))
    for setting in settings:
        _apply(logger, setting)
    return logger


def _apply(logger: Logger, setting: _Said) -> None:
    if setting.says == "hidden":
        logger.hidden |= _hidden(setting)
        if _EVERY in logger.hidden:
            logger.every = False
    elif setting.says == "listed":
        listed = _texts(setting.span, "requestWhitelist")
        if listed is None:
            logger.every = logger.query = _unknown("what requestWhitelist holds", setting.span)
        else:
            logger.every = "headers" in listed
            logger.query = not listed.isdisjoint({"url", "originalUrl", "query"})
    elif setting.says == "serializers":
        logger.every = _serializes(setting) if _replaces_request(setting) else logger.every
    elif setting.says == "query":
        logger.query = _truth(setting)
    elif logger.every is not False:
        logger.every = _unknown("what its filter takes out", setting.span)


def _called(logger: Logger) -> None:
    """What a call writes: all headers, or those that it takes out of them by name."""
    logger.query = _unknown("what else is written there", logger.span)
    for found in _TAKEN.finditer(logger.span.text):
        name = found["text"] or found["field"]
        if found["taken"] is None or (found["field"] and found["field"] in _WHOLE):
            logger.every = True
        elif name:
            logger.headers |= {name.lower()}
        elif logger.every is False:
            logger.every = _unknown("which header is written", logger.span)


def _truth(said: _Said) -> Answer:
    answer = truth(said.value)
    return _unknown(f"the value of {said.value[:60]}", said.span) if answer is None else answer


def _unknown(needs: str, span: Span) -> Unknown:
    return Unknown(Why.COMPUTED, f"{needs} at {span.place}", span)


def _morgan(logger: Logger, value: str) -> Logger:
    found = format_of(logger.span.text, value)
    logger.headers, logger.query = found.headers, found.query
    if found.doubt:
        logger.every = _unknown(found.doubt, logger.span)
        logger.query = found.query or logger.every
    return logger


def _okhttp(said: _Said) -> tuple[Answer, Answer]:
    level = re.search(r"\b(NONE|BASIC|HEADERS|BODY)\b", said.value)
    if level is None:
        doubt = _unknown(f"the level {said.value[:40]}", said.span)
        return doubt, doubt
    return level[1] in ("HEADERS", "BODY"), level[1] != "NONE"


def _dumped(said: _Said, shape: Shape) -> Answer:
    """Whether what is dumped is written: by name, in the same function."""
    name = shape.variable_before(said.span.start)
    around = [f for f in shape.functions if f.start <= said.span.start < f.end]
    function = min(around, key=lambda f: f.end - f.start, default=None)
    if name and function is not None:
        text = said.span.source.data[said.span.end : function.end].decode("utf-8", "replace")
        if re.search(_WRITES + re.escape(name) + r"\b", text):
            return True
    return _unknown("what becomes of the dumped request", said.span)


def _replaces_request(said: _Said) -> bool:
    return bool(re.search(r"serializers[\"']?\s*:\s*(?!\{)|\breq\b", said.span.text))


def _serializes(said: _Said) -> Answer:
    """Whether a serializer of requests keeps the headers: the standard ones do."""
    at = said.span.text.find("serializers")
    text = said.span.text[at:]
    if re.search(r"stdSerializers", text) or "headers" in text:
        custom = "headers" in text and "stdSerializers" not in text
        return _unknown("which headers its serializer keeps", said.span) if custom else True
    if re.search(r"\breq\b[\"']?\s*(?::\s*(?:\(|function|\w+\s*=>)|\()", text):
        return False
    return _unknown("what its serializers keep", said.span)


def _texts(span: Span, key: str) -> frozenset[str] | None:
    """The texts in the list under a key of an object; None if it is no list of texts."""
    found = re.search(rf"{key}[\"']?\s*:\s*\[([^\]]*)\]", span.text)
    if found is None or re.search(r"[A-Za-z_.]+\s*(?:,|$)", re.sub(r"([\"'`]).*?\1", "", found[1])):
        return None
    return frozenset(text for _, text in re.findall(r"([\"'`])(.*?)\1", found[1]))


def _hidden(said: _Said) -> frozenset[str]:
    """The headers that a setting names, in lower case; `*` for all of them."""
    if said.framework == "okhttp":
        text = text_of(said.value)
        return frozenset({text.lower()}) if text else frozenset()
    if said.framework == "express_winston":
        listed = _texts(said.span, "headerBlacklist")
        return frozenset(text.lower() for text in listed or ())
    at = said.span.text.find("redact")
    text = said.span.text[at:]
    names = {name.lower() for name in _PATH.findall(text)}
    every = re.search(r"[\"'](?:\*|req|request)\.headers(?:\.\*|\[\*\])?[\"']", text)
    return frozenset(names | ({_EVERY} if every else set()))


# -- the resource ----------------------------------------------------------------------------------


def _config(
    address: str, framework: str, loggers: Sequence[Logger], seen: Seen, target: str
) -> LoggingConfig:
    every = _any([logger.every for logger in loggers])
    query = _any([logger.query for logger in loggers])
    writing = [logger for logger in loggers if logger.every is not False]
    hidden = frozenset.intersection(*(logger.hidden for logger in writing)) if writing else set()
    place = next((logger.span for logger in writing if logger.every is True), loggers[0].span)
    terms = exchange_terms(seen)
    chain: Chain = (Step(StepKind.EXPRESSION, " ".join(place.text.split())[:80], place),)
    return LoggingConfig(
        address=f"{address}#{framework}",
        origin=Origin("code", target, place.source.path, place, ProofLevel.HEURISTIC),
        chains=dict.fromkeys(
            ("logged_headers", "logs_all_headers", "hidden_headers", "logs_query"), chain
        ),
        framework=cast("Framework", framework),
        form="access",
        program=address,
        exchange_terms=terms,
        logged_headers=_headers(loggers, every, hidden, terms),
        logs_all_headers=every,
        hidden_headers=tuple(sorted(hidden)),
        logs_query=query,
    )


def _any(answers: Sequence[Answer]) -> Maybe[bool]:
    if any(answer is True for answer in answers):
        return True
    return next((answer for answer in answers if isinstance(answer, Unknown)), False)


def _headers(
    loggers: Sequence[Logger], every: Maybe[bool], hidden: Iterable[str], terms: Many[str]
) -> Many[str]:
    """The headers that are written by name, and of all others those of the program's exchanges."""
    named = {name for logger in loggers for name in logger.headers}
    if every is False:
        return tuple(sorted(named))
    known, doubt = opened(terms)
    named_by_exchange = {t.lower() for t in known if exchange_of_header(t) is not None}
    if isinstance(every, Unknown):
        return PartialList(tuple(sorted(named)), every)
    written = tuple(sorted(named | (named_by_exchange - set(hidden))))
    return PartialList(written, doubt) if doubt is not None else written
