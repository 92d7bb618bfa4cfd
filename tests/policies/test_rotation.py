"""The age of keys: without configuration, with it, on leap days, across zones, years away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from policyscan.config import Configuration, parse_configuration
from tests.scanning import scan_files, verdicts

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
LIMITS = ("PS-ROT-001", "PS-ROT-002", "PS-ROT-003")


def judged(
    tmp_path: Path,
    rotated: str,
    *,
    more: str = "",
    now: datetime = NOW,
    configuration: Configuration | None = None,
) -> dict[str, str]:
    """The verdicts of the limits on a key that was rotated then."""
    entry = f'{{name: grid, owner: alice, function: trading, rotated: "{rotated}"{more}}}'
    report = scan_files(
        tmp_path,
        {"keys.yaml": f"version: 1\nkeys:\n  - {entry}\n"},
        select=("ROT",),
        now=now,
        configuration=configuration,
    )
    assert not report.gaps
    return {name: verdicts(report, name)["keys.yaml#grid"] for name in LIMITS}


def days_ago(days: int) -> str:
    return f"{NOW - timedelta(days=days):%Y-%m-%d}"


def test_without_any_configuration(tmp_path: Path) -> None:
    assert judged(tmp_path, days_ago(100))["PS-ROT-003"] == "fail"
    assert set(judged(tmp_path, days_ago(5)).values()) == {"pass"}
    middle = judged(tmp_path, days_ago(45))
    assert middle == dict(zip(LIMITS, ("unknown", "unknown", "pass"), strict=True))


def test_what_is_between_names_the_tier(tmp_path: Path) -> None:
    entry = f'{{name: grid, owner: alice, function: trading, rotated: "{days_ago(45)}"}}'
    report = scan_files(
        tmp_path, {"keys.yaml": f"version: 1\nkeys:\n  - {entry}\n"}, select=("ROT",), now=NOW
    )
    unknown = [f for f in report.findings if f.verdict.value == "unknown"]
    assert {finding.policy_id for finding in unknown} == {"PS-ROT-001", "PS-ROT-002"}
    for finding in unknown:
        assert "the tier of its account" in finding.needs
    assert any("tier: high, medium or low" in q.question for q in report.scope_questions)


@pytest.mark.parametrize(
    ("tier", "ages"),
    [
        ("high", {5: "pass", 45: "fail", 100: "fail"}),
        ("medium", {5: "pass", 45: "fail", 100: "fail"}),
        ("low", {5: "pass", 45: "pass", 100: "fail"}),
    ],
)
@pytest.mark.parametrize("where", ["register", "configuration"])
def test_with_the_tier_declared(
    tmp_path: Path, tier: str, ages: dict[int, str], where: str
) -> None:
    """The limit of the tier, and the outer one, which is that of the low tier as well."""
    more, configuration = f", environment: production, tier: {tier}", None
    if where == "configuration":
        more = ""
        answers = f"tier: {tier}, environment: production"
        text = f"version: 1\nscope:\n  assign:\n    - {{match: {{path: '*'}}, {answers}}}\n"
        configuration = parse_configuration("policyscan.yaml", text.encode())
    own = {"high": "PS-ROT-001", "medium": "PS-ROT-002", "low": "PS-ROT-003"}[tier]
    for age, expected in ages.items():
        found = judged(tmp_path, days_ago(age), more=more, configuration=configuration)
        assert found[own] == expected, age
        others = {name: v for name, v in found.items() if name not in (own, "PS-ROT-003")}
        assert set(others.values()) == {"not_applicable"}
        assert found["PS-ROT-003"] == ("fail" if age == 100 else "pass")


HIGH = ", environment: production, tier: high"


@pytest.mark.parametrize(
    ("rotated", "now", "verdict"),
    [
        # a week to the second, and one second more
        ("2026-11-21T12:00:00Z", datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC), "pass"),
        ("2026-11-21T12:00:00Z", datetime(2026, 11, 28, 12, 0, 1, tzinfo=UTC), "fail"),
        # a date is its first moment in UTC
        ("2026-11-21", datetime(2026, 11, 28, 0, 0, 0, tzinfo=UTC), "pass"),
        ("2026-11-21", datetime(2026, 11, 28, 0, 0, 1, tzinfo=UTC), "fail"),
        # the same moment in other zones
        ("2026-11-21T21:00:00+09:00", datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC), "pass"),
        ("2026-11-21T21:00:00+09:00", datetime(2026, 11, 28, 12, 0, 1, tzinfo=UTC), "fail"),
        ("2026-11-21T02:00:00-10:00", datetime(2026, 11, 28, 12, 0, 1, tzinfo=UTC), "fail"),
        # a clock in another zone is the same clock
        (
            "2026-11-21T12:00:00Z",
            datetime(2026, 11, 28, 21, 0, 1, tzinfo=timezone(timedelta(hours=9))),
            "fail",
        ),
        # seven days over a leap day end on the 5th, without one on the 6th
        ("2024-02-27", datetime(2024, 3, 5, tzinfo=UTC), "pass"),
        ("2024-02-27", datetime(2024, 3, 6, tzinfo=UTC), "fail"),
        ("2025-02-27", datetime(2025, 3, 6, tzinfo=UTC), "pass"),
        ("2025-02-27", datetime(2025, 3, 7, tzinfo=UTC), "fail"),
        ("2024-02-29", datetime(2024, 3, 7, tzinfo=UTC), "pass"),
        # over the end of a year, and over the change to summer time in Europe
        ("2025-12-28", datetime(2026, 1, 4, tzinfo=UTC), "pass"),
        ("2026-03-25T01:00:00+01:00", datetime(2026, 4, 1, 0, 0, 0, tzinfo=UTC), "pass"),
        ("2026-03-25T01:00:00+01:00", datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC), "fail"),
    ],
)
def test_the_limit_of_a_week(tmp_path: Path, rotated: str, now: datetime, verdict: str) -> None:
    assert judged(tmp_path, rotated, more=HIGH, now=now)["PS-ROT-001"] == verdict


def test_a_clock_years_ahead_finds_every_key_too_old(tmp_path: Path) -> None:
    late = NOW.replace(year=2036)
    assert judged(tmp_path, days_ago(1), more=HIGH, now=late)["PS-ROT-001"] == "fail"


def test_a_clock_years_behind_passes_nothing(tmp_path: Path) -> None:
    """A key from the future is a mistake in the register or of the clock, and no fresh key."""
    entry = f'{{name: grid, owner: alice, function: trading, rotated: "{days_ago(100)}"{HIGH}}}'
    report = scan_files(
        tmp_path,
        {"keys.yaml": f"version: 1\nkeys:\n  - {entry}\n"},
        select=("ROT",),
        now=NOW.replace(year=2016),
    )
    assert [gap.message for gap in report.gaps] == ["keys[0].rotated lies in the future"]
    assert verdicts(report, "PS-ROT-001") == {"keys.yaml#grid": "unknown"}
    assert verdicts(report, "PS-ROT-003") == {"keys.yaml#grid": "unknown"}


def test_a_key_that_is_not_said_to_be_for_emergencies_is_none(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "keys.yaml": f'version: 1\nkeys:\n  - {{name: k, owner: a, created: "{days_ago(100)}"}}\n'
    }
    report = scan_files(tmp_path, files, select=("ROT",), now=NOW)
    assert verdicts(report, "PS-ROT-003") == {"keys.yaml#k": "fail"}
