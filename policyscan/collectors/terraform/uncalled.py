"""Terraform under `.terraform` that no module calls: what `terraform init` put there is left alone,
and anything else is a gap."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Collection, Iterator, Sequence

from policyscan.collectors.interface import Declined, Item
from policyscan.collectors.terraform.installed import installed
from policyscan.collectors.terraform.names import FOLDER, root_above
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap
from policyscan.text.tree import Tree

_REASON = "installed by Terraform, and no module here calls it"


def uncalled(tree: Tree, paths: Sequence[str], called: Collection[str]) -> Iterator[Item]:
    """What becomes of the files under `.terraform`; `called` are the directories that were read
    as modules. There are no roots among them: of a module that somebody installs, its examples
    would be judged as well."""
    left: dict[str, list[str]] = {}
    for path in paths:
        root = root_above(path)
        if root is not None and posixpath.dirname(path) not in called:
            left.setdefault(root, []).append(path)
    for root, files in left.items():
        places = _places(tree, root)
        foreign = [
            path for path in files if tree.tracks(path) or _package(root, path) not in places
        ]
        yield Declined(tuple(path for path in files if path not in foreign), _REASON)
        yield Declined(tuple(foreign))
        if foreign:
            yield _gap(tree, root, foreign)


def _gap(tree: Tree, root: str, paths: Sequence[str]) -> Gap:
    count = len({posixpath.dirname(path) for path in paths})
    where = "a directory" if count == 1 else f"{count} directories"
    message = (
        f"no module calls the Terraform in {where} here, nor did `terraform init` install it: not "
        "judged. Move elsewhere what is yours, and take the rest out of git: "
        f"git rm -r --cached {FOLDER}"
    )
    subject = posixpath.join(root, FOLDER)
    digest = _digest(tree, paths)
    return Gap(GapReason.UNREADABLE, subject, message, unit=root or ".", digest=digest)


def _digest(tree: Tree, paths: Sequence[str]) -> str:
    """Of all texts and where they are; empty if one cannot be read."""
    whole = hashlib.sha256()
    try:
        for path in paths:
            text = hashlib.sha256(tree.peek(path)).hexdigest()
            whole.update(f"{text} {path}\0".encode("utf-8", "surrogateescape"))
    except ReadError:
        return ""
    return whole.hexdigest()[:16]


def _places(tree: Tree, root: str) -> set[str | None]:
    """The packages that were installed for a root."""
    entries = installed(tree, root).values()
    return {_package(root, f"{entry.directory}/") for entry in entries} - {None}


def _package(root: str, path: str) -> str | None:
    """The directory of `.terraform/modules` below which a path lies."""
    inside = path.removeprefix(f"{root}/" if root else "").split("/")
    return inside[2] if inside[:2] == [FOLDER, "modules"] and len(inside) > 3 else None
