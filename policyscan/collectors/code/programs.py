"""From the files of a program to the program: its languages, and the signs of exchanges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from msgspec import Struct, field

from policyscan.collectors.code.exchange_signs import KEY_SIGNS, Sign, variables_in
from policyscan.collectors.code.looks import Look, Looks
from policyscan.collectors.code.names import ecosystem_of, language_of
from policyscan.collectors.code.program_files import Files
from policyscan.collectors.code.quick_look import may_tell
from policyscan.collectors.code.semgrep.rules import prefilter
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Chain, Gap, Origin, ProofLevel, Step, StepKind
from policyscan.resources.exchanges import Ecosystem, exchange_of_package
from policyscan.resources.programs import ExchangeSign, Program
from policyscan.text.source import Source, Span
from policyscan.text.tree import Tree

MAX_SOURCE_BYTES = 1_000_000
"""A larger source file is generated or packed."""
MAX_SEARCHED_BYTES = 10_000_000
"""The rules about TLS are tried on larger ones too, up to this."""
MAX_CONFIG_BYTES = 1_000_000
MAX_MANIFEST_BYTES = 1_000_000
_PACKED = ("javascript", "typescript")
_SHORT = 20_000
_WIDEST = 250
"""Bytes of a line, on average, in what a person wrote."""
ASIDE = "tests, examples and documentation"
PACKED = "packed into long lines"
FAILED = "not read (see the gaps)"
KINDS = ("LoggingConfig", "Program", "TlsClientUse")
SEARCHED = ("LoggingConfig", "TlsClientUse")
"""Kinds that rules find in sources of any size."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Seen(Struct):
    """What a look at the files of one program gave."""

    files: Files
    looks: Looks
    """What contents told before."""
    signs: dict[tuple[str, str], tuple[Sign, Span]] = field(default_factory=dict)
    logging: list[Source] = field(default_factory=list)
    """Sources that seem to configure logging."""
    steering: list[str] = field(default_factory=list)
    """Sources that may steer TLS."""
    clients: list[str] = field(default_factory=list)
    """Sources in which a library for connections is named."""
    gaps: list[Gap] = field(default_factory=list)
    read: int = 0
    """Sources that were looked at."""
    unread: dict[str, int] = field(default_factory=dict)
    """Sources that were not, by reason."""
    declined: list[str] = field(default_factory=list)
    """Files in which nothing was found."""

    @property
    def exchanges(self) -> frozenset[str]:
        """The exchanges that it talks to."""
        return frozenset(exchange for exchange, _ in self.signs)

    def note(self, sign: Sign, source: Source) -> None:
        """Keep a sign unless there is one of its kind."""
        key = sign.exchange, sign.sign
        if key not in self.signs:
            span = source.span(sign.start, sign.start + len(sign.text.encode()))
            self.signs[key] = sign, span

    def leave(self, path: str, reason: str) -> None:
        """Count a source that is not looked at."""
        self.unread[reason] = self.unread.get(reason, 0) + 1
        if path not in self.steering:
            self.declined.append(path)


def look_at(tree: Tree, files: Files, looks: Looks) -> Seen:
    """The signs in all files of a program, and what could not be read."""
    seen = Seen(files, looks)
    ways = (
        (files.manifests, _manifest),
        (files.sources, _source),
        (files.counted(files.variables), _variables),
    )
    for paths, look in ways:
        for path in paths:
            try:
                look(tree, path, seen)
            except ReadError as error:
                seen.gaps.append(Gap.of(error, hides=KINDS, unit=files.address))
                if look is _source:
                    seen.unread[FAILED] = seen.unread.get(FAILED, 0) + 1
    return seen


def _manifest(tree: Tree, path: str, seen: Seen) -> None:
    if not seen.files.counted([path]) or not may_tell(
        tree.peek(path, limit=MAX_MANIFEST_BYTES).lower()
    ):
        seen.declined.append(path)
        return
    from policyscan.collectors.code.manifests import dependencies

    source = tree.read(path, limit=MAX_MANIFEST_BYTES)
    ecosystem = cast("Ecosystem", ecosystem_of(path))
    for name, start in dependencies(source, ecosystem):
        exchange = exchange_of_package(ecosystem, name)
        if exchange is not None:
            seen.note(Sign(exchange, "sdk", name, start), source)


