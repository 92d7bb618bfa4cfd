"""The tree of a run that reads no files."""

from __future__ import annotations

from pathlib import Path

from policyscan.errors import GapReason, ReadError
from policyscan.text import git
from policyscan.text.listing import Listing
from policyscan.text.source import Source
from policyscan.text.tree import NO_FILE, ListedTree


class NoTree(ListedTree):
    """A tree that holds nothing."""

    _listing = Listing((), {}, (), ())

    def tracks(self, path: str) -> bool:  # noqa: ARG002
        """See `Tree.tracks`."""
        return False

    def listdir(self, path: str) -> tuple[str, ...]:  # noqa: ARG002 - there is nothing
        """See `Tree.listdir`."""
        return ()

    def head(self, path: str) -> bytes:  # noqa: ARG002
        """See `Tree.head`."""
        return b""

    def last_change(self, source: Source) -> git.Change | None:  # noqa: ARG002
        """See `Tree.last_change`."""
        return None

    def encloses(self, path: Path) -> bool:  # noqa: ARG002
        """See `Tree.encloses`."""
        return False

    def close(self) -> None:
        """Nothing is open."""

    def _load(self, path: str, limit: int) -> bytes:  # noqa: ARG002
        raise ReadError(GapReason.UNREADABLE, path, NO_FILE)
