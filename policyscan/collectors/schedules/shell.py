"""The commands of a shell line in order: what one depends on, and whether its failure is lost."""

from __future__ import annotations

import re

from msgspec import Struct

MAX_LENGTH = 20_000
"""Characters of a command that are looked at."""

_OPERATOR = re.compile(r"\|\||&&|;|\n|\|&?(?!\|)")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.")
_SHELL = re.compile(
    r"\s*(?:\S*/)?(?:ba|da|z|k)?sh\s+(?:-\w+\s+)*-\w*c\s+(['\"])(.*)\1\s*", re.DOTALL
)
_KEYWORDS = re.compile(r"\s*(?:(?:then|else|do|if|elif|while|until|!|\{|\()\s+)+")
_OPENS, _CLOSES = ("if", "case", "while", "until"), ("fi", "esac", "done")
_STOPS = re.compile(r"\bset\s+-\w*e|\bsh\s+-\w*e")
_PIPES = re.compile(r"\bpipefail\b")
_NOTHING = frozenset({"true", ":", "exit", "echo", "printf", "logger"})
_PREPARES = frozenset(
    "cd . source export sleep set mkdir umask ulimit echo printf true : touch git pip pip3 poetry "
    "uv npm yarn make docker docker-compose aws vault chmod install unset eval".split()
)
"""Commands before `&&` that only make ready."""


class Command(Struct, frozen=True):
    """One command of a line."""

    operator: str
    """What stands before it; empty for the first."""
    word: str
    """The word it begins with, as written: perhaps a keyword."""
    text: str
    """Without keywords."""

    @property
    def name(self) -> str:
        """The program that it starts."""
        return next(iter(self.text.split()), "").rpartition("/")[2]


def unquoted(text: str) -> str:
    """The text with what is quoted blanked out."""
    return _QUOTED.sub(lambda match: "_" * len(match[0]), text)


def commands_of(line: str) -> list[Command]:
    """The commands of a line; of `sh -c '…'` those inside."""
    inner = _SHELL.fullmatch(line[:MAX_LENGTH])
    text = inner[2] if inner else line[:MAX_LENGTH]
    cuts = [(found.start(), found.end()) for found in _OPERATOR.finditer(unquoted(text))]
    begins = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    operators = ["", *(text[start:end] for start, end in cuts)]
    found = []
    for operator, begin, end in zip(operators, begins, ends, strict=True):
        written = text[begin:end]
        keywords = _KEYWORDS.match(written)
        plain = written[keywords.end() :] if keywords else written
        if plain.strip():
            found.append(Command(operator, written.split()[0], plain))
    return found


def guard_of(line: str, program: str) -> str:
    """What decides whether the line starts the program at all, each time it is run; empty if
    nothing does."""
    around: list[str] = []
    chain = ""
    before: Command | None = None
    for command in commands_of(line):
        if command.operator not in ("&&", "||"):
            chain = ""
        elif before is not None and not _prepares(before):
            chain = chain or before.text.strip()
        if program in command.text:
            return next(iter((*around, chain)), "")
        if command.word in _OPENS:
            around.append(command.text.strip())
        elif command.word in _CLOSES and around:
            around.pop()
        before = command
    return ""


def _prepares(command: Command) -> bool:
    looks_for_a_program = command.name in ("test", "[", "[[") and " -x " in command.text
    return command.name in _PREPARES or looks_for_a_program


def loses_failure(line: str, program: str, *, stops: bool = False) -> bool:
    """Whether the line as a whole succeeds although the program fails. `stops` if the shell ends at
    the first error."""
    commands = commands_of(line)
    at = next((n for n, command in enumerate(commands) if program in command.text), None)
    if at is None:
        return False
    following = commands[at + 1 :]
    if not following:
        return False
    first = following[0]
    if first.operator == "||":
        return first.name in _NOTHING and "exit 1" not in first.text
    if first.operator.startswith("|"):
        return not _PIPES.search(line)
    return first.operator in (";", "\n") and not (stops or _STOPS.search(line))
