"""The conversation with one endpoint: a handshake for each version, then its certificate."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from policyscan.collectors.interface import Answer, Asked, Said
from policyscan.collectors.tls.addresses import Peer, resolve
from policyscan.collectors.tls.certificate import facts_of, is_readable_here
from policyscan.collectors.tls.contexts import Trust, any_version
from policyscan.collectors.tls.every_cipher import offer
from policyscan.collectors.tls.handshake import INTERNAL_ERROR, Outcome, Shaken, shake
from policyscan.collectors.tls.verification import chain_facts, name_facts
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap

KINDS = ("TlsEndpoint",)
SECONDS = 9.0
"""For all that one endpoint is asked: ten, with what it takes to end the last handshake."""
MOST_ADDRESSES = 4
"""Addresses that are tried until one takes a connection."""

_SPOKE = (Outcome.DONE, Outcome.CHOSEN, Outcome.VERSION_REFUSED, Outcome.ALERT)
_NO_ANSWER = (Outcome.UNREACHABLE, Outcome.SILENT)
_UNSPOKEN = {
    Outcome.NOT_TLS: GapReason.UNPARSEABLE,
    Outcome.BROKEN: GapReason.UNPARSEABLE,
    Outcome.NOT_OFFERED: GapReason.UNSUPPORTED,
}


def unit_of(host: str, port: int) -> str:
    """What reports call an endpoint: `api.example.com:443`, `[2001:db8::1]:443`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Conversation:
    """All handshakes with one endpoint, at one of its addresses."""

    def __init__(
        self,
        host: str,
        port: int,
        offered: Mapping[str, ssl.SSLContext | str],
        trust: Trust,
        at: datetime,
    ) -> None:
        self._host, self._port = host, port
        self._name = host.partition("%")[0].rstrip(".")
        self._unit = unit_of(host, port)
        self._offered, self._trust, self._at = offered, trust, at
        self._deadline = time.monotonic() + SECONDS
        self._peer: Peer | None = None
        self._calls = 0

    def hold(self) -> list[Said]:
        """Everything that was said and what was not; within `SECONDS`."""
        self._deadline = time.monotonic() + SECONDS
        try:
            peers = resolve(self._host, self._port)
        except ReadError as error:
            return [Gap.of(error, hides=KINDS, unit=self._unit), self._asked(0, error.reason)]
        shaken = self._each_version(peers[:MOST_ADDRESSES])
        if not any(each.outcome in _SPOKE for each in shaken.values()):
            return list(self._nothing(shaken))
        return [*self._versions(shaken), *self._certificate(shaken)]

    # -- versions ------------------------------------------------------------------------------

    def _each_version(self, peers: tuple[Peer, ...]) -> dict[str, Shaken]:
        found: dict[str, Shaken] = {}
        for version, context in self._offered.items():
            if isinstance(context, str):
                found[version] = Shaken(Outcome.NOT_OFFERED, context)
                continue
            found[version] = self._first(peers, context) if not found else self._shake(context)
            if _is_hopeless([each.outcome for each in found.values()]):
                break
        speaks = any(each.outcome is Outcome.DONE for each in found.values())
        return {
            version: self._asked_again(version, each, speaks) for version, each in found.items()
        }

    def _asked_again(self, version: str, shaken: Shaken, speaks: bool) -> Shaken:
        """An alert that may be about something else than the version, for a second offer."""
        if shaken.outcome is not Outcome.ALERT or self._peer is None:
            return shaken
        if version == "1.3":
            again = self._shake(any_version())
            if again.outcome is Outcome.DONE and again.version != version:
                why = f"chose TLS {again.version} where 1.3 was offered as well"
                return Shaken(Outcome.VERSION_REFUSED, why)
            return shaken
        self._calls += 1
        again = offer(version, self._peer, self._name, self._deadline)
        broken = again.code == INTERNAL_ERROR and not speaks
        return shaken if again.outcome is Outcome.CLOSED or broken else again

    def _first(self, peers: tuple[Peer, ...], context: ssl.SSLContext) -> Shaken:
        """The first handshake, with the first address that takes a connection."""
        shaken = Shaken(Outcome.UNREACHABLE, "has no address")
        for self._peer in peers:
            shaken = self._shake(context)
            if shaken.outcome is not Outcome.UNREACHABLE:
                break
        return shaken

    def _shake(self, context: ssl.SSLContext) -> Shaken:
        assert self._peer is not None
        if time.monotonic() >= self._deadline:
            return Shaken(Outcome.SILENT, f"was not asked, {SECONDS:.0f} seconds being over")
        self._calls += 1
        return shake(context, self._peer, self._name, self._deadline)

    def _versions(self, shaken: Mapping[str, Shaken]) -> Iterator[Said]:
        for version, each in shaken.items():
            if each.outcome is not Outcome.NOT_OFFERED:
                yield self._answer("handshake", _told(version, each), version)
        mute = [version for version, each in shaken.items() if each.outcome in _NO_ANSWER]
        for version in mute:
            message = f"it {shaken[version].why} when TLS {version} was offered"
            yield self._gap(GapReason.UNREACHABLE, message)
        heard = len(shaken) - len(mute)
        yield self._asked(heard, GapReason.UNREACHABLE if mute else None)

    def _nothing(self, shaken: Mapping[str, Shaken]) -> Iterator[Said]:
        """Of an endpoint that spoke no TLS: what it did first."""
        first = next(iter(shaken.values()))
        reason = _UNSPOKEN.get(first.outcome, GapReason.UNREACHABLE)
        yield self._gap(reason, f"it {first.why}")
        yield self._asked(0, reason)

    # -- its certificate -----------------------------------------------------------------------

    def _certificate(self, shaken: Mapping[str, Shaken]) -> Iterator[Said]:
        """Of the highest version that it speaks."""
        shown = next(
            ((v, each.certificate) for v, each in shaken.items() if each.certificate), None
        )
        if shown is None:
            return
        version, certificate = shown
        self._calls = 0
        chain, verified = chain_facts(self._shake, self._trust, version)
        if verified is not None and verified.certificate:
            certificate = verified.certificate  # a server may have several
        yield from self._facts("chain", {"trust": self._trust.told, **chain}, "trusted" in chain)
        self._calls = 0
        name = name_facts(self._shake, certificate, version)
        yield from self._facts("name", {"name": self._name, **name}, "matches" in name)
        if is_readable_here():
            facts = facts_of(certificate)
            yield self._answer("certificate", facts)
            if not facts:
                yield self._gap(GapReason.UNPARSEABLE, "its certificate cannot be read")

    def _facts(self, subject: str, facts: Mapping[str, Any], told: bool) -> Iterator[Said]:
        yield self._answer(subject, facts)
        failed = None
        if not told and not self._trust.problem:
            failed = GapReason.UNREACHABLE
            message = f"its {subject} was not verified: {facts['why']}"
            yield self._gap(failed, message)
        pages = 0 if failed else self._calls
        yield Asked(self._unit, subject, KINDS, self._calls, pages, failed, whole=False)

    # -- what is said --------------------------------------------------------------------------

    def _answer(self, subject: str, data: Mapping[str, Any], about: str = "") -> Answer:
        told = dict(data)
        if self._peer is not None and self._peer.address != self._host:
            told["address"] = self._peer.address
        return Answer(self._unit, subject, told, about, at=self._at)

    def _gap(self, reason: GapReason, message: str) -> Gap:
        return Gap(reason, self._unit, message, hides=KINDS, unit=self._unit)

    def _asked(self, pages: int, failed: GapReason | None) -> Asked:
        return Asked(self._unit, "handshake", KINDS, self._calls, pages, failed, whole=False)


def _is_hopeless(outcomes: list[Outcome]) -> bool:
    """Whether nothing else will come of further versions: nobody takes a connection, what answers
    is no TLS, or two versions in a row met with silence."""
    tried = [each for each in outcomes if each is not Outcome.NOT_OFFERED]
    if any(each in _SPOKE for each in tried):
        return False
    if tried and tried[0] in (Outcome.UNREACHABLE, Outcome.NOT_TLS):
        return True
    return sum(each in (*_NO_ANSWER, Outcome.CLOSED, Outcome.BROKEN) for each in tried) >= 2


def _told(version: str, shaken: Shaken) -> dict[str, Any]:
    """A handshake as an answer holds it. Of TLS 1.3 only a whole handshake proves that it is
    spoken, since policies ask for it; of older ones the choice is proof."""
    if shaken.outcome is Outcome.DONE:
        return {"outcome": "accepted", "cipher": shaken.cipher}
    if shaken.outcome is Outcome.CHOSEN and version != "1.3":
        return {"outcome": "accepted", "why": shaken.why}
    if shaken.outcome is Outcome.VERSION_REFUSED:
        return {"outcome": "refused", "why": shaken.why}
    return {"outcome": "unclear", "why": shaken.why}
