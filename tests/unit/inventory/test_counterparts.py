"""Which declared resource and which observed one are one thing."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.inventory.counterparts import NAMED_BY, Counterparts, counterparts
from policyscan.resources.base import Resource
from policyscan.resources.keys import Secret
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.resources.monitoring import Detector, LogGroup
from policyscan.resources.network import SecurityGroup
from policyscan.values import Ref, Unknown, Why
from tests.unit.inventory.made import group, logs, made, seen

OPEN = Unknown(Why.VARIABLE_UNSET, "a value for var.name")
US = "111122223333/us-east-1"


def live(name: str, *, unit: str = "111122223333/eu-west-1", **fields: Any) -> Any:
    account, _, region = unit.partition("/")
    arn = f"arn:aws:ec2:{region}:{account}:security-group/sg-{name}"
    fields = {"name": name, "names": (arn, f"sg-{name}")} | fields
    return seen(SecurityGroup, arn, unit=unit, **fields)


def joined(found: Counterparts) -> dict[str, tuple[str, str]]:
    return {
        pair.declared.address: (pair.observed.address.rpartition("/")[2], pair.joined_by)
        for pair in found.pairs
    }


def named(*parts: Any) -> Unknown:
    return Unknown(Why.VARIABLE_UNSET, "a value for var.name", parts=parts)


def test_every_kind_and_field_exists() -> None:
    for kind, fields in NAMED_BY.items():
        assert set(fields) <= set(load_kinds(MODULES)[kind].model_fields)


@pytest.mark.parametrize(
    ("declared", "by"),
    [
        ({"names": ("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-bot",)}, "ARN"),
        ({"names": ("sg-bot",)}, "id"),
        ({"name": "bot"}, "name"),
        ({"name": OPEN, "tags": {"Name": "bot", "Team": "desk"}}, "tags"),
        ({"tags": {"policyscan:role": "trading"}}, "tags"),
        ({"name": named("bo", OPEN), "tags": {"Name": "bot"}}, "tags"),
        # not enough to go by, or something speaks against it
        ({"name": "other"}, ""),
        ({"name": "other", "tags": {"Name": "bot"}}, ""),
        ({"name": OPEN}, ""),
        ({"name": OPEN, "tags": {"Team": "desk"}}, ""),
        ({"name": OPEN, "tags": {"Name": "bot", "Team": "other"}}, ""),
        ({"name": OPEN, "tags": {"Name": "bot", "Owner": "desk"}}, ""),
        ({"name": OPEN, "tags": {"Name": OPEN}}, ""),
        ({"name": OPEN, "tags": OPEN}, ""),
        ({"name": named("web-", OPEN), "tags": {"Name": "bot"}}, ""),
        ({"name": named(OPEN, "-eu"), "tags": {"Name": "bot"}}, ""),
        ({"name": "bot", "region": "us-east-1"}, ""),
        ({"name": "bot", "vpc": "vpc-2"}, ""),
        ({"name": "bot", "vpc": "vpc-1", "region": "eu-west-1"}, "name"),
        ({"name": "bot", "vpc": Ref("aws_vpc.main")}, "name"),
        ({"name": "bot", "form": "default"}, ""),
        ({"name": "bot", "form": "rules"}, ""),
        ({"address": "aws_security_group.bot[?]", "name": "bot"}, ""),
    ],
)
def test_one_declared_and_one_observed(declared: dict[str, Any], by: str) -> None:
    tags = {"Name": "bot", "Team": "desk", "policyscan:role": "trading", "aws:stack": "x"}
    one = group(**{"address": "aws_security_group.bot"} | declared)
    found = counterparts([one, live("bot", tags=tags, vpc="vpc-1")])
    assert [pair.joined_by for pair in found.pairs] == ([by] if by else [])
    assert not found.doubts
    assert len(found.observed) == (not by)


def test_tags_of_aws_say_nothing() -> None:
    tags = {"aws:cloudformation:stack-name": "x"}
    found = counterparts([group("g", name=OPEN, tags=tags), live("bot", tags=tags)])
    assert not found.pairs


def test_the_strongest_wins_and_settles_it() -> None:
    found = counterparts(
        [
            group("by_id", name=OPEN, names=("sg-bot",)),
            group("by_name", name="bot"),
            live("bot"),
            live("web"),
        ]
    )
    assert joined(found) == {"by_id": ("sg-bot", "id")}
    assert [one.address for one in found.declared] == ["by_name"]
    assert [one.address[-6:] for one in found.observed] == ["sg-web"]


def test_two_candidates_are_a_doubt() -> None:
    found = counterparts([group("g", name="bot"), live("bot"), live("bot", unit=US)])
    assert not found.pairs
    [doubt] = found.doubts
    assert doubt.reason == "2 things that were seen have the same name"
    assert [one.origin.unit[-9:] for one in doubt.candidates] == ["eu-west-1", "us-east-1"]
    assert not found.declared
    assert not found.observed


def test_two_claimants_are_a_doubt() -> None:
    found = counterparts([group("a", name="bot"), group("b", name="bot", unit="r"), live("bot")])
    assert not found.pairs
    assert [(one.declared.address, one.reason) for one in found.doubts] == [
        ("a", "2 things that are declared have the same name"),
        ("b", "2 things that are declared have the same name"),
    ]


def test_the_region_of_the_provider_decides() -> None:
    found = counterparts(
        [
            group("eu", name="bot", region="eu-west-1"),
            group("us", name="bot", region="us-east-1"),
            live("bot"),
            live("bot", unit=US),
        ]
    )
    assert {pair.declared.address: pair.observed.origin.unit[13:] for pair in found.pairs} == {
        "eu": "eu-west-1",
        "us": "us-east-1",
    }


def test_tags_decide_between_things_of_one_name() -> None:
    production, staging = {"Environment": "production"}, {"Environment": "staging"}
    found = counterparts(
        [
            group("here", name="bot", tags=production),
            group("there", name="bot", unit="staging", tags=staging),
            live("bot", tags=production),
        ]
    )
    assert joined(found) == {"here": ("sg-bot", "name and tags")}
    assert [one.address for one in found.declared] == ["there"]
    assert not found.doubts


def of(environment: str, basis: str = "tagged") -> dict[str, Any]:
    return {"environment": environment, "scope": {"environment": basis}}


def test_a_thing_of_another_environment_is_not_the_one_that_is_called_alike() -> None:
    staging = group("aws_security_group.bot", unit="staging", name="bot", **of("staging"))
    live_one = live("bot", **of("production", "declared"))
    found = counterparts([staging, live_one])
    assert found.pairs == ()
    (doubt,) = found.doubts
    assert doubt.reason == "what is called alike is of production, and this of staging"
    assert found.declared == found.observed == ()


def test_the_environment_decides_between_two_that_claim_a_name() -> None:
    staging = group("aws_security_group.bot", unit="staging", name="bot", **of("staging"))
    own = group("aws_security_group.bot", unit="prod", name="bot", **of("production"))
    found = counterparts([staging, own, live("bot", **of("production"))])
    assert [pair.declared for pair in found.pairs] == [own]
    assert (found.doubts, found.declared) == ((), (staging,))


@pytest.mark.parametrize("basis", ["derived", "named", "default"])
def test_an_environment_that_nobody_said_keeps_nothing_apart(basis: str) -> None:
    staging = group("aws_security_group.bot", name="bot", **of("staging", basis))
    found = counterparts([staging, live("bot", **of("production"))])
    assert len(found.pairs) == 1


def test_what_has_the_same_id_is_the_same_in_every_environment() -> None:
    one = group("x.y", name="bot", names=("arn:aws:x:1",), **of("staging"))
    found = counterparts([one, live("bot", names=("arn:aws:x:1",), **of("production"))])
    assert [pair.joined_by for pair in found.pairs] == ["ARN"]


def test_two_of_the_same_tags_are_a_doubt() -> None:
    tags = {"Name": "bot"}
    found = counterparts(
        [group("g", name=OPEN, tags=tags), live("a", tags=tags), live("b", tags=tags)]
    )
    assert [one.reason for one in found.doubts] == ["2 things that were seen have the same tags"]


def test_kinds_are_not_mixed() -> None:
    arn = "arn:aws:logs:eu-west-1:111122223333:log-group:bot"
    found = counterparts([group("g", name="bot"), seen(LogGroup, arn, name="bot")])
    assert not found.pairs


def test_a_thing_that_two_targets_show_counts_once() -> None:
    found = counterparts([group("g", name="bot"), live("bot"), live("bot")])
    assert joined(found) == {"g": ("sg-bot", "name")}


def test_a_store_is_part_of_a_name() -> None:
    arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/k"
    other = seen(Secret, arn, name="k", store="ssm")
    assert not counterparts([made(Secret, "s", name="k"), other]).pairs
    assert counterparts([made(Secret, "s", name="k", store="ssm"), other]).pairs


def declared_detector(region: str) -> Any:
    made_of = {"service": "guardduty", "enabled": True, "region": region}
    origin = group("d").origin
    return Detector(address="d", origin=origin, **made_of)


def test_a_detector_is_the_one_of_its_region() -> None:
    watched = {"service": "guardduty", "enabled": True}
    arn = "arn:aws:guardduty:eu-west-1:111122223333:detector/1"
    here = seen(Detector, arn, **watched, region="eu-west-1")
    assert counterparts([declared_detector("eu-west-1"), here]).pairs
    assert not counterparts([declared_detector("us-east-1"), here]).pairs


def test_the_order_of_resources_does_not_matter() -> None:
    some: list[Resource] = [
        group("a", name="bot"),
        group("b", name="web", tags={"Name": "web"}),
        logs("l", name="bot"),
        live("bot"),
        live("web"),
    ]
    forwards, backwards = counterparts(some), counterparts(reversed(some))
    assert joined(forwards) == joined(backwards)
