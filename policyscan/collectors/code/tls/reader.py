"""From the sources that may steer TLS, and the libraries of programs, to `TlsClientUse`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, cast

from policyscan.collectors.code.exchange_signs import KEY_SIGNS, signs_of
from policyscan.collectors.code.names import language_of
from policyscan.collectors.code.programs import FAILED, MAX_SEARCHED_BYTES, Seen
from policyscan.collectors.code.semgrep.model import Match
from policyscan.collectors.code.semgrep.rules import load_rules
from policyscan.collectors.code.semgrep.search import matches
from policyscan.collectors.code.tls.clients import OF_SERVER, Client, clients_of
from policyscan.collectors.code.tls.facts import sort_facts
from policyscan.collectors.code.tls.plain import Plain, plain_clients, spoken
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Chain, Gap, Origin, ProofLevel, Step, StepKind, Tally
from policyscan.resources.tls import TlsClientUse
from policyscan.text.source import Source, Span
from policyscan.text.tree import Tree
from policyscan.values import Maybe, Unknown, Why

KIND = "TlsClientUse"
MAX_SETTINGS = 2_000
"""In one file: nobody writes more."""
_MORE = "further settings of the same client"
_FIELDS = ("verify", "check_hostname", "min_version", "ca_source")
_FOR_OTHERS = frozenset(
    {"ssl", "truststore", "urllib3", "crypto/tls", "javax.net.ssl", "jdk", "https", "tls", "node"}
)
"""Libraries whose contexts others take."""
Language = Literal["python", "javascript", "typescript", "go", "java"]


class TlsReader:
    """Reads the programs of one tree."""

    def __init__(self, tree: Tree, target: str, every: Sequence[Seen]) -> None:
        self._tree = tree
        self._target = target
        self.seen = {path: seen for seen in every for path in seen.steering}
        self._every = every
        self._own = frozenset(
            part for seen in every for path in seen.files.sources for part in path.split("/")[:-1]
        )
        """The names of all directories with source, which may be what is imported."""
        self._rules: Mapping[str, Mapping[str, Any]] = {}
        self._found = 0
        """Settings, as the rules matched them, and libraries."""
        self._given = 0
        self._left: Counter[str] = Counter()
        self.others: list[Match] = []
        """What rules about something else found."""
        self.silent: list[str] = []
        """Files in which no rule found anything."""

    def items(self) -> Iterator[TlsClientUse | Gap | Tally]:
        """The clients of all programs, the gaps and the books."""
        steered: dict[str, list[TlsClientUse]] = {}
        for item in self._explicit():
            if isinstance(item, TlsClientUse):
                steered.setdefault(item.program, []).append(item)
            yield item
        for seen in self._every:
            for plain in plain_clients(self._tree, seen, self._own):
                self._found += 1
                self._given += 1
                yield self._plain(plain, seen, steered.get(seen.files.address, ()))
        if self._found or self.seen:
            yield Tally(self._target, KIND, self._found, self._given, dict(+self._left))

    # -- what is set -------------------------------------------------------------------------------

    def _explicit(self) -> Iterator[TlsClientUse | Gap]:
        if not self.seen:
            return
        rules = load_rules()
        self._rules = {rule.id: rule.body["metadata"] for rule in rules.rules if rule.kind == KIND}
        by_language: dict[str, list[str]] = {}
        for path in self.seen:
            by_language.setdefault(language_of(path), []).append(path)
        found: list[Match] = []
        for item in matches(self._tree, by_language, rules):
            if isinstance(item, Gap):
                yield item
            elif item.rule in self._rules:
                found.append(item)
            else:
                self.others.append(item)
        self._found += len(found)
        telling = set()
        for path, listed in groupby(found, key=lambda match: match.path):
            clients = list(self._of_file(path, list(listed)))
            yield from clients
            if clients:
                telling.add(path)
        telling |= {match.path for match in self.others}
        self.silent = [path for path in self.seen if path not in telling]

    def _of_file(self, path: str, found: Sequence[Match]) -> Iterator[TlsClientUse | Gap]:
        if len(found) > MAX_SETTINGS:
            self._left[FAILED] += len(found)
            message = f"it holds more than {MAX_SETTINGS:,} settings of TLS"
            yield Gap(GapReason.TOO_LARGE, path, message, None, (KIND,), path)
            return
        try:
            source = self._tree.read(path, limit=MAX_SEARCHED_BYTES)
        except ReadError:  # it was read a moment ago; then it is as if it held nothing
            self._left["in a file that is gone"] += len(found)
            return
        language = language_of(path)
        facts = sort_facts(source, language, found, self._rules)
        clients = clients_of(facts, language)
        placed = sum(len(client.facts) for client in clients)
        self._left[OF_SERVER] += len(facts.facts) - placed
        talks = self._talks(source, language, self.seen[path])
        numbers: Counter[str] = Counter()
        for client in clients:
            if client.left:
                self._left[client.left] += len(client.facts)
                continue
            self._given += 1
            self._left[_MORE] += len(client.facts) - 1
            numbers[client.library] += 1
            address = f"{path}#{client.library}-{numbers[client.library]}"
            yield self._client(address, client, self.seen[path], talks)

    def _talks(self, source: Source, language: str, seen: Seen) -> Maybe[bool]:
        """Whether the clients of a file reach an exchange: its file names one, or its program does
        in another place, and then it is not known which client it is that does."""
        data = source.data
        if next(signs_of(data, data.lower(), language), None) is not None:
            return True
        if not any(sign.sign in KEY_SIGNS for sign, _ in seen.signs.values()):
            return False
        return Unknown(Why.OUTSIDE, f"which hosts the clients in {source.path} reach")

    def _client(self, address: str, client: Client, seen: Seen, talks: Maybe[bool]) -> TlsClientUse:
        return self._resource(
            address,
            client.span,
            client.library,
            seen,
            {name: client.fields[name] for name in _FIELDS},
            dict(client.chains),
            talks,
        )

    # -- what comes as it is -----------------------------------------------------------------------

    def _plain(self, plain: Plain, seen: Seen, steered: Sequence[TlsClientUse]) -> TlsClientUse:
        fields = dict(plain.fields)
        label = f"{plain.library} is used; where nothing is set it decides"
        chain: Chain = (Step(StepKind.IMPLIED, label, plain.span),)
        for name in ("min_version", "ca_source"):
            other = _other(plain, name, steered)
            if other is not None:
                needs = f"whether its connections use what is set at {_place(other)}"
                fields[name] = Unknown(Why.OUTSIDE, needs, other.origin.span)
        talks: Maybe[bool] = True
        if not plain.talks and any(
            sign.sign in ("sdk", "import") for sign, _ in seen.signs.values()
        ):
            talks = Unknown(Why.OUTSIDE, f"which hosts the program reaches with {plain.library}")
        address = f"{seen.files.address}#{plain.library}"
        chains = dict.fromkeys(_FIELDS, chain)
        return self._resource(address, plain.span, plain.library, seen, fields, chains, talks)

    def _resource(
        self,
        address: str,
        span: Span,
        library: str,
        seen: Seen,
        fields: Mapping[str, Any],
        chains: Mapping[str, Chain],
        talks: Maybe[bool],
    ) -> TlsClientUse:
        path = span.source.path
        return TlsClientUse(
            address=address,
            origin=Origin("code", self._target, path, span, ProofLevel.HEURISTIC),
            chains=chains,
            language=cast("Language", language_of(path)),
            library=library,
            program=seen.files.address,
            exchange_client=talks,
            **fields,
        )


def _other(plain: Plain, name: str, steered: Sequence[TlsClientUse]) -> TlsClientUse | None:
    """A place of the program that sets a field otherwise, on something that the library may use."""
    default = plain.fields[name]
    if isinstance(default, Unknown):
        return None
    for use in steered:
        value = getattr(use, name)
        if spoken(use.language) == spoken(plain.language) and (
            use.library in _FOR_OTHERS or use.library == plain.library
        ):
            differs = isinstance(value, Unknown) or value not in (default, "none")
            if differs:
                return use
    return None


def _place(use: TlsClientUse) -> str:
    return use.origin.span.place if use.origin.span is not None else use.address
