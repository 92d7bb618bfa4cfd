"""GuardDuty detectors and Config recorders of a region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.aws.answers import Item, Unit, once
from policyscan.resources.base import Resource, Tally
from policyscan.resources.monitoring import Detector
from policyscan.values import Unknown, Why

LISTED = "guardduty:ListDetectors"
DETECTOR = "guardduty:GetDetector"
RECORDERS = "config:DescribeConfigurationRecorders"
STATUS = "config:DescribeConfigurationRecorderStatus"


def read(unit: Unit) -> Iterator[Resource | Tally]:
    """Every detector and recorder; a region with none has none."""
    if not any(map(unit.pages, (LISTED, RECORDERS))):
        return
    found, doubles = once([*_guardduty(unit), *_config(unit)])
    yield from found
    members = ((LISTED, "DetectorIds"), (RECORDERS, "ConfigurationRecorders"))
    counted = sum(
        len(page.data.get(member) or ())
        for subject, member in members
        for page in unit.pages(subject)
    )
    yield unit.tally(Detector.kind, counted, len(found), doubles)


def _guardduty(unit: Unit) -> Iterator[Detector]:
    for page in unit.pages(LISTED):
        for number, name in enumerate(page.data.get("DetectorIds") or ()):
            chain = Item({}, page, f"DetectorIds[{number}]").chain()
            enabled: Any = unit.unanswered(DETECTOR, about=name)
            tags: Any = enabled
            for answer in unit.pages(DETECTOR, about=name):
                item = Item(answer.data, answer, "Status")
                enabled, chain = answer.data.get("Status") == "ENABLED", item.chain()
                tags = dict(answer.data.get("Tags") or {})
            arn = unit.arn("guardduty", f"detector/{name}")
            yield Detector(
                address=arn,
                origin=unit.origin(page),
                tags=tags,
                names=(name,),
                chains={"enabled": chain},
                service="guardduty",
                enabled=enabled,
                region=unit.region,
            )


def _config(unit: Unit) -> Iterator[Detector]:
    statuses = {
        item.data.get("name"): item for item in unit.items(STATUS, "ConfigurationRecordersStatus")
    }
    for item in unit.items(RECORDERS, "ConfigurationRecorders"):
        name = item.data.get("name") or "default"
        status = statuses.get(name)
        enabled: Any = unit.unanswered(STATUS)
        if enabled is None:
            enabled = status is not None and status.data.get("recording") is True
        chain = item.chain("name") if status is None else status.chain("recording")
        arn = item.data.get("arn") or unit.arn("config", f"configuration-recorder/{name}")
        yield Detector(
            address=arn,
            origin=unit.origin(item.answer),
            tags=Unknown(Why.NOT_SEEN, f"the tags of the recorder {name}"),
            names=(name,),
            chains={"enabled": chain},
            service="config",
            enabled=enabled,
            region=unit.region,
        )
