"""What is offered in a handshake: one version and every cipher, or what is to be verified.

The contexts of old versions are made once and before any thread starts, because Python warns of
those versions, and warnings are switched off for a whole process.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

VERSIONS: Mapping[str, ssl.TLSVersion] = {
    "1.3": ssl.TLSVersion.TLSv1_3,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.0": ssl.TLSVersion.TLSv1,
}
"""In the order in which they are tried."""

EVERY_CIPHER = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
_ANY_STRENGTH = "DEFAULT:@SECLEVEL=0"
_STRONG = "DEFAULT:@SECLEVEL=2"
"""Keys and signatures of at least 112 bits of security: RSA and DSA of 2048 bits, curves of 224,
no SHA-1 (SSL_CTX_set_security_level of OpenSSL)."""

NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which Python has no name."""

_OFFERS_1_3 = b"\x00\x2b\x00\x03\x02\x03\x04"
"""The extension `supported_versions` with TLS 1.3 alone (RFC 8446, 4.2.1)."""


def probes() -> dict[str, ssl.SSLContext | str]:
    """By version, the context that offers it alone; or why the library here cannot offer it. What
    cannot be offered must never count as refused, so each is tried on ourselves first."""
    found: dict[str, ssl.SSLContext | str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for name, version in VERSIONS.items():
            found[name] = _probe(version)
    return found


def any_version() -> ssl.SSLContext:
    """A client that leaves the version to the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(EVERY_CIPHER)
    return context


def _probe(version: ssl.TLSVersion) -> ssl.SSLContext | str:
    try:
        context = _only(ssl.PROTOCOL_TLS_CLIENT, version)
        told = _tried_on_ourselves(context, version)
    except (ssl.SSLError, ValueError) as error:
        told = getattr(error, "reason", "") or "it knows no such version"
    return told.lower().replace("_", " ") if told else context


def _only(side: int, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = version
    context.minimum_version = version
    context.set_ciphers(EVERY_CIPHER)
    return context


def _tried_on_ourselves(context: ssl.SSLContext, version: ssl.TLSVersion) -> str:
    """Why the version cannot be offered, if it cannot: a whole handshake with a server of our own
    and ciphers that need no certificate. TLS 1.3 has none of those: there, the first message shows
    what it offers."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server)
    if version is ssl.TLSVersion.TLSv1_3:
        _step(client)
        return "" if _OFFERS_1_3 in to_server.read() else "its first message does not offer it"
    own = _only(ssl.PROTOCOL_TLS_SERVER, version)
    server = own.wrap_bio(to_server, to_client, server_side=True)
    done = False
    for _ in range(4):  # two round trips
        done = _step(client)
        _step(server)
    return "" if done else "a handshake with ourselves does not end"


def _step(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


class Trust(Struct, frozen=True):
    """Whose roots are trusted."""

    told: str
    """As a report says it."""
    ca_file: str = ""
    problem: str = ""
    """Why there are none."""
    pem: str | None = None
    """What the file holds, if it was read already and is not to be read from disk."""

    def load(self, context: ssl.SSLContext) -> None:
        """Lets a client trust these roots. Raises `OSError`, of which `SSLError` is one."""
        if self.pem is not None:
            context.load_verify_locations(cadata=self.pem)
        elif self.ca_file:
            context.load_verify_locations(cafile=self.ca_file)
        else:
            context.load_default_certs()


def trust_of(settings: Mapping[str, Any]) -> Trust:
    """The roots of the file that the settings of a target name, or else those that OpenSSL finds
    on this machine."""
    ca_file = str(settings.get("ca_file") or "")
    if ca_file:
        trust = Trust(f"the CAs in {ca_file}", ca_file, pem=settings.get("ca_pem"))
        return replace(trust, problem=_problem_of(trust))
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).glob("*.[0-9]"))):
        return Trust(f"the CAs of this system ({paths.cafile or paths.capath})")
    return Trust("the CAs of this system", problem="there is no store of CAs on this system")


def _problem_of(trust: Trust) -> str:
    try:
        trust.load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    except (ssl.SSLError, ValueError):  # the latter for nothing at all
        return f"{trust.ca_file} holds no certificates in PEM"
    except OSError as error:
        return f"{trust.ca_file} cannot be read: {error.strerror}"
    return ""


def trusting(trust: Trust, version: str, *, strong: bool, in_time: bool) -> ssl.SSLContext:
    """A client that verifies chains, in strength and in time or without regard to them; it leaves
    names alone."""
    context = _verifying(version, _STRONG if strong else _ANY_STRENGTH)
    if not in_time:
        context.verify_flags |= NO_CHECK_TIME
    trust.load(context)
    return context


def comparing_names(certificate: bytes, version: str) -> ssl.SSLContext:
    """A client that trusts one certificate, whoever signed it and when, and compares names: what
    it does not accept is the name. The common name of a subject is no name (RFC 9525, 2)."""
    context = _verifying(version, _ANY_STRENGTH)
    context.verify_flags |= NO_CHECK_TIME | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    context.hostname_checks_common_name = False
    context.check_hostname = True
    return context


def _verifying(version: str, ciphers: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    if version in ("1.2", "1.3"):
        context.minimum_version = context.maximum_version = VERSIONS[version]
    else:  # the old ones by name would warn; the server does not speak later ones
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(ciphers)
    return context
