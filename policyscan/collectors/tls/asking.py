"""Asks every endpoint of a target, several at a time, and says what came of it in their order."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from policyscan.collectors.tls.certificate import INSTALL, is_readable_here
from policyscan.collectors.tls.contexts import Trust, probes, trust_of
from policyscan.collectors.tls.endpoint import KINDS, Conversation
from policyscan.errors import GapReason
from policyscan.resources.base import Gap

if TYPE_CHECKING:
    from policyscan.collectors.interface import Reading, Said, Target

AT_ONCE = 8
"""Endpoints that are asked at the same time."""


def ask(target: Target, reading: Reading) -> Iterator[Said]:
    """Every answer of every endpoint, each endpoint once."""
    at = reading.now or datetime.now(UTC)
    trust = trust_of(target.settings)
    offered = probes()
    yield from _missing(target, trust, offered)
    endpoints = dict.fromkeys(
        (str(host).lower(), int(port)) for host, port in target.settings.get("endpoints") or ()
    )
    pool = ThreadPoolExecutor(AT_ONCE, "tls")
    try:
        with warnings.catch_warnings():  # of all threads, while they run
            warnings.simplefilter("ignore")  # the library warns of odd certificates
            held = [pool.submit(Conversation(*each, offered, trust, at).hold) for each in endpoints]
            for conversation in held:
                yield from conversation.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _missing(
    target: Target, trust: Trust, offered: Mapping[str, ssl.SSLContext | str]
) -> Iterator[Gap]:
    """What nothing can be told of, whatever the endpoints answer."""
    if not is_readable_here():
        message = f"keys, dates and signatures of certificates were not read: {INSTALL}"
        yield Gap(GapReason.NOT_FETCHED, target.name, message, hides=KINDS)
    if trust.problem:
        message = f"no chain was verified: {trust.problem}"
        yield Gap(GapReason.UNREADABLE, trust.ca_file or target.name, message, hides=KINDS)
    for version, why in offered.items():
        if isinstance(why, str):
            message = f"TLS {version} cannot be offered from here: {why}"
            yield Gap(GapReason.UNSUPPORTED, f"TLS {version}", message, hides=KINDS)
