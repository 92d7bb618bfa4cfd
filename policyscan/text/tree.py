"""A directory or a git commit behind one interface: paths, and reads that are bounded, confined
and kept for the ledger."""

from __future__ import annotations

from typing import Protocol

from policyscan.text.source import Source

MAX_BYTES = 10_000_000
"""Files above this are `too_large` unless a reader asks for less."""


class Tree(Protocol):
    """Read access to one target. Paths are relative, with `/`; undecodable bytes of names are
    surrogate escapes."""

    def files(self) -> tuple[str, ...]:
        """Every regular file of the target, sorted; what version control ignores is left out and
        listed by `excluded`."""

    def listdir(self, path: str) -> tuple[str, ...]:
        """The names in a directory (`""` is the top), ignored ones included, sorted; empty if it
        is not a directory inside the tree. Directories end with `/`."""

    def read(self, path: str, *, limit: int = MAX_BYTES) -> Source:
        """The file's bytes. Raises `ReadError` if it is not a regular file inside the tree, cannot
        be read, or is larger than `limit`. Reading twice gives the same object."""

    def head(self, path: str) -> bytes:
        """At most the first 512 bytes; empty if it cannot be read."""

    def sources(self) -> tuple[Source, ...]:
        """Every document that was read whole, in order of first reading."""
