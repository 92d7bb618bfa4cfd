"""The arguments of instructions: flags, words, pairs, JSON arrays, and how many each needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from policyscan.text.dockerfile.lines import LogicalLine, decode, skip_blanks
from policyscan.text.dockerfile.syntax import Flag, Instruction, Pair, Word

_LEAST = {
    "ADD": 2,
    "ARG": 1,
    "CMD": 0,
    "COPY": 2,
    "ENTRYPOINT": 0,
    "ENV": 1,
    "EXPOSE": 1,
    "FROM": 1,
    "HEALTHCHECK": 1,
    "LABEL": 1,
    "MAINTAINER": 1,
    "ONBUILD": 1,
    "RUN": 0,
    "SHELL": 1,
    "STOPSIGNAL": 1,
    "USER": 1,
    "VOLUME": 1,
    "WORKDIR": 1,
}
"""The number of arguments without which an instruction is an error."""

KEYWORDS = frozenset(_LEAST)
STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_BLANK = frozenset(" \t\r\f\v")
_STRING = re.compile(r'[ \t\r\f\v]*("(?:[^"\\]|\\.)*+")[ \t\r\f\v]*([,\]])')
_WORD = re.compile(r"[^ \t\r\f\v]+")
_EMPTY = re.compile(r"\[[ \t\r\f\v]*\]")
_ORDINARY = re.compile(r"[^ \t\r\f\v'\"\\`]+")


class BadInstructionError(Exception):
    """What is wrong with an instruction, as a phrase."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def check(instruction: Instruction) -> None:
    """Raises `BadInstructionError` for too few, too many or misplaced arguments."""
    keyword, words = instruction.keyword, instruction.words
    given = len(words) or len(instruction.pairs) or (1 if instruction.trigger else 0)
    if given < _LEAST[keyword]:
        least = "an argument" if _LEAST[keyword] == 1 else "a source and a destination"
        raise BadInstructionError(f"{keyword} needs {least}")
    if keyword == "SHELL" and not instruction.exec_form:
        raise BadInstructionError("SHELL needs a JSON array")
    if keyword == "FROM":
        _check_from(words)


def _check_from(words: tuple[Word, ...]) -> None:
    if len(words) not in (1, 3) or (len(words) == 3 and words[1].text.lower() != "as"):
        raise BadInstructionError("FROM takes an image, or an image, AS and a name")
    if len(words) == 3 and not STAGE_NAME.fullmatch(words[2].text.lower()):
        raise BadInstructionError(
            "the name of a stage is a letter, then letters, digits, `-`, `_` and `.`"
        )


def split(
    text: str, escape: str, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, int]]:
    """The ranges of the words of a text: blanks inside quotes or after an escape do not part."""
    at, end = start, len(text) if end is None else end
    begin = -1
    quote = ""
    while at < end:
        char = text[at]
        if not quote and char in _BLANK:
            if begin >= 0:
                yield begin, at
            begin = -1
            at += 1
            continue
        begin = at if begin < 0 else begin
        if char == quote:
            quote = ""
        elif char == escape and quote != "'":
            at += 1
        elif not quote and char in "'\"":
            quote = char
        at += 1
        if not quote and (run := _ORDINARY.match(text, at, end)):
            at = run.end()
    if begin >= 0:
        yield begin, end


def words_of(line: LogicalLine, start: int, end: int) -> tuple[Word, ...]:
    """The words between blanks; quotes mean nothing."""
    return tuple(
        line.word(match.start(), match.end()) for match in _WORD.finditer(line.text, start, end)
    )


def flags_of(line: LogicalLine, start: int, end: int) -> tuple[tuple[Flag, ...], int]:
    """The flags at the start of the arguments, and where the others begin."""
    flags: list[Flag] = []
    text = line.text
    while text.startswith("--", start, end):
        begin, stop = next(split(text, "\\", start, end))
        if text[begin:stop] != "--":
            name, equals, value = text[begin + 2 : stop].partition("=")
            plain = re.sub(r"""\\(.)|['"]""", r"\1", value)
            flag = Flag(decode(name), decode(plain) if equals else None, line.span(begin, stop))
            flags.append(flag)
        start = skip_blanks(text, stop, end)
        if text[begin:stop] == "--":
            break
    return tuple(flags), start


def exec_words(line: LogicalLine, start: int, end: int) -> tuple[Word, ...] | None:
    """The strings of a JSON array; None if it is not one, which makes it a shell form."""
    text = line.text
    if not text.startswith("[", start, end):
        return None
    if _EMPTY.fullmatch(text, start, end):
        return ()
    words = []
    at = start + 1
    while match := _STRING.match(text, at, end):
        try:
            value = json.loads(decode(match.group(1)))
        except ValueError:
            return None
        words.append(Word(value, line.span(match.start(1) + 1, match.end(1) - 1)))
        at = match.end()
        if match.group(2) == "]":
            return tuple(words) if at == end else None
    return None


def pairs_of(
    keyword: str, line: LogicalLine, start: int, end: int, escape: str
) -> tuple[Pair, ...]:
    """The pairs of ENV, LABEL and ARG. Raises `BadInstructionError` for one that is none."""
    ranges = list(split(line.text, escape, start, end))
    if ranges and keyword != "ARG" and "=" not in line.text[slice(*ranges[0])]:
        return (_old_form(keyword, line, start, end),)
    pairs = []
    for begin, stop in ranges:
        equals = line.text.find("=", begin, stop)
        if equals < 0 and keyword != "ARG":
            raise BadInstructionError(f"{keyword} takes pairs of the form name=value")
        if equals == begin:
            raise BadInstructionError(f"{keyword} needs a name before the =")
        name = line.word(begin, stop if equals < 0 else equals)
        pairs.append(Pair(name, None if equals < 0 else line.word(equals + 1, stop)))
    return tuple(pairs)


def _old_form(keyword: str, line: LogicalLine, start: int, end: int) -> Pair:
    """`ENV name the whole rest`."""
    name = _WORD.match(line.text, start, end)
    assert name, "there is a first word"
    value = skip_blanks(line.text, name.end(), end)
    if value >= end:
        raise BadInstructionError(f"{keyword} needs a name and a value")
    return Pair(line.word(start, name.end()), line.word(value, end))
