"""Sets of integers as sorted, disjoint, inclusive intervals: what ports and addresses rest on."""

from __future__ import annotations

from collections.abc import Iterable

Intervals = tuple[tuple[int, int], ...]
"""Sorted; no two touch."""


def union(*sets: Iterable[tuple[int, int]]) -> Intervals:
    """All numbers of all sets; the intervals given need not be sorted or disjoint."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(interval for each in sets for interval in each):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def intersection(one: Intervals, other: Intervals) -> Intervals:
    """The numbers that both sets have."""
    common: list[tuple[int, int]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        first, last = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if first <= last:
            common.append((first, last))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(common)


def difference(whole: Intervals, part: Intervals) -> Intervals:
    """The numbers of `whole` that are not in `part`."""
    if not whole:
        return ()
    rest: list[tuple[int, int]] = []
    at = whole[0][0]
    for first, last in part:
        rest.append((at, first - 1))
        at = max(at, last + 1)
    rest.append((at, whole[-1][1]))
    return intersection(whole, tuple(piece for piece in rest if piece[0] <= piece[1]))


def size(numbers: Intervals) -> int:
    """How many numbers there are."""
    return sum(last - first + 1 for first, last in numbers)


def has(numbers: Intervals, number: int) -> bool:
    """Whether the set has the number."""
    return any(first <= number <= last for first, last in numbers)
