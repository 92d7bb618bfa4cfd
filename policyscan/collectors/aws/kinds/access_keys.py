"""Long-lived access keys of users, and those of the root of an account.

The id of a key is no secret, and still nobody needs it in a report: the first twelve digits of its
SHA-256 stand for it, from the answer on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from policyscan.collectors.aws.answers import Item, Unit, distinct, moment, tags_of
from policyscan.collectors.aws.disguise import digest
from policyscan.resources.base import Chain, Resource, Tally
from policyscan.resources.iam.model import IamAccessKey
from policyscan.values import Maybe, Unknown, Why

USERS = "iam:ListUsers"
KEYS = "iam:ListAccessKeys"
LAST_USED = "iam:GetAccessKeyLastUsed"
SUMMARY = "iam:GetAccountSummary"


def read(unit: Unit) -> Iterator[Resource | Tally]:
    """Every key of every user, and one resource for those of the root."""
    if not any(map(unit.pages, (USERS, SUMMARY))):
        return
    users, _ = distinct(unit.items(USERS, "Users"), "Arn")
    doubles: Counter[str] = Counter()
    found = [key for user in users for key in _of_user(unit, user, doubles)]
    found += _of_root(unit)
    yield from found
    counted = sum(
        len(answer.data.get("AccessKeyMetadata") or ())
        for answer in unit.answers
        if answer.subject == KEYS
    )
    roots = sum(bool(_root_keys(answer.data)) for answer in unit.pages(SUMMARY))
    yield unit.tally(IamAccessKey.kind, counted + roots, len(found), doubles)


def _of_user(unit: Unit, user: Item, doubles: Counter[str]) -> Iterator[IamAccessKey]:
    name = user.data["UserName"]
    keys, twice = distinct(unit.items(KEYS, "AccessKeyMetadata", about=name), "AccessKeyId")
    doubles.update(twice)
    pages = unit.pages(KEYS, about=name)
    active: Maybe[int] = sum(key.data.get("Status") == "Active" for key in keys)
    if pages and pages[-1].data.get("IsTruncated"):
        active = Unknown(Why.NOT_SEEN, f"the other keys of {name}")
    for key in keys:
        called = digest(key.data["AccessKeyId"])
        last_used, why = _last_used(unit, called)
        yield IamAccessKey(
            address=f"{user.data['Arn']}#{called}",
            origin=unit.origin(key.answer),
            tags=_tags(user),
            names=(called,),
            chains={
                "user": key.chain("UserName"),
                "status": key.chain("Status"),
                "created_at": key.chain("CreateDate"),
                "last_used_at": why or key.chain(),
                "active_keys_of_user": key.chain("Status"),
            },
            user=name,
            status=_status(key.data.get("Status")),
            observed=True,
            is_root=False,
            created_at=_created(key, called),
            last_used_at=last_used,
            active_keys_of_user=active,
        )


def _tags(user: Item) -> Maybe[dict[str, Maybe[str]]]:
    """The tags of a user, which its listing leaves out."""
    listed = user.data.get("Tags")
    if listed is None:
        return Unknown(Why.NOT_SEEN, f"the tags of {user.data['UserName']}")
    return {**tags_of(listed)}


def _status(status: Any) -> Any:
    """A key that has expired works no more than one that is not active."""
    if status == "Expired":
        return "Inactive"
    known = status in ("Active", "Inactive")
    return status if known else Unknown(Why.UNSUPPORTED, "the status of an access key")


def _created(key: Item, called: str) -> Any:
    found = moment(key.data.get("CreateDate"))
    return Unknown(Why.NOT_SEEN, f"when {called} was made") if found is None else found


def _last_used(unit: Unit, called: str) -> tuple[Any, Chain]:
    """When a key was last used, None if never; AWS has kept track since April 2015."""
    for answer in unit.pages(LAST_USED, about=called):
        item = Item(answer.data.get("AccessKeyLastUsed") or {}, answer, "AccessKeyLastUsed")
        return moment(item.data.get("LastUsedDate")), item.chain("LastUsedDate")
    return unit.unanswered(LAST_USED, about=called), ()


def _root_keys(data: Any) -> int:
    return int((data.get("SummaryMap") or {}).get("AccountAccessKeysPresent") or 0)


def _partition(unit: Unit) -> str:
    """The partition of the account: that of its users, or else the usual one."""
    arns = (str(user.data["Arn"]) for user in unit.items(USERS, "Users"))
    return next((arn.split(":")[1] for arn in arns if arn.startswith("arn:")), unit.partition)


def _of_root(unit: Unit) -> Iterator[IamAccessKey]:
    """The keys of the root: the account only tells that there are some."""
    for answer in unit.pages(SUMMARY):
        if not _root_keys(answer.data):
            continue
        item = Item(answer.data, answer, "SummaryMap")
        present = item.chain("AccountAccessKeysPresent")
        age = Unknown(Why.NOT_SEEN, "the ages of the keys of the root, which only it may ask for")
        address = f"arn:{_partition(unit)}:iam::{unit.account}:root"
        yield IamAccessKey(
            address=f"{address}#keys",
            origin=unit.origin(answer),
            names=(address,),
            chains={"is_root": present, "status": present},
            user="root",
            status=Unknown(Why.NOT_SEEN, "whether the keys of the root are active"),
            observed=True,
            is_root=True,
            created_at=age,
            last_used_at=age,
            active_keys_of_user=age,
        )
