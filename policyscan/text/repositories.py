"""In which repository a path lies, by its name alone: no link inside a work tree is followed, since
whoever writes the tree writes its links."""

from __future__ import annotations

import os
from pathlib import Path

from policyscan.errors import ReadError
from policyscan.text import git

MAX_LINKS = 40


def placed(path: Path) -> tuple[Path, Path | None]:
    """Where an absolute path leads, and the top of the work tree that it is in, if any. Links are
    followed up to there and not inside. Raises `OSError` for links in a circle."""
    pending = list(path.parts[:0:-1])
    current = Path(path.anchor)
    top = current if _is_top(current) else None
    hops = 0
    while pending:
        name = pending.pop()
        if name == "..":
            current = current.parent
            if top is not None and not current.is_relative_to(top):
                top = _top_above(current)
            continue
        current /= name
        if top is None and current.is_symlink():
            hops += 1
            if hops > MAX_LINKS:
                raise OSError(f"{path}: too many links")
            target = current.readlink()
            pending += [part for part in target.parts[::-1] if part != target.anchor]
            current = Path(target.anchor) if target.is_absolute() else current.parent
            top = _top_above(current)
        elif _is_top(current) and (top is None or not _holds(top, current)):
            top = current
    return current, top


def _top_above(path: Path) -> Path | None:
    """The work tree that a path without links is in."""
    top = None
    for folder in (*reversed(path.parents), path):
        if _is_top(folder) and (top is None or not _holds(top, folder)):
            top = folder
    return top


def _is_top(folder: Path) -> bool:
    return os.path.lexists(folder / ".git")


def _holds(top: Path, inner: Path) -> bool:
    """Whether the commit that is checked out at `top` has something at `inner` or below it: then
    the repository there (a submodule) is part of what is judged, and no authority."""
    part = inner.relative_to(top).as_posix()
    try:
        return any(
            entry.path == part or entry.path.startswith(f"{part}/")
            for entry in git.entries(top, "HEAD")
        )
    except ReadError:
        return False
