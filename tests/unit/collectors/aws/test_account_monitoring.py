"""Trails and detectors of an account."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.collectors.aws.kinds import detectors, trails
from policyscan.resources.event_selectors import kept_by, together
from policyscan.values import Unknown, Why, is_known
from tests.unit.collectors.aws.answered import ACCOUNT, HERE, answer, read

EAST = f"{ACCOUNT}/us-east-1"
ARN = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/all"


def shown(unit: str = HERE, *arns: str, home: str = "eu-west-1", **more: Any) -> Any:
    rows = [
        {"Name": "all", "TrailARN": arn, "HomeRegion": home, "IsMultiRegionTrail": True, **more}
        for arn in arns or (ARN,)
    ]
    return answer("cloudtrail:DescribeTrails", {"trailList": rows}, unit=unit)


def status(logging: bool, unit: str = HERE) -> Any:
    return answer("cloudtrail:GetTrailStatus", {"IsLogging": logging}, ARN, unit)


def selectors(basic: Any = (), advanced: Any = (), unit: str = HERE) -> Any:
    data = {
        "TrailARN": ARN,
        "EventSelectors": list(basic),
        "AdvancedEventSelectors": list(advanced),
    }
    return answer("cloudtrail:GetEventSelectors", data, ARN, unit)


def test_a_trail() -> None:
    more = {"LogFileValidationEnabled": True, "KmsKeyId": "arn:key"}
    found, _ = read(trails.read, shown(HERE, ARN, **more), status(True), selectors())
    trail = found[ARN]
    assert (trail.name, trail.multi_region, trail.is_logging) == ("all", True, True)
    assert (trail.log_file_validation, trail.kms_encrypted) == (True, True)
    assert trail.management_events == "All"
    assert trail.provenance("is_logging")[0].label == "IsLogging"


def test_a_trail_shows_in_several_regions_and_is_judged_at_home() -> None:
    answers = (shown(HERE), shown(EAST), status(True), selectors())
    assert list(read(trails.read, *answers)[0]) == [ARN]
    found, tallies = read(trails.read, *answers, unit=EAST)
    assert found == {}
    assert tallies["Trail"].dropped == {trails.ELSEWHERE: 1}


def test_a_trail_whose_home_was_not_asked_is_judged_once() -> None:
    west, east = f"{ACCOUNT}/us-west-2", EAST
    answers = (shown(west), shown(east))
    assert list(read(trails.read, *answers, unit=east)[0]) == [ARN]
    assert read(trails.read, *answers, unit=west)[0] == {}


def test_what_was_not_answered_of_a_trail_is_not_known() -> None:
    trail = read(trails.read, shown())[0][ARN]
    assert not is_known(trail.is_logging)
    assert not is_known(trail.management_events)
    assert (trail.log_file_validation, trail.kms_encrypted) == (False, False)


def basic(word: str | None, included: bool | None = None) -> dict[str, Any]:
    pairs = {"ReadWriteType": word, "IncludeManagementEvents": included}
    return {name: value for name, value in pairs.items() if value is not None}


def advanced(**fields: list[str]) -> dict[str, Any]:
    return {"FieldSelectors": [{"Field": name, "Equals": value} for name, value in fields.items()]}


MANAGEMENT = {"eventCategory": ["Management"]}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (selectors([basic("ReadOnly")]), "ReadOnly"),
        (selectors([basic("ReadOnly"), basic("WriteOnly")]), "All"),
        (selectors([basic("All", included=False)]), "None"),
        (selectors([basic("All", included=False), basic("WriteOnly")]), "WriteOnly"),
        (selectors([basic(None, included=True)]), "All"),
        (selectors(advanced=[advanced(**MANAGEMENT)]), "All"),
        (selectors(advanced=[advanced(**MANAGEMENT, readOnly=["true"])]), "ReadOnly"),
        (selectors(advanced=[advanced(eventCategory=["Data"])]), "None"),
        (
            selectors(advanced=[advanced(**MANAGEMENT, eventName=["x"]), advanced(**MANAGEMENT)]),
            "All",
        ),
    ],
)
def test_management_events(told: Any, kept: str) -> None:
    assert read(trails.read, shown(), told)[0][ARN].management_events == kept


def test_selectors_that_leave_something_out_are_not_known() -> None:
    without = {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}
    selector = advanced(**MANAGEMENT)
    selector["FieldSelectors"].append(without)
    told = selectors(advanced=[selector])
    assert isinstance(read(trails.read, shown(), told)[0][ARN].management_events, Unknown)


def test_a_basic_selector_that_leaves_services_out_keeps_not_all() -> None:
    """It is what `eventSource NotEquals` is among advanced ones."""
    without = {
        **basic("All", included=True),
        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
    }
    trail = read(trails.read, shown(), selectors([without]))[0][ARN]
    assert isinstance(trail.management_events, Unknown)
    none_left_out = {**basic("All", included=True), "ExcludeManagementEventSources": []}
    trail = read(trails.read, shown(), selectors([none_left_out]))[0][ARN]
    assert trail.management_events == "All"


def test_selectors_together() -> None:
    reason = Unknown(Why.UNSUPPORTED, "x")
    assert together([]) == "None"
    assert together(["None", "ReadOnly"]) == "ReadOnly"
    assert together([reason, "All"]) == "All"
    assert together(["ReadOnly", reason]) is reason
    assert kept_by({"eventCategory": ("Management",), "eventName": ("x",)}) == "None"
    assert kept_by({"readOnly": ("true",)}) is None


# -- detectors ---------------------------------------------------------------------------------

GUARD = f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/d1"
RECORDER = f"arn:aws:config:eu-west-1:{ACCOUNT}:configuration-recorder/default"


def test_detectors_and_recorders() -> None:
    found, tallies = read(
        detectors.read,
        answer("guardduty:ListDetectors", {"DetectorIds": ["d1", "d2"]}),
        answer("guardduty:GetDetector", {"Status": "ENABLED", "Tags": {"a": "b"}}, "d1"),
        answer(
            "config:DescribeConfigurationRecorders",
            {"ConfigurationRecorders": [{"name": "default"}]},
        ),
        answer(
            "config:DescribeConfigurationRecorderStatus",
            {"ConfigurationRecordersStatus": [{"name": "default", "recording": True}]},
        ),
    )
    assert set(found) == {GUARD, GUARD.replace("d1", "d2"), RECORDER}
    assert (found[GUARD].service, found[GUARD].enabled) == ("guardduty", True)
    assert (found[GUARD].region, found[GUARD].tags) == ("eu-west-1", {"a": "b"})
    assert not is_known(found[GUARD.replace("d1", "d2")].enabled)
    assert (found[RECORDER].service, found[RECORDER].enabled) == ("config", True)
    assert tallies["Detector"].found == 3


@pytest.mark.parametrize(
    ("told", "enabled"),
    [
        ([{"name": "default", "recording": False}], False),
        ([{"name": "other", "recording": True}], False),
        ([], False),
    ],
)
def test_a_recorder_that_does_not_record(told: list[Any], enabled: bool) -> None:
    found, _ = read(
        detectors.read,
        answer(
            "config:DescribeConfigurationRecorders",
            {"ConfigurationRecorders": [{"name": "default"}]},
        ),
        answer(
            "config:DescribeConfigurationRecorderStatus", {"ConfigurationRecordersStatus": told}
        ),
    )
    assert found[RECORDER].enabled is enabled


def test_a_recorder_whose_status_was_not_answered_is_not_known() -> None:
    listed = {"ConfigurationRecorders": [{"name": "default"}]}
    found, _ = read(detectors.read, answer("config:DescribeConfigurationRecorders", listed))
    assert not is_known(found[RECORDER].enabled)


def test_a_region_with_nothing_that_watches_has_a_tally() -> None:
    found, tallies = read(detectors.read, answer("guardduty:ListDetectors", {"DetectorIds": []}))
    assert found == {}
    assert tallies["Detector"].found == 0
