"""The conversions: what each takes, what it gives, and what it refuses.

Expected values are those of cel-expr-python 0.1.3 where it has one, and of Go (strconv) where the
two differ: spaces around an integer, a number too large for a double.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from policyscan.language.functions import conversions, times
from policyscan.language.functions.arithmetic import Fault

STRINGS = {
    1.0: "1",
    100000.0: "100000",
    999999.0: "999999",
    1000000.0: "1e+06",
    1234567.5: "1.2345675e+06",
    12345.678: "12345.678",
    0.001: "0.001",
    0.0001: "0.0001",
    0.00001: "1e-05",
    1 / 3: "0.3333333333333333",
    2.0**53: "9.007199254740992e+15",
    1e22: "1e+22",
    5e-324: "5e-324",
    1.7976931348623157e308: "1.7976931348623157e+308",
    -4.5e-3: "-0.0045",
    float("inf"): "inf",
    float("-inf"): "-inf",
}


@pytest.mark.parametrize("value", STRINGS)
def test_a_double_is_written_as_short_as_it_can_be(value: float) -> None:
    assert conversions.to_string(value) == STRINGS[value]
    assert conversions.to_double(STRINGS[value]) == value


def test_signs_of_zero_and_what_is_no_number() -> None:
    assert conversions.to_string(-0.0) == "-0"
    assert conversions.to_string(0.0) == "0"
    assert conversions.to_string(float("nan")) == "nan"


def test_other_values_are_written_as_the_language_reads_them() -> None:
    moment = datetime(2026, 1, 31, 1, 2, 3, 450_000, timezone(timedelta(hours=1)))
    assert conversions.to_string(moment) == "2026-01-31T00:02:03.45Z"
    assert conversions.to_string(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"
    assert conversions.to_string(timedelta(hours=1, microseconds=1)) == "3600.000001s"
    assert conversions.to_string(-timedelta(milliseconds=1500)) == "-1.5s"
    assert conversions.to_string(timedelta()) == "0s"
    assert [conversions.to_string(each) for each in (True, False, -3, "x")] == [
        "true",
        "false",
        "-3",
        "x",
    ]


INTS = {
    1.9: 1,
    -1.9: -1,
    9223372036854774784.0: 9223372036854774784,
    "-9223372036854775808": -(2**63),
    "+7": 7,
    "007": 7,
}
NO_INTS = [
    *(9.3e18, -9.3e18, float("nan"), float("inf"), 2.0**63, -(2.0**63)),
    *("", " 5", "5.0", "1_0", "0x1", "9223372036854775808", "5" * 5000, "٣"),
]


@pytest.mark.parametrize("value", INTS)
def test_an_int_is_read(value: float | str) -> None:
    assert conversions.to_int(value) == INTS[value]


@pytest.mark.parametrize("value", NO_INTS, ids=range(len(NO_INTS)))
def test_what_is_no_int_is_a_fault(value: float | str) -> None:
    with pytest.raises(Fault):
        conversions.to_int(value)


def test_seconds_since_1970_are_rounded_down() -> None:
    assert conversions.to_int(datetime(1969, 12, 31, 23, 59, 59, 500_000, UTC)) == -1
    assert times.timestamp(-1) == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert times.timestamp(253402300799).year == 9999
    for beyond in (253402300800, -62135596801, 2**63 - 1, -(2**63)):
        with pytest.raises(Fault):
            times.timestamp(beyond)


@pytest.mark.parametrize("text", ["", "x", " 1", "1_0", "0x10", "1e999", "1" * 500, "1e", "."])
def test_what_is_no_double_is_a_fault(text: str) -> None:
    with pytest.raises(Fault):
        conversions.to_double(text)


@pytest.mark.parametrize("text", ["1.", ".5", "1e5", "-Infinity", "NaN", "+0.1e-3"])
def test_a_double_is_read(text: str) -> None:
    assert str(conversions.to_double(text)) == str(float(text))


def test_only_few_texts_are_truth_values() -> None:
    for text in ("1", "t", "true", "TRUE", "True"):
        assert conversions.to_bool(text) is True
    for text in ("0", "f", "false", "FALSE", "False"):
        assert conversions.to_bool(text) is False
    for text in ("", "yes", "T", "tRue", "2"):
        with pytest.raises(Fault):
            conversions.to_bool(text)
