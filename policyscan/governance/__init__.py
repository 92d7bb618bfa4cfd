"""What a change does to the files by which its repository steers the gate.

Two whole repositories are compared: the one that is judged, and the trusted side or else the base.
What the gate goes by is never read here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from policyscan.errors import GapReason, ReadError
from policyscan.governance import names
from policyscan.governance.comments import effect_of_lines, lines_of, waiver_lines
from policyscan.governance.effects import effect_of
from policyscan.governance.pins import lists_packages, pinned
from policyscan.governance.sides import Version, Versions
from policyscan.request import Collected, ScanRequest
from policyscan.resources.base import (
    Gap,
    Origin,
    ProofLevel,
    Resource,
    Step,
    StepKind,
    Tally,
)
from policyscan.resources.governance import GateFile
from policyscan.text import git
from policyscan.text.files import FROM_DISK, SUFFIXES
from policyscan.text.git_tree import GitTree
from policyscan.text.listing import NESTED, folders_of
from policyscan.text.repositories import placed
from policyscan.text.source import Span
from policyscan.text.tree import IGNORED, DirectoryTree, Tree
from policyscan.values import Unknown, Why

COLLECTOR = "gate"
KIND = "GateFile"
COMMENTED = "comments"
"""What a file steers that is another thing, and holds waivers in its comments."""


def gate_files(request: ScanRequest, tree: Tree, sides: Versions) -> Collected | None:
    """Every file that steers the gate, compared; None without anything to compare with. What was
    worked out about a side is kept in `sides`."""
    if request.path is None or not (request.trust or request.base or request.counterpart):
        return None
    part = Collected(COLLECTOR, (KIND,), [])
    try:
        part.resources.extend(_Comparison(request, request.path, tree, sides).resources())
    except ReadError as error:
        message = f"the files that steer the gate were not compared: {error.message}"
        part.gaps.append(Gap(GapReason.UNREADABLE, error.subject, message, hides=(KIND,)))
    found = len(part.resources)
    part.tallies.append(Tally(request.target, KIND, found, found))
    return part


class _Comparison:
    """The repository that is judged, beside the trusted one."""

    def __init__(self, request: ScanRequest, path: Path, tree: Tree, sides: Versions) -> None:
        self._request = request
        self._tree = tree
        self._sides = sides
        where, top = placed(Path(os.path.realpath(Path.cwd())) / path)
        self._top = top or where
        self._prefix = "" if where == self._top else f"{where.relative_to(self._top).as_posix()}/"
        self._trusted_id = ""
        if request.counterpart is not None:
            self._new, self._old = sides.of(tree), sides.of(DirectoryTree(request.counterpart))
            return
        commit = request.trust_commit or request.trust or request.base_commit or request.base
        self._trusted_id = git.resolve_commit(self._top, commit)
        self._old = sides.commit(self._top, self._trusted_id)
        self._new = self._judged()

    def _judged(self) -> Version:
        """The whole repository of what is judged."""
        if not self._prefix:
            return self._sides.of(self._tree)
        if self._request.ref:
            return self._sides.commit(self._top, self._request.ref)
        return self._sides.of(DirectoryTree(self._top))

    def resources(self) -> Iterator[Resource]:
        """One for each path that steers the gate on either side."""
        for path, steers in sorted(self._roles().items()):
            yield self._resource(path, steers)

    # -- which files ---------------------------------------------------------------------------

    def _roles(self) -> Mapping[str, str]:
        """What each path steers, on either side."""
        found: dict[str, str] = {}
        for side in (self._new, self._old):
            found |= side.named
        for side in (self._new, self._old):
            for path, role in side.told.items():
                found.setdefault(path, role)
        for role, path in self._in_force:
            for inside in self._old.paths | self._new.paths:
                is_policy = role == "policies" and inside.casefold().endswith(SUFFIXES)
                if inside == path or (is_policy and inside.startswith(f"{path}/")):
                    found[inside] = role
        found |= dict.fromkeys(self._hiding(), "ignore")
        for source in self._tree.sources():
            if lines_of(source):
                found.setdefault(f"{self._prefix}{source.path}", COMMENTED)
        return found

    @cached_property
    def _in_force(self) -> tuple[tuple[str, str], ...]:
        """What the run goes by and where that is in the repository."""
        return tuple(self._steering())

    def _steering(self) -> Iterator[tuple[str, str]]:
        here = Path(os.path.realpath(Path.cwd()))
        for each in self._request.in_force:
            if each.source != FROM_DISK or not self._request.trust:
                where, top = placed(here / each.path)
                if top == self._top:
                    yield each.role, where.relative_to(top).as_posix()

    def _hiding(self) -> Iterator[str]:
        """What is no file of this repository any more, or not seen as one: submodules, and lists of
        what git ignores that hide what was a file on the trusted side."""
        before = {*self._old.tree.files()}
        folders = folders_of(before)
        for path in self._submodules():
            if path in before or path in folders or path not in self._old.paths:
                yield path
        hidden = {
            path
            for path, reason, _ in self._new.tree.excluded()
            if reason == IGNORED and (path in before or path.rstrip("/") in folders)
        }
        if hidden:
            for path in self._new.paths | self._old.paths:
                if path.rpartition("/")[2] == ".gitignore" and self._differs(path):
                    yield path

    def _submodules(self) -> Iterator[str]:
        """Those of the judged side: on disk a submodule looks like a directory."""
        tree = self._new.tree
        if isinstance(tree, GitTree):
            yield from (path for path, reason, _ in tree.excluded() if reason == NESTED)
        elif isinstance(tree, DirectoryTree) and tree.nested() and not self._request.counterpart:
            for entry in git.entries(self._top, "HEAD"):
                if entry.mode == "160000":
                    yield entry.path

    # -- what became of each -------------------------------------------------------------------

    def _resource(self, path: str, steers: str) -> GateFile:
        state: str | Unknown
        effect = None
        try:
            if steers == COMMENTED:
                state, effect = self._commented(path)
            elif (state := self._state(path, steers)) != "unchanged":
                effect = effect_of(steers, *self._said(path))
        except ReadError as error:
            state = Unknown(Why.FILE_MISSING, f"{path}, which cannot be read: {error.message}")
        span = self._span(path)
        return GateFile(
            address=path,
            origin=Origin(COLLECTOR, self._request.target, ".", span, ProofLevel.CONFIGURED),
            chains={"state": (Step(StepKind.COMMIT, effect, span),)} if effect else {},
            path=path,
            steers="waivers" if steers == COMMENTED else steers,
            state=state,
            in_force=any(path == each or path.startswith(f"{each}/") for _, each in self._in_force),
            effect=effect,
        )

    def _commented(self, path: str) -> tuple[str, str | None]:
        """What became of the waivers in the comments of a file."""
        new = waiver_lines(self._new.at(path) or b"")
        old = waiver_lines(self._old.at(path) or b"")
        if new == old or not self._differs(path):
            return "unchanged", None
        state = "changed" if path in self._old.paths else "added"
        return state, effect_of_lines(old, new)

    def _state(self, path: str, steers: str) -> str:
        submodule = steers == "ignore" and path not in self._old.paths
        if submodule and path not in self._new.paths:
            return "added"
        if not self._differs(path):
            return "unchanged"
        if path.casefold().endswith(".gitattributes"):
            old, new = (names.attributes(side.at(path) or b"") for side in (self._old, self._new))
            if old == new:
                return "unchanged"
        before, now = self._said(path)
        if before == now:
            return "unchanged"
        if path not in self._old.paths:
            return "added"
        return "changed" if path in self._new.paths else "removed"

    def _said(self, path: str) -> tuple[bytes | None, bytes | None]:
        """What counts of a file, on the trusted side and now: of a list of packages not all."""
        old, new = self._old.at(path), self._new.at(path)
        return (pinned(old), pinned(new)) if lists_packages(path) else (old, new)

    def _differs(self, path: str) -> bool:
        """Whether the change did something here: it differs from the trusted side, and from each
        commit at which the two parted."""
        new = self._new.at(path)
        if new == self._old.at(path):
            return False
        return not (self._parted and all(each.at(path) == new for each in self._parted))

    @property
    def _parted(self) -> tuple[Version, ...]:
        """Where the judged history and the trusted one parted; nothing if that is not known."""
        if self._parting is None:
            self._parting = ()
            if self._trusted_id:
                judged = self._request.ref or "HEAD"
                try:
                    judged = git.resolve_commit(self._top, judged)
                    bases = git.merge_bases(self._top, judged, self._trusted_id)
                    self._parting = tuple(self._sides.commit(self._top, each) for each in bases)
                except ReadError:
                    pass
        return self._parting

    _parting: tuple[Version, ...] | None = None

    def _span(self, path: str) -> Span | None:
        """The first line that differs, of a file in the scanned directory."""
        if not path.startswith(self._prefix) or path not in self._new.tree.files():
            return None
        try:
            source = self._tree.read(path[len(self._prefix) :])
            old = self._old.at(path) or b""
        except ReadError:
            return None
        pairs = zip(source.data.splitlines(), old.splitlines(), strict=False)
        same = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        line = min(len(old.splitlines()), len(source.line_starts) - 1) if same is None else same
        start = source.line_starts[min(line, len(source.line_starts) - 1)]
        end = source.data.find(b"\n", start)
        return source.span(start, len(source.data) if end < 0 else end)


__all__ = ["COLLECTOR", "KIND", "Versions", "gate_files"]
