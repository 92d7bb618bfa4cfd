"""Counts images and containers in answers without the code that reads them."""

from __future__ import annotations

from collections.abc import Sequence

from policyscan.collectors.docker import subjects
from policyscan.collectors.interface import Answer

_LISTS = {"ContainerImage": subjects.IMAGES, "ContainerWorkload": subjects.CONTAINERS}
_SINGLE = {"ContainerImage": subjects.IMAGE, "ContainerWorkload": subjects.CONTAINER}


def count(answers: Sequence[Answer], kind: str, unit: str) -> int:
    """The things of a kind in a unit: those of a list, each once; without a list, those that were
    asked about one by one."""
    here = [answer for answer in answers if answer.unit == unit]
    lists = [answer.data for answer in here if answer.subject == _LISTS[kind]]
    if lists:
        rows = [row for data in lists if type(data) is list for row in data]
        named = {str(row["Id"]) for row in rows if type(row) is dict and "Id" in row}
        return len(named) + sum(1 for row in rows if type(row) is not dict or "Id" not in row)
    single = [answer for answer in here if answer.subject == _SINGLE[kind]]
    return len({_id(answer) for answer in single})


def _id(answer: Answer) -> str:
    data = answer.data
    return str(data["Id"]) if type(data) is dict and "Id" in data else answer.about
