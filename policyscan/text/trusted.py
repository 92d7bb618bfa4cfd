"""Files of a commit that is trusted, in the place of those of a work tree that is not."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from policyscan.errors import ReadError
from policyscan.text.files import FROM_DISK, SUFFIXES, Disk, Folder, StoredFile, StoredFolder
from policyscan.text.git_tree import GitTree
from policyscan.text.listing import NESTED
from policyscan.text.repositories import placed

MAX_BYTES = 200_000_000
"""The largest file that steers the tool, a baseline; readers of others take less."""
MAX_DEPTH = 8


class TrustedFiles:
    """What lies in a work tree that is guarded is read from the commit, and only from there; the
    rest from disk. To be closed."""

    def __init__(self, ref: str, cwd: Path) -> None:
        self.ref = ref
        self._cwd = Path(os.path.realpath(cwd))
        self._disk = Disk(self._cwd)
        self._trees: dict[Path, GitTree] = {}

    @property
    def tops(self) -> tuple[Path, ...]:
        """The work trees that are guarded."""
        return tuple(self._trees)

    def guard(self, top: Path, commit: str) -> None:
        """Guards the work tree at `top`. Raises `ReadError` if it has no such commit."""
        if top not in self._trees:
            self._trees[top] = GitTree(top, commit)

    def read(self, path: Path) -> bytes:
        """See `Files.read`."""
        tree, inside = self._place(path)
        return self._disk.read(Path(inside)) if tree is None else self._blob(tree, inside)

    def exists(self, path: Path) -> bool:
        """See `Files.exists`."""
        tree, inside = self._place(path)
        if tree is None:
            return self._disk.exists(Path(inside))
        parent, _, name = inside.rpartition("/")
        return bool({name, f"{name}/"} & {*tree.listdir(parent)})

    def folder(self, path: Path) -> Folder:
        """See `Files.folder`."""
        tree, inside = self._place(path)
        if tree is None:
            return self._disk.folder(Path(inside))
        if not tree.listdir(inside):
            raise NotADirectoryError(f"there is no directory {path} in {self.ref}")
        return StoredFolder(path.name or ".", self._members(tree, inside, 0))

    def source(self, path: Path) -> str:
        """See `Files.source`."""
        return FROM_DISK if self._place(path)[0] is None else self.ref

    def close(self) -> None:
        """Lets go of processes."""
        for tree in self._trees.values():
            tree.close()

    def _place(self, path: Path) -> tuple[GitTree | None, str]:
        """The commit to read from and the path in it; None for what no guarded tree holds, and
        where that is on disk."""
        where, top = placed(self._cwd / path)
        if top is None or top not in self._trees:
            return None, str(where)
        inside = where.relative_to(top).as_posix()
        return self._trees[top], "" if inside == "." else inside

    def _members(
        self, tree: GitTree, folder: str, depth: int
    ) -> Mapping[str, StoredFolder | StoredFile]:
        """What a directory of policies holds. What cannot be read is an error, not an absence."""
        submodules = {path for path, reason, _ in tree.excluded() if reason == NESTED}
        found: dict[str, StoredFolder | StoredFile] = {}
        for entry in tree.listdir(folder):
            name = entry.rstrip("/")
            path = f"{folder}/{name}" if folder else name
            if path in submodules:
                raise OSError(f"{path} is a submodule in {self.ref}: its files are not there")
            if tree.listdir(path):
                if depth < MAX_DEPTH:
                    found[name] = StoredFolder(name, self._members(tree, path, depth + 1))
            elif name.endswith(SUFFIXES):
                found[name] = StoredFile(name, self._blob(tree, path))
        return found

    def _blob(self, tree: GitTree, path: str) -> bytes:
        try:
            return tree.peek(path, limit=MAX_BYTES)
        except ReadError as error:
            message = f"{error.message} in {self.ref}"
            raise OSError(errno.ENOENT, message, path) from None
