"""Durations and timestamps: how they are written, what is too fine or too long, and their parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from houses import house, judge, one_of, truth, unknown

from policyscan.language import Environment, compile_expression
from policyscan.language.functions import times
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.times import days, duration, timestamp, zone
from policyscan.values import Why

LONGEST = 9_223_372_036_854_775
"""Microseconds: 2^63 - 1 nanoseconds."""


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("1000ns", 1),
        ("1500ns500ns", 2),
        ("0.5ms", 500),
        ("1µs", 1),
        ("1μs", 1),
        ("1h1h", 7_200_000_000),
        ("9223372036.854775s", LONGEST),
        ("-9223372036.854775s", -LONGEST),
        ("0.000001000000000000s", 1),
    ],
)
def test_a_duration_is_exact(text: str, microseconds: int) -> None:
    assert duration(text) == timedelta(microseconds=microseconds)


@pytest.mark.parametrize("text", ["1ns", "0.5us", "999ns", "0.0000001s", "1h0.1ns", "-1ns"])
def test_what_is_finer_than_a_microsecond_is_not_rounded(text: str) -> None:
    with pytest.raises(Fault, match="not a whole number of microseconds"):
        duration(text)


@pytest.mark.parametrize(
    "text", ["9223372036.854776s", "-9223372037s", "2562048h", "9" * 17 + "000ns"]
)
def test_a_duration_is_shorter_than_292_years(text: str) -> None:
    with pytest.raises(Fault, match="292 years"):
        duration(text)


@pytest.mark.parametrize(
    "text",
    [".s", "1.2.3s", "s", "1 s", "١h", "1H", "+-1s", "1h-1m", "0x1s", "1s\n", "9" * 200 + "s"],
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Fault, match="not a duration"):
        duration(text)


def test_days_are_as_long_as_durations_may_be() -> None:
    assert days(106_751) == timedelta(days=106_751)
    with pytest.raises(Fault, match="106752 days are more"):
        days(106_752)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T23:59:59.1234560Z", datetime(2026, 1, 31, 23, 59, 59, 123_456, UTC)),
        ("2026-01-31T23:59:59.000000000Z", datetime(2026, 1, 31, 23, 59, 59, 0, UTC)),
        ("2026-01-31T00:30:00+23:59", datetime(2026, 1, 30, 0, 31, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)),
    ],
)
def test_a_timestamp_is_exact(text: str, moment: datetime) -> None:
    assert timestamp(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T24:00:00Z",
        "2026-01-31T23:59:60Z",
        "2026-01-31T23:59:59.Z",
        "2026-01-31T23:59:59+24:00",
        "2026-01-31T23:59:59+0100",
        "2026-01-31 23:59:59Z",
        "9999-12-31T23:59:59-00:01",
        "2026-1-31T00:00:00Z",
        "2026-01-31T00:00:00Z\n",
    ],
)
def test_what_is_no_timestamp(text: str) -> None:
    with pytest.raises(Fault, match="not a timestamp"):
        timestamp(text)


def test_a_timestamp_that_is_too_fine() -> None:
    with pytest.raises(Fault, match="not a whole number of microseconds"):
        timestamp("2026-01-31T23:59:59.123456789Z")


def value(text: str, **variables: Any) -> object:
    env = Environment()
    return compile_expression(text, env, is_condition=False).value(**variables)


# A leap day, a Saturday: cal 2 2020. In Paris it is an hour later, in Kathmandu 5 h 45 min.
LEAP = 'timestamp("2020-02-29T23:31:30.987654Z")'


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("getFullYear()", 2020),
        ("getMonth()", 1),
        ("getDate()", 29),
        ("getDayOfMonth()", 28),
        ("getDayOfWeek()", 6),
        ("getDayOfYear()", 59),
        ("getHours()", 23),
        ("getMinutes()", 31),
        ("getSeconds()", 30),
        ("getMilliseconds()", 987),
        ('getMonth("Europe/Paris")', 2),
        ('getDate("Europe/Paris")', 1),
        ('getDayOfWeek("Europe/Paris")', 0),
        ('getHours("Asia/Kathmandu")', 5),
        ('getMinutes("Asia/Kathmandu")', 16),
        ('getHours("-23:59")', 23),
        ('getMinutes("-23:59")', 32),
        ('getHours("02:30")', 2),
    ],
)
def test_the_parts_of_a_timestamp(call: str, number: int) -> None:
    assert value(f"{LEAP}.{call}") == number


def test_the_parts_of_a_duration_are_truncated_towards_zero() -> None:
    text = 'duration("-1h59m59.9s")'
    parts = [value(f"{text}.get{part}()") for part in ("Hours", "Minutes", "Seconds")]
    assert parts == [-1, -119, -7199]
    assert value(f"{text}.getMilliseconds()") == -900


@pytest.mark.parametrize(
    "name",
    [
        *("", "utc", "Z", "Mars/Olympus", "europe/paris", "Europe", "localtime", "Factory"),
        *("../UTC", "/usr/share/zoneinfo/UTC", "posix/UTC", "+24:00", "+1:00", "2:00", "+02:60"),
        *("+02:00 ", "UTC\x00", "\ud800", "A" * 10_000, "+0٢:00"),
    ],
)
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(Fault, match="not a time zone"):
        zone(name)


def test_a_machine_without_a_table_of_zones_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "_zone_names", frozenset)
    zone.cache_clear()
    assert zone("UTC") is UTC
    assert zone("+02:00").utcoffset(None) == timedelta(hours=2)
    with pytest.raises(Fault, match="pip install tzdata"):
        zone("Europe/Paris")


def test_a_time_zone_may_lead_beyond_the_years() -> None:
    outcome = judge(
        'timestamp("9999-12-31T23:59:59Z").getFullYear(resource.s) == 9999', house(s="+01:00")
    )
    assert outcome.truth is None
    assert "beyond the years 1 to 9999" in outcome.error


def test_what_is_not_known_keeps_its_reason() -> None:
    u = unknown()
    for text in ("resource.built.getHours() == 1", 'resource.built.getHours("+01:00") == 1'):
        assert judge(text, house(built=u)).reasons == (u,)
    assert judge("resource.built.getHours(resource.s) == 1", house(s=u)).reasons == (u,)
    assert truth("duration(resource.s) > days(1)", s=one_of("q", a="48h", b="72h")) is True
    assert truth("duration(resource.s) > days(1)", s=one_of("q", a="48h", b="1h")) is None


@pytest.mark.parametrize(
    "text",
    [
        "duration(resource.s) > days(1)",
        "timestamp(resource.s) < now",
        "resource.built.getHours(resource.s) == 1",
        "ip(resource.s).isLoopback()",
        "cidr(resource.s).prefixLength() == 8",
        "ip.isCanonical(resource.s)",
        'covers(["10.0.0.0/8"], resource.s)',
        "overlaps(resource.s, '10.0.0.0/8')",
        "is_public(resource.s)",
        "wider_than(resource.s, {'v4': 8})",
        "size(other_ports([resource.s])) == 1",
        "int(resource.s) == 1",
        "double(resource.s) == 1.0",
        "bool(resource.s)",
        "resource.s.charAt(99) == ''",
        "resource.s.substring(3, 2) == ''",
    ],
)
def test_an_error_does_not_repeat_what_a_resource_holds(text: str) -> None:
    outcome = judge(text, house(s="hunter2-hunter2"))
    assert (outcome.truth, outcome.reasons[0].why) == (None, Why.EVALUATION_ERROR)
    told = (outcome.error, outcome.residual, *(reason.needs for reason in outcome.reasons))
    assert not [each for each in told if "hunter2" in each]


def test_what_is_shown_is_how_it_is_written() -> None:
    outcome = judge("resource.warranty > days(40)", house(warranty=timedelta(days=30)))
    assert [each.value_text for each in outcome.witnesses] == ['duration("2592000s")']
    assert duration("2592000s") == timedelta(days=30)
