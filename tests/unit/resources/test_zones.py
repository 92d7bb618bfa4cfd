"""How many availability zones are different, at least and at most."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.resources.zones import perhaps_different, surely_different
from policyscan.values import Ref

LISTED = "data.aws_availability_zones.here.names"


def zone(number: str, listed: str = LISTED) -> Ref:
    return Ref(f"{listed}[{number}]", "name")


@pytest.mark.parametrize(
    ("zones", "least", "most"),
    [
        (["a", "a", "b"], 2, 2),
        ([zone("0"), zone("1")], 2, 2),
        ([zone("0"), zone("0")], 1, 1),
        ([zone("0"), "a"], 1, 2),
        # one of them may be any zone, and two may be one or two
        ([zone("0"), zone("?")], 1, 2),
        ([zone("?"), zone("?")], 1, 2),
        ([zone("0", f"{LISTED}[?]"), zone("1", f"{LISTED}[?]")], 1, 2),
        ([Ref("aws_subnet.a[?]", "name")] * 3, 1, 3),
    ],
)
def test_zones_are_counted(zones: list[Any], least: int, most: int) -> None:
    assert surely_different(zones) == least
    assert perhaps_different(zones) == most
