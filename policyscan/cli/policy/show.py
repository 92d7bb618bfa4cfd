"""`policyscan policy show`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.policy.chosen import add_policies_option, find, load

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser
    from policyscan.policy import Policy


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `show` to the grammar."""
    parser = add_action(actions, "show", common, "one policy in full")
    parser.add_argument("policy", metavar="ID|SLUG", help="PS-NET-004, world-open-admin-port")
    add_policies_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints all that a policy says."""
    import os
    import shutil

    from policyscan.cli.delivery import use_colour
    from policyscan.reporters.console_text import Page

    policy = find(load(options.policies), options.policy)
    width = shutil.get_terminal_size().columns
    page = Page(colour=use_colour(sys.stdout, os.environ), width=width, verbose=True)
    print(page.heading(f"{policy.id} {policy.slug} (version {policy.version})"))
    print(policy.title)
    print()
    for label, text in _account(policy):
        for line in page.labelled(label, text, 0):
            print(line)
    return 0


def _account(policy: Policy) -> list[tuple[str, str]]:
    import json

    params = [
        f"{one.name} = {json.dumps(one.default, default=str)} ({one.about})"
        for one in policy.params
    ]
    return [
        ("obsolete", policy.deprecated),
        ("severity", policy.severity.value),
        ("plane", policy.plane.value),
        ("judges", ", ".join(policy.kinds) + ", all of a root together" * (policy.scope == "set")),
        ("when", policy.when),
        ("require", policy.require),
        *(("param", param) for param in params),
        ("why", policy.why),
        ("fix", policy.fix),
        ("control", policy.control),
        ("evidence", ", ".join(policy.criteria)),
        ("guide", ", ".join(policy.guide)),
        ("file", policy.path),
    ]
