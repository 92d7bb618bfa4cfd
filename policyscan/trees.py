"""Which trees a run is about: what is judged, and what that is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyscan.errors import ReadError, UsageError
from policyscan.request import ScanRequest
from policyscan.text import git
from policyscan.text.tree import DirectoryTree, ListedTree, Tree

if TYPE_CHECKING:
    from policyscan.text.base import Base
    from policyscan.text.git_tree import GitTree


def base_commit(request: ScanRequest) -> Base | None:
    """What is compared with, if anything. Raises `UsageError` if it does not exist."""
    if request.path is None or not (request.base or request.staged):
        return None
    from policyscan.text.base import Base, base_of, commit_of  # late: most runs compare nothing

    if request.base and request.exactly:
        commit = request.base_commit or commit_of(request.path, request.base)
        return Base(request.base, commit, "the commit that was named")
    if request.base:
        return base_of(request.path, request.base, request.ref or "HEAD", request.base_commit)
    try:
        return Base("HEAD", git.resolve_commit(request.path, "HEAD"), "what is staged follows it")
    except ReadError:
        return Base("HEAD", "", "nothing is committed here")


def head_tree(request: ScanRequest) -> Tree:
    """The files on disk, or those of a commit or of the index if one is named."""
    if request.path is None:
        from policyscan.text.no_tree import NoTree

        return NoTree()
    if not request.path.is_dir():
        raise UsageError(
            f"{request.path} is not a directory", hint="Name the directory that holds the file."
        )
    if request.ref:
        from policyscan.text.base import commit_of
        from policyscan.text.git_tree import GitTree

        return GitTree(request.path, commit_of(request.path, request.ref))
    if not request.staged:
        return DirectoryTree(request.path, keeps=request.has_base)
    from policyscan.text.base import without_repository
    from policyscan.text.beside import IndexTree

    try:
        return IndexTree(DirectoryTree(request.path, keeps=True), request.index)
    except ReadError as error:
        raise UsageError(
            f"nothing is staged in {request.path}", hint=without_repository(request.path, error)
        ) from error


def earlier_tree(request: ScanRequest, head: Tree, commit: str) -> GitTree:
    """A commit, beside the work tree if the head is seen from one."""
    from policyscan.text.beside import BesideTree, IndexTree, SharingTree
    from policyscan.text.git_tree import GitTree

    assert request.path is not None
    try:
        if isinstance(head, IndexTree):
            return BesideTree(head.work, commit, head)
        if isinstance(head, DirectoryTree):
            return BesideTree(head, commit)
        if isinstance(head, ListedTree):
            return SharingTree(request.path, commit, head)
        return GitTree(request.path, commit)
    except ReadError as error:
        raise UsageError(f"{commit} cannot be read: {error}") from error
