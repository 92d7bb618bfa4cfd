"""What the TLS collector has here."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from policyscan.collectors.tls.certificate import INSTALL, is_readable_here
from policyscan.collectors.tls.contexts import probes, trust_of

if TYPE_CHECKING:
    from policyscan.collectors.interface import Target


def examine(target: Target) -> Iterator[tuple[str, str]]:
    """Versions, roots, and the library for certificates."""
    for version, context in sorted(probes().items()):
        cannot = isinstance(context, str)
        yield f"TLS {version}", f"missing: {context}" if cannot else f"ok: {ssl.OPENSSL_VERSION}"
    trust = trust_of(target.settings)
    yield "trusted CAs", f"missing: {trust.problem}" if trust.problem else f"ok: {trust.told}"
    yield "certificates", "ok: cryptography" if is_readable_here() else f"missing: {INSTALL}"
