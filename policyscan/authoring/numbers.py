"""Which ids are taken, and which is next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from policyscan.data import policies_directory
from policyscan.errors import FileError, UsageError
from policyscan.policy.loader import policy_files, read_file
from policyscan.policy.reader import ID

SHIPPED_PREFIX = "PS"
FIRST_PREFIX = "DESK"
"""Of a folder without policies."""
_HEAD_ENDS = re.compile(r"^(?:title|tests):", re.MULTILINE)
"""Before it a file says how it is called, and was before."""
_SLUG = re.compile(r"^slug:[ \t]*[\"']?([a-z0-9-]+)", re.MULTILINE)
_LAST = 999


def texts(folders: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Path and text of every policy in these folders, those that do not load included."""
    for folder in folders:
        for path, file in policy_files(folder, folder.name) if folder.is_dir() else ():
            if not (isinstance(file, Path) and file.is_file()):
                continue
            try:
                yield path, read_file(file, path).decode("utf-8", "replace")
            except FileError:
                continue


def taken_ids(folders: Sequence[Path]) -> frozenset[str]:
    """Every id and former id of the policies that ship, and of those in these folders."""
    return frozenset(
        name
        for _, text in texts((policies_directory(), *folders))
        for name in re.findall(ID, _HEAD_ENDS.split(text, maxsplit=1)[0])
    )


def taken_slugs(folders: Sequence[Path]) -> dict[str, str]:
    """The path of the policy that has each slug."""
    found = texts((policies_directory(), *folders))
    return {match[1]: path for path, text in found if (match := _SLUG.search(text))}


def usual_prefix(folder: Path) -> str:
    """How most ids in a folder begin."""
    if folder.resolve().is_relative_to(policies_directory().resolve()):
        return SHIPPED_PREFIX
    own = [
        name.partition("-")[0]
        for _, text in texts((folder,))
        for name in re.findall(rf"^id:[ \t]*({ID})", text, re.MULTILINE)
    ]
    return Counter(own).most_common(1)[0][0] if own else FIRST_PREFIX


def next_id(prefix: str, family: str, folders: Sequence[Path]) -> str:
    """The id behind the last one of a family: a number that was in use is not used again. Raises
    `UsageError` when all are."""
    start = f"{prefix}-{family}-"
    numbers = [int(name[len(start) :]) for name in taken_ids(folders) if name.startswith(start)]
    number = max(numbers, default=0) + 1
    if number > _LAST:
        raise UsageError(
            f"{start}{_LAST} is taken, and no number is behind it", hint="Choose another --family."
        )
    return f"{start}{number:03}"
