"""Nothing secret that an account holds leaves the collector, whatever goes wrong on the way."""

from __future__ import annotations

import itertools
import json
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest

from tests.every_format import render_all
from tests.live.auditing import audit
from tests.live.fault_proxy import Fault, FaultProxy
from tests.moto_account import Account

LETTERS = string.ascii_letters + string.digits
REGION = "eu-west-1"
FILES = ("html", "json", "junit", "sarif")


class Canaries:
    """Unique secrets by where each stands."""

    def __init__(self) -> None:
        self._random = random.Random(20260101)
        self._numbers = itertools.count()
        self.planted: dict[str, str] = {}

    def plant(self, where: str, secret: str) -> str:
        self.planted[f"{where} {next(self._numbers)}"] = secret
        return secret

    def letters(self, length: int, alphabet: str = LETTERS) -> str:
        return "".join(self._random.choices(alphabet, k=length))

    def aws_id(self, where: str) -> str:
        return self.plant(where, "AKIA" + self.letters(16, string.ascii_uppercase + "234567"))

    def github(self, where: str) -> str:
        return self.plant(where, "ghp_" + self.letters(36))

    def slack(self, where: str) -> str:
        numbers = self.letters(12, string.digits)
        return self.plant(where, f"xoxb-{numbers}-{self.letters(24)}")

    def binance(self, where: str) -> str:
        return self.plant(where, "aB3" + self.letters(61))

    def password(self, where: str) -> str:
        return self.plant(where, f"pA9{self.letters(15)}")


def plant(account: Account, canaries: Canaries) -> None:
    """Secrets in every place of an account where people put them by mistake."""
    _in_secrets(account, canaries)
    _in_identities(account, canaries)
    _in_network(account, canaries)


def _in_secrets(account: Account, canaries: Canaries) -> None:
    manager = account.client("secretsmanager")
    for number in range(12):
        pair = {
            "api_key": canaries.binance("value"),
            "api_secret": canaries.binance("value"),
            "password": canaries.password("value"),
        }
        made = manager.create_secret(
            Name=f"binance/key-{number}",
            SecretString=json.dumps(pair),
            Description=f"token {canaries.github('description')} of the desk",
            Tags=[
                {"Key": "password", "Value": canaries.password("tag")},
                {"Key": "Note", "Value": f"use {canaries.slack('tag')}"},
            ],
        )
        manager.put_secret_value(
            SecretId=made["ARN"], SecretBinary=canaries.binance("binary value").encode()
        )


def _in_identities(account: Account, canaries: Canaries) -> None:
    iam = account.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    for number in range(6):
        name = f"desk-{number}" if number % 2 else canaries.aws_id("user name")
        iam.create_user(
            UserName=name, Tags=[{"Key": "Token", "Value": canaries.github("tag of a user")}]
        )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        canaries.plant("access key id", key["AccessKeyId"])
        canaries.plant("secret access key", key["SecretAccessKey"])
        statement = {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:RequestTag/token": canaries.github("condition")},
            },
        }
        iam.create_role(
            RoleName=f"bot-{number}",
            AssumeRolePolicyDocument=_document(
                {
                    **trust,
                    "Action": "sts:AssumeRole",
                    "Condition": {
                        "StringEquals": {"sts:ExternalId": canaries.password("external id")}
                    },
                }
            ),
            Description=f"password={canaries.password('description of a role')}",
        )
        iam.put_role_policy(
            RoleName=f"bot-{number}", PolicyName="own", PolicyDocument=_document(statement)
        )


def _document(statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _in_network(account: Account, canaries: Canaries) -> None:
    ec2 = account.client("ec2")
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    for number in range(4):
        group = ec2.create_security_group(
            GroupName=f"bot-{number}",
            Description=f"token {canaries.slack('description of a group')}",
            VpcId=vpc["VpcId"],
            TagSpecifications=[
                {
                    "ResourceType": "security-group",
                    "Tags": [{"Key": "api_secret", "Value": canaries.binance("tag of a group")}],
                }
            ],
        )["GroupId"]
        told = f"password {canaries.github('description of a rule')}"
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": told}],
                }
            ],
        )
    logs = account.client("logs")
    logs.create_log_group(
        logGroupName="/app/trading", tags={"secret": canaries.password("tag of a log group")}
    )


@pytest.fixture
def canaries(account: Account) -> Canaries:
    found = Canaries()
    plant(account, found)
    assert len(found.planted) >= 100
    return found


def leaks(canaries: Canaries, outputs: dict[str, bytes]) -> list[str]:
    """Where a secret shows."""
    return [
        f"{where} in {name}"
        for name, data in outputs.items()
        for where, secret in canaries.planted.items()
        if secret.encode() in data
    ]


def test_a_run_shows_none(
    account: Account, canaries: Canaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    command = [sys.executable, "-P", "-m", "policyscan", "scan", "--aws", "--region", REGION]
    command += ["--profile", "audit", "-o", "console", "-v"]
    for name in FILES:
        command += ["-o", f"{name}={tmp_path / name}"]
    done = subprocess.run(command, check=False, capture_output=True, cwd=tmp_path, timeout=240)
    assert done.returncode == 1, done.stderr[-2000:]
    outputs = {"stdout": done.stdout, "stderr": done.stderr}
    outputs |= {name: (tmp_path / name).read_bytes() for name in FILES}
    for path in (tmp_path / "cache").rglob("*"):
        outputs |= {str(path): path.read_bytes()} if path.is_file() else {}
    assert b"binance/key-1" in outputs["json"]
    assert leaks(canaries, outputs) == []


@pytest.mark.parametrize("fault", [Fault.DENIED, Fault.TRUNCATED, Fault.RESET])
def test_a_run_in_which_half_fails_shows_none(
    account: Account,
    canaries: Canaries,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Every second call fails, then the others."""
    with FaultProxy(account.url, replay=True) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        audit(regions=[REGION], budget=30)
        calls = sorted(set(proxy.calls))
        for half in (calls[0::2], calls[1::2]):
            with proxy.failing(half, fault):
                report = audit(regions=[REGION], budget=2)
            assert report.gaps
            outputs = render_all(report)
            outputs["repr"] = repr(report).encode()
            assert leaks(canaries, outputs) == []
    told = capfd.readouterr()
    assert leaks(canaries, {"stdout": told.out.encode(), "stderr": told.err.encode()}) == []


def test_errors_that_quote_secrets_show_none(
    account: Account, canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service may repeat in an error what it was asked about."""
    secrets = list(canaries.planted.values())
    with FaultProxy(account.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        proxy.quote = " ".join(secrets[:40])
        proxy.choose = lambda call: None if call.service == "sts" else Fault.DENIED
        report = audit(regions=[REGION], budget=5)
    assert report.gaps
    outputs = render_all(report)
    outputs["repr"] = repr(report).encode()
    assert leaks(canaries, outputs) == []
