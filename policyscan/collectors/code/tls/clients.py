"""From the facts of one file to its clients: settings of one context are judged together.

What stands last decides. A setting under a condition, or in another function than the one that
makes the context, may be in force or not: if it changes anything, the value is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from policyscan.collectors.code.tls.defaults import base_of, made_base
from policyscan.collectors.code.tls.facts import Fact, FileFacts
from policyscan.collectors.code.tls.libraries import library_of
from policyscan.collectors.code.tls.meanings import JUDGED, NOT_KNOWN, SERVER, Fields, meaning_of
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.text.source import Span
from policyscan.values import Unknown, Why, same

_SERVER_SPAN = "server_span"
ELSEWHERE = "hands on a context that is judged where it is made"
OF_SERVER = "of a server"
SILENT = "says nothing about TLS"
NO_CLIENT = "of no client that is known"


class Client(Struct):
    """One client, or one thing that holds the settings of clients."""

    library: str
    span: Span
    start: int
    """From where on a condition matters."""
    subject: str = ""
    made: bool = False
    facts: list[Fact] = field(default_factory=list)
    fields: Fields = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    left: str = ""
    """Why it is no client of its own; empty if it is one."""

    @property
    def count(self) -> int:
        """The facts that it is made of."""
        return max(1, len(self.facts))


def clients_of(file: FileFacts, language: str) -> list[Client]:
    """The clients of a file in the order of their places, those that are left out included."""
    found = _gathered(file, language)
    servers = [fact.span for fact in file.facts if fact.says == _SERVER_SPAN]
    for client in found:
        _settle(client, file, language)
        if any(s.start <= client.span.start and client.span.end <= s.end for s in servers):
            client.left = OF_SERVER
    return found


def _gathered(file: FileFacts, language: str) -> list[Client]:
    found: list[Client] = []
    for fact in file.facts:
        if fact.makes:
            made = next((c for c in found if c.made and _same_expression(c.span, fact.span)), None)
            if made is None:
                library = library_of(fact, file, language)
                subject = file.variable_of(fact.span)
                made = Client(library, fact.span, fact.span.start, subject, made=True)
                found.append(made)
            made.facts.append(fact)
    for fact in file.facts:
        if not fact.makes and fact.says != _SERVER_SPAN:
            _place(fact, found, file, language)
    return sorted(found, key=lambda client: (client.span.start, client.span.end))


def _same_expression(a: Span, b: Span) -> bool:
    """Whether two ranges are one expression, perhaps with an operator in front: `&tls.Config{}`."""
    return a.end == b.end and abs(a.start - b.start) <= 1


def _place(fact: Fact, found: list[Client], file: FileFacts, language: str) -> None:
    if fact.subject and not fact.is_global:
        home = _of_subject(fact, found, file)
    else:
        home = _around(fact, found)
    if home is None:
        function = file.function_at(fact.span.start)
        start = fact.span.start
        subject = fact.subject
        if fact.subject or fact.is_global:
            start = function.start if function else -1
        else:
            subject = file.variable_of(fact.span)
        home = Client(library_of(fact, file, language), fact.span, start, subject)
        found.append(home)
    home.facts.append(fact)


def _around(fact: Fact, found: list[Client]) -> Client | None:
    """The innermost made thing in whose expression a setting stands, or one of the same place."""
    same_place = next((c for c in found if c.span == fact.span), None)
    if same_place is not None:
        return same_place
    around = [
        c
        for c in found
        if c.made and c.span.start <= fact.span.start and fact.span.end <= c.span.end
    ]
    return min(around, key=lambda c: c.span.end - c.span.start, default=None)


def _of_subject(fact: Fact, found: list[Client], file: FileFacts) -> Client | None:
    """The latest thing that the variable holds; the variable of another function is another."""
    function = file.function_at(fact.span.start)
    earlier = [c for c in found if c.subject == fact.subject and c.span.start <= fact.span.start]
    for client in sorted(earlier, key=lambda c: -c.span.start):
        home = file.function_at(client.span.start)
        if (
            home is None
            or "." in fact.subject
            or home == function
            or home.start <= fact.span.start < home.end
        ):
            return client
    return None


def _settle(client: Client, file: FileFacts, language: str) -> None:
    facts = sorted(client.facts, key=lambda fact: (not fact.makes, fact.span.start))
    maker = next((fact for fact in facts if fact.makes), None)
    base = made_base(maker) if maker else base_of(client.library, language, facts[0])
    client.fields = dict(base)
    whole = (Step(StepKind.EXPRESSION, _label(client.span), client.span),)
    client.chains = dict.fromkeys(("verify", "check_hostname", "min_version", "ca_source"), whole)
    told = maker is not None
    if client.fields.pop(SERVER, False):
        client.left = OF_SERVER
    judged = False
    for fact in facts:
        if fact.makes:
            continue
        decided = meaning_of(file, fact)
        if decided.pop(SERVER, False):
            client.left = OF_SERVER
        if decided.pop(JUDGED, False):
            judged = True
        if decided.pop(NOT_KNOWN, False) and fact.certain:
            continue
        if fact.says == "more_ca" and same(client.fields.get("ca_source"), "system"):
            decided = {}
        told = told or bool(decided)
        _apply(client, fact, decided, file)
    _finish(client)
    if not client.left and not told:
        client.left = ELSEWHERE if judged else SILENT
    if not client.left and not client.library:
        client.left = NO_CLIENT


def _apply(client: Client, fact: Fact, decided: Fields, file: FileFacts) -> None:
    doubt = _doubt(client, fact, file)
    for name, value in decided.items():
        before = client.fields.get(name)
        if doubt is not None and not same(before, value):
            value = doubt  # noqa: PLW2901 - it may be either
        client.fields[name] = value
        client.chains[name] = (Step(StepKind.EXPRESSION, _label(fact.span), fact.span),)


def _doubt(client: Client, fact: Fact, file: FileFacts) -> Unknown | None:
    """Why a setting may not be in force; None if it is."""
    if fact.span == client.span and client.start == client.span.start:
        return None
    if not file.shape.is_known:
        return Unknown(Why.BUDGET, f"what decides whether {fact.span.place} is reached", fact.span)
    branch = file.branch_between(client.start, fact.span.start)
    if branch is not None:
        needs = (
            f"whether {_short(branch.condition) or 'this part runs'} at {_line(file, branch.start)}"
        )
        return Unknown(Why.CONDITION, needs, fact.span)
    home = file.function_at(client.span.start, named=True)
    function = file.function_at(fact.span.start, named=True)
    if client.made and function is not None and function != home:
        needs = f"whether {function.name} is called before the connection is made"
        return Unknown(Why.CONDITION, needs, fact.span)
    return None


def _line(file: FileFacts, place: int) -> str:
    return file.source.span(place, place).place


def _finish(client: Client) -> None:
    fields = client.fields
    own = fields.pop("own_check", None)
    if isinstance(own, Unknown) and fields["verify"] is False:
        fields["verify"] = fields["check_hostname"] = own
    if fields["verify"] is False:
        fields["ca_source"] = "none"
        client.chains["ca_source"] = client.chains["verify"]


def _label(span: Span) -> str:
    return _short(span.text)


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:80]


def kept(clients: list[Client]) -> Iterator[Client]:
    """Those that are clients of their own."""
    return (client for client in clients if not client.left)
