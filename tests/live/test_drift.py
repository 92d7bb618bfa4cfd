"""Code beside the account that it was applied to, and what somebody changed there by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from policyscan.collectors.interface import Target
from policyscan.config import Configuration
from policyscan.findings import Drift, Report, Verdict
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import scan
from policyscan.request import ScanRequest
from tests.every_format import assert_told_everywhere
from tests.moto_account import ACCOUNT, Account
from tests.scanning import NOW, write

TERRAFORM = """
provider "aws" {
  region = "eu-west-1"
}
variable "days" {}
resource "aws_security_group" "lb" {
  name        = "desk-lb"
  description = "in front"
  vpc_id      = "%(vpc)s"
}
resource "aws_security_group" "bot" {
  name        = "desk-bot"
  description = "the bots"
  vpc_id      = "%(vpc)s"
  tags        = { Team = "desk" }
  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_security_group.lb.id]
    self            = true
  }
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["192.0.2.0/24", "10.0.0.0/8"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
resource "aws_security_group" "gone" {
  name   = "desk-gone"
  vpc_id = "%(vpc)s"
}
resource "aws_cloudwatch_log_group" "bot" {
  name              = "/desk/bot"
  retention_in_days = 30
}
resource "aws_cloudwatch_log_group" "open" {
  name              = "/desk/open"
  retention_in_days = var.days
}
resource "aws_secretsmanager_secret" "key" {
  name = "production/binance/bot"
}
"""
SELECT = ("PS-NET-004", "PS-LOG-008", "PS-SEC-006", "PS-ROT-005")


def build(account: Account) -> dict[str, str]:
    """What `terraform apply` would make of it, and one group more."""
    ec2, logs = account.client("ec2"), account.client("logs")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = {"vpc": vpc}
    for name, about in (("lb", "in front"), ("bot", "the bots"), ("by-hand", "a test")):
        group = ec2.create_security_group(GroupName=f"desk-{name}", Description=about, VpcId=vpc)[
            "GroupId"
        ]
        made[name] = group
        ec2.revoke_security_group_egress(
            GroupId=group, IpPermissions=[permission("-1", "0.0.0.0/0")]
        )
    ec2.create_tags(Resources=[made["bot"]], Tags=[{"Key": "Team", "Value": "desk"}])
    allow(ec2, made["bot"], permission("tcp", "10.0.0.0/8", "192.0.2.0/24", port=22))
    peers = [{"GroupId": made["bot"]}, {"GroupId": made["lb"]}]
    allow(ec2, made["bot"], permission("tcp", port=443) | {"UserIdGroupPairs": peers})
    ec2.authorize_security_group_egress(
        GroupId=made["bot"], IpPermissions=[permission("-1", "10.0.0.0/8")]
    )
    for name in ("bot", "open"):
        logs.create_log_group(logGroupName=f"/desk/{name}")
        logs.put_retention_policy(logGroupName=f"/desk/{name}", retentionInDays=30)
    account.client("secretsmanager").create_secret(Name="production/binance/bot", SecretString="x")
    return made


def permission(protocol: str, *cidrs: str, port: int | None = None) -> dict[str, Any]:
    ports = {} if port is None else {"FromPort": port, "ToPort": port}
    return {"IpProtocol": protocol, "IpRanges": [{"CidrIp": c} for c in cidrs]} | ports


def allow(ec2: Any, group: str, one: dict[str, Any]) -> None:
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[one])


def audit(path: Path, made: dict[str, str], text: str = TERRAFORM) -> Report:
    write(path, {"infra/main.tf": text % made})
    request = ScanRequest(
        path=path / "infra",
        configuration=Configuration(),
        profile=load_profile("audit", path),
        targets=(Target("aws", "aws", {"regions": ("eu-west-1",)}),),
        select=SELECT,
    )
    return scan(request, now=NOW)


def by_address(report: Report) -> dict[str, Drift]:
    return {one.declared.address: one for one in report.drift}


def differences(drift: Drift) -> list[tuple[str, str, str]]:
    return [(one.path, one.declared, one.observed) for one in drift.attributes]


BOT, GONE = "aws_security_group.bot", "aws_security_group.gone"
LOGS, OPEN = "aws_cloudwatch_log_group.bot", "aws_cloudwatch_log_group.open"
PAIRS = {"aws_security_group.lb", BOT, LOGS, OPEN, "aws_secretsmanager_secret.key"}


def test_what_was_applied_is_as_it_is_declared(account: Account, tmp_path: Path) -> None:
    report = audit(tmp_path, build(account))
    found = by_address(report)
    assert {name: differences(one) for name, one in found.items()} == {one: [] for one in PAIRS}
    assert {one.joined_by for one in found.values()} == {"name"}
    assert found[OPEN].not_known == ("retention_days",)
    observed = found[BOT].observed
    assert observed.unit == f"{ACCOUNT}/eu-west-1"
    assert observed.observed_by == "ec2:DescribeSecurityGroups"
    assert observed.observed_at.endswith("Z")
    assert found[BOT].location is not None and found[BOT].location.path == "main.tf"
    assert not report.drift_doubts
    assert_told_everywhere(report)


def test_what_is_on_one_side_alone(account: Account, tmp_path: Path) -> None:
    made = build(account)
    report = audit(tmp_path, made)
    assert {one.kind for one in report.unpaired} >= {"SecurityGroup"}
    [groups] = [one for one in report.unpaired if one.kind == "SecurityGroup"]
    assert [ref.address for ref in groups.missing] == [GONE]
    arns = [ref.address.rpartition("/")[2] for ref in groups.unmanaged]
    default = account.client("ec2").describe_security_groups(GroupNames=["default"])
    here = {each["GroupId"] for each in default["SecurityGroups"]}
    assert set(arns) == {made["by-hand"], *here}
    assert groups.not_told == ()
    assert (groups.declared, groups.observed) == (1, len(arns))


def test_what_was_not_read_leaves_that_open(account: Account, tmp_path: Path) -> None:
    made = build(account)
    write(
        tmp_path, {"infra/more.tf": 'module "away" {\n  source = "git::https://h.example/m"\n}\n'}
    )
    [groups] = [one for one in audit(tmp_path, made).unpaired if one.kind == "SecurityGroup"]
    assert (groups.missing, groups.unmanaged) == ((), ())
    assert groups.declared == 1
    assert groups.not_told == ("code that may declare SecurityGroup was not read: module.away",)


def test_a_change_by_hand_shows_attribute_by_attribute(account: Account, tmp_path: Path) -> None:
    made = build(account)
    ec2, logs = account.client("ec2"), account.client("logs")
    allow(ec2, made["bot"], permission("tcp", "0.0.0.0/0", port=22))
    ec2.create_tags(Resources=[made["bot"]], Tags=[{"Key": "Team", "Value": "other"}])
    logs.delete_retention_policy(logGroupName="/desk/bot")
    report = audit(tmp_path, made)
    found = by_address(report)
    assert differences(found[BOT]) == [
        ("ingress", "", "tcp 22 0.0.0.0/0"),
        ('tags["Team"]', '"desk"', '"other"'),
    ]
    assert differences(found[LOGS]) == [("retention_days", "30", "null")]
    verdicts = {one.policy_id: (one.declared, one.observed) for one in found[BOT].verdicts}
    assert verdicts["PS-NET-004"] == (Verdict.PASS, Verdict.FAIL)
    assert_told_everywhere(report)


def test_two_of_one_name_are_a_doubt(account: Account, tmp_path: Path) -> None:
    made = build(account)
    ec2 = account.client("ec2")
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_security_group(GroupName="desk-bot", Description="twin", VpcId=other)
    without_vpc = TERRAFORM.replace('  vpc_id      = "%(vpc)s"\n', "").replace("  tags ", "  # ")
    report = audit(tmp_path, made, text=without_vpc)
    [doubt] = report.drift_doubts
    assert doubt.declared.address == BOT
    assert doubt.reason == "2 things that were seen have the same name"
    assert BOT not in by_address(report)
    assert_told_everywhere(report)
