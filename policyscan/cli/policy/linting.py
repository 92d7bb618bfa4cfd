"""`policyscan policy lint`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.saying import say, say_json
from policyscan.errors import UsageError
from policyscan.text.words import count

if TYPE_CHECKING:
    from policyscan.authoring.lint import Problem
    from policyscan.cli.grammar import Commands, Parser

_DETAILS = """\
Style, tests that are missing, names that mean nothing, parameters that nothing reads. A comment \
`# lint: allow RULE: REASON` in a policy allows one rule."""
_EXAMPLES = """\
examples:
  policyscan policy lint                       those that ship
  policyscan policy lint house                 every policy in a folder
  policyscan policy lint house --format json
  policyscan policy lint house --base origin/main
                                               versions as well
  policyscan policy lint --rules               what is looked for

exit codes:
  0    nothing was found
  1    something was found, be it a policy that does not load
  2    there is no policy
"""


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `lint` to the grammar."""
    parser = add_action(actions, "lint", common, "find what is wrong with policies", _DETAILS)
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "path", nargs="*", metavar="PATH", help="policies or folders (default: those that ship)"
    )
    parser.add_argument(
        "--base",
        default="",
        metavar="COMMIT",
        help="where this branched off COMMIT: versions must be higher where verdicts may change",
    )
    parser.add_argument("--rules", action="store_true", help="print the rules and what they find")
    parser.add_argument(
        "--format",
        choices=("console", "json"),
        default="console",
        metavar="FORMAT",
        help="console (default) or json",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints every problem with its place, and returns the exit code."""
    from policyscan.authoring.lint import RULES, Problem, lint
    from policyscan.data import policies_directory

    if options.rules:
        width = max(map(len, RULES))
        say(*(f"{rule:<{width}}  {about}" for rule, about in RULES.items()))
        return 0
    places = [Path(path) for path in options.path] or [policies_directory()]
    found = list(lint(places, options.base, _own_controls()))
    if not found:
        raise UsageError(
            f"there is no policy in {places[0]}", hint="Name a policy, or a folder of policies."
        )
    problems = [each for each in found if isinstance(each, Problem)]
    if options.format == "json":
        from msgspec import to_builtins

        say_json([to_builtins(each) for each in problems])
    else:
        for problem in problems:
            say(*_lines(problem))
        policies = count(len({each.path for each in found}), "policy", "policies")
        say(f"{policies}, {count(len(problems), 'problem')}")
    return 1 if problems else 0


def _own_controls() -> frozenset[str]:
    """The ids of the controls in the file that the configuration here names."""
    from policyscan.config import load_configuration
    from policyscan.findings.controls import TOP
    from policyscan.text.yaml import read_settings

    file = load_configuration(None, Path.cwd()).controls
    fields = read_settings(file.path, file.data, TOP, version=1) if file is not None else {}
    entries = fields["controls"].items() if "controls" in fields else ()
    return frozenset(entry.entries()["id"].text() for entry in entries if "id" in entry.entries())


def _lines(problem: Problem) -> list[str]:
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part)
    lines = [f"{place}: {problem.rule}: {problem.message}"]
    lines += [f"    {line}" for line in problem.snippet.splitlines()]
    return [*lines, f"  {problem.hint}"] if problem.hint else lines
