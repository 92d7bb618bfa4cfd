"""`policyscan policy`: the policies themselves, one module for each action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_group
from policyscan.cli.policy import docs, kinds, linting, listing, new, show, testing

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `policy` to the grammar."""
    actions = add_group(commands, "policy", "what is asked for, and why")
    for module in (listing, show, kinds, new, testing, linting, docs):
        module.add_command(actions, common)
