"""`policyscan init`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action, no_directory
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyscan.cli.grammar import Commands, Parser
    from policyscan.proposal import Proposal

_FILES = ("policyscan.yaml", "keys.yaml", "controls.yaml")
_DETAILS = """Looks at the files as a scan
does and writes policyscan.yaml, keys.yaml and controls.yaml here, with what only a person can
answer as comments. What is there already stays as it is, and no verdict changes."""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `init` to the grammar."""
    parser = add_action(commands, "init", common, "write a first configuration", _DETAILS)
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the directory (default: here)"
    )
    parser.add_argument(
        "-n", "--dry-run", action="store_true", help="print the files instead of writing them"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Writes the files that are not there, and says what to do next."""
    from datetime import UTC, datetime

    from policyscan.cli.progress import Progress
    from policyscan.cli.saying import note, say

    path = Path(options.path)
    if not path.is_dir():
        raise no_directory(path)
    existing = [name for name in _FILES if _is_there(Path(name))]
    from policyscan.proposal import propose  # late: a wrong option is told without waiting for it

    progress = Progress(sys.stderr)
    try:
        proposal = propose(path, existing, now=datetime.now(UTC), progress=progress)
    finally:
        progress.clear()
    if proposal.facts.report.run.interrupted:
        note("policyscan: interrupted; nothing was written")
        code: int = options.signals.exit_code
        return code
    for name, text in proposal.files.items():
        if options.dry_run:
            say(f"==> {name} <==", *text.split("\n"))
        elif not _write(Path(name), text):
            existing.append(name)
    for name in existing:
        say(f"{name} is there already and stays as it is")
    if not options.dry_run:
        say(*_farewell(proposal, options.path, existing))
    return 0


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _write(path: Path, text: str) -> bool:
    """Whether the file was made: one that is there, or a link, is never written to."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint="Run it where you may write.") from None
    return True


def _farewell(proposal: Proposal, path: str, existing: list[str]) -> Iterator[str]:
    from policyscan.text.words import count

    wrote = [name for name in proposal.files if name not in existing]
    facts = proposal.facts
    if wrote:
        yield f"wrote {', '.join(wrote)}"
    yield "next:"
    questions = facts.report.scope_questions
    if "policyscan.yaml" in wrote and questions:
        decides = count(questions[0].decides, "verdict")
        yield f"  answer the questions of scope in policyscan.yaml: the first decides {decides}"
    if facts.registers:
        yield f"  the register of keys is {', '.join(facts.registers)}"
    elif "keys.yaml" in wrote:
        if facts.secrets:
            yield f"  fill in {count(len(facts.secrets), 'exchange secret')} in keys.yaml"
        if not Path.cwd().resolve().is_relative_to(Path(path).resolve()):
            yield f"  move keys.yaml into {path}: only what is scanned is read"
    if "controls.yaml" in wrote:
        yield "  name owners in controls.yaml; until then reports call its controls drafts"
    if facts.report.gaps:
        gaps = count(len(facts.report.gaps), "gap")
        yield f"  mind what could not be read and is not in them: {gaps}"
    yield f"  run: policyscan scan{'' if path == '.' else f' {path}'}"
