"""Statements and access keys of an account."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from policyscan.collectors.aws.disguise import digest, disguised, shown
from policyscan.collectors.aws.kinds import access_keys, statements
from policyscan.collectors.aws.operations import OPERATIONS
from policyscan.values import PartialList, Unknown, is_known
from tests.unit.collectors.aws.answered import GLOBAL, answer, read

IAM = "arn:aws:iam::111122223333"
KEY_ID = "AKIA" + "EXAMPLE0EXAMPLE0"
KEY = "key-" + sha256(KEY_ID.encode()).hexdigest()[:12]


def details(
    *,
    users: list[Any] | None = None,
    groups: list[Any] | None = None,
    roles: list[Any] | None = None,
    policies: list[Any] | None = None,
    **more: Any,
) -> Any:
    data = {
        "UserDetailList": users or [],
        "GroupDetailList": groups or [],
        "RoleDetailList": roles or [],
        "Policies": policies or [],
        **more,
    }
    return answer("iam:GetAccountAuthorizationDetails", data, unit=GLOBAL)


def role(name: str, principal: Any = None, **more: Any) -> dict[str, Any]:
    trust = allow(
        "Trust", "sts:AssumeRole", Principal=principal or {"Service": "ec2.amazonaws.com"}
    )
    return {
        "RoleName": name,
        "Arn": f"{IAM}:role/{name}",
        "AssumeRolePolicyDocument": {"Statement": trust},
        **more,
    }


def allow(sid: str, action: Any, **more: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": action, **more}


def inline(name: str, *statements: Any) -> dict[str, Any]:
    return {"PolicyName": name, "PolicyDocument": {"Statement": list(statements)}}


def managed(name: str, *statements: Any) -> dict[str, Any]:
    old = {
        "VersionId": "v1",
        "IsDefaultVersion": False,
        "Document": {"Statement": [allow("Old", "*")]},
    }
    new = {"VersionId": "v2", "IsDefaultVersion": True, "Document": {"Statement": list(statements)}}
    return {"PolicyName": name, "Arn": f"{IAM}:policy/{name}", "PolicyVersionList": [old, new]}


def attached(*arns: str) -> list[dict[str, str]]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def found(*answers: Any) -> dict[str, Any]:
    return read(statements.read, *answers, unit=GLOBAL)[0]


def classes(*roles: Any, **more: Any) -> dict[str, Any]:
    """Who acts under each role, by its name."""
    every = found(details(roles=list(roles), **more))
    return {
        address.split("role/")[1].partition("#")[0]: statement.principal_class
        for address, statement in every.items()
        if "#trust." in address
    }


def test_policies_inside_and_trust() -> None:
    every = found(
        details(
            roles=[
                role(
                    "bot",
                    Tags=[{"Key": "Environment", "Value": "prod"}],
                    RolePolicyList=[
                        inline("own", allow("A", ["s3:*"], Resource="*"), allow("", "a"))
                    ],
                )
            ],
            users=[
                {
                    "UserName": "ann",
                    "Arn": f"{IAM}:user/ann",
                    "UserPolicyList": [inline("p", allow("B", "*"))],
                }
            ],
            groups=[
                {
                    "GroupName": "g",
                    "Arn": f"{IAM}:group/g",
                    "GroupPolicyList": [inline("p", allow("C", "*"))],
                }
            ],
        )
    )
    assert set(every) == {
        f"{IAM}:role/bot#trust.Trust",
        f"{IAM}:role/bot#inline[own].A",
        f"{IAM}:role/bot#inline[own].statement-1",
        f"{IAM}:user/ann#inline[p].B",
        f"{IAM}:group/g#inline[p].C",
    }
    own = every[f"{IAM}:role/bot#inline[own].A"]
    assert (own.policy_kind, own.actions, own.resources) == ("identity", ("s3:*",), ("*",))
    assert own.attached_to == (f"{IAM}:role/bot",)
    assert own.principal_class == "workload"
    assert own.tags == {"Environment": "prod"}
    place = "RoleDetailList[0].RolePolicyList[0].PolicyDocument.Statement[0].Action[0]"
    assert own.provenance("actions[0]")[0].label == place
    assert every[f"{IAM}:user/ann#inline[p].B"].principal_class == "human"
    assert every[f"{IAM}:group/g#inline[p].C"].principal_class == "human"


def test_a_managed_policy_is_one_with_all_its_holders_by_its_version_in_force() -> None:
    arn = f"{IAM}:policy/shared"
    every = found(
        details(
            roles=[role("bot", AttachedManagedPolicies=attached(arn))],
            users=[
                {"UserName": "a", "Arn": f"{IAM}:user/a", "AttachedManagedPolicies": attached(arn)}
            ],
            policies=[managed("shared", allow("New", "s3:*"))],
        )
    )
    shared = every[f"{arn}#New"]
    assert shared.attached_to == (f"{IAM}:user/a", f"{IAM}:role/bot")
    assert shared.principal_class == "workload"
    assert f"{arn}#Old" not in every


def test_a_policy_attached_to_nobody_is_attached_to_nobody() -> None:
    (idle,) = found(details(policies=[managed("idle", allow("A", "*"))])).values()
    assert (idle.attached_to, idle.principal_class) == ((), "other")


def test_policies_of_aws_by_the_answer_or_the_table() -> None:
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    told = {
        "PolicyName": "AdministratorAccess",
        "Arn": admin,
        "PolicyVersionList": [
            {
                "VersionId": "v9",
                "IsDefaultVersion": True,
                "Document": {"Statement": allow("All", "told:*")},
            }
        ],
    }
    bot = role("bot", AttachedManagedPolicies=attached(admin))
    by_answer = found(details(roles=[bot], policies=[told]))[f"{IAM}:role/bot#AdministratorAccess"]
    assert (by_answer.actions, by_answer.managed) == (("told:*",), "AdministratorAccess")
    by_table = found(details(roles=[bot]))[f"{IAM}:role/bot#AdministratorAccess"]
    assert (by_table.actions, by_table.managed) == (("*",), "AdministratorAccess")


def test_a_policy_without_its_text_is_a_statement_that_is_not_known() -> None:
    bot = role("bot", AttachedManagedPolicies=attached(f"{IAM}:policy/a", f"{IAM}:policy/b"))
    every = found(details(roles=[bot]))
    for name in ("a", "b"):
        hidden = every[f"{IAM}:role/bot#{name}.statement-1"]
        assert not is_known(hidden.effect)
        assert not is_known(hidden.actions)


def test_boundaries() -> None:
    limit = f"{IAM}:policy/limit"
    bound = {"PermissionsBoundary": {"PermissionsBoundaryArn": limit}}
    every = found(
        details(
            roles=[role("bot", RolePolicyList=[inline("own", allow("A", "*"))], **bound)],
            policies=[managed("limit", allow("L", "s3:*"))],
        )
    )
    assert every[f"{IAM}:role/bot#inline[own].A"].boundary == limit
    boundary = every[f"{limit}#boundary.L"]
    assert (boundary.policy_kind, boundary.attached_to) == ("boundary", (f"{IAM}:role/bot",))
    assert f"{limit}#L" not in every
    aws = {
        "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess"}
    }
    every = found(details(roles=[role("bot", **aws)]))
    assert any("#boundary.PowerUserAccess" in address for address in every)


def test_roles_that_roles_assume() -> None:
    found_ = classes(
        role("bot"),
        role("behind", {"AWS": f"{IAM}:role/bot"}),
        role("foreign", {"AWS": "arn:aws:iam::999988887777:role/bot"}),
        role("ring", {"AWS": f"{IAM}:role/gnir"}),
        role("gnir", {"AWS": f"{IAM}:role/ring"}),
        role("person", {"Federated": f"{IAM}:saml-provider/people"}),
    )
    assert (found_["bot"], found_["behind"], found_["person"]) == ("workload", "workload", "human")
    for name in ("foreign", "ring", "gnir"):
        assert isinstance(found_[name], Unknown), name


def test_pages_that_are_missing_leave_open_who_holds_a_policy() -> None:
    arn = f"{IAM}:policy/shared"
    (shared,) = found(
        details(policies=[managed("shared", allow("A", "*"))], IsTruncated=True, Marker="more")
    ).values()
    assert shared.address == f"{arn}#A"
    assert isinstance(shared.attached_to, PartialList)
    assert isinstance(shared.principal_class, Unknown)


@pytest.mark.parametrize("document", ["no JSON", {"Statement": []}, {"Statement": "x"}, {}, []])
def test_documents_that_are_none(document: Any) -> None:
    policy = {"PolicyName": "p", "PolicyDocument": document}
    every, tallies = read(
        statements.read, details(roles=[role("bot", RolePolicyList=[policy])]), unit=GLOBAL
    )
    own = [statement for address, statement in every.items() if "#inline[p]" in address]
    empty = document == {"Statement": []}
    assert len(own) == (0 if empty else 1)
    assert tallies["IamStatement"].dropped == ({statements.EMPTY: 1} if empty else {})
    assert all(not is_known(statement.actions) for statement in own)


def test_two_statements_of_one_name_are_two() -> None:
    own = inline("p", allow("A", "a"), allow("A", "b"))
    every = found(details(roles=[role("bot", RolePolicyList=[own])]))
    assert {f"{IAM}:role/bot#inline[p].A", f"{IAM}:role/bot#inline[p].A-2"} <= set(every)


# -- access keys -------------------------------------------------------------------------------


def users(*names: str) -> Any:
    rows = [{"UserName": name, "Arn": f"{IAM}:user/{name}"} for name in names]
    return answer("iam:ListUsers", {"Users": rows}, unit=GLOBAL)


def keys(user: str, *rows: tuple[str, str, str], **more: Any) -> Any:
    listed = [
        {"UserName": user, "AccessKeyId": key, "Status": status, "CreateDate": made}
        for key, status, made in rows
    ]
    return answer("iam:ListAccessKeys", {"AccessKeyMetadata": listed, **more}, user, GLOBAL)


def last_used(key: str, when: str | None) -> Any:
    told = {"ServiceName": "s3", "Region": "eu-west-1", **({"LastUsedDate": when} if when else {})}
    return answer("iam:GetAccessKeyLastUsed", {"AccessKeyLastUsed": told}, key, GLOBAL)


def summary(present: int) -> Any:
    data = {"SummaryMap": {"AccountAccessKeysPresent": present}}
    return answer("iam:GetAccountSummary", data, unit=GLOBAL)


MADE = "2025-06-01T00:00:00Z"


def test_a_key_with_its_age_and_use() -> None:
    every, tallies = read(
        access_keys.read,
        users("ann"),
        keys("ann", (KEY, "Active", MADE), ("key-0123456789ab", "Inactive", MADE)),
        last_used(KEY, "2025-12-01T00:00:00Z"),
        last_used("key-0123456789ab", None),
        summary(0),
        unit=GLOBAL,
    )
    key = every[f"{IAM}:user/ann#{KEY}"]
    assert (key.user, key.status, key.is_root, key.observed) == ("ann", "Active", False, True)
    assert key.created_at == datetime(2025, 6, 1, tzinfo=UTC)
    assert key.last_used_at == datetime(2025, 12, 1, tzinfo=UTC)
    assert key.active_keys_of_user == 1
    assert every[f"{IAM}:user/ann#key-0123456789ab"].last_used_at is None
    assert tallies["IamAccessKey"].found == 2


def test_what_was_not_answered_of_a_key_is_not_known() -> None:
    row = (KEY, "Active", MADE)
    every, _ = read(
        access_keys.read,
        users("ann"),
        keys("ann", row, IsTruncated=True, Marker="more"),
        unit=GLOBAL,
    )
    (key,) = every.values()
    assert not is_known(key.last_used_at)
    assert not is_known(key.active_keys_of_user)


def test_keys_of_the_root_are_one_resource_without_age() -> None:
    every, tallies = read(access_keys.read, summary(1), unit=GLOBAL)
    (key,) = every.values()
    assert (key.address, key.is_root) == (f"{IAM}:root#keys", True)
    assert not is_known(key.created_at)
    assert tallies["IamAccessKey"].found == 1
    assert read(access_keys.read, summary(0), unit=GLOBAL)[0] == {}


def test_the_id_of_a_key_leaves_no_answer() -> None:
    operations = {each.subject: each for each in OPERATIONS}
    listing = operations["iam:ListAccessKeys"]
    data = {"AccessKeyMetadata": [{"UserName": "ann", "AccessKeyId": KEY_ID, "Status": "Active"}]}
    hidden = disguised(data, listing)
    assert KEY_ID not in repr(hidden)
    assert hidden["AccessKeyMetadata"][0] == {
        "UserName": "ann",
        "AccessKeyId": KEY,
        "Status": "Active",
    }
    assert shown(operations["iam:GetAccessKeyLastUsed"], KEY_ID) == KEY
    assert shown(listing, "ann") == "ann"
    assert digest(KEY) == KEY


def test_users_and_keys_that_stand_on_two_pages_are_one() -> None:
    """Two pages of users, and two of keys, between which something was made."""
    ann = users("ann")
    every, tallies = read(
        access_keys.read,
        ann,
        answer("iam:ListUsers", ann.data, unit=GLOBAL, page=2),
        keys("ann", (KEY, "Active", MADE), IsTruncated=True, Marker="more"),
        keys("ann", (KEY, "Active", MADE)),
        summary(0),
        unit=GLOBAL,
    )
    (key,) = every.values()
    assert key.active_keys_of_user == 1
    tally = tallies["IamAccessKey"]
    assert (tally.found, tally.normalised, tally.dropped) == (2, 1, {"listed twice": 1})


def test_identities_and_policies_that_stand_on_two_pages_are_one() -> None:
    bot = role("bot", RolePolicyList=[inline("p", allow("A", "s3:*"))])
    own = managed("own", allow("B", "s3:*"))
    every, tallies = read(
        statements.read,
        details(roles=[bot], policies=[own], IsTruncated=True, Marker="m"),
        details(roles=[bot], policies=[own]),
        unit=GLOBAL,
    )
    assert sorted(address.rpartition("/")[2] for address in every) == [
        "bot#inline[p].A",
        "bot#trust.Trust",
        "own#B",
    ]
    tally = tallies["IamStatement"]
    assert (tally.found, tally.normalised, tally.dropped) == (6, 3, {"listed twice": 3})
