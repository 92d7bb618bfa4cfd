"""Schedules: the longest gap between two runs, counted by hand on a calendar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.resources.schedules.aws import rotation_interval_days

HOUR = 1 / 24


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("rate(7 days)", 7),
        ("rate(1 day)", 1),
        ("rate(12 hours)", 0.5),
        ("rate(4 hours)", 4 * HOUR),
        (" rate( 30  days ) ", 30),
        ("cron(0 8 * * ? *)", 1),
        ("cron(0 8 ? * * *)", 1),
        ("cron(0 0 1 * ? *)", 31),
        ("cron(0 8 L * ? *)", 31),
        ("cron(0 8 ? * SUN *)", 7),
        ("cron(0 8 ? * 1 *)", 7),
        ("cron(0 8 ? * MON-FRI *)", 3),  # Friday to Monday
        ("cron(0 8 ? * TUE,THU *)", 5),  # Thursday to Tuesday
        ("cron(0 8 1,15 * ? *)", 17),  # the 15th of a month of 31 days to the 1st
        ("cron(0 8 1/10 * ? *)", 10),  # 1, 11, 21, 31: the 21st to the 1st after 30 days is 10
        ("cron(0 8 1 1/3 ? *)", 92),  # July to October
        ("cron(0 8 1 JAN,JUL ? *)", 184),  # July to January
        ("cron(0 8 1 1 ? *)", 366),
        ("cron(0 8 29 2 ? *)", 1461),  # from one leap day to the next
        ("cron(0 0/4 * * ? *)", 4 * HOUR),
        ("cron(0 8,20 * * ? *)", 0.5),
        ("cron(0 8,12 * * ? *)", 20 * HOUR),
        ("cron(0 8,12 ? * MON *)", 7 - 4 * HOUR),
        ("cron(30,0 8 * * ? *)", 1 - HOUR / 2),
        ("cron(0 8 ? * 2#1 *)", 35),  # first Mondays are four or five weeks apart
        ("cron(0 8 ? * 6L *)", 35),
        ("cron(0 8 ? * L *)", 7),
    ],
)
def test_the_longest_gap(expression: str, days: float) -> None:
    assert rotation_interval_days(expression) == pytest.approx(days)


def test_the_nearest_weekday_stays_in_its_month() -> None:
    # The 1st of October 2023 is a Sunday: it runs on the 2nd; the 1st of November is a Wednesday.
    # The longest gap is from a 1st (Friday, 1 December 2023) to ... at most 31 + 2 days.
    gap = rotation_interval_days("cron(0 8 1W * ? *)")
    assert gap is not None and 31 <= gap <= 33
    assert rotation_interval_days("cron(0 8 LW * ? *)") is not None


@pytest.mark.parametrize(
    "expression",
    [
        "", "daily", "rate(0 days)", "rate(7)", "rate(7 weeks)", "rate(-1 days)", "rate(1.5 days)",
        "cron(0 8 * * *)", "cron(0 8 * * * *)", "cron(0 8 ? * ? *)", "cron(60 8 * * ? *)",
        "cron(0 24 * * ? *)", "cron(0 8 32 * ? *)", "cron(0 8 1 13 ? *)", "cron(0 8 ? * 8 *)",
        "cron(0 8 30 2 ? *)", "cron(0 8 1 * ? 2026)", "cron(0/0 8 * * ? *)", "cron(0 8 5-1 * ? *)",
        "cron(0 8 ? * FOO *)", "cron(, 8 * * ? *)", "cron(0 8 1-2W * ? *)", "cron(0 8 ? * MON#6 *)",
        "cron(0 8 W * ? *)", "cron(" + "1," * 5000 + "1 8 * * ? *)",
    ],
)  # fmt: skip
def test_what_is_no_schedule_without_years_has_no_interval(expression: str) -> None:
    assert rotation_interval_days(expression) is None


@given(st.integers(1, 999))
def test_a_rate_in_hours_is_a_twenty_fourth_of_one_in_days(number: int) -> None:
    hours, days = (rotation_interval_days(f"rate({number} {unit})") for unit in ("hours", "days"))
    assert hours is not None and days == number
    assert hours * 24 == pytest.approx(days)


@given(st.text(alphabet="0123456789*?/,-LW#JANMO ", max_size=25))
def test_no_text_is_an_accident(text: str) -> None:
    interval = rotation_interval_days(f"cron({text})")
    assert interval is None or interval > 0
