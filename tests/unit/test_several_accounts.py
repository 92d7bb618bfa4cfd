"""Several accounts that are asked together, and one account that several targets ask."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from policyscan.collectors.interface import Answer, Target
from policyscan.config import parse_configuration
from policyscan.errors import PolicyError, UsageError
from policyscan.findings import Report
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import scan
from policyscan.request import ScanRequest
from tests.scanning import NOW

A, B = "111122223333", "444455556666"
AT = datetime(2026, 1, 1, tzinfo=UTC)
DETECTORS, TRAIL = "PS-MON-002", "PS-MON-001"


def watched(account: str, region: str) -> tuple[Answer, ...]:
    """The answers of a region in which GuardDuty and the recorder are on."""
    unit = f"{account}/{region}"

    def told(subject: str, data: Any, about: str = "") -> Answer:
        return Answer(unit, subject, data, about, 1, AT)

    return (
        told("guardduty:ListDetectors", {"DetectorIds": ["d1"]}),
        told("guardduty:GetDetector", {"Status": "ENABLED"}, "d1"),
        told("config:DescribeConfigurationRecorders", {"ConfigurationRecorders": [{"name": "r"}]}),
        told(
            "config:DescribeConfigurationRecorderStatus",
            {"ConfigurationRecordersStatus": [{"name": "r", "recording": True}]},
        ),
    )


def unwatched(account: str, region: str) -> tuple[Answer, ...]:
    unit = f"{account}/{region}"
    return (
        Answer(unit, "guardduty:ListDetectors", {"DetectorIds": []}, "", 1, AT),
        Answer(
            unit,
            "config:DescribeConfigurationRecorders",
            {"ConfigurationRecorders": []},
            "",
            1,
            AT,
        ),
    )


def report_on(
    answers: dict[str, tuple[Answer, ...]], policy: str, options: bytes = b"version: 1"
) -> Report:
    request = ScanRequest(
        path=None,
        configuration=parse_configuration("policyscan.yaml", options),
        profile=load_profile("audit", Path.cwd()),
        targets=tuple(Target("aws", name) for name in answers),
        answers=answers,
        select=(policy,),
    )
    return scan(request, now=NOW)


def verdicts(report: Report) -> dict[str, set[str]]:
    """By account."""
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        account = finding.resource.unit.partition("/")[0]
        found.setdefault(account, set()).add(finding.verdict.value)
    return found


def test_regions_that_one_account_was_asked_in_are_not_demanded_of_another() -> None:
    report = report_on(
        {"aws:a": watched(A, "eu-west-1"), "aws:b": watched(B, "us-east-1")}, DETECTORS
    )
    assert verdicts(report) == {A: {"pass"}, B: {"pass"}}


def test_each_account_answers_for_its_own_regions() -> None:
    report = report_on(
        {
            "aws:a": (*watched(A, "eu-west-1"), *unwatched(A, "us-east-1")),
            "aws:b": watched(B, "us-east-1"),
        },
        DETECTORS,
    )
    assert verdicts(report) == {A: {"fail"}, B: {"pass"}}


def test_regions_that_are_stated_hold_for_every_account() -> None:
    report = report_on(
        {"aws:a": watched(A, "eu-west-1"), "aws:b": watched(B, "us-east-1")},
        DETECTORS,
        b"version: 1\ncontext: {regions: [eu-west-1]}",
    )
    assert verdicts(report) == {A: {"pass"}, B: {"unknown"}}


def test_two_targets_may_ask_one_account_in_its_regions() -> None:
    report = report_on(
        {"aws:eu": watched(A, "eu-west-1"), "aws:us": unwatched(A, "us-east-1")},
        DETECTORS,
        b"version: 1\ncontext: {regions: [eu-west-1, us-east-1]}",
    )
    assert verdicts(report) == {A: {"fail"}}


def test_a_set_is_not_whole_if_another_target_of_the_account_saw_a_part() -> None:
    # In us-east-1 no list was answered, so that nothing was counted.
    report = report_on(
        {
            "aws:eu": watched(A, "eu-west-1"),
            "aws:us": (
                Answer(
                    f"{A}/us-east-1", "guardduty:GetDetector", {"Status": "ENABLED"}, "d", 1, AT
                ),
            ),
        },
        DETECTORS,
    )
    assert verdicts(report) == {A: {"unknown"}}


def test_what_one_target_saw_whole_another_cannot_hide() -> None:
    partly = (Answer(f"{A}/eu-west-1", "guardduty:GetDetector", {"Status": "x"}, "d", 1, AT),)
    report = report_on({"aws:one": unwatched(A, "eu-west-1"), "aws:two": partly}, DETECTORS)
    assert verdicts(report) == {A: {"fail"}}


def test_regions_that_are_stated_cannot_be_none() -> None:
    with pytest.raises((UsageError, PolicyError), match="regions is empty"):
        parse_configuration("policyscan.yaml", b"version: 1\ncontext: {regions: []}")
