"""`policyscan policy list`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.policy.chosen import add_policies_option, load

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `list` to the grammar."""
    parser = add_action(actions, "list", common, "every policy, one a line")
    add_policies_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints id, severity, plane, kind and slug of every policy."""
    policies = load(options.policies)
    kind = max((len(", ".join(policy.kinds)) for policy in policies), default=0)
    for policy in policies:
        print(
            f"{policy.id}  {policy.severity.value:<8}  {policy.plane.value:<12}  "
            f"{', '.join(policy.kinds):<{kind}}  {policy.slug}"
        )
    return 0
