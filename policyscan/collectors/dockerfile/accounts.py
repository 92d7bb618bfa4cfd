"""Accounts that a Dockerfile creates with user id 0, where that is plain to see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyscan.collectors.dockerfile.scope import Scope
from policyscan.text.dockerfile import Instruction, Word

_COMMANDS = frozenset({"useradd", "adduser", "usermod"})
_SEPARATOR = re.compile(r"[;&|\n()]+")
_UID_OPTION = re.compile(r"-[a-zA-Z]*u|--uid")
_UID_VALUE = re.compile(r"(?:--uid=|-[a-zA-Z]*u)(.+)")
_TAKES_VALUE = re.compile(
    r"-[a-zA-Z]*[hgsGuk]|--(?:home|shell|uid|gid|firstuid|lastuid|conf|gecos|comment|ingroup)"
)
"""Options of `adduser` (Busybox, Debian) whose value is the next argument."""
_ENTRY = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]{0,63}):[^:\s]{0,256}:0+:[0-9]+:")


def root_accounts(instruction: Instruction, scope: Scope) -> set[str]:
    """The names that a RUN, or the text of a here-document, gives to user id 0."""
    texts = [word.text for word in instruction.words] if instruction.exec_form else []
    text = " ".join(texts) if instruction.exec_form else instruction.rest.text
    bodies = [text, *(heredoc.text for heredoc in instruction.heredocs)]
    names: set[str] = set()
    for body in bodies:
        if "passwd" in text or instruction.keyword != "RUN":
            names.update(match.group(1) for match in _ENTRY.finditer(body))
        if instruction.keyword == "RUN":
            for command in _SEPARATOR.split(body):
                names.update(_created(command, instruction, scope))
    return names


def _created(command: str, instruction: Instruction, scope: Scope) -> Iterator[str]:
    """The account that a command creates or changes, if that gives it user id 0."""
    tokens = command.split()
    start = next((i for i, token in enumerate(tokens) if _basename(token) in _COMMANDS), None)
    if start is None:
        return
    arguments = tokens[start + 1 :]
    for option, following in zip(arguments, [*arguments[1:], ""], strict=True):
        value = _UID_VALUE.fullmatch(option)
        written = following if _UID_OPTION.fullmatch(option) else value.group(1) if value else ""
        if written and _is_zero(written, instruction, scope):
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


def _is_zero(written: str, instruction: Instruction, scope: Scope) -> bool:
    if not re.fullmatch(r"['\"$\w{}]{1,64}", written):
        return False
    uid = scope.expand(Word(written, instruction.span)).template
    return bool(re.fullmatch("0+", uid))
