"""Lists of packages, as far as they say which policyscan is installed to run the gate."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

_LISTS = (
    "*requirements*.txt", "*requirements*.in", "constraints*.txt", "pyproject.toml", "pipfile",
    "*.lock", "environment.y*ml",
)  # fmt: skip
_PINNED = re.compile(
    rb"^[^\n]*policyscan[^\n]*(?:\n[ \t]+[^\n]*)*"
    rb"|^[ \t]*(?:-i|-f|--(?:extra-)?index-url|--find-links|--trusted-host)\b[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
"""The lines that name it, with those that go on further in (its hashes), and where packages come
from."""


def lists_packages(path: str) -> bool:
    """Whether a file of that name may list packages."""
    name = path.casefold().rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in _LISTS)


def pinned(text: bytes | None) -> bytes | None:
    """The lines that tell which policyscan it is; None for no file."""
    return None if text is None else b"\n".join(_PINNED.findall(text))
