"""What is counted: the size of a string, list or map, and how many values differ."""

from __future__ import annotations

from typing import Any

from policyscan.language.functions.answers import Answer, why_open
from policyscan.language.functions.signatures import Function, either, function
from policyscan.language.types import ANYTHING, BOOL, INT, STRING, ListOf, MapOf
from policyscan.resources.zones import perhaps_different, surely_different
from policyscan.values import PartialList, Ref, Unknown, reason_of


def has_distinct(values: Any, least: Any) -> Answer:
    """Whether there are at least so many different values. Of those that are not known, all may
    differ and all may be one."""
    if not isinstance(least, int) or not isinstance(values, (tuple, list, PartialList)):
        return Answer(None, reasons=why_open(values) + why_open(least))
    opened = (values.unknown,) if isinstance(values, PartialList) else ()
    members = values.known if isinstance(values, PartialList) else values
    if surely_different(members) >= least:
        return Answer(True)
    if not opened and perhaps_different(members) < least:
        return Answer(False)
    doubts = tuple(reason_of(each) for each in members if isinstance(each, (Unknown, Ref)))
    return Answer(None, reasons=(*doubts, *opened))


_SIZED = (STRING, ListOf(ANYTHING), MapOf(ANYTHING, ANYTHING))

ROWS = (
    Function(
        "size",
        tuple(either((each,), INT) for each in _SIZED),
        len,
        "The number of characters of a string, of members of a list, of keys of a map.",
        'size("日本") == 2 && ["a", "b"].size() == 2',
        shallow=True,
    ),
    Function(
        "has_distinct",
        (function((ListOf(STRING), INT), BOOL),),
        has_distinct,
        "Whether a list holds at least so many different strings.",
        'has_distinct(["eu-west-1a", "eu-west-1b"], 2)',
        lifted=True,
    ),
)
"""The functions that count."""
