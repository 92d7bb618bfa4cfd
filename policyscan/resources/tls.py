"""TLS: what servers accept and show, and what clients ask for."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from policyscan.resources.base import Resource
from policyscan.values import Many, Maybe


class TlsServerConfig(Resource):
    """What one listener of a server or load balancer accepts."""

    kind: ClassVar[str] = "TlsServerConfig"

    server: Literal["alb", "nlb", "clb", "gwlb", "unknown"]
    protocol: Maybe[Literal["https", "tls", "http", "tcp", "udp", "tcp_udp", "geneve", "quic"]]
    port: Maybe[int | None] = None
    policy_name: Maybe[str | None] = None
    """The name of the predefined policy in force, the default of the API included."""
    min_version: Maybe[str | None] = None
    """The lowest TLS version accepted, `1.0` to `1.3`; None for a listener without TLS."""
    max_version: Maybe[str | None] = None
    """The highest."""
    aead_only: Maybe[bool] = True
    """Whether every cipher accepted is an AEAD cipher; True without TLS."""
    redirects_to_https: Maybe[bool] = False
    """A plain HTTP listener whose every action is a redirect to HTTPS."""
    internal: Maybe[bool] = False
    """Its load balancer has only private addresses."""


class TlsEndpoint(Resource):
    """A server as it answered handshakes."""

    kind: ClassVar[str] = "TlsEndpoint"

    host: str
    port: int
    owned: Maybe[bool]
    """Whether its owner is who runs this: what an exchange offers is not ours to mend."""
    accepted_versions: Many[str]
    """The TLS versions that it chose when nothing else was offered, `1.0` to `1.3`, lowest first;
    partial where a version cannot be offered from here, or the answer leaves it open."""
    refused_versions: Many[str]
    """Those that it refused for certain: with the alert `protocol_version`, or by choosing a lower
    one."""
    chain_trusted: Maybe[bool]
    """Whether its chain ends in a root that is trusted; dates, names and strength apart."""
    chain_in_time: Maybe[bool]
    """Whether every certificate of the chain was within its dates when it was seen."""
    chain_strong: Maybe[bool]
    """Whether all keys and signatures of the chain have at least 112 bits of security."""
    hostname_match: Maybe[bool]
    """Whether its certificate is for the name or address that was asked for."""
    not_before: Maybe[datetime]
    """Of its own certificate."""
    not_after: Maybe[datetime]
    key_type: Maybe[str]
    """`rsa`, `ec`, `ed25519` ..., of its own certificate."""
    key_bits: Maybe[int]
    signature_hash: Maybe[str | None]
    """The hash of the signature on its own certificate, `sha256`; None for an algorithm without."""


class TlsClientUse(Resource):
    """A place in source code that makes a client of TLS, or steers one."""

    kind: ClassVar[str] = "TlsClientUse"

    language: Literal["python", "javascript", "typescript", "go", "java"]
    library: str
    """What makes the client: `requests`, `ssl`, `https`, `crypto/tls`."""
    program: str = ""
    """The address of the program that it is in; empty if it belongs to none."""
    exchange_client: Maybe[bool]
    """Whether its program, as far as can be told, uses it to talk to an exchange."""
    verify: Maybe[bool]
    """Whether it verifies the certificates of servers."""
    check_hostname: Maybe[bool]
    """Whether it compares the name in the certificate with the one that was asked for."""
    min_version: Maybe[str | None] = None
    """The lowest version it accepts, `1.0` to `1.3`; None if it sets none, so that its library
    decides."""
    ca_source: Maybe[Literal["system", "certifi", "custom_bundle", "none"]] = "system"
    """What it trusts: the store of the system or the runtime, the list of Mozilla that `certifi` or
    Node bring, roots of the program's own; `none` if it verifies nothing."""
