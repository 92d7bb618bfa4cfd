"""Which policies a command is about: those that ship, and those in directories that it names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.errors import FileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyscan.cli.grammar import Parser
    from policyscan.policy import Policy


def add_policies_option(parser: Parser) -> None:
    """Adds the directories that are looked into as well."""
    parser.add_argument(
        "--policies",
        action="append",
        default=[],
        metavar="DIR",
        help="those in DIR as well; may be repeated",
    )


def load(directories: Sequence[str]) -> list[Policy]:
    """The policies that ship and those in `directories`, in order of their ids. Raises the first
    `FileError` there is."""
    from policyscan.authoring.loading import load_each
    from policyscan.data import policies_directory

    places = [policies_directory(), *(existing(Path(directory)) for directory in directories)]
    policies: list[Policy] = []
    for each in load_each(places):
        if isinstance(each, FileError):
            raise each
        policies.append(each)
    return sorted(policies, key=lambda policy: policy.id)


def existing(directory: Path) -> Path:
    """The directory. Raises `UsageError` if there is none."""
    if not directory.is_dir():
        raise UsageError(f"there is no directory {directory}", hint="Name a folder of policies.")
    return directory


def find(policies: Sequence[Policy], name: str) -> Policy:
    """The policy of this id, former id or slug. Raises `UsageError` if there is none."""
    for policy in policies:
        if name.upper() in (policy.id, *policy.aliases) or name == policy.slug:
            return policy
    from policyscan.text.complaints import suggestion

    is_id = re.fullmatch(r"[A-Za-z][A-Za-z0-9]*-[A-Za-z]+-[0-9]*", name)
    wanted = name.upper() if is_id else name
    known = [word for policy in policies for word in (policy.id, policy.slug)]
    raise UsageError(
        f"there is no policy {name!r}{suggestion(wanted, known)}",
        hint="See `policyscan policy list` for all ids.",
    )


def check_selected(select: Sequence[str], policies: Sequence[Policy]) -> None:
    """Raises `UsageError` for a selected word that is no id and no family of these policies."""
    from policyscan.findings.model import family_of
    from policyscan.text.complaints import suggestion

    known = {word for policy in policies for word in (policy.id, family_of(policy.id))}
    for word in select:
        if word.upper() not in known:
            raise UsageError(
                f"no policy is called {word}{suggestion(word.upper(), known)}",
                hint="See `policyscan policy list` for all ids.",
            )


def complaint(error: FileError) -> list[str]:
    """What is wrong with a file, where, and what to do: lines to print."""
    lines = [str(error), *error.snippet.splitlines()]
    return [*lines, f"  {error.hint}"] if error.hint else lines
