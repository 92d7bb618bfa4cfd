"""`policyscan diff`: what became better or worse between two commits."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action, no_directory
from policyscan.cli.scan import (
    DEFAULT_PROFILE,
    add_output_options,
    add_rule_options,
    request_of,
    scanned,
)
from policyscan.errors import ReadError

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser

_DETAILS = """\
Judges both whole, by the same policies. The exit code is 0 whatever was found, unless \
--exit-code asks."""
_EXAMPLES = """\
examples:
  policyscan diff v1.4 v1.5           between two tags
  policyscan diff origin/main         from there to the files on disk
  policyscan diff HEAD~1 HEAD infra   what the last commit did to one directory
  policyscan diff v1.4 v1.5 -o html=changes.html
"""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `diff` to the grammar."""
    parser = add_action(
        commands,
        "diff",
        common,
        "what got better or worse between two commits",
        _DETAILS,
        usage="BASE [HEAD] [PATH] [OPTION ...]",
    )
    parser.epilog = _EXAMPLES
    parser.add_argument("base", metavar="BASE", help="the commit to compare with")
    parser.add_argument(
        "head",
        nargs="?",
        default="",
        metavar="HEAD",
        help="the commit to compare (default: the files on disk)",
    )
    parser.add_argument("path", nargs="?", metavar="PATH", help="the directory (default: here)")
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help="exit 1 if something fails, is not known or is not seen that was not so before",
    )
    add_rule_options(parser)
    add_output_options(parser, quiet=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judges both, shows what changed or writes the reports that were asked for."""
    from policyscan.cli.delivery import LOG_WIDTH, Delivery, use_colour
    from policyscan.cli.output import write_stdout

    path = _subject(options)
    if not path.is_dir():
        raise no_directory(path)
    options.ref, options.exactly = options.head, True
    request = request_of(options, lambda _: (path, ()), DEFAULT_PROFILE)
    delivery = Delivery.prepare(options, scanned=path) if options.output else None
    from policyscan.reporters.changes import changes_of, got_worse
    from policyscan.reporters.console_text import Page

    report = scanned(request)
    if delivery is not None:
        delivery.deliver(report)
    elif not options.quiet:
        page = Page(
            use_colour(sys.stdout, os.environ),
            shutil.get_terminal_size((LOG_WIDTH, 24)).columns,
            options.verbose,
        )
        write_stdout(changes_of(report, page))
    if report.run.interrupted:
        return int(options.signals.exit_code)
    return int(options.exit_code and got_worse(report))


def _subject(options: argparse.Namespace) -> Path:
    """The directory. What stands where a commit may stand and is none is one."""
    from policyscan.text import git

    if options.path is None and options.head and Path(options.head).is_dir():
        try:
            git.resolve_commit(Path.cwd(), options.head)
        except ReadError:
            options.path, options.head = options.head, ""
    return Path(options.path or ".")
