"""Which program each file of a tree belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from policyscan.collectors.code.names import (
    ecosystem_of,
    folder_of_program,
    is_aside,
    is_vendored,
    language_of,
    names_variables,
)
from policyscan.text.listing import folders_of


@dataclass
class Files:
    """The files of one program, by what they are; each list is sorted."""

    address: str
    """The directory; `.` for the top of the tree."""
    sources: list[str] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    """Files that hand environment variables to programs."""

    @cached_property
    def is_aside(self) -> bool:
        """Whether all its source is tests, examples or documentation."""
        return all(is_aside(path) for path in self.sources or self.manifests)

    def is_own(self, module: str, importer: str) -> bool:
        """Whether an import of that name in Python means a file of the program itself: one at its
        top, or one beside a script. In a package, what lies beside is not found that way."""
        if not importer.endswith(".py"):
            return False
        name = re.split(r"[./]", module)[0]
        if name not in self._names:
            return False
        folder = importer.rpartition("/")[0]
        tops = [f"{self._inside}{name}", f"{self._inside}src/{name}"]
        if f"{folder}/__init__.py" not in self._known:
            tops.append(f"{folder}/{name}" if folder else name)
        return any(f"{top}.py" in self._known or top in self._folders for top in tops)

    @property
    def _inside(self) -> str:
        return "" if self.address == "." else f"{self.address}/"

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.sources)

    @cached_property
    def _names(self) -> frozenset[str]:
        """What modules and packages are called, wherever they lie."""
        paths = (*(path.removesuffix(".py") for path in self.sources), *self._folders)
        return frozenset(path.rpartition("/")[2] for path in paths)

    @cached_property
    def _folders(self) -> set[str]:
        return folders_of(path for path in self.sources if path.endswith(".py"))

    def counted(self, paths: Iterable[str]) -> list[str]:
        """Those of its files that say what it does: tests only if it is nothing else."""
        return [path for path in paths if self.is_aside or not is_aside(path)]


class Layout:
    """The programs of a tree."""

    def __init__(self, claimed: Sequence[str], every: Sequence[str]) -> None:
        """`claimed` are the files that the collector reads, `every` all files there are."""
        manifests = [path for path in claimed if ecosystem_of(path)]
        self._folders = {""} | _programs(manifests)
        self._files: dict[str, Files] = {}
        for path in manifests:
            self._of(self._folder(f"{folder_of_program(path)}/")).manifests.append(path)
        for path in claimed:
            if language_of(path):
                self._of(self._folder(path)).sources.append(path)
        for path in every:
            if names_variables(path) and not is_vendored(path):
                found = self._files.get(self._folder(path))
                if found is not None:
                    found.variables.append(path)

    @property
    def programs(self) -> tuple[Files, ...]:
        """The files of every program that has any source or manifest."""
        return tuple(self._files[folder] for folder in sorted(self._files))

    def program_of(self, path: str) -> Files | None:
        """The program that a file belongs to."""
        return self._files.get(self._folder(path))

    def _folder(self, path: str) -> str:
        return next(f for f in _enclosing(path.rpartition("/")[0]) if f in self._folders)

    def _of(self, folder: str) -> Files:
        return self._files.setdefault(folder, Files(folder or "."))


def _programs(manifests: Iterable[str]) -> set[str]:
    """The directories of programs. The modules of one Java build are one program, that of the
    outermost directory."""
    folders = {folder_of_program(path) for path in manifests if ecosystem_of(path) != "maven"}
    built = {folder_of_program(path) for path in manifests if ecosystem_of(path) == "maven"}
    return folders | {
        folder
        for folder in built
        if not any(above in built for above in _enclosing(folder) if above != folder)
    }


def _enclosing(folder: str) -> Iterator[str]:
    """A directory and all above it, up to the top, which is empty."""
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder
