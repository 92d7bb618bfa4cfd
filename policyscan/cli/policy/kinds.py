"""`policyscan policy kinds`."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.saying import say, say_json
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyscan.authoring.kinds import Field
    from policyscan.cli.grammar import Commands, Parser

_DETAILS = """\
Without a kind: all of them, with the sources that fill them. With one: what a policy on it can \
ask for, the type of each field, and what it means."""
_EXAMPLES = """\
examples:
  policyscan policy kinds
  policyscan policy kinds SecurityGroup
  policyscan policy kinds Secret --format json
"""


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `kinds` to the grammar."""
    parser = add_action(actions, "kinds", common, "what policies can ask of", _DETAILS)
    parser.epilog = _EXAMPLES
    parser.add_argument("kind", nargs="?", metavar="KIND", help="one in full: SecurityGroup")
    parser.add_argument(
        "--format",
        choices=("console", "json"),
        default="console",
        metavar="FORMAT",
        help="console (default) or json",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the kinds, or the fields of one."""
    from policyscan.authoring.sources import sources_of
    from policyscan.resources.kinds import MODULES

    if options.kind is not None:
        return _one(options.kind, options.format)
    if options.format == "json":
        say_json({kind: sources_of(kind) for kind in sorted(MODULES)})
        return 0
    width = max(map(len, MODULES))
    say(*(f"{kind:<{width}}  {', '.join(sources_of(kind))}" for kind in sorted(MODULES)))
    say(f"{len(MODULES)} kinds; for the fields of one: policyscan policy kinds KIND")
    return 0


def _one(name: str, form: str) -> int:
    from msgspec import to_builtins

    from policyscan.authoring.kinds import described, shared
    from policyscan.resources.kinds import MODULES, load_kinds
    from policyscan.text.complaints import suggestion

    if name not in MODULES:
        close = suggestion(name, MODULES)
        hint = "" if close else "See `policyscan policy kinds`."
        raise UsageError(f"there is no kind {name!r}{close}", hint=hint)
    found = described(load_kinds([name])[name])
    if form == "json":
        say_json([to_builtins(each) for each in found])
        return 0
    for each in found:
        say(f"{each.name}: {each.about}" if each.about else each.name, *_lines(each.fields), "")
    say("Every resource also has", *_lines(shared()))
    return 0


def _lines(fields: Sequence[Field]) -> Iterator[str]:
    import shutil

    width = min(shutil.get_terminal_size().columns, 100)
    for field in fields:
        for text, indent in ((f"{field.name}: {field.type}", 2), (field.about, 6)):
            for line in textwrap.wrap(text, width - indent, break_on_hyphens=False):
                yield " " * indent + line
