"""What was worked out about contents, kept from run to run: one file for each kind of facts.

A value is found by a digest of all that it follows from, so that an entry is never out of date. The
cache is a convenience: what cannot be read is missing, what cannot be written is left, and nothing
raises. It lies in the user's cache directory, belongs to the user alone, and never in the tree that
is scanned. `POLICYSCAN_CACHE=off` does without it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from policyscan.text.interrupts import held
from policyscan.text.tree import Tree

MOST_BYTES = 1 << 24
"""Bytes of one file; beyond that the oldest entries go."""
MOST_FILES = 4
"""Generations of one kind of facts that are kept."""

SWITCH = "POLICYSCAN_CACHE"
_FORMAT = b"policyscan 1\n"
_DIGEST = hashlib.sha256().digest_size
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_Entries = dict[bytes, bytes]


def key_of(*parts: bytes) -> bytes:
    """The key of what follows from these parts, in this order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()


def cache_folder(tree: Tree) -> Path | None:
    """Where caches lie; None if there is to be none, or it would lie in the tree."""
    if os.environ.get(SWITCH, "").lower() in ("off", "0", "no", "false"):
        return None
    configured = Path(os.environ.get("XDG_CACHE_HOME") or "")
    with suppress(OSError, RuntimeError):
        base = configured if configured.is_absolute() else Path.home() / ".cache"
        folder = base / "policyscan"
        return folder if folder.is_absolute() and not tree.encloses(folder) else None
    return None


class ContentCache:
    """The entries of one kind of facts, as one version of the code makes them."""

    def __init__(self, folder: Path | None, name: str, generation: str) -> None:
        """`name` is that of the kind of facts, in letters; entries of another `generation` are of
        no use."""
        self._folder = folder
        self._name = name
        self._file = f"{name}-{hashlib.sha256(generation.encode()).hexdigest()[:24]}"
        self._entries: _Entries | None = None
        self._changed = False

    def get(self, key: bytes) -> bytes | None:
        """The value that was kept, if any."""
        return self._loaded().get(key)

    def put(self, key: bytes, value: bytes) -> None:
        """Keep a value; nothing is written before `save`."""
        self._loaded()[key] = value
        self._changed = True

    def save(self) -> None:
        """Write what was put, if there is a place for it."""
        if self._folder is None or not self._changed:
            return
        payload = msgspec.msgpack.encode(_newest(self._loaded()))
        with suppress(OSError), held():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _opened(self._folder) as folder:
                _write(folder, self._file, _FORMAT + hashlib.sha256(payload).digest() + payload)
                self._forget_old(folder)
        self._changed = False

    def _loaded(self) -> _Entries:
        if self._entries is None:
            self._entries = {}
            if self._folder is not None:
                with suppress(OSError, msgspec.MsgspecError), _opened(self._folder) as folder:
                    self._entries = _decode(_read(folder, self._file))
        return self._entries

    def _forget_old(self, folder: int) -> None:
        """Remove all but the newest generations."""
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(f"{self._name}-"):
                    found.append((entry.stat(follow_symlinks=False).st_mtime, entry.name))
        for _, name in sorted(found)[:-MOST_FILES]:
            os.unlink(name, dir_fd=folder)


def _newest(entries: _Entries) -> _Entries:
    """As many entries as there is room for, those that were put last."""
    kept: list[tuple[bytes, bytes]] = []
    size = 0
    for key, value in reversed(entries.items()):
        size += len(key) + len(value) + 10
        if size > MOST_BYTES:
            break
        kept.append((key, value))
    return dict(reversed(kept))


def _decode(data: bytes) -> _Entries:
    digest, payload = data[len(_FORMAT) :][:_DIGEST], data[len(_FORMAT) + _DIGEST :]
    if not data.startswith(_FORMAT) or hashlib.sha256(payload).digest() != digest:
        return {}
    return msgspec.msgpack.decode(payload, type=_Entries)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, _FOLDER)
    try:
        _check_owner(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def _check_owner(descriptor: int) -> None:
    """Raises `OSError` for what others may have written."""
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError("others can write it")


def _read(folder: int, name: str) -> bytes:
    descriptor = os.open(name, _READ, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        _check_owner(descriptor)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > 2 * MOST_BYTES:
            raise OSError("no file of ours")
        return file.read(2 * MOST_BYTES)


def _write(folder: int, name: str, data: bytes) -> None:
    """Replace a file; readers see the old one or the new one."""
    temporary = f".{name}.{os.getpid()}"
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    descriptor = os.open(temporary, _WRITE, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(temporary, dir_fd=folder)
        raise
