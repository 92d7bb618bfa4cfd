"""Answers as plain data, checked against the model of the service."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from policyscan.collectors.aws.errors import WrongShapeError

if TYPE_CHECKING:
    from botocore.model import Shape

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "character": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": datetime,
}

_DOCUMENT = "policyDocumentType"
"""Of IAM: botocore gives policies that are JSON as data, and the text of all others."""


def plain(value: Any, shape: Shape, leave_out: Collection[str] = ()) -> Any:
    """A parsed answer as JSON has it: times as RFC 3339 text in UTC, members named in `leave_out`
    taken away at any depth, and those that are null; bytes never kept. Raises
    `WrongShapeError`."""
    kind = shape.type_name
    if value is None or kind == "blob":
        return None
    if shape.name == _DOCUMENT and isinstance(value, (dict, list)):
        return json.loads(json.dumps(value))
    if not isinstance(value, _TYPES.get(kind, ())):
        raise WrongShapeError(f"{shape.name} is no {kind}")
    if isinstance(value, datetime):
        return as_text(value)
    if isinstance(value, list):
        if None in value:
            raise WrongShapeError(f"{shape.name} has a member that is nothing")
        return [plain(item, shape.member, leave_out) for item in value]
    if isinstance(value, dict):
        return {
            name: plain(item, shape.value if kind == "map" else shape.members[name], leave_out)
            for name, item in value.items()
            if item is not None
            and name not in leave_out
            and (kind == "map" or name in shape.members)
        }
    return value


def lacks(data: Any, path: str) -> bool:
    """Whether something that a path leads to is not there: `SecretList[].ARN` of one secret. What
    a list does not hold is not missing."""
    name, _, rest = path.partition(".")
    if not isinstance(data, dict):
        return True
    if not rest:
        return data.get(name) in (None, "")
    if not name.endswith("[]"):
        return lacks(data.get(name), rest)
    return any(lacks(each, rest) for each in data.get(name.removesuffix("[]")) or ())


def as_text(time: datetime) -> str:
    """A time as RFC 3339 text in UTC."""
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def server_time(response: Any) -> datetime | None:
    """When the server answered, by its own clock; None if it does not say."""
    metadata = response.get("ResponseMetadata") if isinstance(response, dict) else None
    headers = metadata.get("HTTPHeaders") if isinstance(metadata, dict) else None
    text = headers.get("date") if isinstance(headers, dict) else None
    try:
        time = parsedate_to_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
