"""`policyscan scan`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import EXIT_CODES, add_action, no_directory
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyscan.cli.grammar import Commands, Parser
    from policyscan.collectors.interface import Target
    from policyscan.config import Configuration
    from policyscan.request import ScanRequest

DEFAULT_PROFILE = "ci"
_DETAILS = "Needs no configuration: finds what it can read,\nsays what it found, and judges it."


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `scan` to the grammar."""
    parser = add_action(commands, "scan", common, "judge a directory, or what runs", _DETAILS)
    parser.epilog = EXIT_CODES
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="the directory (default: here, unless something live is named)",
    )
    _add_target_options(parser)
    add_request_options(parser)
    parser.add_argument(
        "--ref", default="", metavar="COMMIT", help="judge this commit instead of the files on disk"
    )
    parser.add_argument(
        "--base",
        default="",
        metavar="COMMIT",
        help="compare with this commit: only what is new or worse blocks",
    )
    parser.set_defaults(run=run)


def _add_target_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--aws", action="store_true", help="ask the AWS account of the credentials in use"
    )
    parser.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="REGION",
        help="ask this region (default: that of the credentials); may be repeated",
    )
    parser.add_argument(
        "--docker",
        nargs="*",
        metavar="IMAGE",
        help="ask the Docker engine about these images, or about all images and containers",
    )
    parser.add_argument(
        "--tls",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="shake hands with this server; may be repeated",
    )


def add_request_options(parser: argparse.ArgumentParser) -> None:
    """Adds what `scan` and `audit` share."""
    add_output_options(parser)
    parser.add_argument(
        "--profile",
        metavar="NAME|FILE",
        help="what blocks: ci (default of scan), audit, advise, or a YAML file of your own",
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
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but reports")


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
    targets = _targets(options)
    path = Path(options.path or ".") if options.path or not targets else None
    if path is not None and not path.is_dir():
        raise no_directory(path)
    if options.ref and path is None:
        raise UsageError("--ref is about files", hint="Name the directory as well.")
    return run_request(options, lambda _: (path, targets), DEFAULT_PROFILE)


def _targets(options: argparse.Namespace) -> tuple[Target, ...]:
    """What the command line names besides files."""
    if options.region and not options.aws:
        raise UsageError("--region is about an account", hint="Add --aws.")
    if not (options.aws or options.tls or options.docker is not None):
        return ()
    from policyscan.collectors.interface import Target  # late: most scans read files alone
    from policyscan.config.targets import endpoint

    found = []
    if options.aws:
        found.append(Target("aws", "aws", {"regions": tuple(options.region)}))
    if options.docker is not None:
        images = tuple(options.docker)
        found.append(Target("docker", "docker", {"images": images, "containers": not images}))
    if options.tls:
        found.append(Target("tls", "tls", {"endpoints": tuple(map(endpoint, options.tls))}))
    return tuple(found)


Subjects = tuple["Path | None", "tuple[Target, ...]"]
"""A directory, and what is asked besides."""


def run_request(
    options: argparse.Namespace, choose: Callable[[Configuration], Subjects], profile: str
) -> int:
    """Judges what `choose` finds in the configuration, writes the reports, and returns the exit
    code of the report; `profile` holds where none is named."""
    from datetime import UTC, datetime

    from policyscan.cli.delivery import Delivery
    from policyscan.cli.progress import Progress

    request = _request(options, choose, profile)
    delivery = Delivery.prepare(options, scanned=request.path)
    from policyscan.pipeline import scan  # late: a wrong option is told without waiting for it
    from policyscan.text.interrupts import finishing

    progress = Progress(sys.stderr)
    with finishing():
        try:
            report = scan(request, now=datetime.now(UTC), progress=progress)
        finally:
            progress.clear()
        delivery.deliver(report)
        if not options.quiet:
            delivery.close(report)
            if options.signals.pending and not report.run.interrupted:
                print("policyscan: interrupted when all was judged", file=sys.stderr)
    return options.signals.exit_code if report.run.interrupted else report.summary.exit_code


def _request(
    options: argparse.Namespace, choose: Callable[[Configuration], Subjects], default: str
) -> ScanRequest:
    from policyscan.cli.environment import refuse_untrusted, start_of
    from policyscan.cli.policy import existing
    from policyscan.config import load_configuration
    from policyscan.findings.profiles import load_profile
    from policyscan.request import ScanRequest

    cwd = Path.cwd()
    configuration = load_configuration(Path(options.config) if options.config else None, cwd)
    path, targets = choose(configuration)
    profile_name = options.profile or configuration.profile or default
    profile = load_profile(profile_name, cwd)
    policies = tuple(existing(Path(directory)) for directory in options.policies)
    steering = [("policies", directory) for directory in policies]
    if configuration.path:
        steering.append(("config", Path(configuration.path)))
    if configuration.controls:
        steering.append(("controls file", Path(configuration.controls.path)))
    if profile.path != profile.name:
        steering.append(("profile", Path(profile.path)))
    if path is not None:
        refuse_untrusted(steering, path, os.environ)
    start = start_of(os.environ)
    return ScanRequest(
        path=path,
        configuration=configuration,
        profile=profile,
        targets=targets,
        policy_directories=policies,
        select=tuple(options.select),
        ref=getattr(options, "ref", ""),
        base=getattr(options, "base", ""),
        arguments=options.arguments,
        trigger=start.trigger,
        actor=start.actor,
    )
