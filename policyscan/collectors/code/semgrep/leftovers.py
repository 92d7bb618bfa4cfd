"""Workspaces of runs that were killed: what holds copies of source code does not stay for ever.

Whoever makes a workspace locks its directory, and the system lets go of the lock when that process
ends, however it ends. Only what is certainly such a directory, of the same user and locked by
nobody, is removed.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from policyscan.collectors.code.semgrep.answer import FOLDER

PREFIX = "policyscan-"
FOLDERS = (FOLDER.rstrip("/"), "home", "programs", "temporary")
RULES = "rules.json"

_NAME = re.compile(re.escape(PREFIX) + r"[a-z0-9_]{8}")  # as `tempfile` makes them
_AGE = 3600.0
"""Seconds after which it is: a younger one may be about to be locked."""
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """While this process works in a directory of its own. Where nothing can be locked (some file
    systems of networks) nothing is, and nothing is removed either."""
    descriptor = os.open(folder, _OPEN)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def sweep() -> None:
    """Remove what killed runs left in the directory for temporary files."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as found:
        for entry in found:
            if _NAME.fullmatch(entry.name):
                with suppress(OSError):
                    _remove(entry.path)


def _remove(path: str) -> None:
    """Remove a directory if it is one of those. Raises `OSError`."""
    descriptor = os.open(path, _OPEN)
    try:
        about = os.fstat(descriptor)
        if (
            about.st_uid == os.geteuid()
            and stat.S_IMODE(about.st_mode) == stat.S_IRWXU
            and time.time() - about.st_mtime > _AGE
            and {RULES, *FOLDERS}.issuperset(_names(descriptor))
        ):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)  # follows no link
    finally:
        os.close(descriptor)


def _names(descriptor: int) -> list[str]:
    with os.scandir(descriptor) as found:
        return [entry.name for entry in found]
