"""Every exception that policyscan raises on purpose.

    PolicyscanError            exit 4   a defect of policyscan itself
    ├── UsageError             exit 2   arguments or configuration that cannot be used
    │   └── FileError          ... because a file that steers the tool is wrong; knows the place
    │       └── PolicyError    ... and the file is a policy
    ├── ReadError              one unit of input could not be read; the collector makes it a gap
    │   └── ParseError         ... because its text does not parse; knows the place
    └── InvariantError         exit 4   the books of a run do not balance

Each carries the exit code of the process that ends with it and, where there is one, a next step.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyscan.text.source import Span


class GapReason(StrEnum):
    """Why something that was asked for was not seen."""

    DENIED = "denied"
    UNREADABLE = "unreadable"
    UNPARSEABLE = "unparseable"
    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    NOT_FETCHED = "not_fetched"
    CRASHED = "crashed"


class PolicyscanError(Exception):
    """The root of the tree; `hint` is a next step for a person, or empty."""

    exit_code = 4

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PolicyscanError):
    """The command line or the configuration cannot be used; nothing was judged."""

    exit_code = 2


class FileError(UsageError):
    """A file that steers the tool is wrong; `path`, `line` and `column` (1-based) say where."""

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        line: int = 0,
        column: int = 0,
        snippet: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line
        self.column = column
        self.snippet = snippet

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        return f"{place}: {self.message}" if place else self.message


class PolicyError(FileError):
    """A policy does not load."""


class ReadError(PolicyscanError):
    """One unit of input was not read; the rest of the run is not affected."""

    exit_code = 3

    def __init__(
        self, reason: GapReason, subject: str, message: str, *, span: Span | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.subject = subject
        self.span = span


class ParseError(ReadError):
    """Text that does not parse, at `span`."""

    def __init__(self, subject: str, message: str, *, span: Span | None = None) -> None:
        super().__init__(GapReason.UNPARSEABLE, subject, message, span=span)


class InvariantError(PolicyscanError):
    """Something was found and neither judged nor recorded. This must never happen."""
