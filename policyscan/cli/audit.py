"""`policyscan audit`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import EXIT_CODES, add_action, no_directory
from policyscan.cli.scan import (
    add_baseline_option,
    add_output_options,
    add_rule_options,
    run_request,
)
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
For nights and for auditors: looks at everything under `targets` of policyscan.yaml, and every \
doubt blocks.

{_EXAMPLE}"""

_EXAMPLES = """\
examples:
  policyscan audit -o html=audit.html -o json=audit.json
  policyscan audit --config desk/policyscan.yaml --baseline account.json

"""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `audit` to the grammar."""
    summary = "judge every configured target"
    parser = add_action(commands, "audit", common, summary, _DETAILS, usage="[OPTION ...]")
    parser.epilog = _EXAMPLES + EXIT_CODES
    add_baseline_option(parser.add_argument_group("what it is compared with"))
    add_rule_options(parser)
    add_output_options(parser, quiet=True)
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
