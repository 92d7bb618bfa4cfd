"""`policyscan policy show`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.policy.chosen import add_policies_option, find, load
from policyscan.cli.saying import say_json, say_painted

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser
    from policyscan.policy import Policy
    from policyscan.reporters.console_text import Page

_EXAMPLES = """\
examples:
  policyscan policy show PS-NET-004
  policyscan policy show world-open-admin-port --format json
  policyscan policy show DESK-NET-001 --policies house
"""


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `show` to the grammar."""
    details = "With its parameters and how to change them, its fields, sources, tests and file."
    parser = add_action(actions, "show", common, "one policy in full", details)
    parser.epilog = _EXAMPLES
    parser.add_argument("policy", metavar="ID|SLUG", help="PS-NET-004, world-open-admin-port")
    add_policies_option(parser)
    parser.add_argument(
        "--format",
        choices=("console", "json"),
        default="console",
        metavar="FORMAT",
        help="console (default) or json",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints all that a policy says."""
    import os
    import shutil

    from policyscan.cli.delivery import use_colour
    from policyscan.reporters.console_text import Page
    from policyscan.text.display import one_line

    policy = find(load(options.policies), options.policy)
    if options.format == "json":
        from policyscan.authoring.record import whole

        say_json(whole(policy))
        return 0
    width = shutil.get_terminal_size().columns
    page = Page(colour=use_colour(sys.stdout, os.environ), width=width, verbose=True)
    say_painted(
        page.heading(f"{policy.id} {policy.slug} (version {policy.version})"),
        one_line(policy.title),
        "",
        *_account(policy, page),
        *_change(policy, page),
        *_tests(policy, page),
    )
    return 0


def _account(policy: Policy, page: Page) -> Iterator[str]:
    from policyscan.authoring.reads import fields_read
    from policyscan.authoring.record import file_of, sources

    labelled = [
        ("obsolete", policy.deprecated),
        ("severity", policy.severity.value),
        ("plane", policy.plane.value),
        ("judges", ", ".join(policy.kinds) + ", all of a root together" * (policy.scope == "set")),
        ("sources", ", ".join(sources(policy))),
        ("when", policy.when),
        ("require", policy.require),
        ("at least", str(policy.expect_min or "")),
        ("reads", ", ".join(fields_read(policy))),
        ("message", policy.message),
        ("why", policy.why),
        ("fix", policy.fix),
        ("control", policy.control),
        ("evidence", ", ".join(policy.criteria)),
        ("guide", ", ".join(policy.guide)),
        ("formerly", ", ".join(policy.aliases)),
        ("file", str(file_of(policy))),
        ("sha256", policy.sha256),
    ]
    for label, text in labelled:
        yield from page.labelled(label, text, 0)


def _change(policy: Policy, page: Page) -> Iterator[str]:
    """The parameters, and the lines of a configuration that change them."""
    from policyscan.authoring.record import change_of

    for param in policy.params:
        default = json.dumps(param.default, default=str)
        text = f"{param.name}: {param.type} = {default}. {param.about}"
        yield from page.labelled("param", text, 0)
    if policy.params:
        yield ""
        yield "To change a parameter, write into policyscan.yaml:"
        yield ""
        yield from (f"  {line}" for line in change_of(policy, policy.params[:1]))


def _tests(policy: Policy, page: Page) -> Iterator[str]:
    from policyscan.policy import load_tests

    tests = load_tests(policy)
    yield ""
    yield f"Its {len(tests)} tests:" if len(tests) > 1 else "Its one test:"
    for test in tests:
        yield from page.wrap(test.name, 4, first=2)
