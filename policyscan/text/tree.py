"""The files of a directory or of a commit behind one interface: paths, and reads that are bounded,
confined and kept for the ledger. The directory itself; commits are in `git_tree`."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Protocol

from policyscan.errors import GapReason, ReadError
from policyscan.text import git
from policyscan.text.listing import (
    NESTED,
    NOT_REGULAR,
    Listing,
    Walk,
    classify,
    encloses,
    folders_of,
    parents,
    plain_name,
)
from policyscan.text.source import Source

MAX_BYTES = 10_000_000
"""Files above this are `too_large` unless a reader asks for less."""

MOST_KEPT = 32_000_000
"""Bytes of files that are kept for a second look."""

HEAD_BYTES, CHUNK = 512, 1 << 18

IGNORED = "ignored by git"
SPARSE = "tracked, and left out of this work tree by git"
PLAIN = "not asked what is tracked and what is ignored, so that every file here is read"
NO_FILE = "no such file"
LINK = "symbolic link: not followed"

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Tree(Protocol):
    """Read access to one target. Paths are relative, with `/`; undecodable bytes of names are
    surrogate escapes."""

    def files(self) -> tuple[str, ...]:
        """Every regular file of the target, sorted; what version control ignores is left out and
        listed by `excluded`."""

    def links(self) -> Mapping[str, str]:
        """Symbolic links whose target is in `files`, or is a directory of some: path and target
        path, `""` for the top. They are not in `files`: what they lead to is."""

    def problems(self) -> tuple[ReadError, ...]:
        """What is there and is not a file to read: links that lead out, pipes, devices, closed
        directories. `subject` is the path."""

    def excluded(self) -> tuple[tuple[str, str, int], ...]:
        """What was left out on purpose: subject, reason, count; directories end with `/`."""

    def listdir(self, path: str) -> tuple[str, ...]:
        """The names in a directory (`""` is the top), ignored ones included, sorted; empty if it
        is not a directory inside the tree. Directories end with `/`."""

    def tracks(self, path: str) -> bool:
        """Whether the repository itself brings what is at a path, so that its author wrote it."""

    def read(self, path: str, *, limit: int = MAX_BYTES) -> Source:
        """The file's bytes. Raises `ReadError` if it is not a regular file inside the tree, cannot
        be read, or is larger than `limit`. Reading twice gives the same object."""

    def peek(self, path: str, *, limit: int = MAX_BYTES) -> bytes:
        """The file's bytes as `read` gives them, without keeping them: for a look at many files
        of which few matter."""

    def head(self, path: str) -> bytes:
        """At most the first 512 bytes; empty if it cannot be read."""

    def sources(self) -> tuple[Source, ...]:
        """Every document that was read whole, in order of first reading."""

    def last_change(self, source: Source) -> git.Change | None:
        """The newest commit that changed a document that was read; None outside of git and for
        what is not committed as it was read."""

    def encloses(self, path: Path) -> bool:
        """Whether a path of this machine lies in the directory that is looked at, in the part of a
        work tree from which a commit is, or elsewhere in the work tree around it."""

    def close(self) -> None:
        """Let go of processes; afterwards only what was read already can be read."""


class ListedTree(ABC):
    """What the trees share: one listing, and each document read once. See `Tree`."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    @cached_property
    @abstractmethod
    def _listing(self) -> Listing:
        """What the tree holds. Raises `ReadError` if git does not answer for a commit."""

    @abstractmethod
    def _load(self, path: str, limit: int) -> bytes:
        """The bytes of a file. Raises `ReadError`."""

    def files(self) -> tuple[str, ...]:
        """See `Tree.files`."""
        return self._listing.files

    def links(self) -> Mapping[str, str]:
        """See `Tree.links`."""
        return self._listing.links

    def problems(self) -> tuple[ReadError, ...]:
        """See `Tree.problems`."""
        return self._listing.problems

    def excluded(self) -> tuple[tuple[str, str, int], ...]:
        """See `Tree.excluded`."""
        return self._listing.excluded

    def read(self, path: str, *, limit: int = MAX_BYTES) -> Source:
        """See `Tree.read`."""
        path = self._real(path)
        source = self._sources.get(path)
        if source is None:
            source = self._sources[path] = Source(path, self._load(path, limit))
        return _within(source, limit)

    def peek(self, path: str, *, limit: int = MAX_BYTES) -> bytes:
        """See `Tree.peek`."""
        path = self._real(path)
        source = self._sources.get(path)
        return self._load(path, limit) if source is None else _within(source, limit).data

    def held(self, path: str) -> Source | None:
        """The document that was read at `path`, if one was."""
        return self._sources.get(path)

    def sources(self) -> tuple[Source, ...]:
        """See `Tree.sources`."""
        return tuple(self._sources.values())

    def _real(self, path: str) -> str:
        """Where a path leads that is, or goes through, a symbolic link inside the tree."""
        links = self._listing.links
        for prefix in (path, *parents(path)) if links else ():
            if prefix in links:
                return posixpath.join(links[prefix], path[len(prefix) + 1 :]).rstrip("/")
        return path


