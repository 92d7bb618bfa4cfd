"""The programs that jobs start, where the tree holds them."""

from __future__ import annotations

import posixpath
import re

from msgspec import Struct

from policyscan.errors import ReadError
from policyscan.resources.rotation.facts import ProgramFacts, unseen
from policyscan.resources.rotation.program import MAX_BYTES, facts_of, shows_rotation
from policyscan.text.source import Source
from policyscan.text.tree import Tree
from policyscan.values import Maybe, Unknown, Why

_ENDINGS = ("", ".py", ".sh")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


class Program(Struct, frozen=True):
    """A program as a job names it, and its text if exactly one file can be meant."""

    written: str
    path: str
    """In the tree if it is there, or else as written."""
    exists: Maybe[bool]
    source: Source | None

    def rotates(self) -> bool:
        """Whether its text shows that it rotates keys."""
        return self.source is not None and shows_rotation(self.source)

    def facts(self) -> ProgramFacts:
        """What it does."""
        if self.source is not None:
            return facts_of(self.source)
        return unseen(f"the text of {self.written or 'the program'}")


class Programs:
    """All files of a tree by name."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._by_name: dict[str, list[str]] | None = None

    def find(self, written: str, folder: str = "") -> Program:
        """The program that `written` names, seen from `folder`. That a file of its name is in the
        tree is taken for its existence; that none is proves nothing about a machine."""
        paths = self._candidates(written, folder)
        if not paths:
            needs = f"whether {written or 'the program'} is there: no file here has its name"
            return Program(written, written, Unknown(Why.OUTSIDE, needs), None)
        if len(paths) > 1:
            return Program(written, written, True, None)
        return Program(written, paths[0], True, self._read(paths[0]))

    def _candidates(self, written: str, folder: str) -> list[str]:
        base = posixpath.basename(written)
        if not base:
            return []
        if _MODULE.fullmatch(written) and not written.endswith((".py", ".sh")):
            base = base.rpartition(".")[2]
        named = [path for ending in _ENDINGS for path in self._names().get(base + ending, ())]
        here = posixpath.normpath(posixpath.join(folder, written)).lstrip("/")
        exact = [path for path in named if path in (here, written.removeprefix("./"))]
        return exact[:1] or named

    def _names(self) -> dict[str, list[str]]:
        if self._by_name is None:
            self._by_name = {}
            for path in self._tree.files():
                self._by_name.setdefault(posixpath.basename(path), []).append(path)
        return self._by_name

    def _read(self, path: str) -> Source | None:
        try:
            return self._tree.read(path, limit=MAX_BYTES)
        except ReadError:
            return None
