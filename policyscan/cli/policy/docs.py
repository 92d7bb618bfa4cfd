"""`policyscan policy docs`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.output import check_file, write_file
from policyscan.cli.policy.chosen import existing
from policyscan.cli.saying import say
from policyscan.errors import FileError, UsageError
from policyscan.text.words import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyscan.cli.grammar import Commands, Parser
    from policyscan.policy import Policy

_OUT = "docs/policies"
_DETAILS = """\
One page of Markdown for each policy, and an index. Pages of policies that are gone are removed; \
files that it did not write stay."""
_EXAMPLES = """\
examples:
  policyscan policy docs                   those that ship
  policyscan policy docs --policies house --out house/docs
                                           only those of a folder
  policyscan policy docs --check           in CI: are the pages up to date?

exit codes:
  0    the pages are written, or up to date
  1    with --check: some are not
  2    a policy does not load
"""


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `docs` to the grammar."""
    parser = add_action(actions, "docs", common, "write a page for each policy", _DETAILS)
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "--out", default=_OUT, metavar="DIR", help=f"where to write them (default: {_OUT})"
    )
    parser.add_argument(
        "--policies",
        action="append",
        default=[],
        metavar="DIR",
        help="those in DIR instead of those that ship; may be repeated",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, and say what is out of date"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Writes the pages, or says which differ."""
    from policyscan.authoring.pages import pages

    out = Path(options.out)
    policies = _loaded(options.policies)
    wanted = pages(policies, out)
    stale = _stale(out, wanted)
    if options.check:
        return _check(out, wanted, stale)
    for name, text in wanted.items():
        if _read(out / name) != text:
            write_file(check_file(out / name, Path.cwd()), text.encode())
    for path in stale:
        path.unlink()
    gone = f", removed {len(stale)}" if stale else ""
    about = count(len(policies), "policy", "policies")
    say(f"wrote {len(wanted)} pages on {about} to {out}{gone}")
    return 0


def _loaded(directories: Sequence[str]) -> list[Policy]:
    from policyscan.authoring.loading import load_each
    from policyscan.data import policies_directory

    places = [existing(Path(each)) for each in directories] or [policies_directory()]
    found: list[Policy] = []
    for each in load_each(places):
        if isinstance(each, FileError):
            raise each
        found.append(each)
    if not found:
        raise UsageError(f"there is no policy in {places[0]}", hint="Name a folder of policies.")
    return found


def _stale(out: Path, wanted: Mapping[str, str]) -> list[Path]:
    """Pages that this command wrote once, of policies that are gone."""
    from policyscan.authoring.pages import MARK

    others = (path for path in sorted(out.glob("*.md")) if path.name not in wanted)
    return [path for path in others if _read(path).startswith(MARK)]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _check(out: Path, wanted: Mapping[str, str], stale: Sequence[Path]) -> int:
    differing = [out / name for name, text in wanted.items() if _read(out / name) != text]
    for path in differing:
        say(f"{path} is {'out of date' if path.exists() else 'missing'}")
    for path in stale:
        say(f"{path} is about a policy that is gone")
    if differing or stale:
        say("Write them again: policyscan policy docs")
        return 1
    say(f"{len(wanted)} pages in {out} are up to date")
    return 0
