"""Parameters of the Parameter Store, as secrets."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.resources.base import Tally
from tests.unit.collectors.terraform.written import collected, field, resources

PARAMETER = (
    'variable "u" {}\nresource "aws_kms_key" "k" {}\ndata "aws_kms_key" "k" {}\n'
    'resource "aws_ssm_parameter" "%s" {\n%s\n}\n'
)


def secret(text: str, label: str = "p") -> Any:
    return resources(PARAMETER % (label, text)).get(f"aws_ssm_parameter.{label}")


@pytest.mark.parametrize(
    ("text", "kms"),
    [
        ('type = "SecureString"', "aws_managed"),
        ('type = "SecureString"\nkey_id = "alias/aws/ssm"', "aws_managed"),
        ('type = "SecureString"\nkey_id = null', "aws_managed"),
        ('type = "SecureString"\nkey_id = aws_kms_key.k.arn', "customer"),
        ('type = "SecureString"\nkey_id = "alias/desk"', "customer"),
        (
            'type = "SecureString"\nkey_id = data.aws_kms_key.k.arn',
            "<which key data.aws_kms_key.k.arn is>",
        ),
        ('type = "SecureString"\nkey_id = var.u', "<a value for var.u>"),
        (
            'type = "SecureString"\nkey_id = var.u ? "alias/desk" : null',
            ("customer", "aws_managed"),
        ),
        ('type = "String"', "none"),
        ('type = "String"\nkey_id = "alias/desk"', "none"),
        ('type = "StringList"', "none"),
        ("type = var.u", "<a value for var.u>"),
        ('type = var.u ? "String" : "SecureString"', ("none", "aws_managed")),
        ("", "<the type of this parameter>"),
    ],
)  # fmt: skip
def test_who_encrypts_a_parameter(text: str, kms: Any) -> None:
    assert field(secret(f'name = "/bot/binance/api-key"\n{text}').kms) == kms


def test_a_parameter_is_never_rotated() -> None:
    found = secret('name = "/bot/binance/api-key"\ntype = "SecureString"')
    assert (found.store, found.purpose) == ("ssm", "exchange_api_key")
    rotation = (found.rotation_enabled, found.rotation_interval_days, found.rotation_function)
    assert rotation == (False, None, None)
    assert secret('name = "/db/password"\ntype = "SecureString"').purpose == "other"


@pytest.mark.parametrize(
    ("label", "name", "purpose"),
    [
        ("p", '"/bot/binance/api-key"', "exchange_api_key"),
        ("p", '"/bot/binance/key"', "exchange_api_key"),
        ("p", '"KRAKEN_API_SECRET"', "exchange_api_key"),
        ("binance_secret", '"/bot/binance"', "exchange_api_key"),
        ("p", '"/${var.u}/binance/api_secret"', "exchange_api_key"),
        ("p", '"/bot/binance/${var.u}"', "<a value for var.u>"),
        ("p", "var.u", "<a value for var.u>"),
        ("p", '"/bot/binance/symbol"', None),
        ("p", '"/bot/binance/api-url"', None),
        ("p", '"/bot/binance/key-rotation-days"', None),
        ("p", '"/bot/database/password"', None),
        ("p", '"/${var.u}/log-level"', None),
        ("p", '"/prod/binance"', "exchange_api_key"),
        ("kraken", '"/prod/settings"', "exchange_api_key"),
    ],
)
def test_a_parameter_in_plain_text_is_a_secret_if_it_holds_an_exchange_key(
    label: str, name: str, purpose: Any
) -> None:
    found = secret(f'name = {name}\ntype = "String"', label)
    assert (None if found is None else field(found.purpose)) == purpose


def test_one_that_is_no_secret_is_told_in_the_books() -> None:
    items = collected(PARAMETER % ("p", 'name = "/bot/binance/symbol"\ntype = "String"'))
    (tally,) = (item for item in items if isinstance(item, Tally) and item.kind == "Secret")
    assert (tally.found, tally.normalised, tally.dropped) == (1, 0, {"not a secret": 1})


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("kraken-dca-BTC-daily-purchase-amount", "other"),
        ("/bot/binance/config", "<the purpose of aws_ssm_parameter.p>"),
        ("/bot/binance", "exchange_api_key"),
        ("kraken-private-api-key", "exchange_api_key"),
        ("binance_api", "exchange_api_key"),
        ("/db/password", "other"),
    ],
)
def test_an_encrypted_parameter_need_not_be_a_key(name: str, purpose: str) -> None:
    found = secret(f'name = "{name}"\ntype = "SecureString"')
    assert field(found.purpose) == purpose


KEY = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP" + "1e3UZjInClVN65XAbvqqM6A7H5fATj0j"


def test_a_plain_parameter_that_holds_a_secret_by_its_form_is_one() -> None:
    found = secret(f'name = "/bot/settings"\ntype = "String"\nvalue = "{KEY}"')
    assert (found.purpose, found.value_from) == ("other", "literal")
    insecure = secret(f'name = "/bot/settings"\ntype = "String"\ninsecure_value = "{KEY}"')
    assert insecure.value_from == "literal"
    assert secret('name = "/bot/settings"\ntype = "String"\nvalue = "debug"') is None
