"""Who a finding or gap is about, whatever moves around it."""

from __future__ import annotations

import hashlib


def fingerprint(*parts: str) -> str:
    """32 hex digits over the parts, for a finding its policy, project, unit, environment and
    address. Each part carries its length, so that no two lists of parts give the same text."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
