"""PS-TLS-004 on source code is right nearly always, in each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accuracy.measure import FILES, Judged, judge, score, snippets

LEAST = 0.95


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    root: Path = tmp_path_factory.mktemp("snippets")
    return judge(root, snippets())


def test_there_are_enough_snippets() -> None:
    labels = [each.label for each in snippets()]
    assert len(labels) >= 120
    assert set(labels) == {"bad", "good", "open"}
    assert labels.count("good") >= 60
    assert labels.count("bad") >= 60
    assert {each.language for each in snippets()} == set(FILES)


@pytest.mark.parametrize("language", FILES)
def test_each_language(language: str, judged: list[Judged]) -> None:
    found = score(each for each in judged if each.snippet.language == language)
    assert found.precision >= LEAST
    assert found.recall >= LEAST


def test_all_together(judged: list[Judged]) -> None:
    found = score(judged)
    assert found.precision >= LEAST
    assert found.recall >= LEAST


def test_what_is_good_is_not_left_open(judged: list[Judged]) -> None:
    good = [each for each in judged if each.snippet.label == "good"]
    assert sum(each.verdict == "pass" for each in good) >= LEAST * len(good)
