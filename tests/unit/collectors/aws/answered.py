"""Answers of an account as tests write them, and what a reader makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from policyscan.collectors.aws.answers import Unit
from policyscan.collectors.interface import Answer
from policyscan.resources.base import Gap, Resource, Tally

AT = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT = "111122223333"
HERE = f"{ACCOUNT}/eu-west-1"
GLOBAL = f"{ACCOUNT}/global"


def answer(subject: str, data: Any, about: str = "", unit: str = HERE, page: int = 1) -> Answer:
    return Answer(unit, subject, data, about, page, AT)


Reader = Callable[[Unit], Iterator[Resource | Tally | Gap]]


def read(
    reader: Reader, *answers: Answer, unit: str = HERE
) -> tuple[dict[str, Any], dict[str, Tally]]:
    """The resources by address, and the tallies by kind: they must balance."""
    own = [each for each in answers if each.unit == unit]
    found = list(reader(Unit(unit, "aws", own, answers)))
    resources = {each.address: each for each in found if isinstance(each, Resource)}
    tallies = {each.kind: each for each in found if isinstance(each, Tally)}
    assert len(resources) == sum(isinstance(each, Resource) for each in found)
    assert all(tally.balanced and tally.unit == unit for tally in tallies.values()), tallies
    return resources, tallies
