"""What a tree holds: which of its entries are files to read, and what becomes of the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from msgspec import Struct

from policyscan.errors import GapReason, ReadError

MAX_DEPTH = 200
"""Directories nested deeper than this are a problem and not walked."""

MAX_LINKS = 40
"""Symbolic links on the way to one file; Linux gives up at the same number."""

NOT_REGULAR = "not a regular file"
LINK_OUT = "symbolic link out of the tree or in a circle: not followed"
NESTED = "submodule"
LINK_LOST = "symbolic link to nothing that is read"
TOO_DEEP = f"nested in more than {MAX_DEPTH} directories: not walked"


class Listing(Struct, frozen=True):
    """The answers to `Tree.files`, `links`, `problems` and `excluded`."""

    files: tuple[str, ...]
    links: Mapping[str, str]
    problems: tuple[ReadError, ...]
    excluded: tuple[tuple[str, str, int], ...]


class Walk:
    """Sorts what is below a directory into files, links and problems, following no link."""

    def __init__(
        self,
        enter: Callable[[str], AbstractContextManager[int]],
        wanted: frozenset[str],
        pruned: frozenset[str],
    ) -> None:
        self.files: list[str] = []
        self.links: dict[str, str] = {}
        self.problems: list[ReadError] = []
        self._enter = enter
        self._wanted = wanted
        """Files and links that count, and directories in which everything does; all if empty."""
        self._pruned = pruned
        """Directories not to enter, with their `/`."""
        self._pending = [("", not wanted)]

    def run(self) -> None:
        """Fill the three; an entry that cannot be looked at is a problem."""
        while self._pending:
            path, whole = self._pending.pop()
            try:
                with self._enter(path) as folder, os.scandir(folder) as found:
                    for entry in found:
                        self._take(entry, path, folder, whole)
            except OSError as error:
                self._report(path or ".", f"directory not read: {error.strerror}")

    def untouched(self) -> list[str]:
        """What counts and was not met, and holds nothing that was: submodules that are not checked
        out, and what is not here at all."""
        others = self._wanted.difference(self.files, self.links)
        met = folders_of(self.files) if others else set()
        return sorted(path for path in others if not path.endswith("/") and path not in met)

    def _take(self, entry: os.DirEntry[str], parent: str, folder: int, whole: bool) -> None:
        path = f"{parent}/{entry.name}" if parent else entry.name
        counts = whole or path in self._wanted
        if entry.name == ".git":
            return
        if entry.is_symlink():
            if counts:
                self.links[path] = os.readlink(entry.name, dir_fd=folder)
        elif entry.is_dir(follow_symlinks=False):
            if path.count("/") >= MAX_DEPTH:
                self._report(path, TOO_DEEP)
            elif path + "/" not in self._pruned:
                self._pending.append((path, counts or path + "/" in self._wanted))
        elif not entry.is_file(follow_symlinks=False):
            self._report(path, NOT_REGULAR)
        elif counts:
            self.files.append(path)

    def _report(self, path: str, message: str) -> None:
        self.problems.append(ReadError(GapReason.UNREADABLE, path, message))


def classify(
    files: list[str],
    links: dict[str, str],
    problems: list[ReadError],
    excluded: tuple[tuple[str, str, int], ...],
) -> Listing:
    """The listing, with each link judged by where it leads."""
    present = {"", *files, *folders_of(files)}
    inside: dict[str, str] = {}
    for path in sorted(links):
        end = _follow(path, links)
        if end is not None and end in present:
            inside[path] = end
        else:
            message = LINK_OUT if end is None else LINK_LOST
            problems.append(ReadError(GapReason.UNREADABLE, path, message))
    problems.sort(key=lambda problem: problem.subject)
    return Listing(tuple(sorted(files)), inside, tuple(problems), excluded)


def _follow(path: str, links: Mapping[str, str]) -> str | None:
    """Where `path` leads by way of `links`; None if out of the tree or in a circle."""
    pending = path.split("/")[::-1]
    walked: list[str] = []
    hops = 0
    while pending:
        name = pending.pop()
        if name == "..":
            if not walked:
                return None
            walked.pop()
        elif name not in ("", "."):
            walked.append(name)
            target = links.get("/".join(walked))
            if target is not None:
                hops += 1
                if target.startswith("/") or hops > MAX_LINKS:
                    return None
                walked.pop()
                pending += target.split("/")[::-1]
    return "/".join(walked)


def folders_of(paths: Iterable[str]) -> set[str]:
    """Every directory on the way to `paths`, without the top."""
    folders: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in folders:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
    return folders


def parents(path: str) -> Iterator[str]:
    """The directories on the way to `path`, the innermost first, without the top."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def encloses(directory: Path, path: Path) -> bool:
    """Whether a path of this machine lies in a directory, or in the work tree around it."""
    here = directory.resolve()
    tops = (top for top in (here, *here.parents) if os.path.lexists(top / ".git"))
    return path.resolve().is_relative_to(next(tops, here))


def plain_name(name: str) -> str:
    """The name, if it is that of an entry. Raises `ValueError` for one that leads elsewhere."""
    if name in ("", ".", ".."):
        raise ValueError("not a path inside the tree")
    return name
