"""TLS: what servers accept."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Resource
from policyscan.values import Maybe


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
