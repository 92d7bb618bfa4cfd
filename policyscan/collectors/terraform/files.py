"""Functions that read files: confined to the tree, and unknown where they are not modelled."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.value import EvaluationError, Value, derive, unknown
from policyscan.errors import GapReason, ReadError
from policyscan.text.hcl.syntax import Call
from policyscan.values import Why

if TYPE_CHECKING:
    from policyscan.collectors.terraform.instance import ModuleInstance

FILE_FUNCTIONS = frozenset(
    {
        "file",
        "fileexists",
        "templatefile",
        "fileset",
        "filebase64",
        "filemd5",
        "filesha1",
        "filesha256",
        "filesha512",
        "filebase64sha256",
        "filebase64sha512",
        "abspath",
        "pathexpand",
    }
)
MAX_FILE = 1_000_000


def read_file(node: Call, arguments: Sequence[Value], instance: ModuleInstance) -> Value:
    """`file` and `fileexists`; the other file functions are unknown."""
    path = arguments[0].plain if arguments else None
    if node.name not in ("file", "fileexists") or not isinstance(path, str):
        reason = arguments[0].unknown if arguments else None
        if reason is not None:
            return derive(reason, node.span, arguments)
        return unknown(Why.UNSUPPORTED, f"the result of {node.name}()", node.span, arguments)
    inside = posixpath.normpath(posixpath.join(instance.root.path or ".", path))
    if posixpath.isabs(path) or inside.startswith(".."):
        return unknown(Why.OUTSIDE, f"{path}, which lies outside the tree", node.span, arguments)
    try:
        source = instance.root.tree.read(inside, limit=MAX_FILE)
        text = source.data.decode("utf-8")
    except ReadError as error:
        if node.name == "fileexists":
            missing = error.reason is GapReason.UNREADABLE
            return derive(not missing, node.span, arguments)
        return unknown(Why.FILE_MISSING, f"the file {inside}", node.span, arguments)
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{inside} is not UTF-8 text", node.span) from error
    return derive(True if node.name == "fileexists" else text, node.span, arguments)
