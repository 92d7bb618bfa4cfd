"""Crontab schedules: the longest gap between two runs, counted by hand on a calendar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.resources.schedules.crontab import crontab_interval_days

HOUR = 1 / 24


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("0 2 * * 0", 7),
        ("0 2 * * 7", 7),
        ("0 2 * * SUN", 7),
        ("0 2 * * sun", 7),
        ("@weekly", 7),
        ("@Daily", 1),
        ("@midnight", 1),
        ("@monthly", 31),
        ("@yearly", 366),
        ("@annually", 366),
        ("@hourly", HOUR),
        ("0 2 1 * *", 31),
        ("0 2 1 */3 *", 92),  # July to October
        ("0 2 1 jan,jul *", 184),  # July to January
        ("0 2 31 * *", 61),  # March to May
        ("0 0 29 2 *", 1461),  # from one leap day to the next
        ("0 0 1,15 * *", 17),  # the 15th of a month of 31 days to the 1st
        ("*/5 * * * *", 5 / 1440),
        ("0 */6 * * *", 0.25),
        ("0 8-17/4 * * *", 16 * HOUR),  # 8, 12, 16 and then 8
        ("0 2 * * 1-5", 3),  # Friday to Monday
        ("0 2 * * 5-7", 5),  # Sunday to Friday
        ("0 2 * * mon,thu", 4),  # Thursday to Monday
        ("0 2 1 * 5", 7),  # the 1st, or a Friday: no gap is longer than between two Fridays
        ("0 2 */2 * 1", 21),  # Mondays with an odd date: the 23rd, not the 30th and 6th, the 13th
        ("0 2,14 * * 0", 6.5),
    ],
)
def test_the_longest_gap(schedule: str, days: float) -> None:
    assert crontab_interval_days((schedule,)) == pytest.approx(days)


def test_all_schedules_of_a_job_count() -> None:
    assert crontab_interval_days(("0 2 * * 1", "0 2 * * 4")) == 4
    assert crontab_interval_days(("0 2 * * 1", "0 14 * * 1")) == 6.5
    assert crontab_interval_days(()) is None


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "@reboot",
        "@every 5m",
        "0 2 * *",
        "0 2 * * * *",
        "60 2 * * *",
        "0 24 * * *",
        "0 2 0 * *",
        "0 2 32 * *",
        "0 2 * 13 *",
        "0 2 * * 8",
        "0 2 * * sat-sun",
        "0 2 5-1 * *",
        "*/0 2 * * *",
        "0 2 30 2 *",
        "H 2 * * *",
        "0~59 2 * * *",
        "0 2 ? * 0",
        "0 2 L * *",
        "5/15 2 * * *",
        "0 2 * * 0,",
        "\u0660 2 * * *",
    ],
)
def test_what_is_no_certain_schedule(schedule: str) -> None:
    assert crontab_interval_days((schedule,)) is None


def test_github_goes_on_from_a_number_with_a_step() -> None:
    assert crontab_interval_days(("20/15 * * * *",), open_steps=True) == 30 / 1440  # 50 to 20


def test_weekday_and_date_at_once_are_looked_for_over_all_calendars() -> None:
    # The 1st or 29th of February as a Monday: 1 February 2027, 2038, 2044, 2049, ...; the 29th in
    # 2044 and 2072. From 2027 to 2038 are 11 years with three leap days after 1 February.
    assert crontab_interval_days(("0 0 */28 2 1",)) == 4018


fields = st.sampled_from(
    ["*", "0", "1", "5", "*/2", "1-5", "MON", "JAN", "31", "7", "1,3", "x", "/"]
)


@given(st.lists(fields, min_size=4, max_size=6))
def test_any_fields_give_a_positive_gap_or_none(words: list[str]) -> None:
    gap = crontab_interval_days((" ".join(words),))
    assert gap is None or 0 < gap <= 28 * 366


@given(st.text(max_size=60))
def test_any_text_gives_a_gap_or_none(text: str) -> None:
    gap = crontab_interval_days((text,))
    assert gap is None or gap > 0
