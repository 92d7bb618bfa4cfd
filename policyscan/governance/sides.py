"""The two sides of a change, each as the whole repository."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path

from policyscan.errors import ReadError
from policyscan.governance import names
from policyscan.text import git
from policyscan.text.git_tree import GitTree
from policyscan.text.listing import NESTED
from policyscan.text.tree import Tree

MAX_BYTES = 1_000_000
_LINK = b"\0link to "
_OTHER = b"\0not a file: "


class Version:
    """One side: what is at each path, be it a file, a link or something else."""

    def __init__(self, tree: Tree, blobs: dict[str, bytes]) -> None:
        """`blobs` holds contents by their ids, for all sides."""
        self.tree = tree
        self._blobs = blobs
        self._seen: dict[str, bytes] = {}

    @cached_property
    def others(self) -> Mapping[str, str]:
        """What is neither a file nor a link to one, by path, with what it is."""
        found = {problem.subject: problem.message for problem in self.tree.problems()}
        return found | {
            path: reason for path, reason, _ in self.tree.excluded() if reason == NESTED
        }

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every path that there is."""
        return frozenset({*self.tree.files(), *self.tree.links(), *self.others})

    @cached_property
    def named(self) -> Mapping[str, str]:
        """What the paths steer that are known by their names."""
        return {path: role for path in self.paths if (role := names.named(path))}

    @cached_property
    def told(self) -> Mapping[str, str]:
        """What the paths steer by what is said there."""
        return names.told(self.paths, self.text)

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
        known = self._known(path)
        if known is None:
            known = self.tree.peek(path, limit=MAX_BYTES).replace(b"\r\n", b"\n")
        if not isinstance(self.tree, GitTree):
            self._blobs[git.blob_sha1(known)] = known
        return known

    def _known(self, path: str) -> bytes | None:
        """The content of a blob that another side holds as well."""
        return self._blobs.get(self.tree.oid(path)) if isinstance(self.tree, GitTree) else None


class Versions:
    """The sides of one run; a commit is opened once. To be closed."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._commits: dict[tuple[Path, str], Version] = {}
        self._blobs: dict[str, bytes] = {}

    def of(self, tree: Tree) -> Version:
        """A tree as a side."""
        return Version(tree, self._blobs)

    def commit(self, top: Path, name: str) -> Version:
        """A commit of a repository. Raises `ReadError` if there is none of that name."""
        key = top, git.resolve_commit(top, name)
        if key not in self._commits:
            tree = self._stack.enter_context(closing(GitTree(*key)))
            self._commits[key] = self.of(tree)
        return self._commits[key]

    def close(self) -> None:
        """Let go of processes."""
        self._stack.close()
