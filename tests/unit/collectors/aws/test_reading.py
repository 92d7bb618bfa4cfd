"""From answers to resources: what is missing in them, and whatever else may stand there."""

from __future__ import annotations

import functools
from random import Random
from typing import Any

import boto3
import pytest

from policyscan.collectors.aws import AwsCollector
from policyscan.collectors.aws.operation import Operation
from policyscan.collectors.aws.operations import OPERATIONS
from policyscan.collectors.aws.plain import lacks
from policyscan.collectors.aws.reading import READERS
from policyscan.collectors.interface import Answer, Reading
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.values import PartialList, Unknown, is_known

UNIT = "111122223333/eu-west-1"
READING = Reading("aws")


def read(answers: dict[str, Any], unit: str = UNIT) -> list[Any]:
    """Keys are subjects, or `subject about` of a thing."""
    given = []
    for key, data in answers.items():
        subject, _, about = key.partition(" ")
        pages = data if isinstance(data, list) else [data]
        given += [Answer(unit, subject, d, about, n) for n, d in enumerate(pages, start=1)]
    return list(AwsCollector().read(given, READING))


def one(items: list[Any]) -> Any:
    (found,) = (item for item in items if isinstance(item, Resource))
    return found


# -- whatever a service may answer --------------------------------------------------------------


@functools.cache
def shape(service: str, name: str) -> Any:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    client = boto3.client(service, region_name="eu-west-1", **keys)
    return client.meta.service_model.operation_model(name).output_shape


_WORDS = (
    "", "a", "sg-1", "pl-1", "-1", "tcp", "HTTP", "HTTPS", "true", "default", "0.0.0.0/0", "::/0",
    "internal", "AWS", "x.s3", "Enabled", "arn:aws:x:y:111122223333:z/1", "AWSCURRENT", "{", "*",
    '{"Statement": [{"Effect": "Allow", "Action": "*"}]}', "[1]", "%7B%22Statement%22%3A1%7D",
)  # fmt: skip
_NUMBERS = (-1, 0, 1, 22, 65_536, 10**12)
_TIMES = ("2026-01-01T00:00:00Z", "1970-01-01T00:00:00.000001Z", "9999-12-31T23:59:59Z")


BALANCED = {
    *("SecurityGroup", "TlsServerConfig", "LogGroup", "Secret", "Trail", "Detector"),
    "IamStatement",
}
"""The kinds whose books balance whatever is answered; those of the others may not where
something is told about a user that no list has. The ledger then says so."""


class Service:
    """Answers as the model of an operation allows them, with members missing as it comes, but for
    those without which an answer is refused."""

    def __init__(self, operation: Operation, seed: int) -> None:
        self._needs = {operation.member, *operation.needs}
        self._random = Random(seed)
        self._shape = shape(operation.service, operation.name)

    def answer(self) -> Any:
        return self._made(self._shape, "")

    def _made(self, of: Any, path: str) -> Any:
        kind, random = of.type_name, self._random
        if kind == "structure":
            found = {}
            for name, member in of.members.items():
                inner = f"{path}.{name}" if path else name
                needed = inner in self._needs
                if needed or (inner.count(".") < 8 and random.randrange(4)):
                    found[name] = self._made(member, inner)
                    if needed and found[name] == "":
                        found[name] = "a"
            return found
        if kind == "map":
            return {
                random.choice(_WORDS): self._made(of.value, path)
                for _ in range(random.randrange(3))
            }
        if kind == "list":
            return [self._made(of.member, f"{path}[]") for _ in range(random.randrange(3))]
        if kind == "boolean":
            return random.choice((True, False))
        if kind in ("integer", "long", "float", "double"):
            return random.choice(_NUMBERS)
        return random.choice(_TIMES if kind == "timestamp" else _WORDS)


@pytest.mark.parametrize("kind", READERS)
def test_reading_raises_for_nothing_that_a_service_may_answer(kind: str) -> None:
    asked = [each for each in OPERATIONS if kind in each.kinds]
    for seed in range(150):
        answers = [
            Answer(UNIT, each.subject, Service(each, seed).answer(), about)
            for each in asked
            for about in (("", "pl-1", "a", "sg-1") if each.about else ("",))
        ]
        for item in AwsCollector().read(answers, Reading("aws", kinds=frozenset({kind}))):
            assert isinstance(item, (Resource, Tally, Gap))
            if kind in BALANCED and isinstance(item, Tally):
                assert item.balanced, seed
            if isinstance(item, Resource):
                for field in type(item).model_fields:
                    item.provenance(field)


# -- what is missing ----------------------------------------------------------------------------


def test_without_a_listing_there_is_no_tally() -> None:
    assert read({"ec2:DescribeManagedPrefixLists": {"PrefixLists": []}}) == []


@pytest.mark.parametrize(
    ("subject", "member", "key"),
    [
        ("ec2:DescribeSecurityGroups", "SecurityGroups", "GroupId"),
        ("logs:DescribeLogGroups", "logGroups", "arn"),
        ("secretsmanager:ListSecrets", "SecretList", "ARN"),
        ("cloudtrail:DescribeTrails", "trailList", "TrailARN"),
        ("config:DescribeConfigurationRecorders", "ConfigurationRecorders", "arn"),
    ],
)
def test_a_thing_on_two_pages_is_one(subject: str, member: str, key: str) -> None:
    a, b, c = ({key: name, "Name": name} for name in "abc")
    items = read({subject: [{member: [a, b], "NextToken": "more"}, {member: [b, c]}]})
    tally = next(i for i in items if isinstance(i, Tally) and i.kind != "IamStatement")
    dropped = {name: number for name, number in tally.dropped.items() if name == "listed twice"}
    assert (tally.found, tally.normalised, dropped) == (4, 3, {"listed twice": 1})
    assert tally.balanced
    assert sum(isinstance(item, Resource) for item in items) == 3


