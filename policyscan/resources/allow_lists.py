"""Lists of the addresses that trading systems may send to."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from policyscan.resources.base import Resource


class NetworkAllowList(Resource):
    """The address ranges of an exchange, as somebody says they are."""

    kind: ClassVar[str] = "NetworkAllowList"

    name: str
    exchange: str
    ranges: tuple[str, ...]
    """IPv4 and IPv6 ranges."""
    owner: str | None = None
    """Who answers for the list."""
    verified_at: datetime | None = None
    """When somebody last compared it with what the exchange uses."""
