"""Which commit a change is compared with: where it branched off, as far as this clone knows.

The tip of a branch holds what others did since, which the change neither caused nor undoes. Of the
merge that a host makes to try a request (`refs/pull/7/merge`), it is the side that was merged into.
"""

from __future__ import annotations

import re
import shlex
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct

from policyscan.errors import ReadError, UsageError
from policyscan.text import git
from policyscan.text.words import commit_words

_ID = re.compile(r"[0-9a-f]{7,64}")


class Base(Struct, frozen=True):
    """The commit to compare with."""

    name: str
    """As it was given."""
    commit: str
    """Its id."""
    why: str
    """Why it is this commit, in words."""
    tip: str = ""
    """The id of what the name means now, if the judged one branched off before that."""


def base_of(directory: Path, name: str, judged: str = "HEAD", tip: str = "") -> Base:
    """Where the commit `judged` branched off the commit that `name` names, or else that commit
    itself; `tip` is its id, if that is known. Raises `UsageError` if there is none of that name."""
    tip = tip or commit_of(directory, name)
    shown = commit_words(name)
    try:
        head = git.resolve_commit(directory, judged)
    except ReadError:
        return Base(name, tip, f"{shown} itself: nothing is committed here")
    if head == tip:
        return Base(name, tip, f"{shown} itself: nothing was committed since")
    found = git.merge_bases(directory, head, tip)
    if found == (tip,) or tip in git.parents(directory, head):
        return Base(name, tip, f"{shown} itself, on which {judged} builds")
    if len(found) == 1:
        why = f"where {judged} branched off {shown}, which is at {tip[:12]}"
        return Base(name, found[0], why, tip)
    if found:
        why = f"{judged} branched off it in {len(found)} places"
    elif git.is_shallow(directory):
        why = f"this clone is shallow and does not know where {judged} branched off"
    else:
        why = f"{judged} has no commit in common with it"
    return Base(name, tip, f"{shown} itself: {why}")


def commit_of(directory: Path, name: str) -> str:
    """The id of the commit that `name` names. Raises `UsageError` if there is none, with the
    command that brings it here."""
    try:
        return git.resolve_commit(directory, name)
    except ReadError as error:
        raise UsageError(
            f"there is no commit {name} in {directory}", hint=how_to_fetch(directory, name)
        ) from error


def how_to_fetch(directory: Path, name: str) -> str:
    """The command that brings a commit here which this clone lacks, as far as its remotes tell."""
    try:
        options = ["--no-tags", *(["--depth=1"] if git.is_shallow(directory) else [])]
    except ReadError as error:
        return without_repository(directory, error)
    remotes = git.remotes(directory)
    remote, _, branch = name.removeprefix("refs/remotes/").partition("/")
    is_named = remote in remotes and bool(branch)
    if not is_named:
        if len(remotes) != 1:
            return "See: git log --all --oneline"
        remote, branch = next(iter(remotes)), name
    tag = ["git", "fetch", *options, remote, "tag", branch.removeprefix("refs/tags/")]
    if branch.startswith("refs/tags/"):
        return f"Bring it here: {shlex.join(tag)}"
    branch = branch.removeprefix("refs/heads/")
    here = f"{remote}/{branch}"
    is_id = bool(_ID.fullmatch(branch))
    is_kept = any(fnmatchcase(f"refs/heads/{branch}", kept) for kept in remotes[remote])
    what = branch if is_kept or is_id else f"+{branch}:refs/remotes/{here}"
    command = shlex.join(["git", "fetch", *options, remote, what])
    if is_named or is_id:
        return f"Bring it here: {command}"
    return (
        f"Bring it here: {command}, and name {shlex.quote(here)}; or, if it is a tag: "
        f"{shlex.join(tag)}"
    )


def without_repository(directory: Path, error: ReadError) -> str:
    """Why git tells nothing of a directory, and what to do. A work tree of `git worktree` holds but
    the path of its repository, which a container may not have."""
    place = git.top_of(directory)
    if not (place / ".git").exists():
        return f"{directory} is in no git repository: a plain directory has no commits."
    if (place / ".git").is_file() and "not a git repository" in error.message:
        return (
            f"{place}/.git leads to a repository that is not here: it has to be at the same path."
        )
    return f"{place}/.git cannot be used: {error.message}. Mend it until `git status` works there."
