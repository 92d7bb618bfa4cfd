"""An account that a moto server plays, asked over HTTP."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from policyscan.collectors.aws import AwsCollector
from policyscan.collectors.aws.operations import ALLOWED, OPERATIONS
from policyscan.collectors.interface import Answer, Asked, Reading, Target
from policyscan.config import Configuration
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import scan
from policyscan.request import ScanRequest
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.resources.monitoring import LogGroup
from policyscan.resources.network import SecurityGroup
from policyscan.resources.tls import TlsServerConfig
from policyscan.values import Unknown
from tests.moto_account import ACCOUNT, Account
from tests.scanning import NOW, verdicts

REGIONS = ("eu-west-1", "us-east-1")


def seen(kind: str, regions: Iterable[str] = ("eu-west-1",), **settings: Any) -> list[Any]:
    """All that collecting and reading give for one kind; nothing may be missing."""
    reading = Reading("aws", kinds=frozenset({kind}))
    target = Target("aws", "aws", {"regions": tuple(regions), **settings})
    found = list(AwsCollector().collect(target, reading))
    assert [item for item in found if isinstance(item, Gap)] == []
    assert all(item.failed is None for item in found if isinstance(item, Asked))
    answers = [item for item in found if isinstance(item, Answer)]
    items = list(AwsCollector().read(answers, reading))
    assert all(item.balanced for item in items if isinstance(item, Tally))
    return [*found, *items]


def resources(kind: type[Resource], regions: Iterable[str] = ("eu-west-1",)) -> list[Any]:
    return [item for item in seen(kind.kind, regions) if isinstance(item, kind)]


def by_name(kind: type[Resource], name: str) -> Any:
    (found,) = (each for each in resources(kind) if each.name == name)
    return found


# -- security groups --------------------------------------------------------------------------


def test_a_group_has_all_its_rules(account: Account) -> None:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    other = ec2.create_security_group(GroupName="other", Description="other", VpcId=vpc)["GroupId"]
    made = ec2.create_security_group(
        GroupName="bot",
        Description="of the bot",
        VpcId=vpc,
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": "Role", "Value": "trading"}]}
        ],
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=made,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 23,
                "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "office"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "office"}],
            },
            {
                "IpProtocol": "udp",
                "FromPort": 53,
                "ToPort": 53,
                "UserIdGroupPairs": [{"GroupId": made}, {"GroupId": other}],
            },
            {
                "IpProtocol": "icmp",
                "FromPort": 8,
                "ToPort": -1,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            },
        ],
    )
    found = by_name(SecurityGroup, "bot")
    arn = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/{made}"
    assert (found.address, found.names) == (arn, (arn, made))
    assert (found.description, found.vpc, found.form) == ("of the bot", vpc, "group")
    assert found.tags == {"Role": "trading"}
    rules = {rule.protocol: rule for rule in found.ingress}
    assert set(rules) == {"tcp", "udp", "icmp"}
    assert (rules["tcp"].from_port, rules["tcp"].to_port) == (22, 23)
    assert rules["tcp"].cidrs == ("10.0.0.0/8", "::/0")
    assert rules["tcp"].description == "office"
    assert (rules["udp"].itself, rules["udp"].groups, rules["udp"].cidrs) == (True, (other,), ())
    assert (rules["icmp"].from_port, rules["icmp"].to_port) == (8, -1)
    (egress,) = found.egress
    assert (egress.protocol, egress.from_port, egress.cidrs) == ("-1", None, ("0.0.0.0/0",))
    assert found.only_public_load_balancer is False
    assert found.provenance('tags["Role"]')[0].label.endswith(".Tags[0].Value")
    step = found.provenance("egress[0].cidrs[0]")[0].label
    assert step.endswith("IpPermissionsEgress[0].IpRanges[0].CidrIp")
    assert [each.form for each in resources(SecurityGroup) if each.name == "default"] == [
        "default",
        "default",
    ]


def test_prefix_lists_are_their_entries_and_those_of_gateway_endpoints_are_not(
    account: Account,
) -> None:
    ec2 = account.client("ec2")
    own = ec2.create_managed_prefix_list(
        PrefixListName="offices",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "192.0.2.0/24"}, {"Cidr": "198.51.100.0/24"}],
    )["PrefixList"]["PrefixListId"]
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    (s3,) = (each["PrefixListId"] for each in lists if each["PrefixListName"].endswith(".s3"))
    made = ec2.create_security_group(GroupName="lists", Description="x")["GroupId"]
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
        "PrefixListIds": [{"PrefixListId": own}, {"PrefixListId": s3}],
    }
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission])
    (rule,) = by_name(SecurityGroup, "lists").ingress
    assert rule.cidrs == ("10.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24")
    assert (rule.gateway_endpoints, rule.prefix_lists) == ((s3,), ())


def test_a_group_behind_an_internet_facing_load_balancer_alone(account: Account) -> None:
    ec2, elb = account.client("ec2"), account.client("elbv2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
    groups = {
        name: ec2.create_security_group(GroupName=name, Description=name)["GroupId"]
        for name in ("facing", "inside", "both", "shared", "idle")
    }
    for scheme, names in (
        ("internet-facing", ("facing", "both", "shared")),
        ("internal", ("inside", "both")),
    ):
        elb.create_load_balancer(
            Name=scheme,
            Scheme=scheme,
            Subnets=subnets,
            SecurityGroups=[groups[name] for name in names],
        )
    ec2.create_network_interface(SubnetId=subnets[0], Groups=[groups["shared"]])
    found = {each.name: each.only_public_load_balancer for each in resources(SecurityGroup)}
    assert {name: found[name] for name in groups} == {
        "facing": True,
        "inside": False,
        "both": False,
        "shared": False,
        "idle": False,
    }


# -- load balancers ---------------------------------------------------------------------------


def _load_balancer(account: Account, **listeners: dict[str, Any]) -> dict[str, str]:
    """A load balancer with these listeners; the ARN of each by its name."""
    ec2, elb = account.client("ec2"), account.client("elbv2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
    balancer = elb.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]
    return {
        name: elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Port=8000 + number,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": _GONE}],
            **listener,
        )["Listeners"][0]["ListenerArn"]
        if "DefaultActions" not in listener
        else elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Port=8000 + number, **listener
        )["Listeners"][0]["ListenerArn"]
        for number, (name, listener) in enumerate(listeners.items())
    }


_GONE = {"StatusCode": "410"}


def _certificate(account: Account) -> str:
    return account.client("acm").request_certificate(DomainName="desk.example")["CertificateArn"]


def test_listeners_and_what_their_policies_accept(account: Account) -> None:
    certificates = [{"CertificateArn": _certificate(account)}]
    https = {"Protocol": "HTTPS", "Certificates": certificates}
    arns = _load_balancer(
        account,
        unnamed=https,
        current={**https, "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"},
        cbc={**https, "SslPolicy": "ELBSecurityPolicy-TLS-1-2-2017-01"},
        plain={"Protocol": "HTTP", "Tags": [{"Key": "Env", "Value": "prod"}]},
    )
    found = {each.address: each for each in resources(TlsServerConfig)}
    facts = {
        name: (found[arn].min_version, found[arn].max_version, found[arn].aead_only)
        for name, arn in arns.items()
    }
    assert facts == {
        "unnamed": ("1.0", "1.2", False),
        "current": ("1.2", "1.3", True),
        "cbc": ("1.2", "1.2", False),
        "plain": (None, None, True),
    }
    assert found[arns["unnamed"]].policy_name == "ELBSecurityPolicy-2016-08"
    assert found[arns["plain"]].policy_name is None
    assert {each.server for each in found.values()} == {"alb"}
    assert [found[arns[name]].port for name in arns] == [8000, 8001, 8002, 8003]
    assert found[arns["plain"]].tags == {"Env": "prod"}
    assert found[arns["unnamed"]].tags == {}
    assert found[arns["plain"]].internal is False


def test_a_plain_listener_redirects_if_none_of_its_rules_does_otherwise(account: Account) -> None:
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": _MOVED}}
    arns = _load_balancer(
        account,
        only={"Protocol": "HTTP", "DefaultActions": [redirect]},
        leaky={"Protocol": "HTTP", "DefaultActions": [redirect]},
        other={"Protocol": "HTTP"},
    )
    account.client("elbv2").create_rule(
        ListenerArn=arns["leaky"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/health"]}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": _GONE}],
    )
    found = {each.address: each.redirects_to_https for each in resources(TlsServerConfig)}
    assert {name: found[arn] for name, arn in arns.items()} == {
        "only": True,
        "leaky": False,
        "other": False,
    }


_MOVED = "HTTP_301"


def test_listeners_of_classic_load_balancers(account: Account) -> None:
    elb = account.client("elb")
    elb.create_load_balancer(
        LoadBalancerName="old",
        AvailabilityZones=["eu-west-1a"],
        Scheme="internal",
        Listeners=[
            {"Protocol": "HTTPS", "LoadBalancerPort": 443, "InstancePort": 80,
             "SSLCertificateId": _certificate(account)},
            {"Protocol": "SSL", "LoadBalancerPort": 8443, "InstancePort": 81,
             "SSLCertificateId": _certificate(account)},
            {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80},
        ],
        Tags=[{"Key": "Tier", "Value": "high"}],
    )  # fmt: skip
    elb.create_load_balancer_policy(
        LoadBalancerName="old",
        PolicyName="mine",
        PolicyTypeName="SSLNegotiationPolicyType",
        PolicyAttributes=[
            {"AttributeName": "Protocol-TLSv1.1", "AttributeValue": "true"},
            {"AttributeName": "Protocol-TLSv1.2", "AttributeValue": "true"},
            {"AttributeName": "Protocol-SSLv3", "AttributeValue": "false"},
            {"AttributeName": "AES128-SHA", "AttributeValue": "true"},
        ],
    )
    elb.set_load_balancer_policies_of_listener(
        LoadBalancerName="old", LoadBalancerPort=443, PolicyNames=["mine"]
    )
    found = {each.port: each for each in resources(TlsServerConfig)}
    assert set(found) == {443, 8443, 80}
    arn = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/old"
    assert found[443].address == f"{arn}#443"
    assert (found[443].min_version, found[443].max_version) == ("1.1", "1.2")
    assert (found[443].aead_only, found[443].policy_name) == (False, "mine")
    assert isinstance(found[8443].min_version, Unknown)
    assert (found[80].protocol, found[80].min_version) == ("http", None)
    assert {each.internal for each in found.values()} == {True}
    assert {each.tags["Tier"] for each in found.values()} == {"high"}


# -- log groups, and sizes --------------------------------------------------------------------


def test_log_groups_with_key_retention_and_tags(account: Account) -> None:
    logs = account.client("logs")
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    logs.create_log_group(logGroupName="/bot", kmsKeyId=key, tags={"Role": "trading"})
    logs.put_retention_policy(logGroupName="/bot", retentionInDays=90)
    logs.create_log_group(logGroupName="/site")
    bot, site = by_name(LogGroup, "/bot"), by_name(LogGroup, "/site")
    arn = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/bot"
    assert (bot.address, bot.names) == (arn, (arn, f"{arn}:*"))
    assert (bot.kms_encrypted, bot.retention_days, bot.tags) == (True, 90, {"Role": "trading"})
    assert (site.kms_encrypted, site.retention_days, site.tags) == (False, None, {})


@pytest.mark.parametrize("number", [0, 1, 50, 51, 500])
def test_every_page_is_asked_for(account: Account, number: int) -> None:
    """A page of log groups has 50."""
    logs = account.client("logs")
    for each in range(number):
        logs.create_log_group(logGroupName=f"/{each}")
    items = seen("LogGroup")
    found = [item.name for item in items if isinstance(item, LogGroup)]
    assert sorted(found) == sorted(f"/{each}" for each in range(number))
    (question,) = (
        item for item in items if isinstance(item, Asked) and item.subject.startswith("logs:")
    )
    assert question.pages == max(1, -(-number // 50))
    (tally,) = (item for item in items if isinstance(item, Tally))
    assert (tally.found, tally.normalised) == (number, number)


# -- regions, roles, the whole ----------------------------------------------------------------


def _scan(*kinds: str, **settings: Any) -> Report:
    from pathlib import Path

    request = ScanRequest(
        path=None,
        configuration=Configuration(),
        profile=load_profile("advise", Path()),
        targets=(Target("aws", "aws", settings),),
        select=kinds,
    )
    return scan(request, now=NOW)


def test_two_regions_are_judged_each_and_the_ledger_has_both(account: Account) -> None:
    made = {}
    for region, cidr in zip(REGIONS, ("0.0.0.0/0", "10.0.0.0/8"), strict=True):
        ec2 = account.client("ec2", region)
        group = ec2.create_security_group(GroupName="ssh", Description="ssh")["GroupId"]
        permission = {
            "IpProtocol": "tcp",
            "FromPort": 22,
            "ToPort": 22,
            "IpRanges": [{"CidrIp": cidr}],
        }
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        made[region] = f"arn:aws:ec2:{region}:{ACCOUNT}:security-group/{group}"
    report = _scan("PS-NET-004", regions=REGIONS)
    found = verdicts(report, "PS-NET-004")
    assert found[made["eu-west-1"]] == "fail"
    assert found[made["us-east-1"]] == "pass"
    assert report.gaps == ()
    entries = {entry.unit: entry for entry in report.ledger if entry.kind == "SecurityGroup"}
    assert set(entries) == {f"{ACCOUNT}/{region}" for region in REGIONS}
    for entry in entries.values():
        assert entry.balanced
        assert (entry.found, entry.normalised, entry.denied) == (2, 2, 0)
        assert (entry.asked, entry.returned) == (6, 6)


def test_two_runs_agree(account: Account) -> None:
    def data(items: list[Any]) -> list[Any]:
        return [(i.unit, i.subject, i.about, i.page, i.data) for i in items if hasattr(i, "data")]

    account.client("logs").create_log_group(logGroupName="/a")
    for kind in ("SecurityGroup", "LogGroup"):
        first, second = (data(seen(kind, REGIONS)) for _ in range(2))
        assert first == second
        assert first


def test_another_account_through_a_role(account: Account) -> None:
    role = "arn:aws:iam::111122223333:role/audit"
    items = seen("LogGroup", role=role, external_id="desk")
    units = {item.unit for item in items if isinstance(item, Asked)}
    assert units == {"111122223333/eu-west-1"}


def test_without_regions_that_of_the_session_is_asked(account: Account) -> None:
    items = seen("LogGroup", ())
    assert {item.unit for item in items if isinstance(item, Asked)} == {f"{ACCOUNT}/eu-west-1"}


def test_nothing_else_is_called(account: Account) -> None:
    """What the server got, as it recorded it, is in the table; and for one kind, only what that
    kind needs."""
    account.client("elb").create_load_balancer(
        LoadBalancerName="old",
        AvailabilityZones=["eu-west-1a"],
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
    )
    _load_balancer(account, plain={"Protocol": "HTTP"})
    for kinds in (frozenset({"LogGroup"}), frozenset(AwsCollector.kinds)):
        target = Target("aws", "aws", {"regions": ("eu-west-1",)})
        with account.recorded() as requests:
            list(AwsCollector().collect(target, Reading("aws", kinds=kinds)))
        names = {_operation(request) for request in requests}
        allowed = {each.partition(":")[2] for each in ALLOWED}
        needed = {each.name for each in OPERATIONS if kinds & {*each.kinds}}
        assert "GetCallerIdentity" in names
        assert names <= allowed
        assert names <= needed | {"GetCallerIdentity"}


def _operation(request: dict[str, Any]) -> str:
    target = request["headers"].get("X-Amz-Target")
    if target:
        return str(target).rpartition(".")[2]
    body = request["body"] or ""
    text = base64.b64decode(body).decode() if request.get("body_encoded") else body
    if "Action=" in text:
        return parse_qs(text)["Action"][0]
    path = urlsplit(request["url"]).path
    return _REST[request["method"], "/".join(path.split("/")[:2]), path.count("/")]


_REST = {
    ("GET", "/detector", 1): "ListDetectors",
    ("GET", "/detector", 2): "GetDetector",
}
"""GuardDuty names its operations by method and path."""
