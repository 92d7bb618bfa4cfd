"""ARNs of secrets, as the AWS documentation writes them."""

from __future__ import annotations

import pytest

from policyscan.resources.secret_names import MAX_ARN, secret_of_arn

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter"


@pytest.mark.parametrize(
    ("text", "arn", "names"),
    [
        (f"{SECRET}prod/bot-AbCdEf", f"{SECRET}prod/bot-AbCdEf", ("prod/bot", "prod/bot-AbCdEf")),
        (f"{SECRET}prod/bot", f"{SECRET}prod/bot", ("prod/bot",)),
        (f"{SECRET}bot-AbCdEf:key::", f"{SECRET}bot-AbCdEf", ("bot", "bot-AbCdEf")),
        (f"{SECRET}bot-AbCdEf:key:AWSCURRENT:", f"{SECRET}bot-AbCdEf", ("bot", "bot-AbCdEf")),
        (f"{PARAMETER}/bot/key", f"{PARAMETER}/bot/key", ("/bot/key",)),
        (f"{PARAMETER}/key", f"{PARAMETER}/key", ("/key", "key")),
        (
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:1:secret:k",
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:1:secret:k",
            ("k",),
        ),
    ],
)
def test_arns(text: str, arn: str, names: tuple[str, ...]) -> None:
    assert secret_of_arn(text) == (arn, names)


@pytest.mark.parametrize(
    "text",
    [
        "", "prod/bot", "arn:aws:s3:::bucket", "arn:aws:iam::123456789012:role/bot", SECRET,
        f"see {SECRET}bot", f"{SECRET}{'a' * MAX_ARN}",
    ],
)  # fmt: skip
def test_other_texts(text: str) -> None:
    assert secret_of_arn(text) is None
