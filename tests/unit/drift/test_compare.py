"""Where a declared thing and a real one differ, and where that is not known."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.drift.compare import CHOSEN, DEFAULTS, ONLY_SEEN, WORKED_OUT, Comparison, compared
from policyscan.inventory.counterparts import NAMED_BY, Pair
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.resources.monitoring import LogGroup, Trail
from policyscan.resources.network import Rule, SecurityGroup
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why
from tests.unit.inventory.made import group, logs, made, seen

OPEN = Unknown(Why.VARIABLE_UNSET, "a value for var.x")
SG = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"
VPC = "vpc-0a1b2c3d"


def one_of(*values: Any) -> OneOf[Any]:
    return OneOf(tuple(Alternative(v, (("q", str(n)),)) for n, v in enumerate(values)), OPEN)


def live(**fields: Any) -> Any:
    return seen(SecurityGroup, SG, names=(SG, "sg-1"), **{"name": "bot"} | fields)


def differences(declared: Any, observed: Any, *others: Pair) -> tuple[list[Any], tuple[str, ...]]:
    pair = Pair(declared, observed, "name")
    found = compared(pair, Comparison((pair, *others)))
    return [(a.path, a.declared, a.observed) for a in found.attributes], found.not_known


def rule(**fields: Any) -> Rule:
    return Rule(**{"protocol": "tcp", "from_port": 443, "to_port": 443} | fields)


def test_the_fields_that_are_named_exist() -> None:
    kinds = load_kinds(MODULES)
    fields = {name for kind in NAMED_BY for name in kinds[kind].model_fields}
    assert fields >= ONLY_SEEN | WORKED_OUT | CHOSEN
    assert {name for _, name in DEFAULTS} <= fields


@pytest.mark.parametrize(
    ("declared", "observed", "found", "not_known"),
    [
        ({"retention_days": 30}, {"retention_days": 30}, [], ()),
        ({"retention_days": 30}, {"retention_days": 7}, [("retention_days", "30", "7")], ()),
        ({"retention_days": 30}, {}, [("retention_days", "30", "null")], ()),
        ({"retention_days": OPEN}, {"retention_days": 7}, [], ("retention_days",)),
        ({"retention_days": 30}, {"retention_days": OPEN}, [], ("retention_days",)),
        ({"retention_days": one_of(7, 30)}, {"retention_days": 7}, [], ("retention_days",)),
        (
            {"retention_days": one_of(7, 30)},
            {"retention_days": 90},
            [("retention_days", "7 or 30", "90")],
            (),
        ),
        ({"name": None}, {"name": "chosen"}, [], ("name",)),
        ({"name": "a"}, {"name": "b"}, [("name", '"a"', '"b"')], ()),
        ({"kms_encrypted": True}, {"kms_encrypted": False},
         [("kms_encrypted", "true", "false")], ()),
        # tags
        ({"tags": {"a": "1"}}, {"tags": {"a": "1", "aws:x": "2"}}, [], ()),
        ({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, [('tags["a"]', '"1"', '"2"')], ()),
        ({"tags": {"a": "1"}}, {"tags": {}}, [('tags["a"]', '"1"', "")], ()),
        ({"tags": {}}, {"tags": {"b": "2"}}, [('tags["b"]', "", '"2"')], ()),
        ({"tags": {"a": OPEN}}, {"tags": {"a": "2"}}, [], ("tags",)),
        ({"tags": OPEN}, {"tags": {"a": "2"}}, [], ("tags",)),
        # neither is what is worked out elsewhere: scope
        ({"role": "trading"}, {"role": "other"}, [], ()),
    ],
)  # fmt: skip
def test_plain_fields_and_tags(
    declared: dict[str, Any], observed: dict[str, Any], found: list[Any], not_known: tuple[str, ...]
) -> None:
    arn = "arn:aws:logs:eu-west-1:111122223333:log-group:bot"
    assert differences(
        logs("aws_cloudwatch_log_group.l", **declared), seen(LogGroup, arn, **observed)
    ) == (found, not_known)


def test_the_number_of_fields_that_were_compared() -> None:
    trail = {"is_logging": True, "log_file_validation": True, "management_events": "All"}
    declared = made(Trail, "t", name="t", multi_region=OPEN, kms_encrypted=False, **trail)
    observed = seen(Trail, "arn:t", name="t", multi_region=True, kms_encrypted=False, **trail)
    found = compared(Pair(declared, observed, "name"), Comparison(()))
    assert (found.compared, found.not_known, found.attributes) == (6, ("multi_region",), ())


def test_a_description_that_nobody_wrote() -> None:
    assert differences(group("g"), live(description="Managed by Terraform", name=None))[0] == []
    assert differences(group("g"), live(description="by hand", name=None))[0] == [
        ("description", '"Managed by Terraform"', '"by hand"')
    ]


def test_a_reference_means_its_counterpart() -> None:
    other = seen(SecurityGroup, SG + "2", names=(SG + "2", "sg-2"), name="lb")
    pair = Pair(group("aws_security_group.lb", name="lb"), other, "name")
    vpc = Pair(group("aws_vpc.main"), seen(SecurityGroup, "arn:vpc", names=(VPC,)), "name")
    declared = group("g", name="bot", description="x", vpc=Ref("aws_vpc.main"), ingress=(
        rule(groups=(Ref("aws_security_group.lb"),)),
    ))  # fmt: skip
    same = live(description="x", vpc=VPC, ingress=(rule(groups=("sg-2",)),))
    assert differences(declared, same, pair, vpc) == ([], ())
    differs = live(description="x", vpc="vpc-9", ingress=(rule(groups=("sg-3",)),))
    assert differences(declared, differs, pair, vpc) == (
        [
            ("ingress", "tcp 443 sg-2", ""),
            ("ingress", "", "tcp 443 sg-3"),
            ("vpc", "aws_vpc.main.id", f'"{differs.vpc}"'),
        ],
        (),
    )
    assert differences(declared, differs) == ([], ("ingress", "vpc"))


@pytest.mark.parametrize(
    ("declared", "observed", "lacking", "added", "is_open"),
    [
        # order, and how ranges are written together, say nothing
        (
            (rule(cidrs=("10.0.0.0/8",)), rule(from_port=22, to_port=22, cidrs=("10.0.0.0/8",))),
            (rule(from_port=22, to_port=22, cidrs=("10.0.0.0/8",)), rule(cidrs=("10.0.0.0/8",))),
            [], [], False,
        ),
        (
            (rule(cidrs=("10.0.0.0/8",)), rule(cidrs=("192.0.2.0/24",))),
            (rule(cidrs=("192.0.2.0/24", "10.0.0.0/8")),),
            [], [], False,
        ),
        ((rule(cidrs=("10.9.9.9/8",)),), (rule(cidrs=("10.0.0.0/8",)),), [], [], False),
        ((rule(cidrs=("2001:DB8:0::/64",)),), (rule(cidrs=("2001:db8::/64",)),), [], [], False),
        (
            (rule(protocol="-1", from_port=0, to_port=0, cidrs=("10.0.0.0/8",)),),
            (rule(protocol="-1", from_port=None, to_port=None, cidrs=("10.0.0.0/8",)),),
            [], [], False,
        ),
        ((rule(itself=True),), (rule(groups=("sg-1",)),), [], [], False),
        ((rule(groups=(Ref("g"),)),), (rule(itself=True),), [], [], False),
        (
            (rule(groups=("444455556666/sg-9", "111122223333/sg-1")),),
            (rule(groups=("sg-9",), itself=True),), [], [], False,
        ),
        ((rule(description="x", cidrs=("10.0.0.0/8",)),),
         (rule(cidrs=("10.0.0.0/8",)),), [], [], False),
        # what differs
        (
            (rule(cidrs=("10.0.0.0/8",)),),
            (rule(cidrs=("10.0.0.0/8",)), rule(from_port=22, to_port=22, cidrs=("0.0.0.0/0",))),
            [], ["tcp 22 0.0.0.0/0"], False,
        ),
        ((rule(cidrs=("10.0.0.0/8",)),), (), ["tcp 443 10.0.0.0/8"], [], False),
        (
            (rule(to_port=444, cidrs=("10.0.0.0/8",)),),
            (rule(cidrs=("10.0.0.0/8",)),),
            ["tcp 443-444 10.0.0.0/8"], ["tcp 443 10.0.0.0/8"], False,
        ),
        ((rule(prefix_lists=("pl-1",)),), (rule(prefix_lists=("pl-2",)),),
         ["tcp 443 pl-1"], ["tcp 443 pl-2"], False),
        # the entries of a list stand for it where they were seen
        (
            (rule(prefix_lists=("pl-1",)), rule(from_port=22, to_port=22, cidrs=("10.0.0.0/8",))),
            (rule(cidrs=("198.51.100.0/24", "203.0.113.0/24")),),
            ["tcp 22 10.0.0.0/8"], [], True,
        ),
        ((rule(cidrs=("198.51.100.0/24",)),), (rule(prefix_lists=("pl-1",)),), [], [], True),
        # what is not known hides what was added, not what is lacking
        (
            (rule(cidrs=("10.0.0.0/8", OPEN)),),
            (rule(cidrs=("192.0.2.0/24",)),),
            ["tcp 443 10.0.0.0/8"], [], True,
        ),
        ((rule(from_port=OPEN, cidrs=("10.0.0.0/8",)),),
         (rule(cidrs=("10.0.0.0/8",)),), [], [], True),
        ((rule(cidrs=OPEN),), (rule(cidrs=("0.0.0.0/0",)),), [], [], True),
        (OPEN, (rule(cidrs=("0.0.0.0/0",)),), [], [], True),
        (PartialList((rule(cidrs=("10.0.0.0/8",)),), OPEN), (), ["tcp 443 10.0.0.0/8"], [], True),
        ((rule(cidrs=("10.0.0.0/8",)),), PartialList((), OPEN), [], [], True),
        ((), PartialList((rule(cidrs=("10.0.0.0/8",)),), OPEN), [], ["tcp 443 10.0.0.0/8"], True),
        ((rule(groups=(Ref("aws_security_group.other"),)),),
         (rule(groups=("sg-9",)),), [], [], True),
        ((rule(itself=OPEN),), (rule(itself=True),), [], [], True),
    ],
)  # fmt: skip
def test_rules_are_sets(
    declared: Any, observed: Any, lacking: list[str], added: list[str], is_open: bool
) -> None:
    one = group("g", name="bot", description="x", ingress=declared)
    found, not_known = differences(one, live(description="x", ingress=observed))
    expected = [("ingress", text, "") for text in lacking] + [("ingress", "", t) for t in added]
    assert found == expected
    assert not_known == (("ingress",) if is_open else ())


def test_secrets_are_masked() -> None:
    tags = {"db_password": "hunter2hunter2", "note": "AKIAIOSFODNN7EXAMPLE"}
    found, _ = differences(logs("l", tags=tags), seen(LogGroup, "arn:l", tags={}))
    text = str(found)
    assert "hunter2hunter2" not in text
    assert "IOSFODNN7EXAMPLE" not in text
