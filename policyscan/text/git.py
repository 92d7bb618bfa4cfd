"""Git, reading its object database and its index.

Only plumbing that executes nothing a repository configures: `ls-files`, `rev-parse`, `rev-list`,
`for-each-ref`, `merge-base`, `ls-tree`, `cat-file`, `config` to read. Never `status`, `diff` or
`checkout`, which run filters and helpers. What could run or fetch is switched off besides, as the
repository is hostile.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from msgspec import Struct

from policyscan.errors import GapReason, ReadError
from policyscan.text import process
from policyscan.text.display import one_line

TIMEOUT = 60.0
"""Seconds that one answer of git may take."""

PATIENCE = 3.0
"""Seconds for an answer that a report can do without."""

_FETCH = r"^remote\..*\.fetch$"

SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "safe.directory=*",
    "submodule.recurse=false",
)
"""Settings that the repository's own must not replace; they hold as given on the command line."""


_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_COMMITS: set[tuple[Path, str]] = set()
"""Ids of commits that git said are there, by directory."""
_LISTED = 4
"""Commits whose entries are kept: each side of a comparison is listed by several who need it."""

_REFS = ("refs/", "refs/tags/", "refs/heads/", "refs/remotes/")
"""Where git looks for a ref by its short name, in this order."""


class Entry(Struct, frozen=True):
    """One entry of a commit: a blob, or a commit for a submodule."""

    mode: str
    """`100644`, `100755`, `120000` for a symbolic link, `160000` for a submodule."""
    oid: str
    size: int
    """In bytes; 0 for a submodule."""
    path: str


class Present(Struct, frozen=True):
    """What is below a directory of a work tree, relative to it; a submodule or nested repository by
    its name."""

    files: tuple[str, ...] = ()
    """What git tracks or would add."""
    sparse: tuple[str, ...] = ()
    """Those of them that git was told to leave out of the work tree (a sparse checkout)."""
    others: tuple[str, ...] = ()
    """Those of them that it does not track."""
    failed: str = ""
    """Why git does not say, although there is a repository."""


def present_files(root: Path) -> Present:
    """The files below `root`. Raises `ReadError` outside a work tree and without git."""
    tagged = _paths(root, "-t", "--cached", "--others", "--exclude-standard")
    return Present(
        tuple(line[2:] for line in tagged),
        tuple(line[2:] for line in tagged if line[0] in "Ss"),
        tuple(line[2:] for line in tagged if line[0] == "?"),
    )


def ignored_paths(root: Path) -> tuple[str, ...]:
    """What git ignores below `root`; a directory ends with `/`. Raises `ReadError`."""
    return _paths(root, "--others", "--ignored", "--exclude-standard", "--directory")


def resolve_commit(directory: Path, ref: str) -> str:
    """The id of the commit that `ref` names. Raises `ReadError` if it names none."""
    here = directory.absolute()
    if (here, ref) in _COMMITS:
        return ref
    answer = _run(
        directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
    )
    commit = answer.decode("ascii").strip()
    _COMMITS.add((here, commit))
    return commit


def is_shallow(directory: Path) -> bool:
    """Whether this clone's history is cut off. Raises `ReadError`."""
    return b"true" in _run(directory, "rev-parse", "--is-shallow-repository")


def remotes(directory: Path) -> Mapping[str, tuple[str, ...]]:
    """The places from which this clone can fetch, and what of each it keeps: names of refs with
    `*` in them; empty outside of git."""
    try:
        answer = _run(directory, "config", "--local", "-z", "--get-regexp", _FETCH)
    except ReadError:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for line in os.fsdecode(answer).split("\0"):
        key, _, spec = line.partition("\n")
        name = key.removeprefix("remote.").removesuffix(".fetch")
        source = spec.removeprefix("+").partition(":")[0]
        if key:
            found[name] = (*found.get(name, ()), source)
    return found


def commits_called(directory: Path, name: str) -> dict[str, str]:
    """By the full name of each ref that `name` may be short for, the id of its commit. More than
    one is possible: a tag called `origin/main` comes before the branch of that remote. Raises
    `ReadError` outside of a repository."""
    full = [name] if name.startswith("refs/") else [prefix + name for prefix in _REFS]
    line = ("for-each-ref", "--format=%(refname)%00%(objectname)", *full)
    found = (ref.split("\0") for ref in os.fsdecode(_run(directory, *line)).splitlines())
    return {ref: resolve_commit(directory, oid) for ref, oid in found if ref in full}


def merge_bases(directory: Path, one: str, other: str) -> tuple[str, ...]:
    """The newest commits that both have in their history, as far as this clone knows; empty if it
    knows none."""
    try:
        answer = _run(directory, "merge-base", "--all", "--end-of-options", one, other)
    except ReadError:
        return ()
    return tuple(answer.decode("ascii").split())


