"""What the names of TLS versions and ciphers mean, as OpenSSL and AWS write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_VERSIONS = {"TLSv1": "1.0", "TLSv1.0": "1.0", "TLSv1.1": "1.1", "TLSv1.2": "1.2", "TLSv1.3": "1.3"}
_OLDER = frozenset({"SSLv2", "SSLv3"})
"""Before TLS: as weak as its first version, to say the least."""
_AEAD = re.compile(r"(?:^|[-_])(?:GCM|CCM8?|CHACHA20)(?=[-_]|$)")


def tls_versions(names: Iterable[str]) -> tuple[str, ...]:
    """The versions of those names, lowest first; one that is not known makes them all not known,
    which is an empty answer. What came before TLS counts as its first version."""
    found = {"1.0" if name in _OLDER else _VERSIONS.get(name, "") for name in names}
    return () if "" in found else tuple(sorted(found))


def aead_only(ciphers: Iterable[str]) -> bool:
    """Whether every cipher is an AEAD cipher by its name: `ECDHE-RSA-AES128-GCM-SHA256`,
    `TLS_CHACHA20_POLY1305_SHA256`."""
    return all(_AEAD.search(name) for name in ciphers)
