"""Scans the labelled snippets and counts.

A snippet is bad, good or open: its clients certainly do not verify, verify, or the file does not
say. What counts is whether the scan fails it. `precision` is the part of the failures that are
bad, `recall` the part of the bad ones that fail. An unknown is no failure: on a bad snippet it is
a miss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.scanning import scan_files

HERE = Path(__file__).parent
FILES = {"python": "bot.py", "javascript": "bot.js", "go": "bot.go", "java": "Client.java"}
POLICY = "PS-TLS-004"


class Snippet(NamedTuple):
    language: str
    name: str
    label: str
    path: str
    code: str


class Judged(NamedTuple):
    snippet: Snippet
    verdict: str
    """`fail` if any client of it fails, else `unknown` if one is, else `pass`."""


def snippets() -> list[Snippet]:
    """All of them, each in a directory of its own."""
    return list(_read())


def _read() -> Iterator[Snippet]:
    for language, file in FILES.items():
        entries = yaml.safe_load((HERE / f"{language}.yaml").read_text("utf-8"))
        for number, entry in enumerate(entries):
            path = f"{language}/s{number:03}/{entry.get('file', file)}"
            yield Snippet(language, entry["name"], entry["label"], path, entry["code"])


def judge(root: Path, every: Sequence[Snippet]) -> list[Judged]:
    """What one scan of all snippets says of each."""
    report = scan_files(root, {each.path: each.code.encode() for each in every}, select=(POLICY,))
    assert not [gap for gap in report.gaps if gap.subject.startswith(tuple(FILES))]
    verdicts: dict[str, set[str]] = {}
    for finding in report.findings:
        verdicts.setdefault(finding.resource.address.split("#")[0], set()).add(
            finding.verdict.value
        )
    return [Judged(each, _worst(verdicts.get(each.path, set()))) for each in every]


def _worst(verdicts: set[str]) -> str:
    return next((word for word in ("fail", "unknown") if word in verdicts), "pass")


class Score(NamedTuple):
    bad: int
    failed: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.failed if self.failed else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.bad if self.bad else 1.0


def score(judged: Iterable[Judged]) -> Score:
    """The counts of some of the snippets."""
    listed = list(judged)
    bad = [each for each in listed if each.snippet.label == "bad"]
    failed = [each for each in listed if each.verdict == "fail"]
    return Score(len(bad), len(failed), sum(each.verdict == "fail" for each in bad))


def lines(judged: Sequence[Judged]) -> Iterator[str]:
    """The table, and what was judged otherwise than its label says."""
    yield f"{'':12}{'bad':>5}{'good':>6}{'open':>6}{'failed':>8}{'precision':>11}{'recall':>8}"
    for language in (*FILES, "total"):
        part = [each for each in judged if language in (each.snippet.language, "total")]
        labels = Counter(each.snippet.label for each in part)
        found = score(part)
        yield (
            f"{language:12}{labels['bad']:5}{labels['good']:6}{labels['open']:6}{found.failed:8}"
            f"{found.precision:11.3f}{found.recall:8.3f}"
        )
    expected = {"bad": "fail", "good": "pass", "open": "unknown"}
    for each in judged:
        if each.verdict != expected[each.snippet.label]:
            snippet = each.snippet
            yield f"{snippet.label} and {each.verdict}: {snippet.language}, {snippet.name}"
