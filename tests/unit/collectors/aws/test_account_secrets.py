"""Secrets of an account: expected values by the API reference of Secrets Manager."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from policyscan.collectors.aws.kinds import policies, secrets
from policyscan.values import is_known
from tests.unit.collectors.aws.answered import AT, answer, read

ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/binance/api-key-AbCdEf"


def listed(*secrets: dict[str, Any]) -> Any:
    return answer("secretsmanager:ListSecrets", {"SecretList": list(secrets)})


def versions(*rows: tuple[list[str], str], about: str = ARN, token: str | None = None) -> Any:
    found = [
        {"VersionId": str(number), "VersionStages": stages, "CreatedDate": made}
        for number, (stages, made) in enumerate(rows)
    ]
    data = {"Versions": found, **({"NextToken": token} if token else {})}
    return answer("secretsmanager:ListSecretVersionIds", data, about)


def only(*answers: Any) -> Any:
    (found,) = read(secrets.read, *answers)[0].values()
    return found


def test_everything_that_is_told() -> None:
    secret = only(
        listed(
            {
                "ARN": ARN,
                "Name": "prod/binance/api-key",
                "Description": "for the maker",
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1",
                "RotationEnabled": True,
                "RotationLambdaARN": "arn:aws:lambda:eu-west-1:111122223333:function:rotate",
                "RotationRules": {"AutomaticallyAfterDays": 7},
                "LastRotatedDate": "2025-12-30T10:00:00Z",
                "Tags": [{"Key": "Environment", "Value": "prod"}],
            }
        ),
        versions(
            (["AWSCURRENT"], "2025-12-30T10:00:00Z"), (["AWSPREVIOUS"], "2025-12-01T00:00:00Z")
        ),
    )
    assert (secret.address, secret.name) == (ARN, "prod/binance/api-key")
    assert secret.description == "for the maker"
    assert secret.purpose == "exchange_api_key"
    assert secret.kms == "customer"
    assert (secret.rotation_enabled, secret.rotation_interval_days) == (True, 7.0)
    assert secret.rotation_function.endswith(":function:rotate")
    assert secret.last_rotated_at == datetime(2025, 12, 30, 10, tzinfo=UTC)
    assert (secret.current_versions, secret.pending_since) == (1, None)
    assert secret.tags == {"Environment": "prod"}
    assert (secret.observed, secret.value_from) == (True, "outside")
    assert secret.origin.observed_at == AT
    steps = secret.provenance("rotation_enabled")
    assert [step.label for step in steps] == [
        "SecretList[0].RotationEnabled",
        "secretsmanager:ListSecrets in 111122223333/eu-west-1 at 2026-01-01T00:00:00Z",
    ]


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        (None, "aws_managed"),
        ("alias/aws/secretsmanager", "aws_managed"),
        ("arn:aws:kms:eu-west-1:111122223333:alias/aws/secretsmanager", "aws_managed"),
        ("alias/trading", "customer"),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", "customer"),
    ],
)
def test_whose_key(key: str | None, owner: str) -> None:
    assert only(listed({"ARN": ARN, "Name": "n", "KmsKeyId": key})).kms == owner


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        ({"AutomaticallyAfterDays": 30}, 30.0),
        ({"ScheduleExpression": "rate(10 days)"}, 10.0),
        ({"ScheduleExpression": "rate(12 hours)"}, 0.5),
        ({"AutomaticallyAfterDays": 7, "ScheduleExpression": "rate(10 days)"}, 7.0),
        ({"ScheduleExpression": "cron(0 8 1 * ? *)"}, 31.0),
    ],
)
def test_how_often_it_is_rotated(rules: dict[str, Any], days: float) -> None:
    secret = only(
        listed({"ARN": ARN, "Name": "n", "RotationEnabled": True, "RotationRules": rules})
    )
    assert secret.rotation_interval_days == days


def test_a_rotation_whose_interval_is_not_told_is_not_known() -> None:
    for rules in ({}, {"ScheduleExpression": "now and then"}):
        row = {"ARN": ARN, "Name": "n", "RotationEnabled": True, "RotationRules": rules}
        assert not is_known(only(listed(row)).rotation_interval_days)


def test_rules_that_a_cancelled_rotation_leaves_behind_say_nothing() -> None:
    rules = {"AutomaticallyAfterDays": 7}
    row = {"ARN": ARN, "Name": "n", "RotationEnabled": False, "RotationRules": rules}
    secret = only(listed({**row, "RotationLambdaARN": "arn:x"}))
    assert (secret.rotation_enabled, secret.rotation_interval_days) == (False, None)
    assert secret.rotation_function is None
    assert secret.last_rotated_at is None


@pytest.mark.parametrize(
    ("rows", "current", "pending"),
    [
        ([], 0, None),
        ([(["AWSCURRENT"], "2025-01-01T00:00:00Z")], 1, None),
        ([(["AWSCURRENT", "AWSPENDING"], "2025-01-01T00:00:00Z")], 1, None),
        (
            [(["AWSPENDING"], "2025-12-31T00:00:00Z"), (["AWSCURRENT"], "2025-01-01T00:00:00Z")],
            1,
            datetime(2025, 12, 31, tzinfo=UTC),
        ),
    ],
)
def test_stages_of_versions(rows: Any, current: int, pending: datetime | None) -> None:
    secret = only(listed({"ARN": ARN, "Name": "n"}), versions(*rows))
    assert (secret.current_versions, secret.pending_since) == (current, pending)


def test_a_version_on_two_pages_is_one() -> None:
    rows = ((["AWSCURRENT"], "2026-01-01T00:00:00Z"),)
    secret = only(listed({"ARN": ARN, "Name": "n"}), versions(*rows, token="t"), versions(*rows))
    assert secret.current_versions == 1


def test_versions_that_were_not_all_told_are_not_known() -> None:
    row = (["AWSCURRENT"], "2025-01-01T00:00:00Z")
    for answers in ((), (versions(row, token="more"),)):
        secret = only(listed({"ARN": ARN, "Name": "n"}), *answers)
        assert not is_known(secret.current_versions)
        assert not is_known(secret.pending_since)


def test_a_replica_is_rotated_elsewhere() -> None:
    secret = only(listed({"ARN": ARN, "Name": "n", "PrimaryRegion": "us-east-1"}))
    for field in ("rotation_enabled", "rotation_interval_days", "last_rotated_at"):
        assert not is_known(getattr(secret, field)), field
    row = {"ARN": ARN, "Name": "n", "PrimaryRegion": "us-east-1", "RotationEnabled": True}
    assert not is_known(only(listed(row)).last_rotated_at)
    primary = only(listed({"ARN": ARN, "Name": "n", "PrimaryRegion": "eu-west-1"}))
    assert primary.rotation_enabled is False


def test_one_that_waits_to_be_deleted_is_counted_and_left_out() -> None:
    gone = {"ARN": "gone", "Name": "gone", "DeletedDate": "2026-02-01T00:00:00Z"}
    found, tallies = read(secrets.read, listed({"ARN": ARN, "Name": "n"}, gone))
    assert list(found) == [ARN]
    assert tallies["Secret"].dropped == {secrets.DELETED: 1}
    assert tallies["Secret"].found == 2


def test_a_region_without_secrets_has_a_tally_and_one_that_did_not_answer_has_none() -> None:
    assert read(secrets.read, listed())[1]["Secret"].found == 0
    assert read(secrets.read, versions())[1] == {}


# -- policies of secrets -----------------------------------------------------------------------


def test_the_policy_of_a_secret() -> None:
    document = (
        '{"Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"},'
        ' "Action": "secretsmanager:*", "Resource": "*"}]}'
    )
    found, tallies = read(
        policies.read,
        listed(
            {"ARN": ARN, "Name": "n"}, {"ARN": "none", "Name": "m"}, {"ARN": "not", "Name": "o"}
        ),
        answer("secretsmanager:GetResourcePolicy", {"ARN": ARN, "ResourcePolicy": document}, ARN),
        answer("secretsmanager:GetResourcePolicy", {"ARN": "none"}, "none"),
    )
    (statement,) = found.values()
    assert statement.address == f"{ARN}#statement-1"
    assert (statement.policy_kind, statement.service) == ("resource", "secretsmanager")
    assert statement.resources == statement.attached_to == (ARN,)
    assert statement.principals == ("*",)
    assert statement.provenance("actions")[0].label == "ResourcePolicy.Statement[0].Action"
    assert tallies["IamStatement"].dropped == {policies.NONE: 1, policies.UNSEEN: 1}
