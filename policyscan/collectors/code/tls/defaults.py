"""What libraries do unless they are told otherwise, from their documentation."""

from __future__ import annotations

from policyscan.collectors.code.tls.facts import Fact
from policyscan.collectors.code.tls.meanings import SERVER, Fields
from policyscan.collectors.code.tls.values import is_nothing, version_of
from policyscan.values import Unknown, Why

_OWN_ROOTS = frozenset({
    "requests", "httpx", "ccxt", "requests_html", "cloudscraper", "niquests", "requests_oauthlib",
    "boto3", "hvac", "authlib", "requests_futures", "binance", "pybit",
})  # fmt: skip
"""Libraries for Python that bring the list of Mozilla, as `certifi` or their own."""


def plain(ca_source: str) -> Fields:
    """A client that verifies and sets no version."""
    return {"verify": True, "check_hostname": True, "min_version": None, "ca_source": ca_source}


def default_roots(library: str, language: str) -> str:
    """What a client trusts if nobody says: Node brings the list of Mozilla, as `certifi` does; Go,
    Java and the others take what the system or the runtime has."""
    if language in ("javascript", "typescript") or library in _OWN_ROOTS:
        return "certifi"
    return "system"


def base_of(library: str, language: str, first: Fact) -> Fields:
    """What holds for a client before its settings. Of a context that is made elsewhere nothing is
    known."""
    foreign = library in ("ssl", "crypto/tls") and first.subject and not first.is_global
    if not foreign or first.says in ("factory", "flag"):
        return plain(default_roots(library, language))
    needs = Unknown(Why.OUTSIDE, f"how {first.subject[:60]} is made", first.span)
    return {"verify": needs, "check_hostname": needs, "min_version": needs, "ca_source": needs}


def made_base(maker: Fact) -> Fields:
    """What holds for a thing that this expression makes."""
    made = plain("system")
    if maker.makes == "unverified":
        return made | {"verify": False, "check_hostname": False}
    if maker.makes == "java":
        return made | {"verify": Unknown(Why.OUTSIDE, "which trust managers it gets", maker.span)}
    if maker.makes == "protocol":
        return _of_protocol(maker)
    return made


def _of_protocol(maker: Fact) -> Fields:
    """`ssl.SSLContext`: what it does depends on its protocol, and it trusts nobody yet."""
    loaded = Unknown(Why.OUTSIDE, "which roots are loaded into it", maker.span)
    made = plain("system") | {"ca_source": loaded}
    value = maker.value
    if "TLS_CLIENT" in value:
        return made
    if "TLS_SERVER" in value:
        return made | {SERVER: True}
    if "PROTOCOL_" in value or is_nothing(value):
        return made | {
            "verify": False,
            "check_hostname": False,
            "min_version": version_of(value) if "PROTOCOL_TLSv" in value else None,
        }
    doubt = Unknown(Why.COMPUTED, f"the protocol {value[:60]}", maker.span)
    return made | {"verify": doubt, "check_hostname": doubt}
