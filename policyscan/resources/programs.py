"""Programs: directories of source code, what they depend on, and which exchanges they talk to."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource


class ExchangeSign(Part):
    """A place that shows that a program talks to an exchange or holds a key for one."""

    exchange: str
    """The name of the exchange as in its data file."""
    sign: Literal["sdk", "import", "host", "header", "environment"]
    text: str
    """What is written there: `ccxt`, `api.binance.com`."""


class Program(Resource):
    """A directory with a manifest of dependencies, or the top of the tree. Its address is its
    path, `.` for the top; a source file belongs to the nearest one above it."""

    kind: ClassVar[str] = "Program"

    languages: tuple[str, ...] = ()
    signs: tuple[ExchangeSign, ...] = ()
    """Each kind of sign once for each exchange; the chain `signs[0]` tells where it is. What lies
    among tests, examples or documentation counts only in a program that is nothing else."""
    handles_keys: bool = False
    """Whether a sign is more than public market data: an SDK, a key header, a key variable."""
