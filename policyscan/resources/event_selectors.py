"""Which management events the selectors of a trail keep, taken together.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

EVENTS = ("All", "ReadOnly", "WriteOnly")
"""The words of basic selectors for the management events that they keep."""

_OF_READ_ONLY = {(): "All", ("true",): "ReadOnly", ("false",): "WriteOnly"}


def together(kept: Sequence[Any]) -> Any:
    """What several selectors keep: all, if one does or if they complete each other; `None` if
    there is none. One that is not known leaves open what the others do not decide."""
    known = [item for item in kept if isinstance(item, str)]
    if "All" in known:
        return "All"
    unknown = next((item for item in kept if not isinstance(item, str)), None)
    if unknown is not None:
        return unknown
    words = set(known) - {"None"}
    return "All" if words == {"ReadOnly", "WriteOnly"} else words.pop() if words else "None"


def kept_by(fields: Mapping[str, tuple[str, ...]]) -> str | None:
    """What an advanced selector keeps, by what each field of an event must equal; None if it is
    not about management events. One that asks for more keeps only some."""
    if fields.get("eventCategory") != ("Management",):
        return None
    if not set(fields) <= {"eventCategory", "readOnly"}:
        return "None"
    return _OF_READ_ONLY.get(fields.get("readOnly", ()), "None")
