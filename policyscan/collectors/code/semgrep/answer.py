"""What semgrep says, read with suspicion: it reports most of its failures with exit status 0."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from policyscan.errors import GapReason, ReadError
from policyscan.text.process import Done

FOLDER = "files/"
"""Where the files are that it is given; its paths begin so."""

_PARSING = ("PartialParsing", "Syntax error", "Lexical error", "Other syntax error", "ast builder")
_TOO_MUCH = ("Timeout", "Out of memory", "Stack overflow", "Too many matches", "Fixpoint timeout")
_IRRELEVANT = "irrelevant_rule"
"""Why a rule was not tried on a file; no text that it needs is there."""


class Place(Struct, frozen=True):
    """Where a rule matched in a file."""

    rule: str
    start: int
    end: int
    text: str


class Fault(Struct, frozen=True):
    """Why a file was not looked at, or not in whole."""

    reason: GapReason
    message: str
    line: int = 0
    """Where, if that is known."""
    lasting: bool = False
    """Whether another look would give the same."""


class Seen(Struct):
    """What came of one file."""

    places: list[Place] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class _Position(Struct):
    offset: int = 0
    line: int = 0


class _Extra(Struct):
    message: str


class _Result(Struct):
    check_id: str
    path: str
    start: _Position
    end: _Position
    extra: _Extra


class _Span(Struct):
    start: _Position


class _Error(Struct):
    type: Any
    path: str | None = None
    spans: list[_Span] | None = None


class _Skipped(Struct):
    path: str
    reason: str


class _Paths(Struct):
    scanned: list[str]
    skipped: list[_Skipped] | None = None


class _Output(Struct):
    version: str
    results: list[_Result]
    errors: list[_Error]
    paths: _Paths
    skipped_rules: list[Any] = field(default_factory=list)


def unusable(why: str) -> ReadError:
    """An answer of which nothing can be believed."""
    return ReadError(GapReason.CRASHED, "semgrep", why)


def read_answer(
    done: Done, sizes: Mapping[str, int], rules: Collection[str], version: str
) -> dict[str, Seen]:
    """By name of file, what came of each of `sizes`, which are the bytes of those that were given.
    Raises `ReadError` if nothing of the answer can be believed."""
    if done.code:
        ended = f"signal {-done.code}" if done.code < 0 else f"exit status {done.code}"
        raise unusable(f"it ended with {ended}")
    try:
        # What it quotes of a file that is not UTF-8 is not UTF-8 either.
        output = msgspec.json.decode(done.output.decode("utf-8", "replace"), type=_Output)
    except msgspec.MsgspecError as error:
        raise unusable("its answer is not what it should be") from error
    if output.version != version:
        raise unusable("it is not the version that is installed")
    seen = {name: Seen() for name in sizes}
    for result in output.results:
        _of(result.path, seen).places.append(_place(result, sizes, rules))
    _note_errors(output, seen)
    _note_unseen(output, seen)
    return seen


def _of(path: str, seen: Mapping[str, Seen]) -> Seen:
    found = seen.get(path.removeprefix(FOLDER))
    if found is None:
        raise unusable("it speaks of a file that it was not given")
    return found


def _place(result: _Result, sizes: Mapping[str, int], rules: Collection[str]) -> Place:
    rule = result.check_id.rpartition(".")[2]
    start, end = result.start.offset, result.end.offset
    if rule not in rules:
        raise unusable("it speaks of a rule that it was not given")
    if not 0 <= start <= end <= sizes[result.path.removeprefix(FOLDER)]:
        raise unusable("it speaks of places outside of the file")
    return Place(rule, start, end, result.extra.message)


def _note_errors(output: _Output, seen: Mapping[str, Seen]) -> None:
    """An error that names no file may be about any."""
    for error in output.errors:
        fault = _fault(error)
        for each in [_of(error.path, seen)] if error.path else seen.values():
            each.faults.append(fault)
    if output.skipped_rules:
        fault = Fault(GapReason.UNSUPPORTED, "semgrep does not take one of the rules")
        for each in seen.values():
            each.faults.append(fault)


def _fault(error: _Error) -> Fault:
    """Its words may quote the source, so they are not passed on."""
    kind = error.type[0] if isinstance(error.type, list) and error.type else error.type
    kind = kind if isinstance(kind, str) and re.fullmatch(r"[A-Za-z ]{1,40}", kind) else "failure"
    if kind in _PARSING:
        line = error.spans[0].start.line if error.spans else 0
        place = f" (from line {line})" if line else ""
        message = f"semgrep could not parse all of it{place}"
        return Fault(GapReason.UNPARSEABLE, message, line, lasting=True)
    if kind in _TOO_MUCH:
        return Fault(GapReason.TRUNCATED, f"semgrep gave up on it: {kind.lower()}")
    return Fault(GapReason.CRASHED, f"semgrep reports an error: {kind.lower()}")


def _note_unseen(output: _Output, seen: Mapping[str, Seen]) -> None:
    """What was left out without an error that says so."""
    for skipped in output.paths.skipped or ():
        found = _of(skipped.path, seen)
        if not found.faults and skipped.reason != _IRRELEVANT:
            reason = re.sub(r"[^a-z_]", "", skipped.reason)[:60].replace("_", " ")
            found.faults.append(Fault(GapReason.TRUNCATED, f"semgrep left it out: {reason}"))
    scanned = {path.removeprefix(FOLDER) for path in output.paths.scanned}
    for name in seen.keys() - scanned:
        if not seen[name].faults:
            seen[name].faults.append(Fault(GapReason.TRUNCATED, "semgrep did not look at it"))
