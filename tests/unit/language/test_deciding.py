"""Which members of a list take part in a condition not being fulfilled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from policyscan.language.reading.deciding import Given, deciding
from policyscan.language.syntax.parser import parse
from policyscan.resources.base import Origin, ProofLevel
from policyscan.resources.containers import ContainerWorkload
from policyscan.resources.network import Rule, SecurityGroup
from policyscan.values import PartialList, Unknown, Why

ORIGIN = Origin("c", "t", ".", None, ProofLevel.CONFIGURED)
GIVEN = Given({"allowed": ("A", "B"), "max": {"v4": 8}}, {}, datetime(2026, 1, 1, tzinfo=UTC))
OPEN = Unknown(Why.VARIABLE_UNSET, "a value for var.x")


def left(value: Any, *conditions: str) -> Any:
    workload = ContainerWorkload(
        address="x",
        origin=ORIGIN,
        platform="docker",
        user_is_root=False,
        environment_names=("A",),
        capabilities_added=value,
    )
    roots = [parse(text) for text in conditions]
    return deciding(roots, "capabilities_added", value, workload, GIVEN)


LIST = "resource.capabilities_added"


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([f"{LIST}.all(c, c in params.allowed)"], ("C",)),
        ([f"!{LIST}.exists(c, c == 'B')"], ("B",)),
        ([f"{LIST}.all(c, c != 'A') && {LIST}.all(c, c != 'C')"], ("A", "C")),
        ([f"{LIST}.all(c, c in params.allowed) && size({LIST}) > 0"], ("C",)),
        ([f"{LIST}.all(c, c in params.allowed) && size({LIST}) <= 1"], ("A", "B", "C")),
        ([f"size({LIST}) == 0"], ("A", "B", "C")),
        ([f"{LIST}.all(c, resource.environment_names.all(n, n == c))"], ("B", "C")),
        ([f"resource.environment_names.all(n, {LIST}.all(c, c == n))"], ("A", "B", "C")),
        ([f"{LIST}.all(c, c in params.unheard)"], ("A", "B", "C")),
        ([f"{LIST}.exists_one(c, c == 'A')"], ("A", "B", "C")),
        ([f"{LIST}.all(c, c in params.allowed)", f"{LIST}.exists(c, c != '')"], ("C",)),
        (["resource.privileged", f"{LIST}.exists(c, c == 'A')"], ("A",)),
        (["resource.privileged"], ("A", "B", "C")),
    ],
)
def test_members_that_take_part(conditions: list[str], expected: tuple[str, ...]) -> None:
    assert left(("A", "B", "C"), *conditions) == expected


def test_what_is_not_known_takes_part() -> None:
    condition = f"{LIST}.all(c, c in params.allowed)"

    assert left(("A", OPEN), condition) == (OPEN,)
    partial = left(PartialList(("A", "C"), OPEN), condition)
    assert (partial.known, partial.unknown) == (("C",), OPEN)
    assert left(OPEN, condition) is OPEN


def rule(port: int, *cidrs: object, **more: Any) -> Rule:
    return Rule(protocol="tcp", from_port=port, to_port=port, cidrs=cidrs, **more)


def rules_left(condition: str, *rules: Rule) -> list[tuple[int | None, Any]]:
    group = SecurityGroup(address="x", origin=ORIGIN, ingress=rules)
    found = deciding([parse(condition)], "ingress", group.ingress, group, GIVEN)
    return [(each.from_port, *each.cidrs, *each.groups) for each in found]


def test_rules_are_taken_apart() -> None:
    condition = '!reaches_internet(resource.ingress, ["22"], params.max)'
    rules = (
        rule(22, "10.0.0.0/8", "1.0.0.0/9", groups=("sg-1",)),
        rule(443, "0.0.0.0/0"),
        rule(22, OPEN),
    )

    assert rules_left(condition, *rules) == [(22, "1.0.0.0/9"), (22, OPEN)]


def test_rules_of_what_a_group_sends() -> None:
    to = 'sends_only_to(resource.ingress, ["1.0.0.0/8"], [])'
    on = 'sends_only_on(resource.ingress, ["443"])'
    rules = (rule(443, "1.2.3.4/32", "2.2.2.2/32"), rule(80, "10.0.0.0/8"), rule(80, "1.2.3.4/32"))

    assert rules_left(to, *rules) == [(443, "2.2.2.2/32")]
    assert rules_left(on, *rules) == [(80, "1.2.3.4/32")]
    assert rules_left(f"{to} && {on}", *rules) == [(443, "2.2.2.2/32"), (80, "1.2.3.4/32")]


def test_of_a_map_the_keys_that_take_part() -> None:
    tags = {"Name": "bot", "env": "prod", "ENV": "x", "owner": "ana"}
    group = SecurityGroup(address="x", origin=ORIGIN, tags=tags)
    condition = 'resource.tags.all(k, k.lowerAscii() != "env" || resource.tags[k] == "prod")'
    other = f'{condition} && resource.tags["Name"] == "x"'

    assert deciding([parse(condition)], "tags", tags, group, GIVEN) == {"ENV": "x"}
    assert deciding([parse(other)], "tags", tags, group, GIVEN) == tags
