"""Secrets of Secrets Manager with their rotation and versions, never their values.

A secret that waits to be deleted cannot be read by anybody, so it is counted and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from policyscan.collectors.aws.answers import Item, Unit, distinct, moment, tags_of
from policyscan.resources.base import Chain, Resource, Tally
from policyscan.resources.key_names import is_key_of_aws
from policyscan.resources.keys import Secret
from policyscan.resources.purpose import is_exchange_secret
from policyscan.resources.schedules.aws import rotation_interval_days
from policyscan.values import Unknown, Why

SECRETS = "secretsmanager:ListSecrets"
VERSIONS = "secretsmanager:ListSecretVersionIds"

DELETED = "scheduled for deletion"


def read(unit: Unit) -> Iterator[Resource | Tally]:
    """Every secret of the region that is in use."""
    if not unit.pages(SECRETS):
        return
    items, doubles = distinct(unit.items(SECRETS, "SecretList"), "ARN")
    counts: Counter[str] = Counter(doubles)
    for item in items:
        deleted = item.data.get("DeletedDate") is not None
        counts[DELETED if deleted else ""] += 1
        if not deleted:
            yield _secret(unit, item)
    found = sum(len(page.data.get("SecretList") or ()) for page in unit.pages(SECRETS))
    dropped = {reason: number for reason, number in counts.items() if reason}
    yield Tally(unit.target, Secret.kind, found, counts[""], dropped, unit.name)


def _secret(unit: Unit, item: Item) -> Secret:
    data = item.data
    tags = tags_of(data.get("Tags"))
    name, description = data["Name"], data.get("Description") or None
    purpose = is_exchange_secret((name, description, *tags.values()))
    values = {**_rotation(unit, item), **_versions(unit, data["ARN"])}
    return Secret(
        address=data["ARN"],
        origin=unit.origin(item.answer),
        tags=tags,
        names=(name,),
        chains={
            **{field: item.chain(member) for field, member in _MEMBERS.items()},
            **_version_chains(unit, data["ARN"]),
        },
        scope={"purpose": "derived"} if isinstance(purpose, str) else {},
        name=name,
        description=description,
        purpose=purpose,
        kms="aws_managed" if is_key_of_aws(data.get("KmsKeyId") or "") else "customer",
        observed=True,
        **values,
    )


_MEMBERS = {
    "name": "Name",
    "purpose": "Name",
    "description": "Description",
    "tags": "Tags",
    "kms": "KmsKeyId",
    "rotation_enabled": "RotationEnabled",
    "rotation_interval_days": "RotationRules",
    "rotation_function": "RotationLambdaARN",
    "last_rotated_at": "LastRotatedDate",
}
"""By field, the member of the answer."""


def _rotation(unit: Unit, item: Item) -> dict[str, Any]:
    """Whether, how often and when it is rotated. A replica is rotated in another region, and its
    own answer need not say so."""
    data = item.data
    enabled: Any = data.get("RotationEnabled") is True
    rotated: Any = moment(data.get("LastRotatedDate"))
    primary = data.get("PrimaryRegion")
    elsewhere = None
    if primary and primary != unit.region:
        needs = f"the rotation of {data['Name']} in its primary region {primary}"
        elsewhere = Unknown(Why.NOT_SEEN, needs)
    if elsewhere is not None and rotated is None:
        rotated = elsewhere
    if elsewhere is not None and not enabled:
        return {
            "rotation_enabled": elsewhere,
            "rotation_interval_days": elsewhere,
            "rotation_function": elsewhere,
            "last_rotated_at": rotated,
        }
    return {
        "rotation_enabled": enabled,
        "rotation_interval_days": _interval(data) if enabled else None,
        "rotation_function": (data.get("RotationLambdaARN") or None) if enabled else None,
        "last_rotated_at": rotated,
    }


def _interval(data: Mapping[str, Any]) -> Any:
    rules = data.get("RotationRules") or {}
    days, schedule = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    if days is not None:
        return float(days)
    if schedule is None:
        return Unknown(Why.MISSING, "the interval of the rotation")
    found = rotation_interval_days(schedule)
    needs = f"the interval of the schedule {schedule}"
    return Unknown(Why.UNSUPPORTED, needs) if found is None else found


# -- versions ----------------------------------------------------------------------------------


def _versions(unit: Unit, arn: str) -> dict[str, Any]:
    """How many versions are current, and since when one waits to become it."""
    reason = _unseen(unit, arn)
    if reason is not None:
        return {"current_versions": reason, "pending_since": reason}
    stages = [
        (frozenset(item.data.get("VersionStages") or ()), item.data.get("CreatedDate"))
        for item in distinct(unit.items(VERSIONS, "Versions", about=arn), "VersionId")[0]
    ]
    waiting = [made for labels, made in stages if _waits(labels)]
    return {
        "current_versions": sum("AWSCURRENT" in labels for labels, _ in stages),
        "pending_since": _first(waiting),
    }


def _unseen(unit: Unit, arn: str) -> Unknown | None:
    """Why not all versions are known; None if they are."""
    pages = unit.pages(VERSIONS, about=arn)
    if pages and pages[-1].data.get("NextToken"):
        return Unknown(Why.NOT_SEEN, f"the other versions of {arn}")
    return unit.unanswered(VERSIONS, about=arn)


def _waits(labels: frozenset[str]) -> bool:
    return "AWSPENDING" in labels and "AWSCURRENT" not in labels


def _first(made: list[str | None]) -> datetime | Unknown | None:
    if not made:
        return None
    times = [time for each in made if (time := moment(each)) is not None]
    untold = Unknown(Why.NOT_SEEN, "when the pending version was made")
    return min(times) if len(times) == len(made) else untold


def _version_chains(unit: Unit, arn: str) -> dict[str, Chain]:
    items = list(unit.items(VERSIONS, "Versions", about=arn))
    pending = next((i for i in items if _waits(frozenset(i.data.get("VersionStages") or ()))), None)
    current = next((i for i in items if "AWSCURRENT" in (i.data.get("VersionStages") or ())), None)
    found = {}
    if pending is not None:
        found["pending_since"] = pending.chain("CreatedDate")
    if current is not None:
        found["current_versions"] = current.chain("VersionStages")
    return found
