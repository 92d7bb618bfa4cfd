"""Loads policies one by one, so that one that does not load keeps no other from being used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from policyscan.data import policies_directory
from policyscan.errors import FileError, PolicyError, UsageError
from policyscan.policy import Policy
from policyscan.policy.claims import Claims
from policyscan.policy.loader import policy_files, read_file
from policyscan.policy.reader import read_policy
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.text.yaml import Document

Loaded = Policy | FileError
"""A policy, or what is wrong with its file."""


def load_each(places: Sequence[Path]) -> Iterator[Loaded]:
    """The policies in these files and directories, in the order of their paths. Of two that claim
    one id or slug, the second is an error that names the first. Raises UsageError for a place that
    is not there."""
    claims = Claims()
    seen: set[Path] = set()
    for place in places:
        for path, file in _files_of(place):
            if file.resolve() in seen:
                continue
            seen.add(file.resolve())
            try:
                policy = _load(path, file)
                owner = f"{policy.id} in {path}"
                claims.claim(policy.document, policy.id, policy.slug, policy.aliases, owner)
            except FileError as error:
                yield error
            else:
                yield policy


def _files_of(place: Path) -> Iterator[tuple[str, Path]]:
    """Files with the path that messages show: as given, or from `policies/` on if it ships."""
    if place.is_file():
        yield str(place), place
        return
    if not place.is_dir():
        message = f"there is no directory {place}"
        raise UsageError(message, hint="Name a policy, or a folder of policies.")
    prefix = place.name if place == policies_directory() else str(place)
    for path, file in policy_files(place, prefix):
        assert isinstance(file, Path)
        yield path.removeprefix("./"), file


def _load(path: str, file: Path) -> Policy:
    data = read_file(file, path)
    document = Document.of(path, data, PolicyError)
    return read_policy(document, hashlib.sha256(data).hexdigest(), load_kinds(MODULES))
