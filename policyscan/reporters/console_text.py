"""Words on a terminal: colours, widths, wrapped paragraphs."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policyscan.findings.model import Severity
from policyscan.text.display import one_line

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "magenta": "35"}
_OF_SEVERITY = {
    Severity.CRITICAL: "magenta",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "dim",
}
LABEL = 9
"""The columns of a label like `criteria`, with the space behind it."""


@dataclass(frozen=True, slots=True)
class Page:
    """How to write: with colours or not, in how many columns, how much of it."""

    colour: bool
    width: int
    verbose: bool
    changed: bool = False
    """Only what a change touches is left, so that all of it is listed."""

    def paint(self, text: str, *names: str) -> str:
        """`text` in these colours."""
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"

    def severity(self, severity: Severity) -> str:
        """The word, as wide as the widest one."""
        return self.paint(f"{severity.value:<8}", _OF_SEVERITY[severity])

    def heading(self, text: str) -> str:
        """The first line of a section."""
        return self.paint(one_line(text), "bold")

    def wrap(self, text: str, indent: int, first: int | None = None) -> list[str]:
        """A paragraph of at least one line; the first starts at `first`, the others at `indent`."""
        lines = textwrap.wrap(
            one_line(text),
            max(self.width, indent + 20),
            initial_indent=" " * (indent if first is None else first),
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return lines or [""]

    def labelled(self, label: str, text: str, indent: int) -> Iterator[str]:
        """A paragraph behind a dim label."""
        if not text:
            return
        column = indent + LABEL
        lines = self.wrap(text, column)
        head = " " * indent + self.paint(f"{label:<{LABEL}}", "dim")
        yield head + lines[0][column:]
        yield from lines[1:]


def columns(text: str) -> int:
    """The columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(char) for char in text)


def some(items: Iterable[str], limit: int) -> str:
    """At most `limit` of them, and how many more there are."""
    every = list(items)
    shown = ", ".join(every[:limit])
    return shown if len(every) <= limit else f"{shown} and {len(every) - limit:,} more"


def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
