"""The two sides of a change, each as the whole repository."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from policyscan.errors import ReadError
from policyscan.text.tree import Tree

MAX_BYTES = 1_000_000
_LINK = b"\0link to "
_OTHER = b"\0not a file: "


class Version:
    """One side: what is at each path, be it a file, a link or something else."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._seen: dict[str, bytes] = {}

    @cached_property
    def others(self) -> Mapping[str, str]:
        """What is neither a file nor a link to one, by path, with what it is."""
        found = {problem.subject: problem.message for problem in self.tree.problems()}
        return found | {
            path: reason for path, reason, _ in self.tree.excluded() if reason == "submodule"
        }

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every path that there is."""
        return frozenset({*self.tree.files(), *self.tree.links(), *self.others})

    def at(self, path: str) -> bytes | None:
        """What is at a path, lines ending as git stores them; None if nothing is. Raises
        `ReadError` for a file that cannot be read."""
        if path not in self.paths:
            return None
        if path not in self._seen:
            self._seen[path] = self._load(path)
        return self._seen[path]

    def text(self, path: str) -> bytes:
        """What a file says; nothing if it cannot be read."""
        try:
            return self.at(path) or b""
        except ReadError:
            return b""

    def _load(self, path: str) -> bytes:
        if path in self.others:
            return _OTHER + self.others[path].encode()
        if path in self.tree.links():
            return _LINK + self.tree.links()[path].encode("utf-8", "surrogateescape")
        return self.tree.peek(path, limit=MAX_BYTES).replace(b"\r\n", b"\n")
