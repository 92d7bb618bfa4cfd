"""What statements of an account reach: secrets of all its regions, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.inventory import Inventory
from policyscan.inventory.reach import Reach
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.keys import Secret
from tests.unit.inventory.made import seen

ACCOUNT, OTHER = "111122223333", "999988887777"
BOT = f"arn:aws:iam::{ACCOUNT}:role/bot"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"
GET = "secretsmanager:GetSecretValue"


def arn(region: str, name: str = "trading-desk", account: str = ACCOUNT) -> str:
    return f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf"


def secret(address: str, purpose: str = "exchange_api_key") -> Any:
    region, account = address.split(":")[3:5]
    name = address.split(":")[6].removesuffix("-AbCdEf")
    more = {"scope": {"purpose": "derived"}, "observed": True}
    return seen(Secret, address, unit=f"{account}/{region}", name=name, purpose=purpose, **more)


def allow(*resources: str, who: str = BOT, **fields: Any) -> Any:
    given = {"actions": (GET,), "resources": resources, "attached_to": (who,), **fields}
    return seen(IamStatement, f"{who}#inline[p].A", unit=f"{ACCOUNT}/global", **given)


def reached(statement: Any, *secrets: Any) -> Any:
    found: Any = next(
        each for each in Reach((statement, *secrets)).filled() if isinstance(each, IamStatement)
    )
    return found.reaches_exchange_secret, found.exchange_secrets


WEST, EAST = arn("eu-west-1"), arn("us-east-1")


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_a_secret_by_its_arn(region: str) -> None:
    both = (secret(WEST), secret(EAST))
    assert reached(allow(arn(region)), *both) == (True, (arn(region),))


def test_a_pattern_of_one_region() -> None:
    pattern = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:trading-*"
    answer, which = reached(allow(pattern), secret(WEST), secret(EAST))
    assert answer is True
    assert which.known == (EAST,)


def test_everything_reaches_all_regions() -> None:
    found = reached(allow("*"), secret(WEST), secret(EAST))
    assert found[0] is True


def test_a_secret_for_something_else() -> None:
    other = secret(arn("eu-west-1", "smtp"), "other")
    assert reached(allow(other.address), other, secret(WEST)) == (False, ())


def test_what_names_an_exchange_and_is_there_counts_once() -> None:
    address = arn("eu-west-1", "prod/binance/api-key")
    assert reached(allow(address), secret(address)) == (True, (address,))


def test_a_deny_of_another_policy_of_the_same_role() -> None:
    deny = seen(
        IamStatement,
        f"{BOT}#inline[q].B",
        unit=f"{ACCOUNT}/global",
        effect="Deny",
        actions=("*",),
        resources=("*",),
        attached_to=(BOT,),
    )
    found: Any = {r.address: r for r in Reach((allow(WEST), deny, secret(WEST))).filled()}
    assert found[f"{BOT}#inline[p].A"].reaches_exchange_secret is False


# -- roles that are open to an account ---------------------------------------------------------


def trust(account: str) -> Any:
    return seen(
        IamStatement,
        f"{ADMIN}#trust.T",
        unit=f"{ACCOUNT}/global",
        policy_kind="trust",
        principals=(f"arn:aws:iam::{account}:root",),
        attached_to=(ADMIN,),
        principal_class="human",
    )


@pytest.mark.parametrize(("account", "acts"), [(ACCOUNT, "workload"), (OTHER, "human")])
def test_who_may_assume_a_role_that_is_open_to_an_account(account: str, acts: str) -> None:
    assume = allow("*", actions=("sts:AssumeRole",), principal_class="workload")
    own = allow("*", who=ADMIN, actions=("*",), principal_class="human")
    found: Any = Inventory((trust(account), assume, own)).find(own.address, own.origin.unit)
    assert found.principal_class == acts
