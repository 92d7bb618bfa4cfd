"""`matches()`: regular expressions on RE2 alone, whose time is linear in the text.

The pattern is a literal or a parameter of the type `pattern`, so that whoever writes a resource
cannot choose it. Who uses it needs the package google-re2: `pip install "policyscan[regex]"`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from policyscan.language.functions.arithmetic import Fault, TooLarge
from policyscan.language.functions.signatures import Function, Trial, either
from policyscan.language.types import BOOL, PATTERN, STRING

MAX_PATTERN = 1_000
"""Characters of a pattern."""
_MAX_MEMORY = 1 << 20
_MAX_PROGRAM = 4_000
"""Instructions that a pattern compiles to."""
_MAX_WORK = 4_000_000
"""Bytes of text times instructions: what takes a few milliseconds at worst."""
_WORK_OF_A_STEP = 2_000


@lru_cache(256)
def compiled(pattern: str) -> Any:
    """The pattern ready to search. Raises Fault if it is none, or if RE2 is not installed."""
    try:
        import re2
    except ImportError:
        re2 = None
    if not hasattr(re2, "Options"):  # or another package of that name
        raise Fault('matches() needs google-re2: pip install "policyscan[regex]"')
    if len(pattern) > MAX_PATTERN:
        raise Fault(f"not a regular expression of at most {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.encoding = re2.Options.Encoding.UTF8
    try:
        program = re2.compile(_encoded(pattern), options)
    except re2.error as error:
        raise Fault(f"not a regular expression of RE2: {_said(error)}") from None
    if program.programsize > _MAX_PROGRAM:
        raise Fault("not a regular expression that is small enough when its repeats are counted")
    return program


@lru_cache(4_096)
def matches(text: str, pattern: str) -> bool:
    """Whether a part of `text` matches; `^` and `$` bind it to the ends. Raises Fault."""
    program, encoded = compiled(pattern), _encoded(text)
    if len(encoded) * program.programsize > _MAX_WORK:
        raise TooLarge("a shorter text for the regular expression")
    return program.search(encoded) is not None


def work(text: str, pattern: str) -> int:
    """The steps of the budget that a search may take."""
    try:
        return int(len(text) * compiled(pattern).programsize // _WORK_OF_A_STEP)
    except Fault:
        return 0


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Fault("not a text of Unicode characters") from None


def _said(error: Exception) -> str:
    """What RE2 says of a pattern."""
    told = error.args[0] if error.args else ""
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)


ROWS = (
    Function(
        "matches",
        (either((STRING, STRING), BOOL), either((STRING, PATTERN), BOOL)),
        matches,
        "Whether a part of a string matches a regular expression of RE2: a literal, or a parameter "
        "of type pattern.",
        '"prod-bot-7".matches("^[a-z]+-bot-[0-9]+$")',
        trials=(Trial(1, compiled, otherwise=PATTERN),),
        cost=work,
    ),
)
"""The functions of regular expressions."""
