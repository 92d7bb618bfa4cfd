"""Whose key encrypts a thing."""

from __future__ import annotations

from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.value import Value
from policyscan.resources.key_names import is_key_of_aws
from policyscan.values import OneOf, Ref, Unknown, Why


def key_owner(value: Value) -> Any:
    """Whose key a `kms_key_id` names. A key that is only looked up may be AWS's own."""
    key = fields.text(value)
    return key.each(_owner) if isinstance(key, OneOf) else _owner(key)


def _owner(key: Any) -> Any:
    if key is None or (isinstance(key, str) and is_key_of_aws(key)):
        return "aws_managed"
    if isinstance(key, Ref) and not key.certain:
        return Unknown(Why.DATA_SOURCE, f"which key {key} is", key.where)
    return key.derived if isinstance(key, Unknown) else "customer"
