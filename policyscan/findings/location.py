"""A place in a document, as reports hold it."""

from __future__ import annotations

from msgspec import Struct


class Location(Struct, frozen=True):
    """A place in a document: 1-based lines, 1-based UTF-16 columns, end column exclusive."""

    path: str
    """Relative to the tree, `/` between parts; a byte that is not UTF-8 shows as `\\xff`."""
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    line_hash: str = ""
    """GitHub's `primaryLocationLineHash` of the start line; only on findings that fail."""

    @property
    def place(self) -> str:
        """`path:line`, for messages."""
        return f"{self.path}:{self.start_line}"
