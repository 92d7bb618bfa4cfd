"""CloudWatch log groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyscan.collectors.aws.answers import Item, Unit, distinct, tag_chains, tags_of
from policyscan.resources.base import Chain, Step, StepKind, Tally
from policyscan.resources.monitoring import LogGroup

GROUPS = "logs:DescribeLogGroups"
TAGS = "resourcegroupstaggingapi:GetResources"
_EVERY_STREAM = ":*"


def log_groups(unit: Unit) -> Iterator[LogGroup | Tally]:
    """Every log group of a region."""
    if not unit.pages(GROUPS):
        return
    tagged = {
        str(item.data.get("ResourceARN")).removesuffix(_EVERY_STREAM): item
        for item in unit.items(TAGS, "ResourceTagMappingList")
    }
    items, doubles = distinct(unit.items(GROUPS, "logGroups"), "arn")
    for item in items:
        yield _group(unit, item, tagged)
    yield unit.tally("LogGroup", unit.count(GROUPS, "logGroups"), len(items), doubles)


def _group(unit: Unit, item: Item, tagged: Mapping[str, Item]) -> LogGroup:
    data = item.data
    name = data.get("logGroupName")
    given = data.get("logGroupArn") or data.get("arn") or unit.arn("logs", f"log-group:{name}")
    arn = given.removesuffix(_EVERY_STREAM)
    chains: dict[str, Chain] = {
        "name": item.chain("logGroupName"),
        "kms_encrypted": _stated(item, "kmsKeyId", "only the key of the service"),
        "retention_days": _stated(item, "retentionInDays", "never expires"),
    }
    tags: Any = unit.unanswered(TAGS)
    if arn in tagged:
        tags = tags_of(tagged[arn].data.get("Tags"))
        chains |= tag_chains(tagged[arn])
    elif tags is None:
        tags = {}
    return LogGroup(
        address=arn,
        names=(arn, f"{arn}{_EVERY_STREAM}"),
        tags=tags,
        origin=unit.origin(item.answer),
        chains=chains,
        name=name,
        kms_encrypted=bool(data.get("kmsKeyId")),
        retention_days=data.get("retentionInDays") or None,
    )


def _stated(item: Item, member: str, absent: str) -> Chain:
    """The way to a member; without it, what its absence means."""
    if member in item.data:
        return item.chain(member)
    return Step(StepKind.IMPLIED, f"no {member}: {absent}"), *item.chain()
