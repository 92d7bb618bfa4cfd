"""`policyscan policy`: the policies themselves."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `policy` to the grammar."""
