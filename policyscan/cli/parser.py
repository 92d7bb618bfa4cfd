"""The whole command line."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from policyscan import __version__
from policyscan.cli.grammar import EXIT_CODES, Parser

_EXAMPLES = """\
examples:
  policyscan scan                       judge this directory, show the result here
  policyscan scan infra -o sarif=policyscan.sarif -o html=report.html
  policyscan scan --base origin/main    only what is new or worse since then blocks
  policyscan explain 3f9c02ab           why one finding of it is what it is
  policyscan diff v1.4 v1.5             what got better or worse between two tags
  policyscan audit -o html=audit.html   at night: everything under `targets` of policyscan.yaml
  policyscan policy show PS-NET-004     what a policy asks for, why, and how to mend it

"""


_COMMANDS = (
    "scan",
    "explain",
    "diff",
    "audit",
    "baseline",
    "init",
    "waive",
    "policy",
    "collectors",
    "report",
)
"""Each is a module; in the order of the help."""


def build_parser(arguments: Sequence[str] = ()) -> Parser:
    """The grammar; each command sets `run`, which takes the options and returns an exit code. It
    is only as much of it as these arguments need: to set up all commands takes a while."""
    common = Parser(add_help=False)
    common.add_argument(
        "--debug", action="store_true", help="after a defect of policyscan, print where it happened"
    )
    parser = Parser(
        prog="policyscan",
        description="Judges Terraform, Dockerfiles, registers of keys, schedules, code and logs,\n"
        "and what runs: AWS accounts, Docker engines, TLS servers. Every verdict can be\n"
        "checked: pass, fail, unknown, waived or not applicable. Nothing is left out.",
        epilog=_EXAMPLES + EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"policyscan {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in _needed(arguments):
        import_module(f"policyscan.cli.{name}").add_command(commands, common)
    return parser


def _needed(arguments: Sequence[str]) -> tuple[str, ...]:
    """The command that comes first; all of them if something else does, which may ask for help."""
    first = arguments[0] if arguments else ""
    if first == "--version":
        return ()
    return (first,) if first in _COMMANDS else _COMMANDS
