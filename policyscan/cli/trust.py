"""The trusted side: from which commit the files that steer the gate are read, so that a pull
request cannot change the rules that it is judged by."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.pull_request import (
    head_commits,
    is_pull_request,
    line_to_add,
    source_branches,
    target_branch,
    target_ref,
)
from policyscan.errors import ReadError, UsageError
from policyscan.text import git
from policyscan.text.base import how_to_fetch
from policyscan.text.files import Disk, Files
from policyscan.text.repositories import placed

if TYPE_CHECKING:
    from policyscan.text.trusted import TrustedFiles

_HEX = re.compile(r"[0-9a-fA-F]{4,64}")
_SHORT = range(4, 40)
"""The lengths of an id that is cut short: git takes a ref of that name instead."""


class Side:
    """The files in force, and the commits that were named. To be closed."""

    def __init__(self, trust: str, cwd: Path, environ: Mapping[str, str]) -> None:
        self.trust = trust
        self.commit = ""
        """The id of the trusted commit in the repository that is scanned."""
        self._cwd = Path(os.path.realpath(cwd))
        self._environ = environ
        self._trusted = _trusted(trust, cwd) if trust else None
        self.files: Files = self._trusted or Disk(cwd)
        if self._trusted:
            self._guard(self._cwd)

    def enter(self, path: Path | None, ref: str) -> bool:
        """Guards the repository of the directory to scan as well; `ref` is the commit to judge
        instead of it. Says whether more is guarded than before. Raises `UsageError`."""
        if self._trusted is None:
            return False
        known = len(self._trusted.tops)
        scanned = self._cwd / (path or ".")
        self._guard(scanned)
        if not self._trusted.tops:
            hint = "Outside of git, keep policies and configuration apart from what is scanned."
            raise UsageError(f"--trust {self.trust}: this is no git work tree", hint=hint)
        self.commit = commit_of("--trust", self.trust, scanned, ref, self._environ)
        return len(self._trusted.tops) > known

    def close(self) -> None:
        """Lets go of processes."""
        if self._trusted:
            self._trusted.close()

    def _guard(self, path: Path) -> None:
        assert self._trusted is not None
        _, top = _placed(path)
        if top is None:
            return
        try:
            self._trusted.guard(top, _resolved(f"--trust {self.trust}", self.trust, top))
        except ReadError as error:
            raise UsageError(f"--trust {self.trust}: {error.message}") from None


def _trusted(trust: str, cwd: Path) -> TrustedFiles:
    from policyscan.text.trusted import TrustedFiles  # late: most runs trust what is on disk

    return TrustedFiles(trust, cwd)


def commit_of(option: str, name: str, directory: Path, ref: str, environ: Mapping[str, str]) -> str:
    """The id of the commit that `name` means in the repository of `directory`. Raises `UsageError`
    for a name that means none or several, and, on a pull request, for one that the request may
    have put in place: `ref`, or else what is checked out, and whatever is its own."""
    where, top = _placed(Path(os.path.realpath(Path.cwd())) / directory)
    if top is None:
        raise UsageError(f"{option} {name}: {directory} is in no git work tree")
    _refuse_other_repository(f"{option} {name}", directory, where, top)
    commit = _resolved(f"{option} {name}", name, top)
    if is_pull_request(environ):
        _refuse_own(f"{option} {name}", name, commit, top, ref, environ)
    return commit


def _placed(path: Path) -> tuple[Path, Path | None]:
    try:
        return placed(path)
    except OSError as error:
        raise UsageError(str(error)) from None


def _refuse_other_repository(option: str, path: Path, where: Path, top: Path) -> None:
    """A link, a submodule or a repository inside of a commit has a history of its own making."""
    real = Path(os.path.realpath(path))
    if real != where:
        hint = "Name the directory that it leads to, if that is what is to be judged."
        raise UsageError(f"{option}: {path} is, or lies behind, a symbolic link", hint=hint)
    inner = next((each for each in (real, *real.parents) if os.path.lexists(each / ".git")), top)
    if inner != top:
        hint = "Judge it in a clone of its own, or judge the repository around it."
        message = f"{option}: {inner} is a repository that the commit at {top} brings with it"
        raise UsageError(message, hint=hint)


def _resolved(shown: str, name: str, directory: Path) -> str:
    try:
        found = git.commits_called(directory, name)
        if not found or _HEX.fullmatch(name):
            found[name] = git.resolve_commit(directory, name)
        may_be_id = bool(found.keys() - {name}) and len(name) in _SHORT and _HEX.fullmatch(name)
    except ReadError:
        raise UsageError(
            f"{shown}: there is no such commit in {directory}", hint=how_to_fetch(directory, name)
        ) from None
    if len({*found.values()}) > 1 or may_be_id:
        names = [each if each.startswith("refs/") else f"commit {each}" for each in sorted(found)]
        raise UsageError(
            f"{shown}: this may be {' or '.join(map(shlex.quote, names))}",
            hint="Write the full name of the one that is meant.",
        )
    return next(iter(found.values()))


def _refuse_own(
    shown: str,
    name: str,
    commit: str,
    directory: Path,
    ref: str,
    environ: Mapping[str, str],
) -> None:
    option = shown.removesuffix(name)
    hint = f"Name the branch that the request goes to: {option}{target_ref(environ)}"
    if not (_HEX.fullmatch(name) or git.commits_called(directory, name)):
        what = "what this means depends on what is checked out, or was fetched, last"
        raise UsageError(f"{shown}: on a pull request, {what}", hint=hint)
    own = {*head_commits(environ)}
    try:
        own.add(git.resolve_commit(directory, ref or "HEAD"))
    except ReadError:
        raise UsageError(f"{shown}: nothing is checked out in {directory}") from None
    if any(commit.startswith(each) for each in own):
        what = "this is the commit that is judged, or the request's own"
        raise UsageError(f"{shown}: {what}", hint=hint)
    branch = name.removeprefix("refs/").removeprefix("heads/").removeprefix("remotes/")
    for source in source_branches(environ):
        if source != target_branch(environ) and branch.partition("/")[2] == source:
            raise UsageError(f"{shown}: this is the branch that the request comes from", hint=hint)


# -- without a trusted side --------------------------------------------------------------------


def refuse_untrusted(
    in_force: list[tuple[str, Path]], scanned: Path, environ: Mapping[str, str]
) -> None:
    """Raises `UsageError` if this run is for a pull request and something that steers the gate
    (what it is, and where it lies) is inside the scanned tree or the repository around it, which
    the request changes."""
    if not is_pull_request(environ):
        return
    here = Path(os.path.realpath(Path.cwd()))
    _, top = _placed(here / scanned)
    trees = [Path(os.path.realpath(scanned)), *([top] if top else [])]
    for what, path in in_force:
        where, its_top = _placed(here / path)
        places = (where, Path(os.path.normpath(here / path)), Path(os.path.realpath(path)))
        if (top is not None and its_top == top) or any(
            place.is_relative_to(tree) for place in places for tree in trees
        ):
            raise UsageError(
                f"this run is for a pull request, and the {what} {path} lies inside the scanned "
                "tree or the repository around it, where the request can change it",
                hint=f"Add {line_to_add(environ)}: then it is read from there.",
            )
