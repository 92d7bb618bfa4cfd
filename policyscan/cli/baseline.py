"""`policyscan baseline`: what fails today, stored, so that only what comes on top of it blocks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import EXIT_CODES, add_action, add_group, no_directory
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser
    from policyscan.findings.report import Report

FILE_NAME = "policyscan-baseline.json"
_DETAILS = """\
Everything that
fails is in it, and everything that could not be looked at; what is waived is not."""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `baseline` to the grammar."""
    from policyscan.cli.scan import DEFAULT_PROFILE, add_request_options, add_target_options

    actions = add_group(commands, "baseline", "store what fails today, to be compared with")
    parser = add_action(
        actions, "write", common, "judge a directory and store what fails", _DETAILS
    )
    parser.epilog = EXIT_CODES
    parser.add_argument(
        "file", nargs="?", default=FILE_NAME, metavar="FILE", help=f"default: {FILE_NAME}"
    )
    parser.add_argument(
        "path", nargs="?", metavar="PATH", help="the directory to judge (default: here)"
    )
    add_target_options(parser)
    add_request_options(parser)
    parser.add_argument("--ref", default="", metavar="COMMIT", help="judge this commit")
    parser.set_defaults(run=run_write, default_profile=DEFAULT_PROFILE)


def run_write(options: argparse.Namespace) -> int:
    """Scans and writes the baseline. The exit code says only whether it was written."""
    from policyscan.cli.output import check_file, write_file
    from policyscan.cli.scan import report_of, targets_of
    from policyscan.gate.baseline import written

    if options.baseline:
        raise UsageError("--baseline is what a scan is compared with", hint="Leave it out here.")
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
    from policyscan.findings.model import Verdict
    from policyscan.reporters.words import count
    from policyscan.text.logsafe import log_safe

    failures = count(len(report.of(Verdict.FAIL)), "failure")
    print(log_safe(f"wrote {file}: {failures} and {count(len(report.gaps), 'gap')}"))
