"""`policyscan audit`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import EXIT_CODES, add_action, no_directory
from policyscan.cli.scan import add_request_options, run_request
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser
    from policyscan.cli.scan import Subjects
    from policyscan.config import Configuration

_EXAMPLE = """\
targets:
  - path: infra
  - aws: {name: production, regions: [eu-west-1, us-east-1]}
  - docker: {}
  - tls: {endpoints: ["desk.example:443"]}"""
_DETAILS = f"""\
For nights and for auditors:
looks at everything under `targets` of policyscan.yaml, and every doubt blocks.

{_EXAMPLE}"""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `audit` to the grammar."""
    parser = add_action(commands, "audit", common, "judge every configured target", _DETAILS)
    parser.epilog = EXIT_CODES
    add_request_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judges all targets, writes the reports, and returns the exit code of the report."""
    return run_request(options, _configured, "audit")


def _configured(configuration: Configuration) -> Subjects:
    path = Path(configuration.path_target) if configuration.path_target else None
    if path is None and not configuration.targets:
        where = configuration.path or "there is no policyscan.yaml here, so it"
        raise UsageError(f"{where} names no targets", hint=f"For example:\n\n{_EXAMPLE}")
    if path is not None and not path.is_dir():
        raise no_directory(path)
    return path, configuration.targets
