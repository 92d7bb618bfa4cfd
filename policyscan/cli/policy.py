"""`policyscan policy`: the policies themselves."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action, add_group
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser
    from policyscan.policy import Policy


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `policy` to the grammar."""
    actions = add_group(commands, "policy", "what is asked for, and why")
    listing = add_action(actions, "list", common, "every policy, one a line")
    listing.set_defaults(run=run_list)
    show = add_action(actions, "show", common, "one policy in full")
    show.add_argument("policy", metavar="ID|SLUG", help="PS-NET-004, world-open-admin-port")
    show.set_defaults(run=run_show)
    for action in (listing, show):
        action.add_argument(
            "--policies", action="append", default=[], metavar="DIR", help="those in DIR as well"
        )
    test = add_action(
        actions,
        "test",
        common,
        "run the tests that policies carry",
        "The exit code is 1 if\none fails.",
    )
    test.add_argument("directory", nargs="?", metavar="DIR", help="default: those that ship")
    test.set_defaults(run=run_test)


def run_list(options: argparse.Namespace) -> int:
    """Prints id, severity, plane, kind and slug of every policy."""
    policies = _load(options.policies)
    kind = max((len(", ".join(policy.kinds)) for policy in policies), default=0)
    for policy in policies:
        print(
            f"{policy.id}  {policy.severity.value:<8}  {policy.plane.value:<12}  "
            f"{', '.join(policy.kinds):<{kind}}  {policy.slug}"
        )
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Prints all that a policy says."""
    import os
    import shutil

    from policyscan.cli.delivery import use_colour
    from policyscan.reporters.console_text import Page

    policy = _find(_load(options.policies), options.policy)
    width = shutil.get_terminal_size().columns
    page = Page(colour=use_colour(sys.stdout, os.environ), width=width, verbose=True)
    print(page.heading(f"{policy.id} {policy.slug} (version {policy.version})"))
    print(policy.title)
    print()
    for label, text in _account(policy):
        for line in page.labelled(label, text, 0):
            print(line)
    return 0


def run_test(options: argparse.Namespace) -> int:
    """Runs every test of every policy and prints those that fail."""
    from policyscan.data import policies_directory
    from policyscan.text.logsafe import log_safe

    chosen = Path(options.directory) if options.directory else policies_directory()
    directory = existing(chosen)
    from policyscan.selftest import run_policy_tests

    results = list(run_policy_tests(directory))
    failed = [result for result in results if result.problems]
    for result in failed:
        print(log_safe(f"{result.policy_id}: {result.test}"))
        for problem in result.problems:
            print(log_safe(f"  {problem}"))
    print(f"{len(results) - len(failed)} of {len(results)} tests of policies passed")
    if not results:
        raise UsageError(f"there are no tests in {directory}", hint="Name a folder of policies.")
    return 1 if failed else 0


def _load(directories: list[str]) -> list[Policy]:
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


def _find(policies: list[Policy], name: str) -> Policy:
    for policy in policies:
        if name.upper() in (policy.id, *policy.aliases) or name == policy.slug:
            return policy
    from policyscan.text.complaints import suggestion

    known = [word for policy in policies for word in (policy.id, policy.slug)]
    raise UsageError(
        f"there is no policy {name!r}{suggestion(name, known)}",
        hint="See `policyscan policy list` for all ids.",
    )


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