def parents(directory: Path, commit: str) -> tuple[str, ...]:
    """The ids of what a commit came from, also of those that a shallow clone lacks. Raises
    `ReadError`."""
    head = _run(directory, "cat-file", "commit", commit).partition(b"\n\n")[0]
    lines = head.decode("utf-8", "replace").splitlines()
    return tuple(line.removeprefix("parent ") for line in lines if line.startswith("parent "))


def history(directory: Path, commit: str, most: int) -> tuple[str, ...]:
    """The ids of a commit and of its first parents, the newest first. Raises `ReadError`."""
    walk = ("rev-list", "--first-parent", f"--max-count={most}", "--end-of-options", commit)
    return tuple(_run(directory, *walk).decode("ascii").split())


def entries(directory: Path, commit: str) -> tuple[Entry, ...]:
    """Everything in a commit below `directory`, which is its work tree or a part of it. Raises
    `ReadError`."""
    return (_entries_of if _ID.fullmatch(commit) else _entries)(directory.absolute(), commit)


def _entries(directory: Path, commit: str) -> tuple[Entry, ...]:
    answer = _run(directory, "ls-tree", "-r", "-z", "-l", "--end-of-options", commit)
    return tuple(_entry(line) for line in answer.split(b"\0") if line)


_entries_of = lru_cache(_LISTED)(_entries)
"""Of an id, which always names the same."""


class Staged(Struct, frozen=True):
    """One entry of the index: what a commit made now would hold."""

    mode: str
    oid: str
    path: str
    is_merged: bool
    """False while a conflict about it is not settled."""


def staged(directory: Path, index: str = "") -> tuple[Staged, ...]:
    """Everything in the index below `directory`; `index` is the absolute path of another than the
    repository's own. Raises `ReadError`."""
    answer = _run(directory, "ls-files", "-z", "--stage", index=index)
    return tuple(_staged(line) for line in answer.split(b"\0") if line)


def _staged(line: bytes) -> Staged:
    """From `mode oid stage<tab>path`."""
    facts, _, name = line.partition(b"\t")
    mode, oid, stage = facts.decode("ascii").split()
    return Staged(mode, oid, os.fsdecode(name), stage == "0")


class Checkout(Struct, frozen=True):
    """What is checked out at a directory of a work tree."""

    commit: str
    prefix: str
    """Where the directory lies in the repository: `infra/`; empty at its top."""
    blobs: dict[str, str]
    """Blob ids by path relative to the directory. Compare them with `blob_sha1` of what was read; a
    file that git converts on checkout (line ends, LFS) differs."""


def checkout_of(root: Path) -> Checkout | None:
    """What is checked out at `root`; None outside a work tree, without git, and before the first
    commit."""
    try:
        answer = _run(root, "rev-parse", "--show-prefix", "HEAD^{commit}")
        prefix, _, commit = answer.rstrip(b"\n").rpartition(b"\n")
        found = entries(root, commit.decode("ascii"))
    except ReadError:
        return None
    blobs = {entry.path: entry.oid for entry in found}
    return Checkout(commit.decode("ascii"), os.fsdecode(prefix), blobs)


def prefix_of(directory: Path) -> str:
    """Where a directory lies in its repository. Raises `ReadError` outside of one."""
    return os.fsdecode(_run(directory, "rev-parse", "--show-prefix").removesuffix(b"\n"))


class Change(Struct, frozen=True):
    """The newest commit that changed a file."""

    author: str
    date: str
    """As its author wrote it, to the day: `2026-11-01`."""


def last_change(directory: Path, commit: str, path: str, data: bytes) -> Change | None:
    """Who changed the file at `path`, relative to `directory`, last before `commit` or in it; None
    if the commit does not hold these bytes, if its history is cut off there (a shallow clone), and
    if git does not say so at once."""
    walk = ("--max-count=1", "--objects", "--encoding=UTF-8", "--format=%P%n%as%n%an")
    arguments = ("rev-list", *walk, "--end-of-options", commit, "--", path)
    try:
        answer = _run(directory, "--literal-pathspecs", *arguments, timeout=PATIENCE)
        _, parents, date, author, *objects = answer.split(b"\n")
        if not parents and b"true" in _run(directory, "rev-parse", "--is-shallow-repository"):
            return None
    except (ReadError, ValueError):
        return None
    blobs = (line.partition(b" ")[0].decode("ascii", "replace") for line in objects)
    if not any(is_blob(oid, data) for oid in blobs):
        return None
    return Change(author.decode("utf-8", "replace"), date.decode("ascii", "replace"))


