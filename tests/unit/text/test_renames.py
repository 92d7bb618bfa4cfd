"""Which file is which under another name."""

from __future__ import annotations

import pytest

from policyscan.text.renames import renamed
from policyscan.text.source import Source

ONE = "".join(f"line {number} of one\n" for number in range(10))
TWO = "".join(f"line {number} of two\n" for number in range(10))
HALF = "".join(ONE.splitlines(keepends=True)[:5]) + "".join(TWO.splitlines(keepends=True)[5:])
LESS = "".join(ONE.splitlines(keepends=True)[:4]) + "".join(TWO.splitlines(keepends=True)[4:])

Files = dict[str, str]
CASES: dict[str, tuple[Files, Files, dict[str, str]]] = {
    "moved": ({"a": ONE}, {"b/a": ONE}, {"b/a": "a"}),
    "moved and indented": ({"a": ONE}, {"b": ONE.replace("line", "  line")}, {}),
    "half of it is the same": ({"a": ONE}, {"b": HALF}, {"b": "a"}),
    "less than half is": ({"a": ONE}, {"b": LESS}, {}),
    "a part of a larger one": ({"a": ONE}, {"b": ONE + TWO + TWO}, {}),
    "still there": ({"a": ONE}, {"a": ONE, "b": ONE}, {}),
    "still there, with something else": ({"a": ONE}, {"a": TWO, "b": ONE}, {}),
    "there before": ({"a": ONE, "b": TWO}, {"b": ONE}, {}),
    "two for one": ({"a": ONE}, {"b": ONE, "c": ONE}, {"b": "a"}),
    "the more alike one": ({"a": ONE}, {"b": HALF, "c": ONE}, {"c": "a"}),
    "swapped": ({"a": ONE, "b": TWO}, {"c": TWO, "d": ONE}, {"c": "b", "d": "a"}),
    "nothing in it": ({"a": ""}, {"b": ""}, {}),
    "nothing but space in it": ({"a": " \n"}, {"b": "\n"}, {}),
}


def sources(files: Files) -> list[Source]:
    return [Source(path, text.encode()) for path, text in files.items()]


@pytest.mark.parametrize("name", CASES)
def test_renamed(name: str) -> None:
    before, after, expected = CASES[name]

    assert renamed(sources(before), sources(after)) == expected
    assert renamed(sources(before)[::-1], sources(after)[::-1]) == expected


def test_of_very_many_those_that_keep_their_name() -> None:
    before = sources({f"a/{number}": ONE for number in range(60)})
    after = sources({f"b/{number}": ONE for number in range(59)} | {"c/other": ONE})

    assert renamed(before, after) == {f"b/{number}": f"a/{number}" for number in range(59)}
