"""What somebody asked of a tree, so that it need not be done again for a tree that answers alike.

Whatever follows from the answers of a tree alone is the same for every tree that gives the same
answers to the same questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from policyscan.errors import ReadError
from policyscan.text import git
from policyscan.text.git_tree import GitTree
from policyscan.text.source import Source
from policyscan.text.tree import MAX_BYTES, Tree

T = TypeVar("T")


class _Failure(Struct, frozen=True):
    """Why a read failed."""

    reason: str
    subject: str
    message: str


class Recorder:
    """A tree that notes what it was asked and what it answered. See `Tree` for each question."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._asked: dict[tuple[str, str], tuple[Callable[[Tree], object], object]] = {}
        """By question and what it is about: how to ask it again, and the answer."""
        self._peeked: dict[tuple[str, int], str] = {}
        """By path and limit, the blob ids of what was looked at."""

    def is_answered_alike(self, tree: GitTree) -> bool:
        """Whether `tree` answers all that was asked in the same way. What was read is then among
        its `sources` as well."""
        return all(
            tree.holds(path, oid) or _answer(tree, _looking_at(path, limit)) == oid
            for (path, limit), oid in self._peeked.items()
        ) and all(_answer(tree, ask) == told for ask, told in self._asked.values())

    def files(self) -> tuple[str, ...]:
        """See `Tree.files`."""
        return self._ask("files", "", lambda tree: tree.files())

    def links(self) -> Mapping[str, str]:
        """See `Tree.links`."""
        return self._ask("links", "", lambda tree: tree.links())

    def problems(self) -> tuple[ReadError, ...]:
        """See `Tree.problems`."""
        self._ask("problems", "", lambda tree: [_failure(each) for each in tree.problems()])
        return self._tree.problems()

    def excluded(self) -> tuple[tuple[str, str, int], ...]:
        """See `Tree.excluded`."""
        return self._ask("excluded", "", lambda tree: tree.excluded())

    def tracks(self, path: str) -> bool:
        """See `Tree.tracks`."""
        return self._ask("tracks", path, lambda tree: tree.tracks(path))

    def listdir(self, path: str) -> tuple[str, ...]:
        """See `Tree.listdir`."""
        return self._ask("listdir", path, lambda tree: tree.listdir(path))

    def read(self, path: str, *, limit: int = MAX_BYTES) -> Source:
        """See `Tree.read`."""
        self._ask(f"read {limit}", path, lambda tree: _content(tree.read(path, limit=limit)))
        source = self._tree.read(path, limit=limit)
        source.is_shared = True
        return source

    def peek(self, path: str, *, limit: int = MAX_BYTES) -> bytes:
        """See `Tree.peek`."""
        try:
            data = self._tree.peek(path, limit=limit)
        except ReadError:
            return self._ask(f"peek {limit}", path, lambda tree: tree.peek(path, limit=limit))
        self._peeked[path, limit] = git.blob_sha1(data)
        return data

    def head(self, path: str) -> bytes:
        """See `Tree.head`."""
        return self._ask("head", path, lambda tree: tree.head(path))

    def sources(self) -> tuple[Source, ...]:
        """See `Tree.sources`; no collector reads by what others read."""
        return self._tree.sources()

    def last_change(self, source: Source) -> git.Change | None:
        """See `Tree.last_change`."""
        return self._ask("last_change", source.path, lambda tree: tree.last_change(source))

    def encloses(self, path: Path) -> bool:
        """See `Tree.encloses`."""
        return self._ask("encloses", str(path), lambda tree: tree.encloses(path))

    def close(self) -> None:
        """See `Tree.close`."""
        self._tree.close()

    def _ask(self, question: str, about: str, ask: Callable[[Tree], T]) -> T:
        try:
            answer = ask(self._tree)
        except ReadError as error:
            self._asked[question, about] = ask, _failure(error)
            raise
        self._asked[question, about] = ask, answer
        return answer


def _answer(tree: Tree, ask: Callable[[Tree], object]) -> object:
    try:
        return ask(tree)
    except ReadError as error:
        return _failure(error)


def _content(source: Source) -> tuple[str, bytes]:
    return source.path, source.data


def _failure(error: ReadError) -> _Failure:
    return _Failure(error.reason, error.subject, error.message)


def _looking_at(path: str, limit: int) -> Callable[[Tree], str]:
    return lambda tree: git.blob_sha1(tree.peek(path, limit=limit))


def holds(tree: GitTree, source: Source) -> bool:
    """Whether `tree` has a document as it is here."""
    oid = git.blob_sha1(source.data)
    return tree.holds(source.path, oid) or _answer(tree, _looking_at(source.path, MAX_BYTES)) == oid
