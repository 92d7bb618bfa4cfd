"""What a field of a kind takes that may be not known, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from policyscan.resources.base import Part
from policyscan.values import Alternative, Many, Maybe, OneOf, PartialList, Ref, Unknown, Why

UNKNOWN = Unknown(Why.COMPUTED, "something")
ONE_OF: OneOf[Any] = OneOf((Alternative(1, (("a", "b"),)),), UNKNOWN)
REF = Ref("aws_vpc.main")
PARTIAL: PartialList[Any] = PartialList((1,), UNKNOWN)
AS_DICT = {"why": "computed", "needs": "something"}


class Thing(Part):
    number: Maybe[int | None] = 0
    names: Many[str] = ()
    doubt: Unknown | None = None


@pytest.mark.parametrize("value", [1, None, UNKNOWN, ONE_OF, REF])
def test_one_value(value: Any) -> None:
    assert Thing(number=value).number is value


@pytest.mark.parametrize("value", ["many", (1,), {}, AS_DICT, PARTIAL, Unknown, object()])
def test_no_value(value: Any) -> None:
    with pytest.raises(ValidationError):
        Thing(number=value)


@pytest.mark.parametrize("value", [UNKNOWN, ONE_OF, PARTIAL])
def test_a_list_that_is_not_known(value: Any) -> None:
    assert Thing(names=value).names is value


@pytest.mark.parametrize("value", ["ab", (1,), REF, None, AS_DICT, {"known": (), "unknown": None}])
def test_no_list(value: Any) -> None:
    with pytest.raises(ValidationError):
        Thing(names=value)


def test_a_reason_is_no_table() -> None:
    with pytest.raises(ValidationError):
        Thing(doubt=AS_DICT)  # type: ignore[arg-type]
