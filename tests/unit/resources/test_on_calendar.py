"""Calendar events of systemd: the longest gap between two runs, counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.resources.schedules.on_calendar import calendar_interval_days, time_span_days

HOUR = 1 / 24


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("weekly", 7),
        ("daily", 1),
        ("daily UTC", 1),
        ("hourly", HOUR),
        ("monthly", 31),
        ("quarterly", 92),
        ("semiannually", 184),
        ("yearly", 366),
        ("Sun *-*-* 02:00:00", 7),
        ("Sun 02:00", 7),
        ("Sunday", 7),
        ("02:00", 1),
        ("02:00 Europe/Berlin", 1),
        ("Mon..Fri 09:30", 3),
        ("Mon-Fri 09:30", 3),
        ("Mon,Thu 10:00 UTC", 4),
        ("*-*-01", 31),
        ("*-*-01 02:00:00", 31),
        ("*-*-1/7", 7),  # 1, 8, 15, 22, 29
        ("*-01,07-01", 184),
        ("*-02~01", 366),
        ("*-*~01", 31),
        ("00/6:00", 0.25),
        ("08..17:00", 15 * HOUR),
        ("*:*:*", 1 / 86400),
        ("*:0/15", 15 / 1440),
        ("Sun *-*-1..7 02:00", 35),  # first Sundays are four or five weeks apart
    ],
)
def test_the_longest_gap(event: str, days: float) -> None:
    assert calendar_interval_days((event,)) == pytest.approx(days)


def test_all_events_of_a_timer_count() -> None:
    assert calendar_interval_days(("Mon 02:00", "Thu 02:00")) == 4
    assert calendar_interval_days(()) is None


@pytest.mark.parametrize(
    "event",
    [
        "",
        "now",
        "@1700000000",
        "2026-01-01",
        "2026-*-01",
        "Funday",
        "Sat..Mon 02:00",
        "*-13-01",
        "*-02-30",
        "*-*-0",
        "24:00",
        "*-*-*/2",
        "*-5/8-*",  # there is no month 13, and systemd refuses it
        "Mon,Thu weekly",
        "weekly weekly",
        "02:00 02:00",
        "02:00:00.5",
    ],
)
def test_what_is_no_certain_event(event: str) -> None:
    assert calendar_interval_days((event,)) is None


@pytest.mark.parametrize(
    ("span", "days"),
    [("1w", 7), ("7d", 7), ("1w 2d", 9), ("604800", 7), ("36h", 1.5), ("90 min", 1 / 16)],
)
def test_time_spans(span: str, days: float) -> None:
    assert time_span_days(span) == pytest.approx(days)


@pytest.mark.parametrize("span", ["", "week", "7 fortnights", "-1d", "0", "infinity", "1d,2d"])
def test_what_is_no_time_span(span: str) -> None:
    assert time_span_days(span) is None


words = st.sampled_from(
    ["Mon", "Mon..Fri", "*-*-*", "*-02-29", "*-*~1", "12:00", "*:*", "weekly", "UTC", "x", "1/2"]
)


@given(st.lists(words, max_size=4))
def test_any_words_give_a_positive_gap_or_none(parts: list[str]) -> None:
    gap = calendar_interval_days((" ".join(parts),))
    assert gap is None or 0 < gap <= 28 * 366


@given(st.text(max_size=60))
def test_any_text_gives_a_gap_or_none(text: str) -> None:
    assert calendar_interval_days((text,)) != 0
    assert time_span_days(text) != 0
