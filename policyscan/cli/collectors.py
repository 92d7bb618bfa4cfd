"""`policyscan collectors`: what can be read and asked here, and what that needs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action, add_group
from policyscan.cli.saying import say, say_json
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyscan.cli.grammar import Commands, Parser
    from policyscan.collectors.interface import Examined, LiveCollector


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `collectors` to the grammar."""
    actions = add_group(commands, "collectors", "what can be read and asked here")
    listing = add_action(actions, "list", common, "every collector and the kinds it produces")
    listing.set_defaults(run=run_list)
    doctor = add_action(
        actions,
        "doctor",
        common,
        "what each collector finds here, and what it lacks",
        "What is installed,\nand who answers. The exit code is 3 if anything is missing.",
    )
    doctor.add_argument("collector", nargs="*", metavar="COLLECTOR", help="aws, docker, tls, code")
    doctor.add_argument(
        "--config", metavar="FILE", help="the configuration (default: ./policyscan.yaml)"
    )
    doctor.set_defaults(run=run_doctor)
    permissions = add_action(
        actions,
        "permissions",
        common,
        "the least that a collector needs to be allowed",
        "For AWS, a policy in JSON\nto attach to the role of the audit.",
    )
    permissions.add_argument(
        "collector", nargs="?", default="aws", metavar="COLLECTOR", help="default: aws"
    )
    permissions.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="ID|FAMILY",
        help="for these policies only (PS-NET-004, NET); may be repeated",
    )
    permissions.add_argument(
        "--policies", action="append", default=[], metavar="DIR", help="for those in DIR as well"
    )
    permissions.set_defaults(run=run_permissions)


def run_list(_options: argparse.Namespace) -> int:
    """Prints the collectors, one a line."""
    from policyscan.plugins import live_collectors, load_collectors, load_live_collector

    live = [load_live_collector(name) for name in live_collectors()]
    found = [("files", each.name, each.kinds) for each in load_collectors()]
    found += [("live", each.name, each.kinds) for each in live]
    width = max(len(name) for _, name, _ in found)
    say(*(f"{name:<{width}}  {sort:<5}  {', '.join(kinds)}" for sort, name, kinds in found))
    return 0


def run_doctor(options: argparse.Namespace) -> int:
    """Prints what each collector finds, a line for each thing."""
    from policyscan.collectors.interface import Target
    from policyscan.config import load_configuration

    path = Path(options.config) if options.config else None
    configured = load_configuration(path, Path.cwd()).targets
    patients = _patients()
    for name in options.collector:
        if name not in patients:
            hint = f"Known: {', '.join(patients)}."
            raise UsageError(f"there is nothing to examine for {name!r}", hint=hint)
    healthy = True
    for name in options.collector or patients:
        targets = [each for each in configured if each.collector == name] or [Target(name, name)]
        for target in targets:
            for label, found in patients[name].doctor(target):
                healthy &= not found.startswith("missing")
                say(f"{target.name}  {label}: {found}")
    return 0 if healthy else 3


def _patients() -> dict[str, Examined]:
    """The collectors that need more than files, by name."""
    from policyscan.collectors.interface import Examined
    from policyscan.plugins import live_collectors, load_collectors, load_live_collector

    found = {each.name: each for each in load_collectors() if isinstance(each, Examined)}
    return found | {name: load_live_collector(name) for name in live_collectors()}


def run_permissions(options: argparse.Namespace) -> int:
    """Prints what the selected policies need one collector to be allowed."""
    from policyscan.plugins import load_live_collector

    collector = load_live_collector(options.collector)
    needed = sorted(set(_needed(collector, options)))
    if not needed:
        raise UsageError(
            f"the selected policies ask nothing of {collector.name}",
            hint=f"It is asked for {', '.join(collector.kinds)}.",
        )
    if collector.name != "aws":
        say(*needed)
        return 0
    statement = {"Sid": "PolicyscanReads", "Effect": "Allow", "Action": needed, "Resource": "*"}
    say_json({"Version": "2012-10-17", "Statement": [statement]})
    return 0


def _needed(collector: LiveCollector, options: argparse.Namespace) -> Iterator[str]:
    from policyscan.cli.policy.chosen import existing
    from policyscan.pipeline.in_force import needed_kinds

    directories = tuple(existing(Path(directory)) for directory in options.policies)
    for kind in needed_kinds(directories, tuple(options.select)) & set(collector.kinds):
        yield from collector.permissions.get(kind, ())
