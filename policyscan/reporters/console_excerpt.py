"""Lines of a document with the offending part underlined."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.findings.model import Excerpt
from policyscan.reporters.console_text import Page, columns
from policyscan.text.display import one_line

_TAB = "    "
_CUT = "..."


def excerpt_lines(excerpt: Excerpt, page: Page, indent: int) -> Iterator[str]:
    """Every line with its number; under a marked one, carets."""
    digits = len(str(excerpt.first_line + len(excerpt.lines) - 1))
    room = max(page.width - indent - digits - 3, 20)
    for number, line in enumerate(excerpt.lines, excerpt.first_line):
        marked = {
            index
            for mark in excerpt.marks
            if mark.line == number
            for index in range(mark.start, max(mark.end, mark.start + 1))
        }
        text, carets = _shown(line, marked, room)
        gutter = page.paint(f"{number:>{digits}} |", "dim")
        yield f"{' ' * indent}{gutter} {text}".rstrip()
        if carets:
            bar = page.paint(f"{' ' * digits} |", "dim")
            yield f"{' ' * indent}{bar} {_painted(carets, page)}"


def _shown(line: str, marked: set[int], room: int) -> tuple[str, str]:
    """The part of a line that fits, around its first mark, and the carets under it."""
    cells = [_TAB if char == "\t" else one_line(char) for char in line]
    first = min(marked, default=0)
    start = _start(cells, first, room)
    text, carets = (_CUT, " " * len(_CUT)) if start else ("", "")
    for index, cell in enumerate(cells[start:], start):
        if columns(text) + columns(cell) > room - len(_CUT) and _width(cells[index:]) > len(_CUT):
            text += _CUT
            break
        text += cell
        carets += ("^" if index in marked else " ") * columns(cell)
    if marked and "^" not in carets:
        carets = " " * columns(text) + "^"
    return text, carets.rstrip()


def _start(cells: list[str], first: int, room: int) -> int:
    """The first cell to show: 0, unless the first mark would then be out of sight."""
    if _width(cells) <= room or _width(cells[: first + 1]) <= room * 2 // 3:
        return 0
    start = min(first, len(cells) - 1)
    while start and _width(cells[start - 1 : first]) <= room // 3:
        start -= 1
    return start


def _width(cells: list[str]) -> int:
    return sum(map(columns, cells))


def _painted(carets: str, page: Page) -> str:
    bare = carets.lstrip()
    return carets[: len(carets) - len(bare)] + page.paint(bare, "red", "bold")
