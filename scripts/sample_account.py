"""What an invented account answers, for a sample of a report on code and account together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from policyscan.collectors.interface import Answer

UNIT = "111122223333/eu-west-1"
AT = datetime(2026, 1, 5, 8, 59, 30, tzinfo=UTC)
_REGION, _VPC = "arn:aws:{}:eu-west-1:111122223333", "vpc-0f3a9c1d22e4"


def answers() -> tuple[Answer, ...]:
    """Three groups of the code, one of them opened by hand, one that no code declares, and two log
    groups, one of which keeps its logs for a shorter time."""
    https = [_from("tcp", port, "0.0.0.0/0", v6="::/0") for port in (80, 443)]
    office = _from("tcp", 22, "203.0.113.0/24")
    return (
        _answer(
            "ec2:DescribeSecurityGroups",
            {
                "SecurityGroups": [
                    _group("sg-0a1e", "edge", https),
                    _group("sg-0a2e", "bastion", [office, _from("tcp", 22, "0.0.0.0/0")]),
                ]
            },
        ),
        _answer(
            "ec2:DescribeSecurityGroups",
            {
                "SecurityGroups": [
                    _group("sg-0a3e", "fills-database", [_from("tcp", 5432, "10.40.0.0/16")]),
                    _group("sg-0a4e", "jump-host", [_from("-1", None, "0.0.0.0/0")]),
                ]
            },
            page=2,
        ),
        _answer("ec2:DescribeManagedPrefixLists", {"PrefixLists": []}),
        _answer("ec2:DescribeNetworkInterfaces", {"NetworkInterfaces": []}),
        _answer(
            "logs:DescribeLogGroups",
            {
                "logGroups": [
                    _logs("/edge/access", retentionInDays=7),
                    _logs("/bots/hedging", retentionInDays=400, kmsKeyId="arn:aws:kms:::key/1"),
                ]
            },
        ),
    )


def _answer(subject: str, data: Any, page: int = 1) -> Answer:
    return Answer(UNIT, subject, data, page=page, at=AT)


def _group(group: str, name: str, ingress: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "GroupId": group,
        "GroupName": name,
        "SecurityGroupArn": f"{_REGION.format('ec2')}:security-group/{group}",
        "Description": "Managed by Terraform",
        "VpcId": _VPC,
        "IpPermissions": ingress,
        "IpPermissionsEgress": [],
    }


def _from(protocol: str, port: int | None, cidr: str, v6: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"IpProtocol": protocol, "IpRanges": [{"CidrIp": cidr}]}
    if v6:
        found["Ipv6Ranges"] = [{"CidrIpv6": v6}]
    return found if port is None else found | {"FromPort": port, "ToPort": port}


def _logs(name: str, **more: Any) -> dict[str, Any]:
    arn = f"{_REGION.format('logs')}:log-group:{name}:*"
    return {"logGroupName": name, "arn": arn} | more
