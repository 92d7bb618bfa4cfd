"""Commits and the index, seen from a work tree that lies beside them.

What git does not keep and the work tree holds (installed modules, vendored code) is the same on
both sides of a comparison; so is a file that git converted when it was checked out. And whatever
both sides hold is read once, and is one `Source`, so that what was worked out about it holds for
both.
"""

from __future__ import annotations

import hashlib
import posixpath
from functools import cached_property
from pathlib import Path

from policyscan.errors import GapReason, ReadError
from policyscan.text import git
from policyscan.text.git_tree import SUBMODULE, SYMLINK, GitTree
from policyscan.text.source import Source
from policyscan.text.tree import MAX_BYTES, DirectoryTree, ListedTree

_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_MOST_POINTER = 1024
"""Bytes, as the specification of LFS has it."""

CONFLICT = "in conflict: a commit is not possible before that is settled"


class SharingTree(GitTree):
    """A commit, compared with another tree of its repository."""

    def __init__(self, repository: Path, ref: str, other: ListedTree) -> None:
        super().__init__(repository, ref)
        self._other = other

    def read(self, path: str, *, limit: int = MAX_BYTES) -> Source:
        """See `Tree.read`; what the other tree holds as well is the same object."""
        path = self._real(path)
        if path not in self._sources:
            data = self._load(path, limit)
            held = self._other.held(path)
            same = held is not None and held.data == data
            self._sources[path] = held if held is not None and same else Source(path, data)
        return super().read(path, limit=limit)


class BesideTree(SharingTree):
    """A commit, beside the work tree of its repository."""

    def __init__(self, work: DirectoryTree, ref: str) -> None:
        super().__init__(work.root, ref, work)
        self.work = work
        self._nested: dict[str, git.BlobReader] = {}
        """By the path of a submodule, what reads its blobs."""
        self._inner: dict[str, str] = {}
        """By path, the submodule that holds it."""

    def listdir(self, path: str) -> tuple[str, ...]:
        """See `Tree.listdir`: what git ignores in the work tree is there as well."""
        here = self._real(path)
        beside = self.work.listdir(here)
        ignored = (name for name in beside if self.work.ignores(posixpath.join(here, name)))
        return tuple(sorted({*super().listdir(path), *ignored}))

    def close(self) -> None:
        """See `Tree.close`."""
        super().close()
        for reader in self._nested.values():
            reader.close()

    def _load(self, path: str, limit: int) -> bytes:
        entry = self._entries.get(path)
        if entry is None and self.work.ignores(path):
            return self.work.peek(path, limit=limit)
        if entry is not None and entry.mode not in (SYMLINK, SUBMODULE):
            data = self._checked_out(path, entry)
            if data is not None and len(data) <= limit:
                return data
        return super()._load(path, limit)

    # -- submodules ----------------------------------------------------------------------------

    def _read_entries(self) -> dict[str, git.Entry]:
        """With what the submodules hold that are checked out, at the commit that is asked for."""
        found = self._own_entries()
        pending = [path for path, entry in found.items() if entry.mode == SUBMODULE]
        while pending:
            path = pending.pop()
            inner = self._inside(path, found[path].oid)
            if inner:
                del found[path]
                found.update(inner)
                pending += [name for name, entry in inner.items() if entry.mode == SUBMODULE]
        return found

    def _own_entries(self) -> dict[str, git.Entry]:
        return super()._read_entries()

    def _inside(self, path: str, commit: str) -> dict[str, git.Entry]:
        """What a submodule holds at a commit, by paths of this tree; empty if it is not here."""
        folder = self.work.root / path
        is_here = folder.resolve() == self.work.root.resolve() / path
        if not is_here or not (folder / ".git").exists():
            return {}
        try:
            found = git.entries(folder, commit)
        except ReadError:
            return {}
        self._nested[path] = git.BlobReader(folder)
        inner = {}
        for entry in found:
            name = posixpath.join(path, entry.path)
            inner[name] = git.Entry(entry.mode, entry.oid, entry.size, name)
            self._inner[name] = path
        return inner

    def _blob(self, entry: git.Entry) -> bytes:
        reader = self._nested.get(self._inner.get(entry.path, ""), self._blobs)
        return reader.read(entry.oid, entry.path)

    # -- what was checked out ------------------------------------------------------------------

    def _checked_out(self, path: str, entry: git.Entry) -> bytes | None:
        """What a checkout of the entry would hold, if the work tree tells; else None."""
        try:
            data = self.work.peek(path)
        except ReadError:
            return None
        return data if git.is_blob(entry.oid, data) else self._converted(path, entry, data)

    def _converted(self, path: str, entry: git.Entry, data: bytes) -> bytes | None:
        """The blob of the entry as git would have written it, if `data` is what git wrote for the
        one in the index. Line ends that are not committed are no change: git writes them as it is
        set up, and takes them back."""
        if entry.size > _MOST_POINTER and b"\r\n" not in data:  # neither a pointer nor converted
            return None
        staged = self._index.get(path)
        if staged is None or self._size(entry) > MAX_BYTES:
            return None
        try:
            blob = self._blob(entry)
            written = blob if staged == entry.oid else self._blobs.read(staged, path)
        except ReadError:
            return None
        if staged == entry.oid and _points_to(blob, data):
            return data
        if b"\r\n" in written or written.replace(b"\n", b"\r\n") != data:
            return None
        return None if b"\r\n" in blob else blob.replace(b"\n", b"\r\n")

    @cached_property
    def _index(self) -> dict[str, str]:
        """Blob ids by path, as the index has them."""
        try:
            return {entry.path: entry.oid for entry in git.staged(self.repository)}
        except ReadError:
            return {}


class IndexTree(BesideTree):
    """The index: what a commit made now would hold. `commit` is the one that it would follow, empty
    before the first."""

    def __init__(self, work: DirectoryTree, index: str = "") -> None:
        """`index` is the absolute path of another index than the repository's own. Raises
        `ReadError` outside of a work tree."""
        super().__init__(work, "HEAD")
        self._staged = git.staged(work.root, index)

    def _resolved(self, ref: str) -> str:
        try:
            return super()._resolved(ref)
        except ReadError:
            return ""

    def _own_entries(self) -> dict[str, git.Entry]:
        return {
            each.path: git.Entry(each.mode, each.oid, 0, each.path)
            for each in self._staged
            if each.is_merged
        }

    def _unsettled(self) -> list[ReadError]:
        paths = sorted({each.path for each in self._staged if not each.is_merged})
        return [ReadError(GapReason.UNREADABLE, path, CONFLICT) for path in paths]

    def _size(self, entry: git.Entry) -> int:
        return entry.size or self._blobs.size(entry.oid, entry.path)


def _points_to(pointer: bytes, data: bytes) -> bool:
    """Whether this is a pointer of Git LFS, and `data` what it stands for."""
    if not pointer.startswith(_POINTER) or len(pointer) > _MOST_POINTER:
        return False
    fields = dict(line.partition(b" ")[::2] for line in pointer.splitlines())
    digest = hashlib.sha256(data).hexdigest().encode("ascii")
    return fields.get(b"oid") == b"sha256:" + digest and fields.get(b"size") == b"%d" % len(data)
