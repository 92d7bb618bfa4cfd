"""Accounts that a command or a text gives user id 0, where that is plain to see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_COMMANDS = frozenset({"useradd", "adduser", "usermod"})
_SEPARATOR = re.compile(r"[;&|\n()]+")
_UID_OPTION = re.compile(r"-[a-zA-Z]*u|--uid")
_UID_VALUE = re.compile(r"(?:--uid=|-[a-zA-Z]*u)(.+)")
_TAKES_VALUE = re.compile(
    r"-[a-zA-Z]*[hgsGuk]|--(?:home|shell|uid|gid|firstuid|lastuid|conf|gecos|comment|ingroup)"
)
"""Options of `adduser` (Busybox, Debian) whose value is the next argument."""
_ENTRY = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]{0,63}):[^:\s]{0,256}:0+:[0-9]+:")

IsZero = Callable[[str], bool]
"""Whether what is written for a user id is 0; it may be a variable."""


def is_zero(written: str) -> bool:
    """Whether a number is 0."""
    return re.fullmatch("0+", written) is not None


def entries_of_root(text: str) -> set[str]:
    """The names in lines of `/etc/passwd` with user id 0."""
    return {match.group(1) for match in _ENTRY.finditer(text)}


def created_roots(commands: str, is_zero: IsZero = is_zero) -> set[str]:
    """The accounts that commands of a shell create or change, with user id 0."""
    parts = _SEPARATOR.split(commands)
    return {name for command in parts for name in _created(command, is_zero)}


def _created(command: str, is_zero: IsZero) -> Iterator[str]:
    """The account that a command creates or changes, if that gives it user id 0."""
    tokens = command.split()
    start = next((i for i, token in enumerate(tokens) if _basename(token) in _COMMANDS), None)
    if start is None:
        return
    arguments = tokens[start + 1 :]
    for option, following in zip(arguments, [*arguments[1:], ""], strict=True):
        value = _UID_VALUE.fullmatch(option)
        written = following if _UID_OPTION.fullmatch(option) else value.group(1) if value else ""
        if written and is_zero(written):
            first = _basename(tokens[start]) == "adduser"
            names = _first_operands(arguments) if first else arguments[-1:]
            yield from (name.strip("'\"") for name in names)
            return


def _first_operands(arguments: list[str]) -> list[str]:
    """The first argument of `adduser` that is neither an option nor the value of one."""
    expected = False
    for argument in arguments:
        if expected or argument.startswith("-"):
            expected = not expected and bool(_TAKES_VALUE.fullmatch(argument))
            continue
        return [argument]
    return []


def _basename(token: str) -> str:
    return token.rpartition("/")[2]