class DirectoryTree(ListedTree):
    """A directory. In a git work tree its files are those that git tracks or would add; elsewhere
    all. Nothing outside it is opened, whatever links say and however the tree changes meanwhile."""

    def __init__(self, root: Path, *, keeps: bool = False) -> None:
        """With `keeps`, files that are looked at are kept, up to a limit: they will be looked at
        again, for another commit."""
        super().__init__()
        self.root = root
        self._kept: dict[str, bytes] = {}
        self._room = MOST_KEPT if keeps else 0

    def ignores(self, path: str) -> bool:
        """Whether git ignores what is at `path`, or it is a directory on the way to such; what git
        tracks is never ignored."""
        wanted, ignored, _ = self._known
        path = path.rstrip("/")
        if path in wanted:
            return False
        if path in self._ways:
            return True
        return path in ignored or any(f"{each}/" in ignored for each in (path, *parents(path)))

    @cached_property
    def _known(self) -> tuple[frozenset[str], frozenset[str], git.Present]:
        """What git tracks or would add, what it ignores, and more of the first; all empty outside
        of a work tree."""
        try:
            present = git.present_files(self.root)
            wanted = frozenset(present.files)
            return wanted, frozenset(git.ignored_paths(self.root) if wanted else ()), present
        except ReadError as error:
            failed = error.message if (git.top_of(self.root) / ".git").exists() else ""
            return frozenset(), frozenset(), git.Present(failed=failed)

    def tracks(self, path: str) -> bool:
        """See `Tree.tracks`."""
        wanted, _, present = self._known
        path = self._real(path)
        return path in wanted and path not in present.others

    def nested(self) -> frozenset[str]:
        """What git lists and is no file here: a submodule, or another repository; empty outside of
        git."""
        found = self._listing
        read = {*found.files, *found.links, *(problem.subject for problem in found.problems)}
        return frozenset(path.rstrip("/") for path in self._known[0] - read)

    @cached_property
    def _ways(self) -> set[str]:
        """The directories on the way to what git ignores."""
        return folders_of(path.rstrip("/") for path in self._known[1])

    @cached_property
    def _listing(self) -> Listing:
        wanted, ignored, present = self._known
        pruned = ignored - {folder + "/" for folder in folders_of(wanted)}
        walk = Walk(self._directory, wanted, pruned)
        walk.run()
        if present.failed:
            walk.problems.append(
                ReadError(GapReason.UNREADABLE, ".git", f"{PLAIN}: {present.failed}")
            )
        for path in sorted({*present.sparse}.difference(walk.files)):
            walk.problems.append(ReadError(GapReason.NOT_FETCHED, path, SPARSE))
        excluded = [(path, IGNORED, 1) for path in sorted(ignored)]
        excluded += [(path, NESTED, 1) for path in walk.untouched() if (self.root / path).is_dir()]
        return classify(walk.files, walk.links, walk.problems, tuple(excluded))

    def listdir(self, path: str) -> tuple[str, ...]:
        """See `Tree.listdir`."""
        try:
            with self._directory(self._real(path)) as folder, os.scandir(folder) as found:
                return tuple(
                    sorted(
                        entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name
                        for entry in found
                        if entry.name != ".git"
                    )
                )
        except (OSError, ValueError):
            return ()

    def head(self, path: str) -> bytes:
        """See `Tree.head`."""
        try:
            with self._file(path) as descriptor:
                return os.read(descriptor, HEAD_BYTES)
        except ReadError:
            return b""

    def last_change(self, source: Source) -> git.Change | None:
        """See `Tree.last_change`."""
        return git.last_change(self.root, "HEAD", source.path, source.data)

    def encloses(self, path: Path) -> bool:
        """See `Tree.encloses`."""
        return encloses(self.root, path)

    def close(self) -> None:
        """Nothing is held open between reads."""

    def _load(self, path: str, limit: int) -> bytes:
        data = self._kept.get(path)
        if data is None or len(data) > limit:
            data = self._loaded(path, limit)
            if len(data) <= self._room and path not in self._kept:
                self._room -= len(data)
                self._kept[path] = data
        return data

    def _loaded(self, path: str, limit: int) -> bytes:
        with self._file(path) as descriptor:
            size = os.fstat(descriptor).st_size
            if size > limit:
                raise too_large(path, size, limit)
            data = bytearray()
            while chunk := os.read(descriptor, CHUNK):
                data += chunk
                if len(data) > limit:
                    raise too_large(path, len(data), limit)
            return bytes(data)

    @contextmanager
    def _file(self, path: str) -> Iterator[int]:
        """A descriptor of the regular file at `path`; every failure is a `ReadError`."""
        parent, _, name = path.rpartition("/")
        try:
            with self._directory(parent) as folder:
                descriptor = os.open(plain_name(name), _OPEN, dir_fd=folder)
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise ReadError(GapReason.UNREADABLE, path, NOT_REGULAR)
                yield descriptor
            finally:
                os.close(descriptor)
        except (OSError, ValueError) as error:
            raise ReadError(GapReason.UNREADABLE, path, self._why(path, error)) from error

    @contextmanager
    def _directory(self, path: str) -> Iterator[int]:
        """A descriptor of the directory at `path`, reached step by step without following links."""
        names = [plain_name(name) for name in path.split("/")] if path else []
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in names:
                inner = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def _why(self, path: str, error: OSError | ValueError) -> str:
        if isinstance(error, FileNotFoundError):
            return "vanished during the scan" if path in self.files() else NO_FILE
        if isinstance(error, OSError):
            return LINK if error.errno == errno.ELOOP else error.strerror or str(error)
        return str(error)


def too_large(path: str, size: int, limit: int) -> ReadError:
    """What a reader gets in place of a file above its limit."""
    return ReadError(GapReason.TOO_LARGE, path, f"{size} bytes or more; the limit is {limit}")


def _within(source: Source, limit: int) -> Source:
    if len(source.data) > limit:
        raise too_large(source.path, len(source.data), limit)
    return source
