"""What OpenSSL says of the chain and the names of a certificate, one question at a time.

It stops at the first thing that is wrong. So a chain is asked for in full strength and time, and
what is wrong is left out of the next question, until the chain holds or is not trusted at all.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

from policyscan.collectors.tls.contexts import Trust, comparing_names, trusting
from policyscan.collectors.tls.handshake import Outcome, Shaken

Shake = Callable[[ssl.SSLContext], Shaken]
"""Shakes hands with the endpoint."""

_TIME = {
    9: "a certificate of the chain is not valid yet",
    10: "a certificate of the chain has expired",
}
_STRENGTH = {
    66: "its own key is too small",
    67: "the key of a CA is too small",
    68: "a signature in the chain uses a weak hash",
}
_NAMES = (62, 64)
"""X509_V_ERR_... of OpenSSL: host name, and address, mismatch."""


def chain_facts(shake: Shake, trust: Trust, version: str) -> tuple[dict[str, Any], Shaken | None]:
    """Whether the chain is trusted, strong and in time, as far as that can be told, and the last
    handshake."""
    if trust.problem:
        return {"why": trust.problem}, None
    strong = version in ("1.2", "1.3")  # OpenSSL has no strong handshake in older versions
    facts: dict[str, Any] = {"strong": True, "in_time": True} if strong else {"in_time": True}
    in_time = True
    while True:
        shaken = shake(trusting(trust, version, strong=strong, in_time=in_time))
        if shaken.outcome is Outcome.DONE:
            return {"trusted": True, **facts}, shaken
        if shaken.outcome is not Outcome.UNVERIFIED:
            if not strong:
                return {"why": f"it {shaken.why}"}, shaken
            del facts["strong"]
            strong = False
        elif strong and shaken.code in _STRENGTH:
            facts |= {"strong": False, "weakness": _STRENGTH[shaken.code]}
            strong = False
        elif in_time and shaken.code in _TIME:
            facts |= {"in_time": False, "lapse": _TIME[shaken.code]}
            in_time = False
        else:
            return {"trusted": False, "why": shaken.why}, shaken


def name_facts(shake: Shake, certificate: bytes, version: str) -> dict[str, Any]:
    """Whether the certificate is for the name or address that was asked for."""
    try:
        context = comparing_names(certificate, version)
    except ssl.SSLError:
        return {"why": "OpenSSL does not read its certificate"}
    shaken = shake(context)
    if shaken.outcome is Outcome.DONE:
        return {"matches": True}
    if shaken.outcome is Outcome.UNVERIFIED and shaken.code in _NAMES:
        return {"matches": False, "why": shaken.why}
    return {"why": shaken.why if shaken.outcome is Outcome.UNVERIFIED else f"it {shaken.why}"}
