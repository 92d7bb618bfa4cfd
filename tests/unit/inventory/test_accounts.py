"""What scope is decided for things of an account, whose addresses are ARNs."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.resources.network import SecurityGroup
from policyscan.resources.units import in_account, set_unit
from policyscan.resources.vpc import Vpc
from tests.unit.inventory.made import (
    answer,
    exchange_secret,
    group,
    logs,
    made,
    program,
    settled,
)

UNIT = "111122223333/eu-west-1"
LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group"


def live(name: str, **fields: Any) -> Any:
    return logs(f"{LOGS}:{name}", unit=UNIT, name=name, **fields)


def role(*resources: Any, of: str) -> Any:
    return answer(settled(*resources)[of], "role")


def test_tags_decide_in_an_account_as_in_a_file() -> None:
    found = settled(live("a", tags={"Role": "trading", "Env": "prod"}))[f"{LOGS}:a"]
    assert answer(found, "role") == ("trading", "tagged")
    assert answer(found, "environment") == ("production", "tagged")


def test_of_an_arn_only_the_name_tells_something() -> None:
    """A dot in it makes no label of what follows, as it does in `aws_security_group.web`."""
    others = (live("x.web.bot-logs/2026"), live("y.prod.gateway"), live("plain"))
    found = settled(*others)
    said = {step.label for each in found.values() for step in each.chains.get("role", ())}
    assert said
    assert not [label for label in said if label.startswith("the label")]
    assert answer(found[f"{LOGS}:plain"], "role") is None


def test_the_name_of_a_thing_that_runs_is_a_name() -> None:
    assert role(live("/bots/maker"), live("/site"), of=f"{LOGS}:/bots/maker") == (
        "trading",
        "named",
    )


def test_a_repository_that_trades_says_nothing_of_an_account() -> None:
    trades = program("bot")
    declared, running = logs("aws_cloudwatch_log_group.a"), live("a")
    found = settled(trades, exchange_secret(), declared, running)
    assert answer(found["aws_cloudwatch_log_group.a"], "role") == ("trading", "default")
    assert answer(found[f"{LOGS}:a"], "role") is None


def test_an_account_with_an_exchange_key_says_nothing_of_its_other_things() -> None:
    secret = exchange_secret("arn:aws:secretsmanager:eu-west-1:111122223333:secret:k", unit=UNIT)
    declared, running = logs("aws_cloudwatch_log_group.a"), live("a")
    found = settled(secret, declared, running)
    assert answer(found["aws_cloudwatch_log_group.a"], "role") is None
    assert answer(found[f"{LOGS}:a"], "role") is None


def test_a_group_of_an_account_stands_in_no_declared_network() -> None:
    """Its VPC is told by id."""
    vpc = made(Vpc, "aws_vpc.a")
    mine = group("aws_security_group.a", vpc=None, tags={"Role": "trading"})
    running = made(SecurityGroup, "arn:aws:ec2:x", unit=UNIT, vpc="vpc-1")
    with_it, without = settled(vpc, mine, running), settled(vpc, mine)
    assert repr(with_it["aws_vpc.a"].purposes) == repr(without["aws_vpc.a"].purposes)


@pytest.mark.parametrize(
    ("unit", "account", "together"),
    [
        ("111122223333/eu-west-1", True, "111122223333"),
        ("111122223333/global", True, "111122223333"),
        ("111122223333", False, "111122223333"),
        ("infra/prod", False, "infra/prod"),
        ("11112222333/eu-west-1", False, "11112222333/eu-west-1"),
        ("١١١١٢٢٢٢٣٣٣٣/eu-west-1", False, "١١١١٢٢٢٢٣٣٣٣/eu-west-1"),
        (".", False, "."),
    ],
)
def test_units(unit: str, account: bool, together: str) -> None:
    assert in_account(unit) is account
    assert set_unit(unit) == together
