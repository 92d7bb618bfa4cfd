"""Accounts to audit, built in a moto server."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.moto_account import ACCOUNT, Account

TAGS = {"Role": "trading", "Environment": "production", "policyscan:tier": "high"}
_LISTED = [{"Key": key, "Value": value} for key, value in TAGS.items()]
_SPECIFIED = [{"ResourceType": "security-group", "Tags": _LISTED}]


def groups(account: Account, region: str, count: int, *, open_every: int = 0) -> None:
    """Groups of a VPC, of which every `open_every`th lets the internet in on port 22."""
    ec2 = account.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for number in range(count):
        group = ec2.create_security_group(
            GroupName=f"bot-{number}", Description="a bot", VpcId=vpc, TagSpecifications=_SPECIFIED
        )["GroupId"]
        is_open = open_every and number % open_every == 0
        cidr = "0.0.0.0/0" if is_open else f"10.1.{number % 256}.0/24"
        ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[_tcp(22, cidr), _tcp(443, "10.0.0.0/8")]
        )


def prefix_list(account: Account, region: str) -> None:
    """A list of ranges, and a group that sends to it."""
    ec2 = account.client("ec2", region)
    made = ec2.create_managed_prefix_list(
        PrefixListName="exchange",
        AddressFamily="IPv4",
        MaxEntries=2,
        Entries=[{"Cidr": "52.84.25.0/24"}],
    )["PrefixList"]["PrefixListId"]
    group = ec2.create_security_group(
        GroupName="listed", Description="a bot", TagSpecifications=_SPECIFIED
    )["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**rule, "PrefixListIds": [{"PrefixListId": made}]}]
    )


def _tcp(port: int, cidr: str) -> dict[str, object]:
    peers = {"IpRanges": [{"CidrIp": cidr}]}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peers}


def secrets(
    account: Account, region: str, count: int, *, rotated: Sequence[int] = (), key: str = ""
) -> None:
    """Secrets of an exchange, those whose number is in `rotated` with a rotation. (Without a
    function: moto would have to run it.)"""
    manager = account.client("secretsmanager", region)
    for number in range(count):
        arn = manager.create_secret(
            Name=f"binance/trading-key-{number}",
            SecretString="{}",
            Tags=_LISTED,
            **({"KmsKeyId": key} if key else {}),
        )["ARN"]
        if number in rotated:
            manager.rotate_secret(
                SecretId=arn,
                RotationRules={"AutomaticallyAfterDays": 7},
            )


def users(account: Account, count: int, *, keys: int = 1) -> None:
    """Users, each with access keys."""
    iam = account.client("iam")
    for number in range(count):
        iam.create_user(UserName=f"desk-{number}", Tags=_LISTED)
        for _ in range(keys):
            iam.create_access_key(UserName=f"desk-{number}")


def role(account: Account, name: str, *actions: str) -> None:
    """A role of EC2 with one inline policy."""
    iam = account.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=_document({**trust, "Action": "sts:AssumeRole"}),
        Tags=_LISTED,
    )
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_document(statement))


def _document(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trail(account: Account, region: str, name: str, *, complete: bool) -> None:
    """A trail that records; a complete one records all regions, validated, with a key."""
    bucket = f"logs-of-{name}"
    where = {} if region == "us-east-1" else {"LocationConstraint": region}
    storage = account.client("s3", region)
    storage.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
    trails = account.client("cloudtrail", region)
    more = {
        "IsMultiRegionTrail": True,
        "EnableLogFileValidation": True,
        "KmsKeyId": f"arn:aws:kms:{region}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
    }
    trails.create_trail(Name=name, S3BucketName=bucket, **(more if complete else {}))
    trails.start_logging(Name=name)


def detector(account: Account, region: str) -> None:
    """GuardDuty, on."""
    account.client("guardduty", region).create_detector(Enable=True)


def listeners(account: Account, region: str) -> None:
    """A load balancer with a plain listener and one that only redirects."""
    ec2, elb = account.client("ec2", region), account.client("elbv2", region)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"{region}{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    balancer = elb.create_load_balancer(Name="front", Scheme="internal", Subnets=subnets)
    arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    plain = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    away = {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    }
    for port, action in ((8080, plain), (80, away)):
        elb.create_listener(
            LoadBalancerArn=arn, Protocol="HTTP", Port=port, DefaultActions=[action]
        )


def log_groups(account: Account, region: str) -> None:
    """One that is kept for a month, and one that is kept for long, with a key."""
    logs = account.client("logs", region)
    logs.create_log_group(logGroupName="/app/short-trading")
    logs.put_retention_policy(logGroupName="/app/short-trading", retentionInDays=30)
    key = f"arn:aws:kms:{region}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    logs.create_log_group(logGroupName="/app/kept-trading", kmsKeyId=key)
