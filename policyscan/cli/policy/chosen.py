"""Which policies a command is about: those that ship, and those in directories that it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.errors import UsageError

if TYPE_CHECKING:
    from policyscan.cli.grammar import Parser
    from policyscan.policy import Policy


def add_policies_option(parser: Parser) -> None:
    """Adds the directories that are looked into as well."""
    parser.add_argument(
        "--policies", action="append", default=[], metavar="DIR", help="those in DIR as well"
    )


def load(directories: list[str]) -> list[Policy]:
    """The policies that ship and those in `directories`, in order of their ids."""
    from policyscan.data import policies_directory
    from policyscan.policy import load_policies
    from policyscan.resources.kinds import MODULES, load_kinds

    kinds = load_kinds(MODULES)
    places = [policies_directory(), *(existing(Path(directory)) for directory in directories)]
    policies = [policy for place in places for policy in load_policies(place, kinds).policies]
    return sorted(policies, key=lambda policy: policy.id)


def existing(directory: Path) -> Path:
    """The directory. Raises `UsageError` if there is none."""
    if not directory.is_dir():
        raise UsageError(f"there is no directory {directory}", hint="Name a folder of policies.")
    return directory


def find(policies: list[Policy], name: str) -> Policy:
    """The policy of this id, former id or slug. Raises `UsageError` if there is none."""
    for policy in policies:
        if name.upper() in (policy.id, *policy.aliases) or name == policy.slug:
            return policy
    from policyscan.text.complaints import suggestion

    known = [word for policy in policies for word in (policy.id, policy.slug)]
    raise UsageError(
        f"there is no policy {name!r}{suggestion(name, known)}",
        hint="See `policyscan policy list` for all ids.",
    )
