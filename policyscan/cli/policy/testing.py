"""`policyscan policy test`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.policy.chosen import existing
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `test` to the grammar."""
    parser = add_action(
        actions,
        "test",
        common,
        "run the tests that policies carry",
        "The exit code is 1 if\none fails.",
    )
    parser.add_argument("directory", nargs="?", metavar="DIR", help="default: those that ship")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
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
