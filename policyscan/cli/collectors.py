"""`policyscan collectors`: what can be read here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action, add_group

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `collectors` to the grammar."""
    actions = add_group(commands, "collectors", "what can be read here")
    listing = add_action(actions, "list", common, "every collector and the kinds it produces")
    listing.set_defaults(run=run_list)


def run_list(_options: argparse.Namespace) -> int:
    """Prints the collectors, one a line."""
    from policyscan.plugins import load_collectors

    collectors = load_collectors()
    width = max((len(collector.name) for collector in collectors), default=0)
    for collector in collectors:
        print(f"{collector.name:<{width}}  {', '.join(collector.kinds)}")
    return 0