def _group(**permission: Any) -> dict[str, Any]:
    return {"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [permission]}]}


def test_a_source_that_a_rule_does_not_name_is_not_none() -> None:
    """A pair without an id, a range without its text: somebody is let in."""
    groups = _group(IpProtocol="tcp", UserIdGroupPairs=[{"GroupName": "web"}], IpRanges=[{}])
    (rule,) = one(read({"ec2:DescribeSecurityGroups": groups})).ingress
    assert [is_known(each) for each in (*rule.groups, *rule.cidrs)] == [False, False]
    peer = _group(IpProtocol="tcp", UserIdGroupPairs=[{"GroupId": "sg-2", "UserId": "4444"}])
    (rule,) = one(read({"ec2:DescribeSecurityGroups": peer})).ingress
    assert (rule.groups, rule.itself) == (("sg-2",), False)


def test_a_prefix_list_that_was_not_told_to_the_end_is_open() -> None:
    groups = _group(IpProtocol="tcp", PrefixListIds=[{"PrefixListId": "pl-1"}])
    entries = {"Entries": [{"Cidr": "10.0.0.0/8"}], "NextToken": "more"}
    found = one(
        read(
            {"ec2:DescribeSecurityGroups": groups, "ec2:GetManagedPrefixListEntries pl-1": entries}
        )
    )
    (rule,) = found.ingress
    assert isinstance(rule.cidrs, PartialList)
    assert rule.cidrs.known == ("10.0.0.0/8",)
    assert rule.prefix_lists == ()
    found = one(read({"ec2:DescribeSecurityGroups": groups}))
    assert found.ingress[0].prefix_lists == ("pl-1",)


def test_a_list_of_somebody_else_that_is_called_like_one_of_aws_is_read() -> None:
    """The name is the owner's to choose."""
    groups = _group(IpProtocol="tcp", PrefixListIds=[{"PrefixListId": "pl-1"}])
    lists = [{"PrefixListId": "pl-1", "PrefixListName": "x.s3", "OwnerId": "111122223333"}]
    found = one(
        read(
            {
                "ec2:DescribeSecurityGroups": groups,
                "ec2:DescribeManagedPrefixLists": {"PrefixLists": lists},
                "ec2:GetManagedPrefixListEntries pl-1": {"Entries": [{"Cidr": "0.0.0.0/0"}]},
            }
        )
    )
    assert found.ingress[0].cidrs == ("0.0.0.0/0",)
    assert found.ingress[0].gateway_endpoints == ()


ATTACHED = {
    "ec2:DescribeNetworkInterfaces": {"NetworkInterfaces": []},
    "elb:DescribeLoadBalancers": {"LoadBalancerDescriptions": []},
    "elbv2:DescribeLoadBalancers": {
        "LoadBalancers": [{"Scheme": "internet-facing", "SecurityGroups": ["sg-1"]}]
    },
}


def _only_public(**answers: Any) -> Any:
    groups = {"ec2:DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1"}]}}
    items = read(groups | ATTACHED | {k.replace("_", ":", 1): v for k, v in answers.items()})
    found = [item for item in items if getattr(item, "kind", "") == "SecurityGroup"]
    return next(f for f in found if isinstance(f, Resource)).only_public_load_balancer


def test_only_behind_a_load_balancer_needs_every_answer() -> None:
    assert _only_public() is True
    for subject in ATTACHED:
        answers = ATTACHED | {
            "ec2:DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1"}]}
        }
        del answers[subject]
        (found,) = (i for i in read(answers) if isinstance(i, Resource))
        assert isinstance(found.only_public_load_balancer, Unknown), subject
    open_end = {"NetworkInterfaces": [], "NextToken": "more"}
    assert isinstance(_only_public(ec2_DescribeNetworkInterfaces=open_end), Unknown)
    own = {"RequesterManaged": True, "RequesterId": "amazon-elb", "Groups": [{"GroupId": "sg-1"}]}
    assert _only_public(ec2_DescribeNetworkInterfaces={"NetworkInterfaces": [own]}) is True
    faked = {**own, "RequesterManaged": False}
    assert _only_public(ec2_DescribeNetworkInterfaces={"NetworkInterfaces": [faked]}) is False


def test_what_a_group_of_another_account_is_attached_to_is_not_known() -> None:
    """Groups may be shared: the interfaces of other accounts do not show here."""
    shared = {"SecurityGroups": [{"GroupId": "sg-1", "OwnerId": "444455556666"}]}
    assert isinstance(_only_public(ec2_DescribeSecurityGroups=shared), Unknown)
    group = one(read({"ec2:DescribeSecurityGroups": shared}))
    assert group.address == "arn:aws:ec2:eu-west-1:444455556666:security-group/sg-1"
    own = {"SecurityGroups": [{"GroupId": "sg-1", "OwnerId": UNIT.partition("/")[0]}]}
    assert _only_public(ec2_DescribeSecurityGroups=own) is True


def test_a_summary_without_the_keys_of_the_root_is_no_answer() -> None:
    need = "SummaryMap.AccountAccessKeysPresent"
    assert lacks({"SummaryMap": {"Users": 3}}, need)
    assert lacks({"SummaryMap": None}, need)
    assert not lacks({"SummaryMap": {"AccountAccessKeysPresent": 0}}, need)


def test_an_arn_is_made_in_the_partition_of_the_region() -> None:
    groups = {"ec2:DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1"}]}}
    for region, partition in (
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ):
        found = one(read(groups, f"111122223333/{region}"))
        assert found.address == f"arn:{partition}:ec2:{region}:111122223333:security-group/sg-1"
