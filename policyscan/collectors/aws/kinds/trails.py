"""Trails of CloudTrail with their state and their selectors.

A trail of several regions shows in each of them. It is one resource, in the region that is its
home; if that did not answer, in the first one that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from policyscan.collectors.aws.answers import Item, Unit, distinct
from policyscan.resources.base import Chain, Resource, Tally
from policyscan.resources.event_selectors import EVENTS, kept_by, together
from policyscan.resources.monitoring import Trail
from policyscan.values import Unknown, Why

TRAILS = "cloudtrail:DescribeTrails"
STATUS = "cloudtrail:GetTrailStatus"
SELECTORS = "cloudtrail:GetEventSelectors"

ELSEWHERE = "counted in another region that shows it"


def read(unit: Unit) -> Iterator[Resource | Tally]:
    """Every trail that is judged here."""
    if not unit.pages(TRAILS):
        return
    items, doubles = distinct(unit.items(TRAILS, "trailList"), "TrailARN")
    counts: Counter[str] = Counter(doubles)
    for item in items:
        elsewhere = _place(unit, item.data) != unit.region
        counts[ELSEWHERE if elsewhere else ""] += 1
        if not elsewhere:
            yield _trail(unit, item)
    dropped = {reason: number for reason, number in counts.items() if reason}
    yield unit.tally(Trail.kind, unit.count(TRAILS, "trailList"), counts[""], dropped)


def _place(unit: Unit, data: Mapping[str, Any]) -> str:
    """The region in which a trail is judged."""
    home = str(data.get("HomeRegion") or unit.region)
    if home in (unit.region, *unit.regions(TRAILS)):
        return home
    start = f"{unit.account}/"
    showing = {
        answer.unit.removeprefix(start)
        for answer in unit.others
        if answer.subject == TRAILS and answer.unit.startswith(start)
        for trail in answer.data.get("trailList") or ()
        if trail.get("TrailARN") == data["TrailARN"]
    }
    return min(showing, default=unit.region)


def _trail(unit: Unit, item: Item) -> Trail:
    data = item.data
    arn = data["TrailARN"]
    logging: Any = unit.unanswered(STATUS, about=arn)
    chains = {
        "name": item.chain("Name"),
        "multi_region": item.chain("IsMultiRegionTrail"),
        "log_file_validation": item.chain("LogFileValidationEnabled"),
        "kms_encrypted": item.chain("KmsKeyId"),
    }
    for answer in unit.pages(STATUS, about=arn):
        logging = answer.data.get("IsLogging") is True
        chains["is_logging"] = Item(answer.data, answer, "IsLogging").chain()
    events, chain = _events(unit, item)
    return Trail(
        address=arn,
        origin=unit.origin(item.answer),
        tags=Unknown(Why.NOT_SEEN, f"the tags of {arn}"),
        names=(data["Name"],),
        chains={**chains, "management_events": chain},
        name=data["Name"],
        multi_region=data.get("IsMultiRegionTrail") is True,
        is_logging=logging,
        log_file_validation=data.get("LogFileValidationEnabled") is True,
        kms_encrypted=bool(data.get("KmsKeyId")),
        management_events=events,
    )


def _events(unit: Unit, item: Item) -> tuple[Any, Chain]:
    """Which management events a trail keeps: all, unless somebody chose others."""
    arn = item.data["TrailARN"]
    for answer in unit.pages(SELECTORS, about=arn):
        advanced = answer.data.get("AdvancedEventSelectors") or ()
        if advanced:
            chain = Item(answer.data, answer, "AdvancedEventSelectors").chain()
            return _advanced(advanced), chain
        basic = answer.data.get("EventSelectors") or ()
        chain = Item(answer.data, answer, "EventSelectors").chain()
        if not basic and not item.data.get("HasCustomEventSelectors"):
            return "All", chain
        return together([_basic(each) for each in basic]), chain
    return unit.unanswered(SELECTORS, about=arn), item.chain()


def _basic(selector: Mapping[str, Any]) -> Any:
    if selector.get("IncludeManagementEvents") is False:
        return "None"
    if selector.get("ExcludeManagementEventSources"):
        return Unknown(Why.UNSUPPORTED, "an event selector that leaves out services")
    word = selector.get("ReadWriteType") or "All"
    return word if word in EVENTS else Unknown(Why.UNSUPPORTED, "this event selector")


def _advanced(selectors: Any) -> Any:
    kept: list[str] = []
    for selector in selectors:
        fields: dict[str, tuple[str, ...]] = {}
        for condition in selector.get("FieldSelectors") or ():
            others = {key for key, value in condition.items() if value} - {"Field", "Equals"}
            if others or not condition.get("Equals"):
                return Unknown(Why.UNSUPPORTED, "this advanced event selector")
            fields[str(condition.get("Field"))] = tuple(condition["Equals"])
        keeps = kept_by(fields)
        kept += [] if keeps is None else [keeps]
    return together(kept)
