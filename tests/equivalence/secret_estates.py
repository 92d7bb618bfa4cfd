"""Secrets with keys, tags, rotation and policies, in both spellings."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from typing import Any

from tests.equivalence.live import Built, Estate
from tests.moto_account import ACCOUNT, Account

FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:rotate"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def _secret(account: Account, name: str, **more: Any) -> str:
    tags = [{"Key": key, "Value": value} for key, value in more.pop("tags", {}).items()]
    made = account.client("secretsmanager").create_secret(
        Name=name, SecretString="never-shown", Tags=tags, **more
    )
    return str(made["ARN"])


def _function(account: Account) -> None:
    """A function that can be named as the one that rotates; moto is told not to run it."""
    settings = json.dumps({"lambda": {"use_docker": False}}).encode()
    urllib.request.urlopen(f"{account.url}/moto-api/config", settings, timeout=30).close()
    iam, functions = account.client("iam"), account.client("lambda")
    role = iam.create_role(RoleName="rotate", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName="rotate",
        Runtime="python3.12",
        Role=role,
        Handler="rotate.handler",
        Code={"ZipFile": _archive()},
    )


def _archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rotate.py", "def handler(event, context): pass")
    return packed.getvalue()


def _rotated(account: Account, arn: str, **rules: Any) -> None:
    account.client("secretsmanager").rotate_secret(
        SecretId=arn, RotationLambdaARN=FUNCTION, RotationRules=rules, RotateImmediately=False
    )


def _plain(account: Account) -> Built:
    return {
        "aws_secretsmanager_secret.key": _secret(
            account,
            "prod/binance/api-key",
            Description="for the maker",
            tags={"Environment": "prod"},
        )
    }


PLAIN = Estate(
    name="an exchange secret without rotation",
    terraform="""
        resource "aws_secretsmanager_secret" "key" {
          name        = "prod/binance/api-key"
          description = "for the maker"
          tags        = { Environment = "prod" }
        }
    """,
    build=_plain,
    kinds=("Secret",),
    verdicts={
        "PS-ROT-005": {"aws_secretsmanager_secret.key": "fail"},
        "PS-SEC-006": {"aws_secretsmanager_secret.key": "unknown"},
    },
)


def _keys(account: Account) -> Built:
    low, high = {"tier": "low"}, {"tier": "high"}
    return {
        "aws_secretsmanager_secret.own": _secret(
            account, "kraken-api-key", KmsKeyId=KEY, tags=high
        ),
        "aws_secretsmanager_secret.small": _secret(account, "okx-api-key", tags=low),
        "aws_secretsmanager_secret.big": _secret(account, "bybit-api-key", tags=high),
        "aws_secretsmanager_secret.alias": _secret(
            account, "bitget-api-key", KmsKeyId="alias/aws/secretsmanager", tags=high
        ),
        "aws_secretsmanager_secret.other": _secret(account, "postgres-master", KmsKeyId=KEY),
    }


KEYS = Estate(
    name="whose key encrypts",
    terraform=f"""
        resource "aws_secretsmanager_secret" "own" {{
          name       = "kraken-api-key"
          kms_key_id = "{KEY}"
          tags       = {{ tier = "high" }}
        }}
        resource "aws_secretsmanager_secret" "small" {{
          name = "okx-api-key"
          tags = {{ tier = "low" }}
        }}
        resource "aws_secretsmanager_secret" "big" {{
          name = "bybit-api-key"
          tags = {{ tier = "high" }}
        }}
        resource "aws_secretsmanager_secret" "alias" {{
          name       = "bitget-api-key"
          kms_key_id = "alias/aws/secretsmanager"
          tags       = {{ tier = "high" }}
        }}
        resource "aws_secretsmanager_secret" "other" {{
          name       = "postgres-master"
          kms_key_id = "{KEY}"
        }}
    """,
    build=_keys,
    kinds=("Secret",),
    verdicts={
        "PS-SEC-006": {
            "aws_secretsmanager_secret.own": "pass",
            "aws_secretsmanager_secret.small": "pass",
            "aws_secretsmanager_secret.big": "fail",
            "aws_secretsmanager_secret.alias": "fail",
            "aws_secretsmanager_secret.other": "not_applicable",
        }
    },
)


def _rotations(account: Account) -> Built:
    _function(account)
    found = {
        "aws_secretsmanager_secret.weekly": _secret(account, "binance-a", tags={"tier": "high"}),
        "aws_secretsmanager_secret.monthly": _secret(account, "binance-b", tags={"tier": "high"}),
        "aws_secretsmanager_secret.open": _secret(account, "binance-c"),
    }
    _rotated(account, found["aws_secretsmanager_secret.weekly"], AutomaticallyAfterDays=7)
    _rotated(account, found["aws_secretsmanager_secret.monthly"], AutomaticallyAfterDays=30)
    _rotated(account, found["aws_secretsmanager_secret.open"], AutomaticallyAfterDays=30)
    return found


def _declared(label: str, name: str, rules: str, tier: str = "") -> str:
    tags = f'tags = {{ tier = "{tier}" }}' if tier else ""
    return f"""
        resource "aws_secretsmanager_secret" "{label}" {{
          name = "{name}"
          {tags}
        }}
        resource "aws_secretsmanager_secret_rotation" "{label}" {{
          secret_id           = aws_secretsmanager_secret.{label}.id
          rotation_lambda_arn = "{FUNCTION}"
          rotation_rules {{ {rules} }}
        }}
    """


ROTATIONS = Estate(
    name="rotations by an interval",
    terraform=_declared("weekly", "binance-a", "automatically_after_days = 7", "high")
    + _declared("monthly", "binance-b", "automatically_after_days = 30", "high")
    + _declared("open", "binance-c", "automatically_after_days = 30"),
    build=_rotations,
    kinds=("Secret",),
    verdicts={
        "PS-ROT-005": {
            "aws_secretsmanager_secret.weekly": "pass",
            "aws_secretsmanager_secret.monthly": "fail",
            "aws_secretsmanager_secret.open": "unknown",
        }
    },
)


def _by_aws(account: Account) -> Built:
    arn = _secret(account, "kraken-a", tags={"tier": "medium"})
    account.client("secretsmanager").rotate_secret(
        SecretId=arn, RotationRules={"AutomaticallyAfterDays": 10}
    )
    return {"aws_secretsmanager_secret.managed": arn}


BY_AWS = Estate(
    name="a rotation without a function",
    terraform="""
        resource "aws_secretsmanager_secret" "managed" {
          name = "kraken-a"
          tags = { tier = "medium" }
        }
        resource "aws_secretsmanager_secret_rotation" "managed" {
          secret_id = aws_secretsmanager_secret.managed.id
          rotation_rules { automatically_after_days = 10 }
        }
    """,
    build=_by_aws,
    kinds=("Secret",),
    verdicts={"PS-ROT-005": {"aws_secretsmanager_secret.managed": "pass"}},
)

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Bot",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/bot"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        },
        {
            "Sid": "Others",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"],
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ],
}


def _shared(account: Account) -> Built:
    arn = _secret(account, "prod/binance/api-key")
    account.client("secretsmanager").put_resource_policy(
        SecretId=arn, ResourcePolicy=json.dumps(POLICY)
    )
    return {
        "aws_secretsmanager_secret.key": arn,
        "aws_secretsmanager_secret_policy.key#Bot": f"{arn}#Bot",
        "aws_secretsmanager_secret_policy.key#Others": f"{arn}#Others",
    }


SHARED = Estate(
    name="the policy of a secret",
    terraform=f"""
        resource "aws_secretsmanager_secret" "key" {{ name = "prod/binance/api-key" }}
        resource "aws_secretsmanager_secret_policy" "key" {{
          secret_arn = aws_secretsmanager_secret.key.arn
          policy     = jsonencode({json.dumps(POLICY)})
        }}
    """,
    build=_shared,
    kinds=("Secret", "IamStatement"),
)


def _regions(account: Account) -> Built:
    east = account.client("secretsmanager", "us-east-1")
    made = east.create_secret(Name="kraken-api-key-b", SecretString="never-shown")
    return {
        "aws_secretsmanager_secret.west": _secret(account, "kraken-api-key-a"),
        "aws_secretsmanager_secret.east": made["ARN"],
    }


REGIONS = Estate(
    name="secrets in two regions",
    terraform="""
        provider "aws" { region = "eu-west-1" }
        provider "aws" {
          alias  = "east"
          region = "us-east-1"
        }
        resource "aws_secretsmanager_secret" "west" { name = "kraken-api-key-a" }
        resource "aws_secretsmanager_secret" "east" {
          provider = aws.east
          name     = "kraken-api-key-b"
        }
    """,
    build=_regions,
    kinds=("Secret",),
    regions=("eu-west-1", "us-east-1"),
    verdicts={
        "PS-ROT-005": {
            "aws_secretsmanager_secret.west": "fail",
            "aws_secretsmanager_secret.east": "fail",
        }
    },
)

SECRET_ESTATES = (PLAIN, KEYS, ROTATIONS, BY_AWS, SHARED, REGIONS)
