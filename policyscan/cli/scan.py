"""`policyscan scan`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import EXIT_CODES, add_action, no_directory
from policyscan.cli.output import FORMATS
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyscan.cli.grammar import Commands, Options, Parser
    from policyscan.cli.trust import Side
    from policyscan.collectors.interface import Target
    from policyscan.config import Configuration
    from policyscan.findings.report import Report
    from policyscan.request import ScanRequest

DEFAULT_PROFILE = "ci"
REF_HELP = "this commit instead of the files on disk"
_DETAILS = "Needs no configuration: finds what it can read, says what it found, and judges it."
_EXAMPLES = """\
examples:
  policyscan scan                             this directory, shown here
  policyscan scan --base origin/main          only what is new or worse since main blocks
  policyscan scan --base origin/main --trust origin/main -o junit=policyscan.xml -o console
                                              a pull request, by the rules of main
  policyscan scan infra -q -o html=report.html -o sarif=policyscan.sarif
  policyscan scan --baseline policyscan-baseline.json
                                              what came on top of a stored list
  policyscan scan infra --aws --region eu-west-1
                                              files and account, and how they differ

"""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `scan` to the grammar."""
    summary = "judge a directory, or what runs"
    parser = add_action(commands, "scan", common, summary, _DETAILS, usage="[PATH] [OPTION ...]")
    parser.epilog = _EXAMPLES + EXIT_CODES
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="the directory (default: here, unless something live is named)",
    )
    judged = parser.add_argument_group("what is judged")
    judged.add_argument("--ref", default="", metavar="COMMIT", help=REF_HELP)
    judged.add_argument(
        "--staged",
        action="store_true",
        help="what is staged instead of the files on disk, compared with HEAD: for a hook before "
        "a commit",
    )
    add_target_options(judged)
    compared = parser.add_argument_group("what it is compared with")
    compared.add_argument(
        "--base",
        default="",
        metavar="COMMIT",
        help="where this branched off COMMIT: only what is new or worse blocks",
    )
    add_baseline_option(compared)
    add_rule_options(parser)
    add_output_options(parser, quiet=True).add_argument(
        "--changed",
        action="store_true",
        help="leave out of the console what the change does not touch; everything is judged, and "
        "is in other formats",
    )
    parser.set_defaults(run=run)


def add_target_options(group: Options) -> None:
    """Adds what names something live."""
    group.add_argument("--aws", action="store_true", help="the AWS account of the credentials")
    group.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="REGION",
        help="this region of it (default: that of the credentials); may be repeated",
    )
    group.add_argument(
        "--docker",
        nargs="*",
        metavar="IMAGE",
        help="these images of the Docker engine, or all its images and containers",
    )
    group.add_argument(
        "--tls",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="this server, by shaking hands with it; may be repeated",
    )


def add_baseline_option(group: Options) -> None:
    """Adds the stored list to compare with."""
    group.add_argument(
        "--baseline",
        default="",
        metavar="FILE",
        help="the failures that `policyscan baseline write` stored: only what is new or worse "
        "blocks",
    )


def add_rule_options(parser: Parser) -> None:
    """Adds what steers the gate."""
    group = parser.add_argument_group("by which rules")
    group.add_argument(
        "--trust",
        default="",
        metavar="REF",
        help="read policies, profile, waivers, baseline and configuration from this commit, and "
        "none of them from the work tree: what a pull request needs (origin/main)",
    )
    group.add_argument(
        "--config", metavar="FILE", help="the configuration (default: ./policyscan.yaml)"
    )
    group.add_argument(
        "--profile",
        metavar="NAME|FILE",
        help="what blocks: ci (default of scan), audit (of audit), advise, or a YAML file of your "
        "own",
    )
    group.add_argument(
        "--waivers",
        default="",
        metavar="FILE",
        help="the waivers (default: waivers.yaml beside the configuration)",
    )
    group.add_argument(
        "--policies",
        action="append",
        default=[],
        metavar="DIR",
        help="the policies in DIR as well; may be repeated",
    )
    group.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="ID|FAMILY",
        help="these policies only (PS-NET-004, NET); may be repeated",
    )


def add_output_options(parser: Parser, *, quiet: bool) -> Options:
    """Adds what is written and where; `quiet` for commands that print without being asked."""
    group = parser.add_argument_group("reports")
    group.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FORMAT[=FILE]",
        help=f"write a report: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}; may be repeated; "
        "FILE - is standard output (default: console)",
    )
    if quiet:
        group.add_argument("-q", "--quiet", action="store_true", help="print nothing but reports")
    group.add_argument(
        "-v", "--verbose", action="store_true", help="every finding in full on the console"
    )
    group.add_argument(
        "--category",
        default="",
        metavar="NAME",
        help="tells the SARIF runs and the comments of one commit apart",
    )
    group.add_argument(
        "--sarif-unchanged",
        action="store_true",
        help="SARIF for code scanning has the failures too that a pull request did not make worse",
    )
    group.add_argument(
        "--sarif-runs",
        type=int,
        default=0,
        choices=range(21),
        metavar="N",
        help="always divide its results over so many runs, each of a category of its own (1 to 20; "
        "default: 1, or 20 for more than 5,000 results)",
    )
    return group


