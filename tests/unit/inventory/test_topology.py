"""What stands in a network, once roles are decided."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.config import ScopeAssignment
from policyscan.inventory import Inventory
from policyscan.inventory.links import Links, identity_key
from policyscan.resources.vpc import Subnet, Vpc
from policyscan.values import PartialList, Ref, Unknown, Why
from tests.unit.inventory.made import group, made, workload

MAIN = Ref("aws_vpc.main")
S = Ref("aws_subnet.s")
UNKNOWN = Unknown(Why.VARIABLE_UNSET, "a value for var.vpc")
TRADING = {"Purpose": "trading"}
WEB = {"Purpose": "web"}


def purposes(*resources: Any, **fields: Any) -> list[str]:
    """The roles in aws_vpc.main; of what is not known what it needs."""
    vpc = made(Vpc, "aws_vpc.main", **fields)
    listed: Any = Inventory((vpc, *resources)).of("Vpc")[0]
    found = listed.purposes
    shown = [*found.known, found.unknown] if isinstance(found, PartialList) else [*found]
    return [each.needs if isinstance(each, Unknown) else each for each in shown]


def test_groups_and_workloads_say_what_a_vpc_is_for() -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    web = group("aws_security_group.web", vpc=MAIN, tags=WEB)
    assert purposes(bot) == ["trading"]
    assert purposes(bot, web) == ["trading", "other"]
    subnet = made(Subnet, "aws_subnet.s", vpc=MAIN)
    server = workload("aws_instance.web", subnets=(S,), tags=WEB)
    assert purposes(bot, subnet, server) == ["trading", "other"]


def test_what_shows_a_purpose_is_its_provenance() -> None:
    web = group("aws_security_group.web", vpc=MAIN, tags=WEB)
    vpc = Inventory((made(Vpc, "aws_vpc.main"), web)).of("Vpc")[0]
    steps = [step.label for step in vpc.provenance("purposes[0]")]
    assert steps == ["aws_security_group.web is for other", "tag Purpose = web"]


def test_a_vpc_in_which_nothing_is_seen_is_not_known() -> None:
    assert purposes() == ["what stands in aws_vpc.main"]
    elsewhere = group("aws_security_group.bot", vpc=Ref("aws_vpc.other"), tags=TRADING)
    assert purposes(elsewhere) == ["what stands in aws_vpc.main"]


@pytest.mark.parametrize(
    "vpc", [Ref("aws_vpc_endpoint.x", "vpc_id"), Ref("module.lost", "vpc_id"), Ref("other.x")]
)
def test_what_stands_in_the_vpc_of_another_resource_may_stand_here(vpc: Ref) -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    web = group("aws_security_group.web", vpc=vpc, tags=WEB)
    doubt = "whether aws_security_group.web stands in aws_vpc.main"
    assert purposes(bot, web) == ["trading", doubt]


def test_an_attribute_that_names_another_resource_links_nothing() -> None:
    vpc = made(Vpc, "aws_vpc.main")
    links = Links((vpc,))
    assert links.find(MAIN, vpc.origin.unit) == [vpc]
    assert links.find(Ref("aws_vpc.main", "arn"), vpc.origin.unit) == [vpc]
    assert links.find(Ref("aws_vpc.main", "default_security_group_id"), vpc.origin.unit) == []
    assert identity_key(Ref("aws_iam_role.a", "arn"), ".") == (".", "aws_iam_role.a")
    assert identity_key(Ref("aws_iam_role.a", "permissions_boundary_arn"), ".") is None


def test_a_name_alone_makes_nothing_another_purpose() -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    database = group("aws_security_group.db", vpc=MAIN)
    assert purposes(bot, database) == [
        "trading",
        "whether aws_security_group.db serves trading",
    ]


def test_what_is_for_the_public_may_belong_to_the_bots_until_somebody_says_what_it_is() -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    front = group("aws_security_group.alb", vpc=MAIN, only_public_load_balancer=True)
    said = group("aws_security_group.alb", vpc=MAIN, tags={"Purpose": "public"})
    assert purposes(bot, front) == ["trading", "whether aws_security_group.alb serves trading"]
    assert purposes(bot, said) == ["public", "trading"]


def test_the_question_is_about_what_stands_in_it() -> None:
    vpc = made(Vpc, "aws_vpc.main")
    database = group("aws_security_group.db", vpc=MAIN)
    listed: Any = Inventory((vpc, database)).of("Vpc")[0]
    (doubt,) = listed.purposes
    assert (doubt.question, doubt.about) == ("role", "aws_security_group.db")


@pytest.mark.parametrize("vpc", [UNKNOWN, "vpc-1", Ref("data.aws_vpc.x")])
def test_what_may_stand_in_it_is_a_doubt_unless_it_trades(vpc: Any) -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    web = group("aws_security_group.web", vpc=vpc, unit="web", tags=WEB)
    other_bot = group("aws_security_group.bot", vpc=vpc, unit="web", tags=TRADING)
    doubt = "whether aws_security_group.web stands in aws_vpc.main"
    assert purposes(bot, web) == ["trading", doubt]
    assert purposes(bot, other_bot) == ["trading"]


def test_the_same_address_in_another_root_is_another_vpc() -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    web = group("aws_security_group.web", vpc=MAIN, unit="web", tags=WEB)
    assert purposes(bot, web) == ["trading"]


def test_rules_of_a_group_elsewhere_may_be_anywhere() -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    rules = group("aws_security_group_rule.web", form="rules", tags=WEB)
    assert purposes(bot, rules)[1] == "whether aws_security_group_rule.web stands in aws_vpc.main"


def test_what_the_collector_left_open_stays_open() -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    assert purposes(bot, purposes=PartialList((), UNKNOWN)) == ["trading", "a value for var.vpc"]


def hosts(*resources: Any, address: str = "aws_subnet.s", **fields: Any) -> Any:
    inventory = Inventory(
        (made(Subnet, address, tags=TRADING, **fields), *resources),
        (ScopeAssignment(address="aws_instance.bot", role="trading"),),
    )
    found: Any = inventory.of("Subnet")[0]
    return found.hosts_trading if isinstance(found.hosts_trading, bool) else "unknown"


def test_a_subnet_for_trading_hosts_it_unless_it_faces_the_internet() -> None:
    device = ("aws_nat_gateway.n",)
    assert hosts() is True
    assert hosts(edge_devices=device) is False
    assert hosts(edge_devices=PartialList((), UNKNOWN)) == "unknown"
    assert hosts(address="aws_subnet.public") == "unknown"
    assert hosts(address='module.vpc.aws_subnet.public["a.b"]') == "unknown"


def test_a_workload_that_is_seen_decides() -> None:
    device = ("aws_nat_gateway.n",)
    bot = workload("aws_instance.bot", subnets=(S,))
    assert hosts(bot, edge_devices=device) is True
    unsaid = workload("aws_instance.x1", subnets=(S,))
    assert hosts(unsaid, edge_devices=device) == "unknown"
    elsewhere = workload("aws_instance.bot", subnets=(Ref("aws_subnet.other"),))
    assert hosts(elsewhere, edge_devices=device) is False
    web = workload("aws_instance.x2", subnets=(S,), tags=WEB)
    assert hosts(web, edge_devices=device) is False


def test_a_group_that_trades_makes_its_vpc_trade_whatever_its_subnets_are_for() -> None:
    bot = group("aws_security_group.bot", vpc=MAIN, tags=TRADING)
    front = made(Subnet, "aws_subnet.s", vpc=MAIN, tags={"Role": "public"})
    vpc = made(Vpc, "aws_vpc.main")
    for order in ((vpc, bot, front), (front, bot, vpc)):
        assert Inventory(order).of("Vpc")[0].role == "trading"


def test_a_workload_that_certainly_trades_is_seen_in_a_subnet_that_is_called_public() -> None:
    front = made(Subnet, "aws_subnet.s", vpc=MAIN, tags={"Role": "public"})
    bot = workload("aws_instance.bot", subnets=(S,), tags=TRADING)
    named = workload("aws_instance.trading_bot", subnets=(S,))
    web = workload("aws_instance.web", subnets=(S,), tags=WEB)

    def seen(*resources: Any) -> bool:
        subnet: Any = Inventory((front, *resources)).of("Subnet")[0]
        return bool(subnet.trades_here)

    assert [seen(bot), seen(named), seen(web), seen()] == [True, False, False, False]
