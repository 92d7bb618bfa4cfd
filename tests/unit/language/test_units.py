"""Where a value was read decides what an address in it means: one address stands in many roots."""

from __future__ import annotations

from typing import Any

import pytest
from houses import House, house
from msgspec.structs import replace
from proofs import prove, value_text

from policyscan.values import Ref

KEY = Ref("aws_kms_key.key", "arn")
OPEN = "?<the value of aws_kms_key.key.arn>"


def in_unit(address: str, unit: str, **fields: Any) -> House:
    resource = house(address, **fields)
    return resource.model_copy(update={"origin": replace(resource.origin, unit=unit)})


MINE = in_unit("house.a", "one", s=KEY, t=KEY, words=(KEY,))
BESIDE = in_unit("house.b", "one", s=KEY)
ELSEWHERE = in_unit("house.c", "two", s=KEY, words=(KEY,))
HOUSES = "resources('House')"


@pytest.mark.parametrize(
    ("text", "others", "value"),
    [
        ("resource.s == resource.t", (), "True"),
        ("resource.s in resource.words", (), "True"),
        (f"{HOUSES}[0].s == resource.s", (BESIDE,), "True"),
        (f"{HOUSES}[0].s == resource.s", (ELSEWHERE,), "False"),
        (f"resource.s == {HOUSES}[0].s", (ELSEWHERE,), "False"),
        (f"resource.s in {HOUSES}[0].words", (ELSEWHERE,), "False"),
        (f"{HOUSES}[0].s == {HOUSES}[0].s", (ELSEWHERE,), "True"),
        (f"{HOUSES}[0].s == {HOUSES}[1].s", (BESIDE, ELSEWHERE), "False"),
        (f"{HOUSES}.all(h, h.s == resource.s)", (BESIDE,), "True"),
        (f"{HOUSES}.exists(h, h.s == resource.s)", (ELSEWHERE,), "False"),
        (f"{HOUSES}.exists(h, h.words.exists(w, w == resource.s))", (ELSEWHERE,), "False"),
        # What an expression made may come from whatever it looked at.
        ("resource.s == it", (), "True"),
        ("resource.s == [it][0]", (), "True"),
        (f"{HOUSES}.all(h, h.s == it)", (ELSEWHERE,), OPEN),
        (f"[{HOUSES}[0].s].all(k, k == [resource.s][0])", (ELSEWHERE,), "False"),
    ],
)
def test_one_address_in_two_roots_means_two_things(
    text: str, others: tuple[House, ...], value: str
) -> None:
    found = prove(text, MINE, resources=lambda _: others, it=KEY)
    assert value_text(found.proof.value) == value


def test_one_address_in_two_roots_is_two_resources() -> None:
    """Which of them is meant is told by the variable around."""
    twin = in_unit("house.b", "two", s=KEY)
    found = prove(f"{HOUSES}.map(h, h.s == resource.s)", MINE, resources=lambda _: (BESIDE, twin))
    assert value_text(found.proof.value) == "[True, False]"
    found = prove(
        f"{HOUSES}.map(h, h)[1].s == resource.s", MINE, resources=lambda _: (BESIDE, twin)
    )
    assert value_text(found.proof.value) == OPEN


def test_without_a_resource_all_is_of_one_root() -> None:
    assert prove("it == it", None, it=KEY).proof.value is True
    found = prove(f"{HOUSES}.all(h, it == it)", None, resources=lambda _: (MINE,), it=KEY)
    assert found.proof.value is True
    both = prove(f"{HOUSES}.all(h, it == it)", None, resources=lambda _: (MINE, ELSEWHERE), it=KEY)
    assert value_text(both.proof.value) == OPEN
