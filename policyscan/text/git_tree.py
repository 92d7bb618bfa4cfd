"""A commit behind the interface of trees."""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from policyscan.errors import GapReason, ReadError
from policyscan.text import git
from policyscan.text.listing import NESTED, NOT_REGULAR, Listing, classify, encloses, folders_of
from policyscan.text.source import Source
from policyscan.text.tree import HEAD_BYTES, LINK, MAX_BYTES, NO_FILE, ListedTree, too_large

SYMLINK = "120000"
SUBMODULE = "160000"
"""Modes of entries in a git tree."""


class GitTree(ListedTree):
    """A commit of a repository, seen from `repository`, which may be a part of its work tree."""

    def __init__(self, repository: Path, ref: str) -> None:
        super().__init__()
        self.repository = repository
        self.commit = self._resolved(ref)
        """The id of the commit. The constructor raises `ReadError` if `ref` names none."""
        self._blobs = git.BlobReader(repository)

    def holds(self, path: str, oid: str) -> bool:
        """Whether it is known without reading that the file at `path` is the blob of this id."""
        return self.oid(path) == oid

    def oid(self, path: str) -> str:
        """The id of the blob that is the file at `path`; empty if there is no such file."""
        entry = self._entries.get(self._real(path))
        return "" if entry is None or entry.mode in (SYMLINK, SUBMODULE) else entry.oid

    def _resolved(self, ref: str) -> str:
        return git.resolve_commit(self.repository, ref)

    @cached_property
    def _entries(self) -> dict[str, git.Entry]:
        return self._read_entries()

    def _read_entries(self) -> dict[str, git.Entry]:
        return {entry.path: entry for entry in git.entries(self.repository, self.commit)}

    @cached_property
    def _listing(self) -> Listing:
        found = self._entries.values()
        return classify(
            [entry.path for entry in found if entry.mode.startswith("100")],
            {entry.path: self._target(entry) for entry in found if entry.mode == SYMLINK},
            self._unsettled(),
            tuple((entry.path, NESTED, 1) for entry in found if entry.mode == SUBMODULE),
        )

    @cached_property
    def _folders(self) -> dict[str, set[str]]:
        """The names in each directory of the commit."""
        folders: defaultdict[str, set[str]] = defaultdict(set)
        for path, entry in self._entries.items():
            parent, _, name = path.rpartition("/")
            folders[parent].add(name + "/" if entry.mode == SUBMODULE else name)
        for folder in folders_of(self._entries):
            parent, _, name = folder.rpartition("/")
            folders[parent].add(name + "/")
        return folders

    def tracks(self, path: str) -> bool:
        """See `Tree.tracks`."""
        return self._real(path) in self._entries

    def listdir(self, path: str) -> tuple[str, ...]:
        """See `Tree.listdir`."""
        return tuple(sorted(self._folders.get(self._real(path), ())))

    def head(self, path: str) -> bytes:
        """See `Tree.head`."""
        try:
            return self._load(path, MAX_BYTES)[:HEAD_BYTES]
        except ReadError:
            return b""

    def last_change(self, source: Source) -> git.Change | None:
        """See `Tree.last_change`."""
        return git.last_change(self.repository, self.commit, source.path, source.data)

    def encloses(self, path: Path) -> bool:
        """See `Tree.encloses`."""
        return encloses(self.repository, path)

    def close(self) -> None:
        """See `Tree.close`."""
        self._blobs.close()

    def _load(self, path: str, limit: int) -> bytes:
        entry = self._entries.get(path)
        if entry is None:
            raise ReadError(GapReason.UNREADABLE, path, NO_FILE)
        if entry.mode == SYMLINK:
            raise ReadError(GapReason.UNREADABLE, path, LINK)
        if entry.mode == SUBMODULE:
            raise ReadError(GapReason.UNREADABLE, path, NOT_REGULAR)
        size = self._size(entry)
        if size > limit:
            raise too_large(path, size, limit)
        return self._blob(entry)

    def _size(self, entry: git.Entry) -> int:
        return entry.size

    def _blob(self, entry: git.Entry) -> bytes:
        return self._blobs.read(entry.oid, entry.path)

    def _unsettled(self) -> list[ReadError]:
        """What is there and has no content yet."""
        return []

    def _target(self, entry: git.Entry) -> str:
        """Where a link says it leads; `/`, which is outside, if that cannot be read."""
        try:
            if self._size(entry) > os.pathconf("/", "PC_PATH_MAX"):
                return "/"
            return os.fsdecode(self._blob(entry))
        except ReadError:
            return "/"
