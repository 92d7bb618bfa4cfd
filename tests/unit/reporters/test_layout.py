from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from policyscan.reporters.layout import dump
from scripts.samples import SAMPLES

VALUE = {"a": [1, {"b": [2, 3], "c": {}}], "d": [], "e": "\ud800\u00e9", "f": {"g": None}}
TEXT = r"""{
  "a": [
    1,
    {"b": [2, 3], "c": {}}
  ],
  "d": [],
  "e": "\ud800\u00e9",
  "f": {
    "g": null
  }
}
"""


def test_there_is_a_line_for_each_member_of_the_upper_levels() -> None:
    assert dump(VALUE, depth=2).decode() == TEXT
    assert dump(VALUE, depth=0) == json.dumps(VALUE).encode() + b"\n"


def test_an_iterator_is_written_as_the_list_of_its_members() -> None:
    lazy = VALUE | {"a": iter(VALUE["a"]), "d": iter([])}
    assert dump(lazy, depth=2).decode() == TEXT
    assert dump({"x": iter([{"y": iter([1])}])}, depth=4) == dump({"x": [{"y": [1]}]}, depth=4)


def test_members_are_asked_for_one_after_the_other() -> None:
    asked = []

    def members() -> Iterator[int]:
        for number in range(3):
            asked.append(number)
            yield number

    def later() -> Iterator[list[int]]:
        yield list(asked)

    assert json.loads(dump({"x": members(), "y": later()}, depth=2))["y"] == [[0, 1, 2]]


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump([float("nan")], depth=1)


@pytest.mark.parametrize(("suffix", "depth"), [("json", 2), ("sarif", 6), ("full.sarif", 6)])
@pytest.mark.parametrize("called", ["account", "trading-desk"])
def test_the_samples_are_laid_out_so(called: str, suffix: str, depth: int) -> None:
    data = (SAMPLES / f"{called}.{suffix}").read_bytes()
    assert dump(json.loads(data), depth) == data
