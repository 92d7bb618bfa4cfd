"""What a workload may do by way of a role that it assumes."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.inventory import Inventory
from policyscan.resources.iam.model import Condition
from policyscan.values import Ref
from tests.unit.inventory.made import statement

ROOT = "arn:aws:iam::123456789012:root"
BOT = Ref("aws_iam_role.bot", "arn")
ADMIN = Ref("aws_iam_role.admin", "arn")
MFA = Condition(operator="Bool", key="aws:MultiFactorAuthPresent", values=("true",))
ID = Condition(operator="StringEquals", key="sts:ExternalId", values=("x",))


def trust(principal: Any = ROOT, *conditions: Condition, who: Ref = ADMIN) -> Any:
    return statement(
        f"{who.address}#trust.1",
        who,
        policy_kind="trust",
        principals=(principal,),
        conditions=conditions,
        principal_class="human",
    )


def assume(*resources: Any, who: Ref = BOT, effect: str = "Allow", **fields: Any) -> Any:
    given = {"actions": ("sts:AssumeRole",), "principal_class": "workload", **fields}
    address = f"{who.address}_policy#{effect}"
    return statement(address, who, effect=effect, resources=resources, **given)


def class_of_admin(*statements: Any) -> object:
    admin = statement("p.admin#1", ADMIN, actions=("*",), resources=("*",), principal_class="human")
    found: Any = Inventory((admin, *statements)).find("p.admin#1", ".")
    return found.principal_class


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((trust(), assume(ADMIN)), "workload"),
        ((trust("*"), assume(ADMIN)), "workload"),
        ((trust("123456789012"), assume("*")), "workload"),
        ((trust(), assume("arn:aws:iam::*:role/*")), "workload"),
        ((trust(), assume(ADMIN, actions=("STS:*",))), "workload"),
        ((trust(ROOT, ID), assume(ADMIN)), "workload"),
        ((trust(ROOT, MFA), assume(ADMIN)), "human"),
        ((trust("arn:aws:iam::123456789012:user/eve"), assume(ADMIN)), "human"),
        ((trust(), assume(Ref("aws_iam_role.other", "arn"))), "human"),
        ((trust(), assume(ADMIN, actions=("sts:GetCallerIdentity",))), "human"),
        ((trust(), assume(ADMIN, principal_class="human")), "human"),
        ((trust(), assume(ADMIN), assume("*", effect="Deny")), "human"),
        ((assume(ADMIN),), "human"),
    ],
)
def test_a_role_that_a_workload_assumes(statements: tuple[Any, ...], expected: str) -> None:
    assert class_of_admin(*statements) == expected


def test_roles_that_are_assumed_in_a_row() -> None:
    middle = Ref("aws_iam_role.middle", "arn")
    chain = (trust(), trust(who=middle), assume(middle))
    assert class_of_admin(*chain, assume(ADMIN, who=middle, principal_class="human")) == "workload"
