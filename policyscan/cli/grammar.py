"""What the commands share in the grammar of the command line."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from policyscan.errors import UsageError

EXIT_CODES = """\
exit codes:
  0    no blocking finding, and nothing blocking was left unseen
  1    at least one blocking failure
  2    the command line, the configuration or a policy cannot be used; nothing was judged
  3    incomplete: nothing was collected or judged, or what was not seen or not known blocks
  4    a defect of policyscan itself
  130  interrupted (143: terminated, 129: hung up); partial reports say so
"""


_WIDTH = 80
"""Of prose, however wide the terminal is."""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Room for the names of options beside their descriptions."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, **options | {"max_help_position": 28})


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are `UsageError`s, like all others, and that guesses nothing."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", _Formatter)
        super().__init__(allow_abbrev=False, **options)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Complains of what it does not know itself, so that the hint names its own help."""
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return options, unknown

    def error(self, message: str) -> NoReturn:
        """Raises instead of printing and exiting."""
        raise UsageError(message, hint=f"See: {self.prog} --help")


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Parser]
    Options = argparse._ArgumentGroup


def add_action(
    actions: Commands,
    name: str,
    common: Parser,
    summary: str,
    details: str = "",
    *,
    usage: str = "",
) -> Parser:
    """A command that does something; its help begins with the same words as its line in a list.
    `usage` is what comes behind its name, where it has more options than one line can show."""
    first, *rest = f"{summary[:1].upper()}{summary[1:]}. {details}".strip().split("\n\n", 1)
    return actions.add_parser(
        name,
        parents=[common],
        help=summary,
        usage=f"%(prog)s {usage}" if usage else None,
        description="\n\n".join([textwrap.fill(first, _WIDTH), *rest]),
    )


def add_group(commands: Commands, name: str, summary: str) -> Commands:
    """A command that only holds others."""
    parser = commands.add_parser(name, help=summary)
    return parser.add_subparsers(metavar="ACTION", required=True)


def no_directory(path: Path) -> UsageError:
    """What is wrong with a path that is to be looked at and is no directory."""
    if path.exists():
        return UsageError(f"{path} is a file", hint="Name the directory that holds it.")
    return UsageError(f"there is no directory {path}", hint="Name one that is there.")
