"""Files that steer the tool, and where they are read."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

SUFFIXES = (".yaml", ".yml")
"""Of files that steer the tool."""
FROM_DISK = "disk"
"""The source of what no commit holds."""


class StoredFile(Struct, frozen=True):
    """A file that is held in memory, with what loaders ask of a path."""

    name: str
    data: bytes

    def is_dir(self) -> bool:
        """It is none."""
        return False

    def iterdir(self) -> Iterator[StoredFolder | StoredFile]:
        """It holds nothing."""
        raise NotADirectoryError(self.name)

    def open(self, mode: str, /) -> BinaryIO:  # noqa: ARG002 - always "rb"
        """Its bytes."""
        return io.BytesIO(self.data)


class StoredFolder(Struct, frozen=True):
    """A directory that is held in memory, files and all."""

    name: str
    members: Mapping[str, StoredFolder | StoredFile]

    def is_dir(self) -> bool:
        """It is one."""
        return True

    def iterdir(self) -> Iterator[StoredFolder | StoredFile]:
        """What it holds."""
        return iter(self.members.values())

    def open(self, mode: str, /) -> BinaryIO:  # noqa: ARG002
        """It is no file."""
        raise IsADirectoryError(self.name)


Folder = Path | StoredFolder


class Files(Protocol):
    """Where files that steer the tool are read. Paths are as given on the command line."""

    def read(self, path: Path) -> bytes:
        """The bytes of a file. Raises `OSError`."""

    def exists(self, path: Path) -> bool:
        """Whether there is anything of that name."""

    def folder(self, path: Path) -> Folder:
        """A directory. Raises `OSError` if it is none."""

    def source(self, path: Path) -> str:
        """From where it is read: `disk`, or the commit as it was named."""


class Disk:
    """Files as they lie on disk, from a directory on."""

    def __init__(self, cwd: Path) -> None:
        self._cwd = cwd

    def read(self, path: Path) -> bytes:
        """See `Files.read`. A pipe or a device, which may have no end, is refused."""
        place = self._cwd / path
        if place.exists() and not (place.is_file() or place.is_dir()):
            raise OSError(errno.EINVAL, "it is no regular file")
        return place.read_bytes()

    def exists(self, path: Path) -> bool:
        """See `Files.exists`."""
        return (self._cwd / path).exists()

    def folder(self, path: Path) -> Folder:
        """See `Files.folder`."""
        if not (self._cwd / path).is_dir():
            raise NotADirectoryError(f"there is no directory {path}")
        return path

    def source(self, path: Path) -> str:  # noqa: ARG002 - all of them
        """See `Files.source`."""
        return FROM_DISK
