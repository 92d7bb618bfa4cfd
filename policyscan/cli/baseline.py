"""`policyscan baseline`: what fails today, stored, so that only what comes on top of it blocks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action, add_group, no_directory

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser
    from policyscan.findings.report import Report

FILE_NAME = "policyscan-baseline.json"
_DETAILS = """\
Everything that fails is in it, and everything that could not be looked at; what is waived is not. \
The exit code is 0 if it was written."""
_EXAMPLES = """\
examples:
  policyscan baseline write                   this directory, to policyscan-baseline.json
  policyscan baseline write desk.json infra   infra, to desk.json
  policyscan scan --baseline policyscan-baseline.json
                                              compares with it
"""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `baseline` to the grammar."""
    from policyscan.cli.scan import (
        DEFAULT_PROFILE,
        REF_HELP,
        add_rule_options,
        add_target_options,
    )

    actions = add_group(commands, "baseline", "store what fails today, to be compared with")
    summary, usage = "judge a directory and store what fails", "[FILE] [PATH] [OPTION ...]"
    parser = add_action(actions, "write", common, summary, _DETAILS, usage=usage)
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "file", nargs="?", default=FILE_NAME, metavar="FILE", help=f"default: {FILE_NAME}"
    )
    parser.add_argument(
        "path", nargs="?", metavar="PATH", help="the directory to judge (default: here)"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="do not say what was written")
    judged = parser.add_argument_group("what is judged")
    judged.add_argument("--ref", default="", metavar="COMMIT", help=REF_HELP)
    add_target_options(judged)
    add_rule_options(parser)
    parser.set_defaults(run=run_write, default_profile=DEFAULT_PROFILE)


def run_write(options: argparse.Namespace) -> int:
    """Scans and writes the baseline. The exit code says only whether it was written."""
    from policyscan.cli.output import check_file, write_file
    from policyscan.cli.scan import report_of, targets_of
    from policyscan.gate.baseline import written

    targets = targets_of(options)
    path = Path(options.path or ".") if options.path or not targets else None
    if path is not None and not path.is_dir():
        raise no_directory(path)
    target = check_file(Path(options.file), path)
    report = report_of(options, lambda _: (path, targets), options.default_profile, is_kept=True)
    if report.run.interrupted:
        raise KeyboardInterrupt
    write_file(target, written(report))
    if not options.quiet:
        _say(options.file, report)
    return 0


def _say(file: str, report: Report) -> None:
    from policyscan.cli.saying import say
    from policyscan.findings.model import Verdict
    from policyscan.text.words import count

    failures = count(len(report.of(Verdict.FAIL)), "failure")
    say(f"wrote {file}: {failures} and {count(len(report.gaps), 'gap')}")