def _source(tree: Tree, path: str, seen: Seen) -> None:
    if not seen.files.counted([path]):
        return seen.leave(path, ASIDE)
    try:
        data = tree.peek(path, limit=MAX_SOURCE_BYTES)
    except ReadError as error:
        if error.reason is not GapReason.TOO_LARGE:
            raise
        return _large_source(tree, path, seen)
    language = language_of(path)
    if language in _PACKED and _is_packed(data):
        return seen.leave(path, PACKED)
    if data.startswith(_UTF_16):
        raise ReadError(GapReason.UNPARSEABLE, path, "encoded as UTF-16; UTF-8 is read")
    seen.read += 1
    look = seen.looks.at(data, language)
    new = list(_new_signs(look, data, path, seen))
    if look.steers:
        seen.steering.append(path)
    if look.connects:
        seen.clients.append(path)
    if not new and not look.logs:
        return None if look.steers else seen.declined.append(path)
    source = tree.read(path, limit=MAX_SOURCE_BYTES)
    for sign in new:
        seen.note(sign, source)
    if look.logs:
        seen.logging.append(source)
    return None


def _large_source(tree: Tree, path: str, seen: Seen) -> None:
    """A file that nobody wrote by hand is not searched for signs, but it may steer TLS."""
    language = language_of(path)
    packed = False
    if prefilter().looks_at(language):
        try:
            data = tree.peek(path, limit=MAX_SEARCHED_BYTES)
        except ReadError as error:
            seen.gaps.append(Gap.of(error, hides=SEARCHED, unit=seen.files.address))
        else:
            packed = language in _PACKED and _is_packed(data)
            if not packed and prefilter().may_match(data, language):
                seen.steering.append(path)
    seen.leave(path, PACKED if packed else f"larger than {MAX_SOURCE_BYTES:,} bytes")


def _is_packed(data: bytes) -> bool:
    """Whether a bundler wrote it: what it was made from is judged."""
    return len(data) > _SHORT and len(data) > _WIDEST * data.count(b"\n")


def _new_signs(look: Look, data: bytes, path: str, seen: Seen) -> Iterator[Sign]:
    for sign in look.signs(data):
        if (sign.exchange, sign.sign) in seen.signs:
            continue
        if sign.sign != "import" or not seen.files.is_own(sign.text, path):
            yield sign


def _variables(tree: Tree, path: str, seen: Seen) -> None:
    data = tree.peek(path, limit=MAX_MANIFEST_BYTES)
    for sign in variables_in(data, data.lower()):
        seen.note(sign, tree.read(path, limit=MAX_MANIFEST_BYTES))


def program_of(seen: Seen, target: str) -> Program:
    """The resource."""
    address = seen.files.address
    found = list(seen.signs.values())
    sources = seen.files.sources
    return Program(
        address=address,
        origin=Origin("code", target, address, _place(seen), ProofLevel.HEURISTIC),
        chains={f"signs[{index}]": _chain(sign, span) for index, (sign, span) in enumerate(found)}
        | {"handles_keys": _key_chain(seen)},
        languages=tuple(sorted({language_of(path) for path in sources})),
        signs=tuple(
            ExchangeSign(exchange=sign.exchange, sign=sign.sign, text=sign.text)
            for sign, _ in found
        ),
        handles_keys=bool(_key_chain(seen)),
    )


def _chain(sign: Sign, span: Span) -> Chain:
    return (Step(StepKind.EXPRESSION, f"{sign.sign} of {sign.exchange}: {sign.text}", span),)


def _key_chain(seen: Seen) -> Chain:
    """The first sign that is more than public market data."""
    found = (pair for pair in seen.signs.values() if pair[0].sign in KEY_SIGNS)
    first = next(found, None)
    return () if first is None else _chain(*first)


def _place(seen: Seen) -> Span | None:
    """Where the program is first seen."""
    return next((span for _, span in seen.signs.values()), None)