def run(options: argparse.Namespace) -> int:
    """Scans, writes the reports, and returns the exit code of the report."""
    targets = targets_of(options)
    path = Path(options.path or ".") if options.path or not targets else None
    if path is not None and not path.is_dir():
        raise no_directory(path)
    _check_sides(options, path)
    return run_request(options, lambda _: (path, targets), DEFAULT_PROFILE)


def _check_sides(options: argparse.Namespace, path: Path | None) -> None:
    for name in ("ref", "base", "staged"):
        if getattr(options, name) and path is None:
            raise UsageError(f"--{name} is about files", hint="Name the directory as well.")
    if options.ref and options.staged:
        raise UsageError("--ref and --staged name two things to judge", hint="Leave one out.")
    if options.changed and not (options.base or options.staged or options.baseline):
        raise UsageError("--changed needs something to compare with", hint="Add --base COMMIT.")


def targets_of(options: argparse.Namespace) -> tuple[Target, ...]:
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
    from policyscan.cli.delivery import Delivery
    from policyscan.cli.saying import note

    request = request_of(options, choose, profile)
    delivery = Delivery.prepare(options, scanned=request.path)
    from policyscan.text.interrupts import finishing

    with finishing():
        report = scanned(request)
        delivery.deliver(report)
        if not options.quiet:
            delivery.close(report)
            if options.signals.pending and not report.run.interrupted:
                note("policyscan: interrupted when all was judged")
    return options.signals.exit_code if report.run.interrupted else report.summary.exit_code


def report_of(
    options: argparse.Namespace,
    choose: Callable[[Configuration], Subjects],
    profile: str,
    *,
    is_kept: bool,
) -> Report:
    """The report on what `choose` finds, for a command that writes no reports; `is_kept` if it is
    stored, to be compared with later."""
    request = request_of(options, choose, profile)
    return scanned(dataclasses.replace(request, is_kept=is_kept, baseline=None))


def scanned(request: ScanRequest) -> Report:
    """The report on what is asked for, with its progress on a terminal meanwhile."""
    from datetime import UTC, datetime

    from policyscan.cli.progress import Progress
    from policyscan.pipeline import scan  # late: a wrong option is told without waiting for it

    progress = Progress(sys.stderr)
    try:
        return scan(request, now=datetime.now(UTC), progress=progress)
    finally:
        progress.clear()


def request_of(
    options: argparse.Namespace, choose: Callable[[Configuration], Subjects], default: str
) -> ScanRequest:
    """What the options ask for; `default` is the profile where none is named."""
    from contextlib import closing

    from policyscan.cli.trust import Side

    with closing(Side(options.trust, Path.cwd(), os.environ)) as side:
        return _request_by(side, options, choose, default)


def _request_by(
    side: Side,
    options: argparse.Namespace,
    choose: Callable[[Configuration], Subjects],
    default: str,
) -> ScanRequest:
    """The request, with everything that steers it from one side."""
    from policyscan.cli.environment import start_of
    from policyscan.cli.pull_request import is_pull_request
    from policyscan.cli.steering import Steering
    from policyscan.cli.trust import commit_of
    from policyscan.request import ScanRequest

    ref, base = getattr(options, "ref", ""), getattr(options, "base", "")
    steering = Steering(side, options, default)
    path, targets = choose(steering.configuration)
    if side.enter(path, ref):  # now more is guarded: what was read may not have been
        steering = Steering(side, options, default)
        path, targets = choose(steering.configuration)
        side.enter(path, ref)
    steering.load()
    steering.refuse(path, os.environ)
    start = start_of(os.environ)
    exactly = getattr(options, "exactly", False)
    name = "BASE" if exactly else "--base"
    return ScanRequest(
        path=path,
        configuration=steering.configuration,
        profile=steering.profile,
        targets=targets,
        policy_directories=steering.policies,
        select=tuple(options.select),
        baseline=steering.baseline,
        ref=ref,
        staged=getattr(options, "staged", False),
        index=_index(os.environ),
        base=base,
        exactly=exactly,
        base_commit=commit_of(name, base, path, ref, os.environ) if base and path else "",
        trust=side.trust,
        trust_commit=side.commit,
        waivers=steering.waivers,
        trusts_tree=not (side.trust or is_pull_request(os.environ)),
        in_force=steering.in_force,
        arguments=options.arguments,
        trigger=start.trigger,
        repository=start.repository,
        actor=start.actor,
    )


def _index(environ: Mapping[str, str]) -> str:
    """The index that git made for the commit whose hook this may be: `git commit -a` has one of its
    own. Git names it from the directory in which it runs the hook."""
    named = environ.get("GIT_INDEX_FILE", "")
    return str(Path.cwd() / named) if named else ""
