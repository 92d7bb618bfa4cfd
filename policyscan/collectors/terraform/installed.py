"""Modules that `terraform init` or `terraform get` installed: which directory is for which call.

An entry counts only for the call that it was made for. Of a comparison both sides see what is
installed now; without this, a change of a `source` or a `version` would change both alike, and what
it brings would seem to have been there.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import Any

from msgspec import Struct

from policyscan.collectors.terraform.module import argument_of
from policyscan.errors import ReadError
from policyscan.text.hcl.syntax import Block
from policyscan.text.tree import Tree

_MANIFEST = ".terraform/modules/modules.json"
_REGISTRIES = ("registry.terraform.io/", "registry.opentofu.org/")
_CONSTRAINT = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d{1,9}(?:\.\d{1,9}){0,3})\s*")
_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})")
_SEGMENTS = 4


class Installed(Struct, frozen=True):
    """One entry of modules.json."""

    directory: str
    """Relative to the tree."""
    source: str
    """As Terraform writes it out; empty if the entry has none."""
    version: str
    """Of a module from a registry."""

    def is_for(self, call: Block) -> bool:
        """Whether it is what the call asks for, as far as the call says. False if that cannot be
        told."""
        source, wanted = argument_of(call, "source"), argument_of(call, "version")
        if self.source and _core(self.source) != _core(source or ""):
            return False
        if not self.version or "version" not in call.body.arguments:
            return True
        return wanted is not None and _satisfies(self.version, wanted)


def installed(tree: Tree, root: str) -> dict[str, Installed]:
    """What is installed for a root, by the names of the calls that lead there. What the repository
    brings itself was installed by nobody: its author may have written anything."""
    manifest = posixpath.join(root, _MANIFEST)
    if tree.tracks(manifest):
        return {}
    try:
        source = tree.read(manifest)
        return {
            str(entry["Key"]): _entry(root, entry) for entry in json.loads(source.data)["Modules"]
        }
    except (ReadError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def inside(base: str, path: str) -> str:
    """`path`, seen from the directory `base`, relative to the tree; `""` is its top."""
    joined = posixpath.normpath(posixpath.join(base or ".", path))
    return "" if joined == "." else joined


def _entry(root: str, entry: Any) -> Installed:
    directory = inside(root, str(entry["Dir"]))
    return Installed(directory, str(entry.get("Source", "")), str(entry.get("Version", "")))


def _core(source: str) -> str:
    """What two ways to write a source share: `github.com/a/b//c` in a call is
    `git::https://github.com/a/b.git//c` in modules.json.
    https://developer.hashicorp.com/terraform/language/modules/sources"""
    place, mark, query = source.strip().partition("?")
    place = place.removeprefix("git::")
    for registry in _REGISTRIES:
        place = place.removeprefix(registry)
    place = re.sub(r"^((?:\w+::)?)[a-z]+://", r"\1", place)
    place = re.sub(r"^git@", "", place)
    place = re.sub(r"^([\w.-]+):(?![\d:])", r"\1/", place)
    place = place.replace(".git//", "//").removesuffix(".git")
    return re.sub(r"/+", "/", place).strip("/") + mark + query


def _satisfies(version: str, constraints: str) -> bool:
    """Whether a version is one of those that a call takes; False for what is not understood, such
    as marks of a pre-release, unless both are written alike.
    https://developer.hashicorp.com/terraform/language/expressions/version-constraints"""
    if version.removeprefix("v") == constraints.strip().removeprefix("=").strip().removeprefix("v"):
        return True
    found = _VERSION.fullmatch(version)
    wanted = [_CONSTRAINT.fullmatch(each) for each in constraints.split(",")]
    return found is not None and all(
        each is not None and _holds(_numbers(found[1]), each[1] or "=", _numbers(each[2]))
        for each in wanted
    )


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(".")]


def _holds(version: list[int], operator: str, wanted: list[int]) -> bool:
    most = wanted[: max(1, len(wanted) - 1)]  # ~> 1.2.3 stays in 1.2
    left, right = (each + [0] * (_SEGMENTS - len(each)) for each in (version, wanted))
    return {
        "=": left == right,
        "!=": left != right,
        ">": left > right,
        ">=": left >= right,
        "<": left < right,
        "<=": left <= right,
        "~>": left >= right and left[: len(most)] == most,
    }[operator]
