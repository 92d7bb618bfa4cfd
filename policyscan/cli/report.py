"""`policyscan report`: what to do with a report that was made before."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action, add_group
from policyscan.cli.scan import add_output_options
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `report` to the grammar."""
    actions = add_group(commands, "report", "write a report again")
    render = add_action(
        actions,
        "render",
        common,
        "write a JSON report in other formats",
        "The exit code is 0 if that worked, whatever the report says.",
    )
    render.add_argument("file", metavar="FILE", help="the JSON report")
    add_output_options(render, quiet=False)
    render.set_defaults(run=run_render)


def run_render(options: argparse.Namespace) -> int:
    """Reads the report and writes it again."""
    from policyscan.cli.delivery import Delivery
    from policyscan.reporters.json_report import load_report

    try:
        data = Path(options.file).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{options.file}: {error.strerror}", hint="Make one: policyscan scan -o json=FILE"
        ) from None
    delivery = Delivery.prepare(options, scanned=None)
    delivery.deliver(load_report(data))
    return 0
