"""`policyscan scan`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import EXIT_CODES, add_action, no_directory

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser
    from policyscan.request import ScanRequest

DEFAULT_PROFILE = "ci"
_DETAILS = "Needs no configuration: finds what it can read,\nsays what it found, and judges it."


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `scan` to the grammar."""
    parser = add_action(commands, "scan", common, "judge the files of a directory", _DETAILS)
    parser.epilog = EXIT_CODES
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the directory (default: here)"
    )
    add_output_options(parser)
    parser.add_argument(
        "--profile",
        metavar="NAME|FILE",
        help="what blocks: ci (default), audit, advise, or a YAML file of your own",
    )
    parser.add_argument(
        "--policies",
        action="append",
        default=[],
        metavar="DIR",
        help="judge by the policies in DIR as well; may be repeated",
    )
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="ID|FAMILY",
        help="judge by these policies only (PS-NET-004, NET); may be repeated",
    )
    parser.add_argument(
        "--config", metavar="FILE", help="the configuration (default: ./policyscan.yaml)"
    )
    parser.add_argument(
        "--ref", default="", metavar="COMMIT", help="judge this commit instead of the files on disk"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but reports")
    parser.set_defaults(run=run)


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Adds what `scan` and `report render` share."""
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FORMAT[=FILE]",
        help="write a report: console, html, json, junit or sarif; may be repeated; FILE - is "
        "standard output (default: console)",
    )
    parser.add_argument(
        "--category", default="", metavar="NAME", help="tells the SARIF runs of one commit apart"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="every finding in full on the console"
    )


def run(options: argparse.Namespace) -> int:
    """Scans, writes the reports, and returns the exit code of the report."""
    from datetime import UTC, datetime

    from policyscan.cli.delivery import Delivery
    from policyscan.cli.progress import Progress

    request = _request(options)
    delivery = Delivery.prepare(options, scanned=request.path)
    from policyscan.pipeline import scan  # late: a wrong option is told without waiting for it

    progress = Progress(sys.stderr)
    try:
        report = scan(request, now=datetime.now(UTC), progress=progress)
    finally:
        progress.clear()
    delivery.deliver(report)
    if not options.quiet:
        delivery.close(report)
    return options.signals.exit_code if report.run.interrupted else report.summary.exit_code


def _request(options: argparse.Namespace) -> ScanRequest:
    from policyscan.cli.environment import refuse_untrusted, start_of
    from policyscan.cli.policy import existing
    from policyscan.config import load_configuration
    from policyscan.findings.profiles import load_profile
    from policyscan.request import ScanRequest

    cwd = Path.cwd()
    path = Path(options.path)
    if not path.is_dir():
        raise no_directory(path)
    configuration = load_configuration(Path(options.config) if options.config else None, cwd)
    profile_name = options.profile or configuration.profile or DEFAULT_PROFILE
    profile = load_profile(profile_name, cwd)
    policies = tuple(existing(Path(directory)) for directory in options.policies)
    steering = [("policies", directory) for directory in policies]
    if configuration.path:
        steering.append(("config", Path(configuration.path)))
    if configuration.controls:
        steering.append(("controls file", Path(configuration.controls.path)))
    if profile.path != profile.name:
        steering.append(("profile", Path(profile.path)))
    refuse_untrusted(steering, path, os.environ)
    start = start_of(os.environ)
    return ScanRequest(
        path=path,
        configuration=configuration,
        profile=profile,
        policy_directories=policies,
        select=tuple(options.select),
        ref=options.ref,
        arguments=options.arguments,
        trigger=start.trigger,
        actor=start.actor,
    )
