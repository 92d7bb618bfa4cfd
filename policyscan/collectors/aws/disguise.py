"""Digests in place of what nobody needs to see: the ids of access keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from policyscan.collectors.aws.operation import Operation

_DIGEST = re.compile(r"key-[0-9a-f]{12}")


def digest(key_id: str) -> str:
    """What stands for the id of an access key: the first twelve digits of its SHA-256. What stands
    for one already stays."""
    if _DIGEST.fullmatch(key_id):
        return key_id
    return f"key-{sha256(key_id.encode()).hexdigest()[:12]}"


def shown(operation: Operation, about: str) -> str:
    """How the thing that an operation is asked about is called in answers and gaps."""
    return digest(about) if about and operation.parameter in operation.disguise else about


def disguised(data: Any, operation: Operation) -> Any:
    """An answer in which digests stand for the members that the operation disguises."""
    if not operation.disguise:
        return data
    if isinstance(data, list):
        return [disguised(each, operation) for each in data]
    if isinstance(data, Mapping):
        return {
            name: digest(each)
            if name in operation.disguise and isinstance(each, str)
            else disguised(each, operation)
            for name, each in data.items()
        }
    return data