def blob_sha1(data: bytes) -> str:
    """The id under which git stores these bytes in a repository of ids of 40 digits."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def is_blob(oid: str, data: bytes) -> bool:
    """Whether git stores these bytes under this id, of 40 digits or of 64."""
    if len(oid) == hashlib.sha256().digest_size * 2:
        return hashlib.sha256(b"blob %d\0" % len(data) + data).hexdigest() == oid
    return blob_sha1(data) == oid


class BlobReader:
    """One `cat-file --batch` that answers for many blobs; to be closed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._git: process.Conversation | None = None

    def size(self, oid: str, path: str) -> int:
        """How many bytes a blob has, on the same terms as `read`."""
        answer = _run(self._directory, "cat-file", "-s", "--end-of-options", oid)
        try:
            return int(answer)
        except ValueError:
            raise ReadError(GapReason.UNREADABLE, path, "not in git's object database") from None

    def read(self, oid: str, path: str) -> bytes:
        """The bytes of a blob; `path` is what an error is about. Raises `ReadError`."""
        try:
            if self._git is None:
                self._git = process.Conversation(_command(self._directory, "cat-file", "--batch"))
            self._git.ask(oid.encode("ascii") + b"\n")
            deadline = time.monotonic() + TIMEOUT
            header = self._git.take_line(deadline).split()
            if len(header) != 3 or header[1] != b"blob":
                raise ReadError(GapReason.UNREADABLE, path, "not in git's object database")
            return self._git.take(int(header[2]) + 1, deadline)[:-1]
        except OSError as error:
            self.close()
            raise ReadError(GapReason.UNREADABLE, path, f"git cat-file failed: {error}") from error

    def close(self) -> None:
        """End the process."""
        git, self._git = self._git, None
        if git is not None:
            git.close()


def _paths(root: Path, *options: str) -> tuple[str, ...]:
    answer = _run(root, "ls-files", "-z", *options)
    return tuple(os.fsdecode(name) for name in answer.split(b"\0") if name)


def _entry(line: bytes) -> Entry:
    """From `mode type id size<tab>path`; the size is a word for a submodule (`-`) and for an object
    that this clone lacks (`BAD`)."""
    facts, _, name = line.partition(b"\t")
    mode, _, oid, size = facts.decode("ascii").split()
    return Entry(mode, oid, int(size) if size.isdecimal() else 0, os.fsdecode(name))


def _run(directory: Path, *arguments: str, timeout: float | None = None, index: str = "") -> bytes:
    subject = str(directory)
    try:
        done = process.run(_command(directory, *arguments, index=index), timeout=timeout or TIMEOUT)
    except (OSError, ValueError) as error:
        message = f"git {arguments[0]} failed: {error}"
        raise ReadError(GapReason.UNREADABLE, subject, message) from error
    if done.code:
        said = one_line(done.complaints.decode("utf-8", "replace").strip().partition("\n")[0])
        message = f"git {arguments[0]} failed: {said or f'exit status {done.code}'}"
        raise ReadError(GapReason.UNREADABLE, subject, message)
    return done.output


def _command(directory: Path, *arguments: str, index: str = "") -> process.Command:
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    top = top_of(directory)
    environment = _environment(top)
    where: list[str] = []
    if is_bare(directory):
        where = ["--git-dir=."]
        del environment["GIT_WORK_TREE"]
    line = [_executable(top), "--no-pager", *where, *settings, *arguments]
    if index:
        environment["GIT_INDEX_FILE"] = index
    return process.Command(line, directory, environment)


def top_of(directory: Path) -> Path:
    """The directory, or the nearest one around it, that holds a `.git`: whoever writes in one part
    of it may write in all. Without one, the directory itself."""
    here = directory.absolute()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


@cache
def is_bare(directory: Path) -> bool:
    """Whether a directory is a repository without a work tree, as its form shows. One below a work
    tree or a repository is none: whoever wrote the tree around it could have put it there."""
    place = directory.resolve()
    if any((folder / ".git").exists() for folder in (place, *place.parents)):
        return False
    return _is_repository(place) and not any(map(_is_repository, place.parents))


def _is_repository(place: Path) -> bool:
    return (place / "HEAD").is_file() and all(
        (place / name).is_dir() for name in ("objects", "refs")
    )


@cache
def _executable(top: Path) -> str:
    return process.find_program("git", avoid=top)


ALONE: Mapping[str, str] = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
"""The variables that keep git from the network, from the settings of its user and from writing."""


def _environment(top: Path) -> dict[str, str]:
    """Nothing of the caller's but the search path: no GIT_DIR, no helper, no personal settings. The
    work tree is the one we are in, whatever `core.worktree` says."""
    return {
        "GIT_WORK_TREE": str(top),
        "PATH": process.search_path(top),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        **ALONE,
    }
