"""Where the carets stand under a line."""

from __future__ import annotations

import pytest

from policyscan.text.complaints import Place, choices, snippet, suggestion

LINES = [
    # line, column, width, shown
    ("abc def", 5, 3, "abc def\n    ^^^"),
    ("    abc", 5, 3, "abc\n^^^"),
    ("\tabc\tdef", 6, 3, "abc def\n    ^^^"),
    ("'日本' == x", 9, 1, "'日本' == x\n          ^"),
    ("'日本' == x", 2, 2, "'日本' == x\n ^^^^"),
    ("'e\u0301' == x", 9, 1, "'e\u0301' == x\n       ^"),
    ("'\u202e' == x", 8, 1, "'\u202e' == x\n            ^"),
    ("a b", 3, 50, "a b\n  ^"),
    ("abc", 4, 1, "abc\n   ^"),
    ("abc  ", 6, 1, "abc\n     ^"),
    ("", 1, 1, "\n^"),
]


@pytest.mark.parametrize(("line", "column", "width", "shown"), LINES)
def test_a_snippet(line: str, column: int, width: int, shown: str) -> None:
    assert snippet(Place(1, column, line), width) == shown


def test_a_long_line_is_cut_around_the_place() -> None:
    line, carets = snippet(Place(1, 301, "x" * 300 + "here" + "y" * 300), 4).split("\n")
    assert len(line) == 120
    assert line[carets.index("^") :].startswith("here")
    assert carets.strip() == "^^^^"


def test_suggestions() -> None:
    known = ["high", "medium", "low"]
    assert suggestion("hihg", known) == "; did you mean 'high'?"
    assert suggestion("x", known) == ""
    assert choices("x", known) == "; write one of high, medium, low"
