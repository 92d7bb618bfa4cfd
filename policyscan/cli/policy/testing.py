"""`policyscan policy test`."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.policy.chosen import check_selected, complaint
from policyscan.cli.saying import say
from policyscan.errors import FileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyscan.authoring.loading import Loaded
    from policyscan.cli.grammar import Commands, Parser
    from policyscan.policy import Policy
    from policyscan.selftest import TestResult

_DETAILS = """\
Each test is a scan of its own: its files and answers are read, and every verdict on them must be \
the one that the test expects, with none left over."""
_EXAMPLES = """\
examples:
  policyscan policy test                       those that ship
  policyscan policy test house                 every policy in a folder
  policyscan policy test house/open-door.yaml  one policy
  policyscan policy test house --select DESK-NET-001 --junit tests.xml
  policyscan policy test house --mutate        would they notice a mistake?

exit codes:
  0    every test passed; with --mutate, the tests find every mutant
  1    at least one failed, or one mutant survives
  2    a policy does not load (the others were tested), or there is no test
"""


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `test` to the grammar."""
    parser = add_action(actions, "test", common, "run the tests that policies carry", _DETAILS)
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "path", nargs="?", metavar="PATH", help="a policy or a folder (default: those that ship)"
    )
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="ID|FAMILY",
        help="these policies only (PS-NET-004, NET); may be repeated",
    )
    parser.add_argument("--junit", metavar="FILE", help="write the results as JUnit XML as well")
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print what failed and the sum, nothing else"
    )
    parser.add_argument(
        "--mutate",
        action="store_true",
        help="change each policy in small ways, one at a time, and name what no test notices",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs every test, prints a line for each, and returns the exit code."""
    from policyscan.cli.output import check_file
    from policyscan.data import policies_directory

    junit = check_file(Path(options.junit), None) if options.junit else None
    place = Path(options.path) if options.path else policies_directory()
    loaded = chosen(place, options.select)
    if options.mutate:
        return _mutate(place, loaded, junit, quiet=options.quiet)
    width = shutil.get_terminal_size().columns
    results: list[TestResult] = []
    errors: list[FileError] = []
    for each in loaded:
        found = [each] if isinstance(each, FileError) else list(_tested(each))
        for result in found:
            if isinstance(result, FileError):
                errors.append(result)
            else:
                results.append(result)
            _print(result, width, quiet=options.quiet)
    if junit is not None:
        from policyscan.cli.policy.junit import write

        write(junit, results, errors)
    return _sum_up(place, results, errors)


def _mutate(place: Path, loaded: Sequence[Loaded], junit: Path | None, *, quiet: bool) -> int:
    from policyscan.cli.policy import mutating

    if not loaded:
        raise _nothing_in(place)
    results, errors = mutating.run(loaded, quiet=quiet)
    if junit is not None:
        from policyscan.cli.policy.junit import write

        write(junit, results, errors)
    if errors:
        return UsageError.exit_code
    return 1 if any(result.problems for result in results) else 0


def chosen(place: Path, select: Sequence[str]) -> list[Loaded]:
    """The policies in a file or directory, and what is wrong with those that do not load. Raises
    `UsageError` for a selected name that is none of theirs."""
    from policyscan.authoring.loading import load_each
    from policyscan.request import is_selected

    loaded = list(load_each([place]))
    policies = [each for each in loaded if not isinstance(each, FileError)]
    if len(policies) == len(loaded):
        check_selected(select, policies)
    return [each for each in loaded if isinstance(each, FileError) or is_selected(each.id, select)]


def _tested(policy: Policy) -> Iterator[TestResult | FileError]:
    from policyscan.selftest import run_tests_of

    try:
        yield from run_tests_of(policy)
    except FileError as error:
        yield error


def _print(result: TestResult | FileError, width: int, *, quiet: bool) -> None:
    from policyscan.text.display import one_line

    if isinstance(result, FileError):
        say(*complaint(result))
        return
    if quiet and not result.problems:
        return
    time = f"{result.seconds * 1000:,.0f} ms"
    head = f"{result.policy_id}  {'FAIL' if result.problems else 'ok  '}  "
    name = one_line(result.test).ljust(width - len(head) - len("  1,000 ms") - 1)
    say(f"{head}{name}  {time:>8}")
    if result.problems:
        problems = (line for each in result.problems for line in f"  {each}".split("\n"))
        say(*problems, f"  the test is at {result.path}:{result.line}")


def _sum_up(place: Path, results: list[TestResult], errors: list[FileError]) -> int:
    passed = sum(not result.problems for result in results)
    say(f"{passed} of {len(results)} tests of policies passed")
    if errors:
        one = len(errors) == 1
        them = "1 policy does" if one else f"{len(errors)} policies do"
        say(f"{them} not load, so that nothing of {'it' if one else 'them'} was tested")
        return UsageError.exit_code
    if not results:
        raise _nothing_in(place)
    return 0 if passed == len(results) else 1


def _nothing_in(place: Path) -> UsageError:
    return UsageError(f"there are no tests in {place}", hint="Name a folder of policies.")
