"""The table of AWS managed policies, and which policy an ARN names."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.data import load_table
from policyscan.resources.iam.managed_policies import TABLE, lookup, managed_name
from policyscan.values import Ref, Unknown, Why, glued

HOLE = Unknown(Why.DATA_SOURCE, "the partition")


@pytest.mark.parametrize("name", load_table(TABLE)["policies"])
def test_each_row_is_whole(name: str) -> None:
    policy = lookup(name)
    assert policy is not None
    assert policy.version.startswith("v")
    assert policy.statements
    for statement in policy.statements:
        assert statement.effect in ("Allow", "Deny")
        assert bool(statement.actions) != bool(statement.not_actions)
        assert statement.resources or statement.not_resources
        assert all(":" in action or action == "*" for action in statement.actions)


def test_the_table_says_what_aws_publishes() -> None:
    admin, power = lookup("AdministratorAccess"), lookup("PowerUserAccess")
    assert admin is not None
    assert power is not None
    assert [(row.actions, row.resources) for row in admin.statements] == [(("*",), ("*",))]
    assert power.statements[0].not_actions == ("iam:*", "organizations:*", "account:*")
    core = lookup("AmazonSSMManagedInstanceCore")
    assert core is not None
    assert "ssm:GetParameters" in core.statements[0].actions
    assert lookup("NoSuchPolicy") is None


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", "AdministratorAccess"),
        ("arn:aws-us-gov:iam::aws:policy/AdministratorAccess", "AdministratorAccess"),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaRole", "AWSLambdaRole"),
        ("arn:aws:iam::123456789012:policy/AdministratorAccess", None),
        ("arn:aws:iam::aws:policy/", None),
        ("AdministratorAccess", None),
        ("", None),
        (None, None),
        (Ref("aws_iam_policy.p", "arn"), None),
        (HOLE, None),
        (glued(["arn:", HOLE, ":iam::aws:policy/AdministratorAccess"]), "AdministratorAccess"),
        (glued(["arn:", HOLE, ":iam::aws:policy/", "job-function/", "Billing"]), "Billing"),
        (glued(["arn:aws:iam::aws:policy/Admin", HOLE]), None),
        (glued(["arn:aws:iam::aws:policy/", HOLE, "Access"]), None),
        (glued(["arn:aws:iam::", HOLE, ":policy/AdministratorAccess"]), None),
    ],
)
def test_the_name_in_an_arn(arn: Any, name: str | None) -> None:
    assert managed_name(arn) == name
