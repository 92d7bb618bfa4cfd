"""Which files of a tree are those of another under another name, by what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename

from policyscan.text.source import Source

_LEAST = 0.5
"""The share of a file that is there again, as git asks of what it calls a rename."""
_MOST = 2_500
"""Pairs of files that are compared; of more, those that keep their name in another directory."""


def renamed(before: Iterable[Source], after: Iterable[Source]) -> Mapping[str, str]:
    """By the path of a file that `before` lacks, the path of the one of before that is gone and
    most like it, if at least half of each is in the other. Each is used once."""
    olds = {each.path: each for each in before}
    news = {each.path: each for each in after}
    gone = [each for path, each in sorted(olds.items()) if path not in news]
    come = [each for path, each in sorted(news.items()) if path not in olds]
    found: dict[str, str] = {}
    used: set[str] = set()
    for _, new, old in sorted(_alike(gone, come)):
        if new not in found and old not in used:
            found[new] = old
            used.add(old)
    return found


def _alike(gone: list[Source], come: list[Source]) -> Iterator[tuple[float, str, str]]:
    """The paths of files that are alike, of now and of before; the more, the less the number."""
    few = len(gone) * len(come) <= _MOST
    lines = {each.path: Counter(each.data.split(b"\n")) for each in (*gone, *come)}
    for new in come:
        for old in gone:
            if few or basename(new.path) == basename(old.path):
                share = _shared(lines[new.path], lines[old.path])
                if share >= _LEAST:
                    yield -share, new.path, old.path


def _shared(one: Counter[bytes], other: Counter[bytes]) -> float:
    """How much of the larger of two files is in the other as well, line by line."""
    size = max(map(_size, (one, other)))
    return _size(one & other) / size if size else 0


def _size(lines: Counter[bytes]) -> int:
    return sum(len(line.strip()) * number for line, number in lines.items())
